"""Undoing a run whose earlier values are gone by now: they do not come back, and say so."""

from datetime import timedelta
from typing import Any

import pytest

from tests.world import World
from turnus.accounts.actions import update_user
from turnus.contacts.actions import trash_contacts, update_contacts
from turnus.contacts.models import Organization, Person
from turnus.core.fields import FieldKind
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.actions import (
    delete_field,
    delete_label,
    delete_option,
    save_label,
)
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.history.restorable import Conflict
from turnus.sales.actions import update_deals
from turnus.sales.actions_bulk import change_many, undo_many
from turnus.sales.actions_pipelines import delete_stage, save_stage
from turnus.sales.models import Deal


def edited(world: World, record: Any, **values: Any) -> Run:
    """Change one record by a bulk edit."""
    return change_many(
        RecordKind(type(record).__name__.lower()),
        records=type(record).objects.filter(pk=record.pk),
        by=world.admin,
        at=world.at,
        values=values,
        title="",
    )


def by_hand(world: World, deal: Deal, **values: Any) -> None:
    update_deals(
        deals=Deal.objects.filter(pk=deal.pk),
        by=world.admin,
        at=world.at,
        values=values,
    )


def trash(world: World, contact: Any, run: Run | None = None) -> None:
    trash_contacts(
        RecordKind(type(contact).__name__.lower()),
        records=type(contact).objects.filter(pk=contact.pk),
        by=world.admin,
        at=world.at,
        run=run,
    )


def conflicts(world: World, run: Run) -> list[Conflict]:
    return undo_many(run_id=run.pk, by=world.admin, at=world.at).conflicts


@pytest.mark.parametrize("key", ["organization", "person"])
def test_a_deal_does_not_go_back_to_a_contact_in_the_trash(
    world: World, key: str
) -> None:
    build = getattr(world, key)
    first, second = build("Elbe AG"), build("Spree AG")
    deal = world.deal(**{key: first.pk})
    run = edited(world, deal, **{key: second.pk}, title="Neu")
    trash(world, first)
    assert conflicts(world, run) == [Conflict("deal", deal.pk, f"{key}_id")]
    deal.refresh_from_db()
    assert (getattr(deal, key), deal.title) == (second, "Elbe AG")


@pytest.mark.parametrize("is_since", [True, False], ids=["since", "before"])
def test_a_person_goes_back_only_to_an_organization_that_lay_in_the_trash_before(
    world: World, *, is_since: bool
) -> None:
    first, second = world.organization("Elbe AG"), world.organization("Spree")
    person = world.person(organization=first.pk)
    if not is_since:
        world.at -= timedelta(days=1)
        trash(world, first)
        world.at += timedelta(days=1)
    run = edited(world, person, organization=second.pk)
    if is_since:
        trash(world, first)
    expected = [Conflict("person", person.pk, "organization_id")]
    assert conflicts(world, run) == (expected if is_since else [])
    person.refresh_from_db()
    assert person.organization == (second if is_since else first)


def test_a_deal_does_not_go_back_to_a_contact_that_is_gone(
    world: World,
) -> None:
    deal = world.deal(person=world.person().pk)
    organization = world.organization()
    run = edited(world, deal, person=None, organization=organization.pk)
    Person.objects.all().delete()
    assert conflicts(world, run) == [
        Conflict("deal", deal.pk, "person_id"),
        Conflict("deal", deal.pk, "organization_id"),
    ]


def test_an_undo_brings_a_contact_back_with_the_deals_that_hang_on_it(
    world: World,
) -> None:
    first, second = world.organization("Elbe"), world.organization("Spree")
    deal = world.deal(organization=first.pk)
    run = start_run(kind=Run.Kind.BULK_EDIT, by_id=world.admin.pk, at=world.at)
    update_deals(
        deals=Deal.objects.all(),
        by=world.admin,
        at=world.at,
        values={"organization": second.pk},
        run=run,
    )
    trash(world, first, run)
    move_run(run=run, state=Run.State.DONE, at=world.at)
    assert conflicts(world, run) == []
    deal.refresh_from_db()
    assert deal.organization == first
    assert first in Organization.objects.present()


def test_an_organization_is_not_billed_again_with_one_in_the_trash(
    world: World,
) -> None:
    payer, billed = world.organization("Elbe"), world.organization("Spree")
    edited(world, billed, bills_with=payer.pk)
    run = edited(world, billed, bills_with=None)
    trash(world, payer)
    assert conflicts(world, run) == [
        Conflict("organization", billed.pk, "bills_with_id")
    ]


