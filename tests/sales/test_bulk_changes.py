"""Changes of many records at once: one run, which can be undone."""

from typing import Any

import pytest

from tests.world import World
from turnus.contacts.actions import (
    restore_contacts,
    trash_contacts,
)
from turnus.contacts.models import Organization, Person
from turnus.core.records import RecordKind
from turnus.kit.errors import UserError
from turnus.sales import actions as sales
from turnus.sales.actions_bulk import change_many, trash_many, undo_many
from turnus.sales.models import Deal


def test_a_bulk_change_is_one_run_that_can_be_taken_back(world: World) -> None:
    organization = world.organization().pk
    world.deal(organization=organization, title="A")
    second = world.deal(organization=organization, title="B")
    run = change_many(
        RecordKind.DEAL,
        records=Deal.objects.all(),
        by=world.alice,
        at=world.at,
        values={"title": "X"},
        title="Titel",
    )
    assert run.totals == {"count": 2}
    sales.update_deals(
        deals=Deal.objects.filter(pk=second.pk),
        by=world.bob,
        at=world.at,
        values={"title": "Y"},
    )
    with pytest.raises(UserError, match=r"run\.unknown"):
        undo_many(run_id=run.pk, by=world.charlie, at=world.at)
    result = undo_many(run_id=run.pk, by=world.alice, at=world.at)
    assert (result.restored, result.conflicts) == (
        1,
        [("deal", second.pk, "title")],
    )
    assert sorted(Deal.objects.values_list("title", "title_folded")) == [
        ("A", "a"),
        ("Y", "y"),
    ]


def test_bulk_trash_and_contacts_can_be_taken_back(world: World) -> None:
    world.deal()
    run = trash_many(
        RecordKind.DEAL,
        records=Deal.objects.all(),
        by=world.alice,
        at=world.at,
    )
    assert undo_many(run_id=run.pk, by=world.admin, at=world.at).restored == 1
    assert Deal.objects.present().count() == 1
    world.person()
    run = trash_many(
        RecordKind.PERSON,
        records=Person.objects.all(),
        by=world.alice,
        at=world.at,
    )
    assert run.totals["count"] == 1
    assert undo_many(run_id=run.pk, by=world.admin, at=world.at).restored == 1
    assert Person.objects.present().count() == 1


def test_a_bulk_trash_is_not_undone_before_the_contacts_come_back(
    world: World,
) -> None:
    payer = world.organization("Payer")
    branch = world.organization("Branch", bills_with=payer.pk)
    world.deal(organization=branch.pk)
    chosen = {
        RecordKind.DEAL: Deal.objects.all(),
        RecordKind.ORGANIZATION: Organization.objects.filter(pk=branch.pk),
    }
    runs = [
        trash_many(kind, records=records, by=world.alice, at=world.at)
        for kind, records in chosen.items()
    ]
    alone = Organization.objects.filter(pk=payer.pk)
    change: Any = {"records": alone, "by": world.alice, "at": world.at}
    trash_contacts(RecordKind.ORGANIZATION, **change)
    for run, code in zip(
        runs, ("contact_trashed", "payer_trashed"), strict=True
    ):
        with pytest.raises(UserError, match=code):
            undo_many(run_id=run.pk, by=world.alice, at=world.at)
    restore_contacts(RecordKind.ORGANIZATION, **change)
    for run in reversed(runs):
        assert (
            undo_many(run_id=run.pk, by=world.alice, at=world.at).restored == 1
        )


def test_organizations_are_changed_in_bulk(world: World) -> None:
    world.organization()
    values = {"address": "Hamburg"}
    change_many(
        RecordKind.ORGANIZATION,
        records=Organization.objects.all(),
        by=world.alice,
        at=world.at,
        values=values,
        title="",
    )
    assert Organization.objects.get().address == "Hamburg"
