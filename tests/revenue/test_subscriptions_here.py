"""Files that name existing subscriptions: unchanged, changed where safe, else refused."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.imports.test_imports import checked, codes, imported, verdicts
from tests.imports.test_imports import sheet as written
from tests.revenue.test_exported_subscriptions import lived, state_of_things
from tests.revenue.test_subscription_files import (
    CARE,
    NEW,
    brought,
    changed,
    step,
    told,
)
from tests.revenue.worlds import plan
from tests.world import World
from turnus.cli.main import main
from turnus.core.records import RecordKind
from turnus.history.models import Event
from turnus.imports.actions import request_undo
from turnus.imports.models import Import
from turnus.imports.plan_storage import unpack
from turnus.jobs.worker import run_pending
from turnus.kit.messages import say
from turnus.revenue.models import Subscription, Term
from turnus.revenue.subscriptions.actions.stretch import change_price_now


def named(
    world: World,
    folder: Path,
    headings: Sequence[str],
    *cells: Any,
    **options: Any,
) -> Import:
    """The check of a row that names the only subscription by its ID."""
    file = written(
        folder / "ids.xlsx",
        [(Subscription.objects.get().pk, *cells)],
        ("ID", *headings),
    )
    return checked(world, file, kind=RecordKind.SUBSCRIPTION, **options)


def said(of: Import) -> list[str]:
    return [
        say(issue)
        for block in of.blocks.all()
        for row in unpack(block.rows)
        for issue in row.issues
    ]


def test_an_exported_file_changes_nothing_and_says_so(
    world: World, tmp_path: Path
) -> None:
    lived(world)
    before, file = state_of_things(world), tmp_path / "all.csv"
    events, terms = Event.objects.count(), Term.objects.count()
    assert main(["subscriptions", "export", str(file)]) == 0
    assert (
        main(
            [
                "subscriptions",
                "import",
                str(file),
                "--report",
                str(tmp_path / "report.json"),
            ]
        )
        == 0
    )
    rows = json.loads((tmp_path / "report.json").read_text())["rows"]
    assert {one["verdict"] for one in rows} == {"same"}
    assert {
        text
        for one in rows
        for text in one["messages"]
        if not text.endswith("already exists, unchanged.")
    } == set()
    assert (
        state_of_things(world),
        Event.objects.count(),
        Term.objects.count(),
    ) == (
        before,
        events,
        terms,
    )


@pytest.mark.parametrize(
    "day",
    [date(2018, 9, 30), date(2018, 9, 10)],
    ids=["on a due day", "inside a term"],
)
def test_one_that_ended_paused_is_here_unchanged(
    world: World, tmp_path: Path, day: date
) -> None:
    rows = (changed(last=date(2018, 10, 30)), step("Pause", day))
    brought(world, tmp_path, *rows)
    assert verdicts(told(world, tmp_path, *rows)) == ["same", "same"]
    more = (rows[0], step("Pause", date(2018, 10, 10)))
    assert verdicts(told(world, tmp_path, *more)) == ["problem", "problem"]


def test_plain_fields_and_the_end_are_changed_and_taken_back(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, CARE)
    columns = (
        "name",
        "owner_id",
        "end_on",
        "end_reason",
        "state",
        "renewal_way",
    )
    before = Subscription.objects.values_list(*columns).get()
    headings = (
        "Abonnement",
        "Besitzer",
        "Letzter Tag",
        "Grund",
        "Wenn ein Laufzeitabschnitt fällig ist",
    )
    cells = ("Pflege", "Bob", date(2018, 11, 1), "zu teuer", "Nur erinnern")
    file = written(
        tmp_path / "ids.xlsx",
        [(Subscription.objects.get().pk, *cells)],
        ("ID", *headings),
    )
    of = imported(world, file, kind=RecordKind.SUBSCRIPTION)
    after = (
        "Pflege",
        world.bob.pk,
        date(2018, 11, 2),
        "zu teuer",
        "ended",
        "remind",
    )
    assert (
        verdicts(of),
        Subscription.objects.values_list(*columns).get(),
    ) == (
        ["update"],
        after,
    )
    request_undo(of=of, by=world.admin, at=world.at)
    run_pending()
    assert Subscription.objects.values_list(*columns).get() == before


@pytest.mark.parametrize(
    ("rows", "fields"),
    [
        ([changed(price=130)], ["Price per period"]),
        ([changed(plan="1y")], ["Plan"]),
        ([CARE, step("Pause", date(2018, 11, 1))], ["Paused from"]),
        (
            [CARE, step("Ausgelassen", date(2018, 9, 30))],
            ["what was paid for and when"],
        ),
        (
            [
                CARE,
                step("Preis", date(2018, 9, 30), 90),
                step("Preis", date(2018, 10, 31), 100),
            ],
            ["what was paid for and when"],
        ),
        ([changed(price="100 CHF")], ["Currency"]),
    ],
)
def test_what_would_move_figures_is_refused_and_says_what_to_do(
    world: World, tmp_path: Path, rows: Any, fields: list[str]
) -> None:
    plan(world, "1y")
    brought(world, tmp_path, CARE)
    of = told(
        world, tmp_path, *rows, answers={"currency:CHF": {"do": "create"}}
    )
    assert set(verdicts(of)) == {"problem"}
    assert [
        text.split("different value: ")[1].split(". ")[0]
        for text in said(of)
        if "value: " in text
    ] == fields


@pytest.mark.parametrize(
    ("heading", "cell", "expected"),
    [
        ("Preis", 100, []),
        ("Preis", 130, ["row.subscription_differs"]),
        ("Beginn", date(2018, 8, 1), ["row.subscription_differs"]),
        ("Kunde", "Oder KG", ["row.subscription_differs"]),
        ("Kunde", "Elbe AG", []),
    ],
)
def test_a_row_with_an_id_and_few_columns_is_held_to_what_it_says(
    world: World, tmp_path: Path, heading: str, cell: Any, expected: list[str]
) -> None:
    brought(world, tmp_path, CARE)
    assert codes(named(world, tmp_path, (heading,), cell)) == (
        expected or ["row.subscription_here"]
    )


def test_an_end_that_has_come_stays(world: World, tmp_path: Path) -> None:
    brought(world, tmp_path, changed(last=date(2018, 10, 30)))
    assert codes(
        named(world, tmp_path, ("Letzter Tag",), date(2018, 12, 31))
    ) == ["row.subscription_differs"]


def test_more_that_was_paid_than_here_is_refused(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, CARE)
    headings = ("Plan", "Preis", "Beginn", "Bezahlt bis")
    for day, expected in (
        (date(2018, 9, 29), "here"),
        (date(2018, 12, 30), "differs"),
    ):
        of = named(
            world, tmp_path, headings, "1m", 100, date(2018, 8, 31), day
        )
        assert codes(of) == [f"row.subscription_{expected}"]


def test_who_may_not_change_it_changes_nothing_by_a_file(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, CARE)
    world.charlie.permissions = ["import"]
    world.charlie.save()
    of = named(world, tmp_path, ("Abonnement",), "Meins", by=world.charlie)
    assert (verdicts(of), codes(of)) == (
        ["problem"],
        ["row.subscription_not_yours"],
    )


def test_terms_booked_since_are_no_difference_but_another_price_is(
    world: World, tmp_path: Path
) -> None:
    headings, cells = (
        ("Plan", "Preis", "Beginn", "Bezahlt bis"),
        ("1m", 100, date(2018, 8, 31), date(2018, 9, 29)),
    )
    brought(world, tmp_path, CARE)
    assert codes(named(world, tmp_path, headings, *cells)) == [
        "row.subscription_here"
    ]
    one = Subscription.objects.get()
    change_price_now(
        subscriptions=Subscription.objects.all(),
        by=world.admin,
        at=world.at,
        price=one.price,
        on=date(2018, 11, 5),
    )
    assert codes(named(world, tmp_path, headings, *cells)) == [
        "row.subscription_here"
    ]
    Subscription.objects.update(price_e4=1_300_000)
    assert codes(named(world, tmp_path, headings, *cells)) == [
        "row.subscription_differs"
    ]


def test_rows_below_need_the_whole_row_above(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, CARE)
    pk, headings = Subscription.objects.get().pk, ("ID", "Zeile", "Gültig ab")
    file = written(
        tmp_path / "ids.xlsx",
        [(pk, None, None), (None, "Pause", date(2018, 11, 1))],
        headings,
    )
    assert verdicts(
        checked(world, file, kind=RecordKind.SUBSCRIPTION, answers=NEW)
    ) == [
        "problem",
        "problem",
    ]