def test_an_undo_closes_no_circle_of_organizations_that_bill_each_other(
    world: World,
) -> None:
    payer, billed = world.organization("Elbe"), world.organization("Spree")
    edited(world, billed, bills_with=payer.pk)
    run = edited(world, billed, bills_with=None)
    edited(world, payer, bills_with=billed.pk)
    assert conflicts(world, run) == [
        Conflict("organization", billed.pk, "bills_with_id")
    ]
    billed.refresh_from_db()
    assert billed.bills_with is None


def test_two_organizations_that_changed_places_change_them_back(
    world: World,
) -> None:
    upper, lower = world.organization("Elbe"), world.organization("Spree")
    edited(world, lower, bills_with=upper.pk)
    run = start_run(kind=Run.Kind.BULK_EDIT, by_id=world.admin.pk, at=world.at)
    for organization, payer in ((lower, None), (upper, lower.pk)):
        update_contacts(
            RecordKind.ORGANIZATION,
            records=Organization.objects.filter(pk=organization.pk),
            by=world.admin,
            at=world.at,
            values={"bills_with": payer},
            run=run,
        )
    move_run(run=run, state=Run.State.DONE, at=world.at)
    assert conflicts(world, run) == []
    assert list(
        Organization.objects.order_by("pk").values_list(
            "bills_with", flat=True
        )
    ) == [None, upper.pk]


def test_a_deal_does_not_go_back_to_a_stage_that_was_deleted(
    world: World,
) -> None:
    pipeline = world.pipeline
    old = save_stage(
        by=world.admin, pipeline=pipeline, name="Alt", probability=5
    )
    deal = world.deal(stage=old.pk)
    new = pipeline.stages.first()
    assert new is not None
    run = edited(world, deal, stage=new.pk)
    delete_stage(stage=old, by=world.admin, at=world.at)
    assert Conflict("deal", deal.pk, "stage_id") in conflicts(world, run)
    deal.refresh_from_db()
    assert deal.stage == new


def test_a_deal_goes_back_to_an_owner_who_left(world: World) -> None:
    deal = world.deal()
    run = edited(world, deal, owner=world.bob.pk)
    update_user(user=world.alice, by=world.admin, is_active=False)
    assert conflicts(world, run) == []
    deal.refresh_from_db()
    assert deal.owner == world.alice


@pytest.mark.parametrize("is_field", [True, False], ids=["field", "option"])
def test_a_choice_that_was_deleted_does_not_come_back(
    world: World, *, is_field: bool
) -> None:
    field = world.field(FieldKind.OPTION)
    option = field.options.all()[0]
    key = f"custom.{field.key}"
    deal = world.deal(**{key: option.pk})
    run = edited(world, deal, **{key: None})
    if is_field:
        delete_field(field=field, by=world.admin, at=world.at)
    else:
        delete_option(option=option, by=world.admin, at=world.at)
    assert conflicts(world, run) == [Conflict("deal", deal.pk, key)]
    deal.refresh_from_db()
    assert deal.custom == {}


def test_a_label_that_was_deleted_does_not_come_back(world: World) -> None:
    label = save_label(
        by=world.admin, record=RecordKind.DEAL, name="A", color="red"
    )
    deal = world.deal(labels=(label.pk,))
    run = edited(world, deal, labels=None)
    delete_label(label=label, by=world.admin, at=world.at)
    assert conflicts(world, run) == [Conflict("deal", deal.pk, "labels")]
    deal.refresh_from_db()
    assert deal.labels == []


def test_a_status_goes_back_with_its_day_or_not_at_all(world: World) -> None:
    deal = world.deal()
    run = edited(world, deal, status="won")
    by_hand(world, deal, won_at=world.at.date() - timedelta(days=1))
    assert {conflict.cell for conflict in conflicts(world, run)} >= {
        "status",
        "won_at",
        "won_on",
    }
    deal.refresh_from_db()
    assert deal.status == "won"


def test_an_amount_goes_back_with_its_currency_or_not_at_all(
    world: World,
) -> None:
    deal = world.deal(amount=100)
    run = edited(world, deal, value=Money.of(200, "EUR"))
    by_hand(world, deal, value=Money.of(200, "USD"))
    assert conflicts(world, run) == [Conflict("deal", deal.pk, "value_e4")]
    deal.refresh_from_db()
    assert deal.value == Money.of(200, "USD")


def test_a_deal_does_not_lose_its_only_contact(world: World) -> None:
    deal = world.deal(person=world.person().pk)
    organization = world.organization()
    run = edited(world, deal, organization=organization.pk)
    by_hand(world, deal, person=None)
    assert conflicts(world, run) == [
        Conflict("deal", deal.pk, "organization_id")
    ]
    deal.refresh_from_db()
    assert deal.organization == organization
