"""Days and prices on the very bound of a rule."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.radar.test_repairing import broken
from tests.revenue.test_renewals import subscribed
from tests.world import World
from turnus.accounts.viewer import Viewer
from turnus.core.customers import customer_key
from turnus.core.money import Money
from turnus.revenue.loading import load_segments
from turnus.revenue.models import Subscription
from turnus.revenue.renewals.inbox import waiting_deals
from turnus.revenue.subscriptions.actions.prices import (
    PriceRise,
    preview_prices,
)
from turnus.revenue.subscriptions.stretches import new_stretch
from turnus.revenue.terms.covering import Lookup, deal_customers

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Berlin")


def test_a_price_may_fall_to_nothing(world: World) -> None:
    subscribed(world)
    lines = preview_prices(
        subscriptions=Subscription.objects.all(),
        by=world.alice,
        rise=PriceRise(amount_e4=-1_000_000),
    )
    assert [line.new for line in lines] == [Money.of(0, "EUR")]


@pytest.mark.parametrize(
    ("days", "begins_on", "cadence"),
    [
        ("2/m:5,12", date(2018, 9, 5), "2/m:5,12"),
        ("2/m:5,12", date(2018, 9, 4), "2/m:4,19"),
    ],
    ids=["on its first day", "before it"],
)
def test_two_days_of_the_month_stay_unless_the_stretch_never_began(
    world: World, days: str, begins_on: date, cadence: str
) -> None:
    one = subscribed(world)
    Subscription.objects.update(cadence=days, anchor_on=date(2018, 9, 5))
    type(one.plan).objects.update(cadence=days)
    row: Any = Subscription.objects.values().get()
    assert new_stretch(row, begins_on, 0)["cadence"] == cadence


def test_a_term_whose_deal_is_open_counts_inside_its_grace(
    world: World,
) -> None:
    broken(world, [*["won"] * 5, "open"])

    def ends(on: date) -> list[date | None]:
        segments = load_segments(Viewer(world.admin, on, ZONE), merges=bool)
        return [segment.end for segment in segments]

    first_due_day, grace_end = date(2018, 10, 1), date(2018, 10, 16)
    assert ends(date(2018, 10, 5)) == [first_due_day, grace_end]


@pytest.mark.parametrize(
    ("on", "count"), [(date(2018, 9, 30), 0), (date(2018, 10, 1), 1)]
)
def test_an_open_deal_waits_from_its_due_day_on(
    world: World, on: date, count: int
) -> None:
    broken(world, [*["won"] * 5, "open"])
    waiting = waiting_deals(world.admin, on=on, shown=5)
    assert waiting.count == count
    assert waiting.sums == (Money.of(100, "EUR"),) * count


@pytest.mark.parametrize(
    ("contacts", "lookups"),
    [
        ((3, None, None), [Lookup.organization(3)]),
        ((3, 7, 4), [Lookup.organization(3), Lookup.person_alone(7)]),
        ((None, 7, None), [Lookup.person_alone(7), Lookup.person(7)]),
        (
            (None, 7, 4),
            [Lookup.person_alone(7), Lookup.person(7), Lookup.organization(4)],
        ),
    ],
    ids=["organization", "both", "person", "employed person"],
)
def test_a_deals_subscriptions_are_looked_for_under_its_contacts(
    contacts: tuple[int | None, int | None, int | None], lookups: list[Lookup]
) -> None:
    assert list(deal_customers(*contacts)) == lookups
    assert lookups[0].customer == customer_key(*contacts[:2])
