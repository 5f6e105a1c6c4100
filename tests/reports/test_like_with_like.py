"""Figures are compared with what is like them: as many days before, deals by their worth."""

from datetime import date
from decimal import Decimal

import pytest

from tests.revenue.worlds import booked
from tests.world import World
from turnus.accounts.queries import company, rates
from turnus.accounts.viewer import Viewer
from turnus.core.calendar import DateRange, elapsed_before
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.listing.lists import ListState, RecordList

ON = date(2018, 11, 14)


@pytest.mark.parametrize(
    ("first", "end", "on", "before"),
    [
        (
            "2018-11-01",
            "2018-12-01",
            "2018-11-14",
            ("2018-10-01", "2018-10-14"),
        ),
        (
            "2018-11-01",
            "2018-12-01",
            "2018-12-31",
            ("2018-10-01", "2018-10-31"),
        ),
        (
            "2018-03-01",
            "2018-04-01",
            "2018-03-31",
            ("2018-02-01", "2018-02-28"),
        ),
        (
            "2017-12-01",
            "2018-12-01",
            "2018-11-14",
            ("2016-12-01", "2017-11-14"),
        ),
        (
            "2018-11-05",
            "2018-11-15",
            "2018-11-14",
            ("2018-10-26", "2018-11-04"),
        ),
        (
            "2018-11-05",
            "2018-12-05",
            "2018-11-14",
            ("2018-10-06", "2018-10-15"),
        ),
    ],
    ids=[
        "running month",
        "month that is over",
        "short month",
        "running year",
        "ten days",
        "part of thirty days",
    ],
)
def test_days_are_compared_with_as_many_before(
    first: str, end: str, on: str, before: tuple[str, str]
) -> None:
    days = DateRange(date.fromisoformat(first), date.fromisoformat(end))
    found = elapsed_before(days, date.fromisoformat(on))
    assert (found.start.isoformat(), found.last_day.isoformat()) == before


def test_what_flowed_this_month_stands_beside_the_same_days_of_last_month(
    world: World,
) -> None:
    for day, price in (
        ("2018-10-10", 100),
        ("2018-10-25", 1000),
        ("2018-11-10", 150),
    ):
        booked(
            world,
            world.organization(f"Seit {day}"),
            day,
            [price],
            cadence="1y",
        )
    for report in ("movements", "bookings"):
        page = world.client(world.admin).get(f"/reports/{report}/")
        changes = {card.name: card.change for card in page.context["cards"]}
        # 150 against the 100 of the first 14 days of October, not against 1,100.
        assert changes["Neu"] == 50, report


def test_deals_won_this_month_stand_beside_the_same_days_of_last_month(
    world: World,
) -> None:
    firm = world.organization().pk
    for day, amount in (
        (date(2018, 10, 10), 100),
        (date(2018, 10, 25), 1000),
        (date(2018, 11, 10), 150),
    ):
        world.deal(organization=firm, amount=amount, status="won", won_at=day)
    asked = {"from": "2018-11-01", "until": "2018-11-30"}
    page = world.client(world.admin).get("/reports/won/", asked)
    assert page.context["cards"][1].change == 50


def test_won_deals_count_in_full_and_lost_ones_not_at_all(
    world: World,
) -> None:
    firm = world.organization().pk
    for status in ("open", "won", "lost"):
        world.deal(
            organization=firm,
            title=status,
            amount=100,
            status=status,
            probability=25,
        )
    state = ListState(
        columns=("title", "weighted_value"), sort="-weighted_value"
    )
    deals = RecordList(
        RecordKind.DEAL,
        catalog(RecordKind.DEAL),
        state,
        Viewer(world.admin, ON, company().zone, "en"),
    )
    rows = [(title, money.amount) for title, money in deals.page().rows]
    assert rows == [
        ("won", Decimal(100)),
        ("open", Decimal(25)),
        ("lost", Decimal(0)),
    ]
    assert deals.summary(rates()).weighted.amount == Decimal(125)
