"""Rows that update records by their id: undo, later changes, and a crash in the middle."""

from datetime import datetime
from pathlib import Path

from tests.imports.test_imports import WON, changed, checked, imported, sheet
from tests.world import World
from turnus.contacts.models import Organization, Person
from turnus.history.models import Run
from turnus.imports.actions import (
    request_import,
    request_undo,
)
from turnus.jobs.models import Job
from turnus.jobs.worker import run_pending
from turnus.sales import actions as sales
from turnus.sales.models import Deal


def test_an_id_updates_and_a_foreign_one_is_asked_about(
    world: World, tmp_path: Path
) -> None:
    deal = world.deal(title="Alt", amount=1)
    headings = (
        "Deal - ID",
        "Deal - Title",
        "Deal - Value",
        "Deal - Organization",
    )
    path = sheet(
        tmp_path / "ids.xlsx",
        [(deal.pk, "Alt", 2, "Spree AG"), (9999, "Fremd", 3, "Spree AG")],
        headings,
    )
    assert {one["key"] for one in checked(world, path).questions} == {
        "unknown_ids"
    }
    of = imported(world, path, answers={"unknown_ids": {"do": "new"}})
    deal.refresh_from_db()
    assert (
        deal.title,
        deal.value_e4,
        deal.organization and deal.organization.name,
    ) == (
        "Alt",
        20_000,
        "Spree AG",
    )
    assert (
        checked(
            world, path, answers={"unknown_ids": {"do": "problem"}}
        ).totals["problem"]
        == 1
    )
    request_undo(of=of, by=world.admin, at=world.at)
    run_pending()
    deal.refresh_from_db()
    assert (deal.title, deal.value_e4, Deal.objects.present().count()) == (
        "Alt",
        10_000,
        1,
    )


def test_undo_leaves_alone_what_was_changed_since(
    world: World, tmp_path: Path
) -> None:
    world.field()
    of = imported(world, sheet(tmp_path / "two.xlsx", [WON, changed(value=5)]))
    kept = Deal.objects.get(value_e4=50_000)
    sales.update_deals(
        deals=Deal.objects.filter(pk=kept.pk),
        by=world.alice,
        at=world.at,
        values={"title": "Bleibt"},
    )
    request_undo(of=of, by=world.admin, at=world.at)
    run_pending()
    of.refresh_from_db()
    totals = Run.objects.get(undoes=of.run).totals
    assert (
        of.state,
        list(Deal.objects.present().values_list("title", flat=True)),
    ) == (
        "undone",
        ["Bleibt"],
    )
    assert ["deal", kept.pk, ""] in totals["conflicts"]
    assert Organization.objects.present().count() == 1


def test_a_record_that_moved_since_the_check_is_refused(
    world: World, tmp_path: Path
) -> None:
    deal = world.deal(title="Alt")
    other = world.deal(title="Auch", organization=deal.organization_id)
    rows = [
        (deal.pk, "Neu", "Ärzte Solar GmbH"),
        (other.pk, "Gut", "Ärzte Solar GmbH"),
    ]
    of = checked(
        world,
        sheet(
            tmp_path / "ids.xlsx",
            rows,
            ("Deal - ID", "Deal - Titel", "Deal - Organisation"),
        ),
    )
    sales.update_deals(
        deals=Deal.objects.filter(pk=deal.pk),
        by=world.alice,
        at=world.at,
        values={"title": "Inzwischen"},
    )
    request_import(of=of, by=world.admin, at=world.at)
    run_pending()
    of.refresh_from_db()
    assert sorted(Deal.objects.values_list("title", flat=True)) == [
        "Gut",
        "Inzwischen",
    ]
    assert (of.totals["update"], of.totals["problem"]) == (1, 1)


def test_a_crash_in_the_middle_goes_on_where_it_stopped(
    world: World, tmp_path: Path
) -> None:
    world.field()
    of = checked(
        world,
        sheet(
            tmp_path / "five.xlsx",
            [changed(value=number) for number in range(5)],
        ),
        block_rows=2,
    )
    request_import(of=of, by=world.admin, at=world.at)
    job = Job.objects.get(name="imports.commit")
    Job.objects.filter(pk=job.pk).update(
        state="running",
        token="dead",
        attempts=1,
        lease_until=datetime(2018, 1, 1, tzinfo=world.at.tzinfo),
    )
    run_pending()
    of.refresh_from_db()
    assert (
        of.state,
        Deal.objects.count(),
        Organization.objects.count(),
        Person.objects.count(),
    ) == ("done", 5, 1, 1)
