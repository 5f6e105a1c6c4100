"""People who use a contact while it goes to the trash: one of the two is refused."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from tests.at_once import ROUNDS, at_once, give, sorted_codes
from tests.conftest import AT
from tests.world import World
from turnus.contacts.actions import (
    create_contact,
    restore_contacts,
    trash_contacts,
)
from turnus.contacts.models import Organization
from turnus.core.records import RecordKind
from turnus.history.actions import start_run
from turnus.history.models import Run
from turnus.revenue.models import Term
from turnus.revenue.renewals.actions.book import renew_next
from turnus.revenue.terms.actions.repair import Hole, book_holes, win_terms
from turnus.sales.actions import create_deal, restore_deals, update_deals
from turnus.sales.models import Deal

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("on_disk"),
]


def create(world: World, organization: Organization) -> Callable[[], Any]:
    values = {"title": "Wartung", "organization": organization.pk}
    return lambda: create_deal(by=world.alice, at=AT, values=values)


def move(world: World, organization: Organization) -> Callable[[], Any]:
    other = world.deal()
    values = {"organization": organization.pk}
    return lambda: update_deals(
        deals=Deal.objects.filter(pk=other.pk),
        by=world.alice,
        at=AT,
        values=values,
    )


def restore(world: World, organization: Organization) -> Callable[[], Any]:
    deal = world.deal(organization=organization.pk)
    Deal.objects.filter(pk=deal.pk).update(trashed_at=AT)
    return lambda: restore_deals(
        deals=Deal.objects.filter(pk=deal.pk), by=world.alice, at=AT
    )


def renew(world: World, organization: Organization) -> Callable[[], Any]:
    subscription = world.subscription(organization=organization.pk)
    Deal.objects.filter(organization=organization).update(trashed_at=AT)
    return lambda: renew_next(
        subscription=subscription,
        number=subscription.next_number,
        by=world.alice,
        at=AT,
    )


def fill(world: World, organization: Organization) -> Callable[[], Any]:
    subscription = world.subscription(organization=organization.pk)
    Deal.objects.filter(organization=organization).update(trashed_at=AT)
    hole = Hole(
        subscription_id=subscription.pk,
        number=subscription.next_number,
        starts_on=date(2019, 8, 31),
        ends_on=date(2020, 8, 31),
        price_e4=1_000_000,
        currency="EUR",
    )

    @transaction.atomic
    def book_hole() -> None:
        run = start_run(kind=Run.Kind.RENEWAL, by_id=world.alice.pk, at=AT)
        book_holes(run=run, holes=[hole], by=world.alice, at=AT)

    return book_hole


def win(world: World, organization: Organization) -> Callable[[], Any]:
    term = Term.objects.get(
        subscription=world.subscription(organization=organization.pk)
    )
    Deal.objects.filter(organization=organization).update(trashed_at=AT)

    @transaction.atomic
    def win_term() -> None:
        run = start_run(kind=Run.Kind.RENEWAL, by_id=world.alice.pk, at=AT)
        win_terms(run=run, terms=[term.pk], by=world.alice, at=AT)

    return win_term


def trash(world: World, organization: Organization) -> Any:
    chosen = Organization.objects.filter(pk=organization.pk)
    return trash_contacts(
        RecordKind.ORGANIZATION, records=chosen, by=world.alice, at=AT
    )


@pytest.mark.parametrize(
    "gives_deal",
    [create, move, restore, renew, fill, win],
    ids=lambda way: way.__name__,
)
def test_a_contact_does_not_get_a_deal_while_it_goes_to_the_trash(
    world: World,
    gives_deal: Callable[[World, Organization], Callable[[], Any]],
) -> None:
    for _ in range(ROUNDS):
        organization = world.organization("Gleichzeitig")
        answers = at_once(
            gives_deal(world, organization),
            lambda one=organization: trash(world, one),
        )
        refusal, done = sorted_codes(answers)
        assert done == "done"
        assert refusal in {
            "contact.has_deals",
            "contact.unknown",
            "deal.contact_trashed",
        }
    assert (
        not Deal.objects.present()
        .filter(organization__trashed_at__isnull=False)
        .exists()
    )


def new_branch(world: World, parent: int) -> Callable[[], Any]:
    values = {"name": "Filiale", "bills_with": parent}
    return lambda: create_contact(
        RecordKind.ORGANIZATION, by=world.alice, at=AT, values=values
    )


def old_branch(world: World, parent: int) -> Callable[[], Any]:
    branch = world.organization("Filiale").pk
    return lambda: give(
        RecordKind.ORGANIZATION, branch, world, bills_with=parent
    )


def branch_in_trash(world: World, parent: int) -> Callable[[], Any]:
    branch = world.organization("Filiale", bills_with=parent)
    chosen = Organization.objects.filter(pk=branch.pk)
    chosen.update(trashed_at=AT)
    return lambda: restore_contacts(
        RecordKind.ORGANIZATION, records=chosen, by=world.alice, at=AT
    )


@pytest.mark.parametrize(
    "gives_branch", [new_branch, old_branch, branch_in_trash]
)
def test_nobody_is_billed_with_an_organization_that_goes_to_the_trash(
    world: World, gives_branch: Callable[[World, int], Callable[[], Any]]
) -> None:
    for _ in range(ROUNDS):
        parent = world.organization("Gleichzeitig")
        answers = at_once(
            gives_branch(world, parent.pk),
            lambda one=parent: trash(world, one),
        )
        refusal, done = sorted_codes(answers)
        assert done == "done"
        assert refusal in {
            "contact.bills_others",
            "contact.payer_trashed",
            "contact.unknown",
        }
    present = Organization.objects.present()
    assert not present.filter(bills_with__trashed_at__isnull=False).exists()
