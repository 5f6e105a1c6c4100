"""Upgrades and other prices in the middle of a subscription's life."""

from datetime import date
from decimal import Decimal

import pytest

from tests.revenue.test_life import terms
from tests.revenue.test_renewals import (
    EVERYTHING,
    renewed,
    subscribed,
)
from tests.world import World
from turnus.core.money import Money
from turnus.kit.errors import UserError
from turnus.revenue.models import Term
from turnus.revenue.subscriptions.actions.change import change_price
from turnus.revenue.subscriptions.actions.prices import (
    PriceRise,
    carry_out_prices,
    preview_prices,
)
from turnus.revenue.subscriptions.actions.stretch import change_price_now
from turnus.sales.actions_bulk import undo_many


def test_an_upgrade_cuts_the_running_term_and_begins_a_new_stretch(
    world: World,
) -> None:
    one = subscribed(world, start=date(2018, 10, 31))
    deal = world.deal(status="won", won_at=date(2018, 11, 12), amount=150)
    change_price_now(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        price=Money.of(150, "EUR"),
        on=date(2018, 11, 12),
        deal=deal,
    )
    one.refresh_from_db()
    assert terms() == ["0 2018-10-31 2018-11-12", "1 2018-11-12 2018-12-12"]
    assert (one.next_due_on, one.price, Term.objects.get(number=1).deal) == (
        date(2018, 12, 12),
        Money.of(150, "EUR"),
        deal,
    )


def test_an_upgrade_without_a_deal_is_due_at_once(world: World) -> None:
    subscribed(world, start=date(2018, 10, 31))
    change_price_now(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        price=Money.of(150, "EUR"),
        on=date(2018, 11, 12),
    )
    renewed(world, date(2018, 11, 14))
    assert terms()[1:] == ["1 2018-11-12 2018-12-12"]


@pytest.mark.parametrize(
    ("day", "currency", "user", "code"),
    [
        ("2018-10-31", "EUR", "alice", "term_begins"),
        ("2018-12-01", "EUR", "alice", "not_inside"),
        ("2018-11-12", "USD", "alice", "other_currency"),
        ("2018-11-12", "EUR", "charlie", "denied"),
    ],
)
def test_an_upgrade_outside_the_running_term_is_refused(
    world: World, day: str, currency: str, user: str, code: str
) -> None:
    subscribed(world, start=date(2018, 10, 31))
    with pytest.raises(UserError, match=code):
        change_price_now(
            subscriptions=EVERYTHING(),
            by=getattr(world, user),
            at=world.at,
            price=Money.of(1, currency),
            on=date.fromisoformat(day),
        )


def test_prices_rise_over_a_selection_as_previewed_and_can_be_taken_back(
    world: World,
) -> None:
    one, moved = subscribed(world), subscribed(world)
    lines = preview_prices(
        subscriptions=EVERYTHING(),
        by=world.alice,
        rise=PriceRise(percent=Decimal("3.3"), step_e4=5_000),
    )
    assert [line.new for line in lines] == [Money.of("103.5", "EUR")] * 2
    change_price(
        subscriptions=EVERYTHING().filter(pk=moved.pk),
        by=world.alice,
        at=world.at,
        price=Money.of(1, "EUR"),
    )
    run = carry_out_prices(
        lines=lines, by=world.alice, at=world.at, title="Erhöhung"
    )
    one.refresh_from_db()
    assert (run.totals, one.price) == (
        {"count": 1, "refused": 1},
        Money.of("103.5", "EUR"),
    )
    undo_many(run_id=run.pk, by=world.alice, at=world.at)
    one.refresh_from_db()
    assert one.price == Money.of(100, "EUR")
