"""The stored ledger: what is stale is known, and nothing else is folded."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.revenue.worlds import TODAY, booked, report, source
from tests.world import World
from turnus.accounts.queries import company
from turnus.accounts.viewer import Viewer
from turnus.cli.main import main
from turnus.contacts.models import Organization
from turnus.core.money import Money
from turnus.kit import clock
from turnus.reports.catalog import REPORTS
from turnus.revenue.ledger.actions import fold_stale
from turnus.revenue.ledger.stale import marked_subscriptions
from turnus.revenue.models import (
    LedgerCustomer,
    LedgerMovement,
    LedgerSegment,
    Plan,
    StaleSubscription,
    Subscription,
    Term,
)
from turnus.sales.models import Deal

pytestmark = pytest.mark.django_db


def fold(world: World, on: date = TODAY) -> int:
    return fold_stale(Viewer(world.admin, on, company().zone))


def marks() -> set[int]:
    return marked_subscriptions(most=1_000)


@pytest.fixture
def subscription(world: World) -> Subscription:
    """Ten a month from January to October, for Alpha; the ledger is stored."""
    one = booked(world, world.organization("Alpha"), "2018-01-15", [10] * 10)
    fold(world)
    return one


def test_what_is_stored_is_one_segment_and_what_moved(
    world: World, subscription: Subscription
) -> None:
    segment = LedgerSegment.objects.get()
    assert segment.starts_on == date(2018, 1, 15)
    # November is missing, and inside grace.
    assert segment.ends_on == date(2018, 11, 15)
    new, churn = LedgerMovement.objects.order_by("day")
    assert (new.kind, new.day) == ("new", date(2018, 1, 15))
    assert new.amount / new.per_e4 == 10 * 12 * 10_000
    # If nothing renews it; until then it is to come, and in no figure.
    assert (churn.kind, churn.day) == ("churn", date(2018, 11, 15))
    customer = LedgerCustomer.objects.get()
    assert customer.currency == "EUR"
    assert customer.good_until == date(2018, 11, 15)
    assert not marks()


def test_a_second_fold_finds_nothing(
    world: World, subscription: Subscription
) -> None:
    assert fold(world) == 0


def test_time_alone_makes_it_stale(
    world: World, subscription: Subscription
) -> None:
    after_the_term = TODAY + timedelta(days=1)
    assert fold(world, after_the_term) == 1
    last = LedgerSegment.objects.order_by("starts_on").last()
    assert last is not None
    assert last.is_overdue
    # And back: a clock that was ahead.
    assert fold(world, TODAY) == 1
    assert not LedgerSegment.objects.filter(is_overdue=True).exists()


def _change_price_of_term(one: Subscription) -> None:
    Term.objects.filter(subscription=one, number=3).update(price_e4=1)


def _delete_a_term(one: Subscription) -> None:
    Term.objects.filter(subscription=one, number=3).delete()


def _lose_a_deal(one: Subscription) -> None:
    deal = Term.objects.get(subscription=one, number=3).deal
    Deal.objects.filter(pk=deal.pk).update(
        status="lost", won_at=None, won_on=None, lost_at=one.created_at
    )


def _trash_a_deal(one: Subscription) -> None:
    deal = Term.objects.get(subscription=one, number=3).deal
    Deal.objects.filter(pk=deal.pk).update(trashed_at=one.created_at)


def _end(one: Subscription) -> None:
    Subscription.objects.filter(pk=one.pk).update(end_on=date(2018, 5, 1))


def _give_grace(one: Subscription) -> None:
    Plan.objects.filter(pk=one.plan_id).update(grace_days=99)


@pytest.mark.parametrize(
    "change",
    [
        _change_price_of_term,
        _delete_a_term,
        _lose_a_deal,
        _trash_a_deal,
        _end,
        _give_grace,
    ],
)
def test_whatever_revenue_follows_from_leaves_a_mark(
    world: World, subscription: Subscription, change: Any
) -> None:
    change(subscription)
    assert marks() == {subscription.pk}
    report(world, "movements")
    fold(world)
    assert not marks()


def test_what_revenue_does_not_follow_from_leaves_none(
    world: World, subscription: Subscription
) -> None:
    Subscription.objects.update(name="Other", owner=world.bob)
    Deal.objects.update(title="Other", value_e4=7)
    Plan.objects.update(name="Other")
    assert not marks()


def test_a_deleted_subscription_leaves_the_ledger(
    world: World, subscription: Subscription
) -> None:
    Term.objects.all().delete()
    subscription.delete()
    fold(world)
    assert not LedgerSegment.objects.exists()
    assert not LedgerMovement.objects.exists()


def test_a_subscription_that_moves_leaves_its_customer(
    world: World, subscription: Subscription
) -> None:
    beta = world.organization("Beta")
    Subscription.objects.update(organization=beta)
    fold(world)
    assert LedgerSegment.objects.get().customer == beta.pk * 2


def test_who_is_billed_for_it_counts_as_its_customer(
    world: World, subscription: Subscription
) -> None:
    root = world.organization("Root")
    own = subscription.organization_id
    Organization.objects.filter(pk=own).update(bills_with=root)
    assert marks() == {0}
    assert source(world).stored is None
    fold(world)
    assert LedgerSegment.objects.get().customer == root.pk * 2
    assert source(world).stored is not None


def test_a_deletion_counts_although_somebody_else_is_billed(
    world: World, subscription: Subscription
) -> None:
    root, other = world.organization("Root"), world.organization("Other")
    Organization.objects.filter(pk=other.pk).update(bills_with=root)
    Term.objects.all().delete()
    subscription.delete()
    fold(world)
    assert not LedgerSegment.objects.exists()


def test_of_several_currencies_nothing_is_stored(
    world: World, subscription: Subscription
) -> None:
    customer = subscription.organization
    booked(world, customer, "2018-02-01", [5] * 9, currency="CHF")
    fold(world)
    assert LedgerCustomer.objects.get().currency == ""
    assert not LedgerSegment.objects.exists()
    stored = source(world).stored
    assert stored is not None
    assert stored.live == {customer.pk * 2}


def test_only_whoever_sees_everything_reads_what_is_stored(
    world: World, subscription: Subscription
) -> None:
    assert source(world, world.bob).stored is not None
    Subscription.objects.update(visibility="owner")
    assert source(world, world.bob).stored is None
    assert source(world, world.admin).stored is not None


@pytest.mark.parametrize("asked", [{"split": "owner"}, {"known_on": TODAY}])
def test_slices_and_past_knowledge_are_computed(
    world: World, subscription: Subscription, asked: Any
) -> None:
    assert source(world, **asked).stored is None


def test_more_that_is_stale_than_a_page_may_wait_for_is_folded_first(
    world: World, subscription: Subscription
) -> None:
    StaleSubscription.objects.bulk_create(
        StaleSubscription(subscription_id=number)
        for number in range(1, 10_001)
    )
    assert source(world).stored is None


def test_sums_come_without_the_terms(
    world: World, subscription: Subscription
) -> None:
    booked(world, world.organization("Beta"), "2018-01-15", [10] * 10)
    fold(world)
    asked = source(world)
    found = REPORTS["mrr"].report(asked)
    assert "segments" not in vars(asked)
    assert found.whole[-2].cells[0] == Money.of(20, "EUR")


def _lose_a_movement() -> None:
    LedgerMovement.objects.filter(kind="new").delete()


def _raise_a_price() -> None:
    LedgerSegment.objects.update(price_e4=7)


def _forget_the_customer() -> None:
    LedgerCustomer.objects.all().delete()


@pytest.mark.parametrize(
    "damage", [_lose_a_movement, _raise_a_price, _forget_the_customer]
)
def test_a_check_finds_what_is_wrong_and_mends_it(
    world: World,
    subscription: Subscription,
    damage: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with clock.standing_at(world.at):
        assert main(["check"]) == 0
        damage()
        assert main(["check"]) == 1
        shown = capsys.readouterr().out
        assert f"organization-{subscription.organization_id}" in shown
        assert main(["check", "--repair"]) == 0
        assert main(["check"]) == 0
    report(world, "mrr")
