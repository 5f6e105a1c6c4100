"""Renewals at another price: from which term on it holds, and for which subscription."""

from datetime import date

import pytest

from tests.revenue.test_renewals import EVERYTHING, renewed, subscribed
from tests.world import World
from turnus.core.money import Money
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.revenue.models import Term
from turnus.revenue.renewals.actions.plan import (
    change_lines,
    plan_renewals,
    request_renewals,
)
from turnus.revenue.subscriptions.actions.change import change_price


def test_a_price_changes_from_the_next_term_on(world: World) -> None:
    subscribed(world)
    change_price(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        price=Money.of(120, "EUR"),
    )
    renewed(world, date(2018, 9, 30))
    assert list(Term.objects.values_list("price_e4", flat=True)) == [
        1_000_000,
        1_200_000,
    ]
    with pytest.raises(UserError, match="other_currency"):
        change_price(
            subscriptions=EVERYTHING(),
            by=world.alice,
            at=world.at,
            price=Money.of(1, "USD"),
        )
    with pytest.raises(UserError, match="denied"):
        change_price(
            subscriptions=EVERYTHING(),
            by=world.charlie,
            at=world.at,
            price=Money.of(1, "EUR"),
        )


def prices_after(
    world: World, changes: dict[int, int], until: date = date(2019, 1, 31)
) -> list[int]:
    """The prices that a run of five terms books when those of some lines are changed.

    Last comes the subscription's own price.
    """
    subscription = subscribed(world)
    run = plan_renewals(
        by=world.admin,
        at=world.at,
        subscriptions=EVERYTHING(),
        until=until,
        title="",
    )
    assert run is not None
    lines = list(run.renewal_lines.all())
    for place, price in changes.items():
        change_lines(run=run, by=world.admin, prices={lines[place].pk: price})
    request_renewals(run=run, by=world.admin, at=world.at)
    run_pending()
    subscription.refresh_from_db()
    booked = (
        Term.objects.filter(run=run)
        .order_by("number")
        .values_list("price_e4", flat=True)
    )
    return [*booked, subscription.price_e4]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({1: 7}, [1_000_000, 7, 7, 7, 7, 7]),
        ({3: 9, 1: 7}, [1_000_000, 7, 7, 9, 9, 9]),
        (
            {1: 7, 3: 1_000_000},
            [1_000_000, 7, 7, 1_000_000, 1_000_000, 1_000_000],
        ),
    ],
    ids=["from that term on", "up to one of its own", "back again"],
)
def test_a_changed_price_holds_for_the_later_terms_and_the_next_one(
    world: World, changes: dict[int, int], expected: list[int]
) -> None:
    assert prices_after(world, changes) == expected


def test_a_changed_price_stays_with_its_subscription_and_with_lines_named_at_once(
    world: World,
) -> None:
    for _ in range(2):
        subscribed(world)
    run = plan_renewals(
        by=world.admin,
        at=world.at,
        subscriptions=EVERYTHING(),
        until=date(2018, 11, 14),
        title="",
    )
    assert run is not None
    lines = list(run.renewal_lines.all())
    change_lines(
        run=run, by=world.admin, prices={lines[0].pk: 7, lines[1].pk: 9}
    )
    assert list(run.renewal_lines.values_list("price_e4", flat=True)) == [
        7,
        9,
        1_000_000,
        1_000_000,
    ]
