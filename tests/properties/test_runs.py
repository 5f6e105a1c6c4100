"""Law: what a run did is what its preview said, and taking it back restores the state before it."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.imports.test_imports import checked, sheet
from tests.properties.files import few, state, taken_back, texts
from tests.world import World
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.history.models import Event
from turnus.history.undoing import UndoResult
from turnus.imports.actions import request_import, request_undo
from turnus.imports.models import Import
from turnus.imports.plan import PlannedRow, Verdict
from turnus.imports.plan_storage import unpack
from turnus.jobs.worker import run_pending
from turnus.sales.actions_bulk import change_many, trash_many, undo_many
from turnus.sales.models import Deal

HEADINGS = (
    "Deal - ID",
    "Deal - Titel",
    "Deal - Wert",
    "Deal - Status",
    "Deal - Organisation",
    "Deal - Kontakt",
    "Deal - Gewonnen am",
)
#: Deals that are there before: rows name them by these places, others are new.
HELD = 3
rows = st.tuples(
    st.sampled_from([None, None, *range(HELD)]),
    texts,
    st.one_of(
        st.integers(-(10**6), 10**6),
        st.sampled_from(["1.234,50 €", "kein Betrag", None]),
    ),
    st.sampled_from([None, "Offen", "Gewonnen", "Verloren", "Storniert"]),
    st.sampled_from([None, "Elbe AG", "Spree GmbH", "Ärzte Solar GmbH"]),
    st.sampled_from([None, "Eva Böhm", "Neu Mann"]),
    st.sampled_from(
        [None, datetime(2018, 10, 1, 9, 30), datetime(2017, 1, 1)]
    ),
)


def held_deals(world: World) -> list[int]:
    """Create the deals that rows may name; return their ids."""
    organization = world.organization().pk
    return [
        world.deal(
            organization=organization, title=f"Alt {number}", amount=number
        ).pk
        for number in range(HELD)
    ]


def planned(of: Import) -> list[PlannedRow]:
    return [
        row
        for block in of.blocks.order_by("number")
        for row in unpack(block.rows)
    ]


def test_an_import_does_what_its_preview_said_and_can_be_taken_back(
    world: World, tmp_path: Path
) -> None:
    ids = held_deals(world)
    carried_out: list[int] = []

    @settings(few, max_examples=15)  # of some, somebody is asked first
    @given(
        st.lists(
            rows,
            min_size=1,
            max_size=6,
            unique_by=lambda row: row[0] if row[0] is not None else object(),
        )
    )
    def law(given: list[tuple[Any, ...]]) -> None:
        def body() -> None:
            before = state()
            lines = [
                (None if row[0] is None else ids[row[0]], *row[1:])
                for row in given
            ]
            of = checked(
                world,
                sheet(tmp_path / "deals.xlsx", lines, HEADINGS),
                answers={"existing": {"do": "add"}},
            )
            if of.totals.get("question") or not (
                of.totals.get("new") or of.totals.get("update")
            ):
                return  # there is nothing to carry out, or somebody is asked first
            preview = planned(of)
            carried_out.append(of.pk)
            request_import(of=of, by=world.admin, at=world.at)
            run_pending()
            assert_done_as(preview, of)
            request_undo(of=of, by=world.admin, at=world.at)
            run_pending()
            assert state() == before

        taken_back(body)

    law()
    assert carried_out


def assert_done_as(preview: list[PlannedRow], of: Import) -> None:
    """Hold the events of an import against its plan, row by row."""
    events = Event.objects.filter(run=of.run, record_kind="deal")
    new = [row for row in preview if row.verdict is Verdict.NEW]
    created = Deal.objects.filter(
        pk__in=events.filter(action="created").values("record_id")
    ).order_by("pk")
    assert [deal.title for deal in created] == [
        row.columns["title"] for row in new
    ]
    updates = {
        row.record_id: row.changes
        for row in preview
        if row.verdict is Verdict.UPDATE
    }
    updated = {
        event.record_id: event.changes
        for event in events.filter(action="updated")
    }
    assert updated.keys() == updates.keys()
    assert all(
        set(changes) <= set(updated[pk] or {})
        for pk, changes in updates.items()
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_bulk_change_can_be_taken_back(world: World, seed: int) -> None:
    held_deals(world)
    values: list[dict[str, Any]] = [
        {"title": "X"},
        {"value": Money.of(5, "EUR")},
        {"visibility": "owner"},
    ]
    before = state()
    run = change_many(
        RecordKind.DEAL,
        records=Deal.objects.all(),
        by=world.alice,
        at=world.at,
        values=values[seed],
        title="",
    )
    assert run.totals["count"] == Event.objects.filter(run=run).count() == HELD
    assert undo_many(run_id=run.pk, by=world.alice, at=world.at) == UndoResult(
        restored=HELD
    )
    assert state() == before


def test_a_bulk_deletion_can_be_taken_back(world: World) -> None:
    held_deals(world)
    before = state()
    run = trash_many(
        RecordKind.DEAL,
        records=Deal.objects.all(),
        by=world.alice,
        at=world.at,
    )
    assert (run.totals["count"], Deal.objects.present().count()) == (HELD, 0)
    undo_many(run_id=run.pk, by=world.alice, at=world.at)
    assert state() == before
