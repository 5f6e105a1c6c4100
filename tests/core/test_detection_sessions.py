"""Deals that were entered as a list: their day says little, their content all the more."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from tests.core.test_detection import found, numbered, sizes
from turnus.core.cadence import MONTHLY, QUARTERLY, Cadence
from turnus.core.detection.facts import Sitting, Sold
from turnus.core.detection.sessions import sittings_of


def entered(
    day: date,
    firm: str,
    *,
    minute: int | None = 600,
    price: int = 100,
    plan: str = "",
) -> Sold:
    value_e4 = price * 10_000
    return Sold(0, day, value_e4, "EUR", "Wartung", plan, firm, minute=minute)


def sittings(firms: int, *, elsewhere: Iterable[Sold] = ()) -> set[Sitting]:
    """How the deals of so many firms are entered that share an hour."""
    session = [
        entered(date(2018, 5, 11), f"Firma {number}", minute=600 + number)
        for number in range(firms)
    ]
    sold = numbered(
        session, [entered(date(2016, 1, 4), "Elbe GmbH")], list(elsewhere)
    )
    customers = [hash(deal.organization) for deal in sold]
    found = sittings_of(sold, customers)
    return {found[deal.deal] for deal in sold[:firms]}


@pytest.mark.parametrize(
    ("firms", "sitting"),
    [
        (1, Sitting.ALONE),
        (3, Sitting.FEW),
        (5, Sitting.SEVERAL),
        (20, Sitting.LIST),
    ],
)
def test_a_sitting_is_known_by_its_customers(
    firms: int, sitting: Sitting
) -> None:
    assert sittings(firms) == {sitting}


def test_in_a_busy_company_many_customers_an_hour_are_no_list() -> None:
    busy = [
        entered(
            date(2018, 5, 1) + timedelta(days=day),
            f"Kunde {number}",
            minute=minute,
        )
        for day in range(30)
        for minute in range(480, 960, 60)
        for number in range(9)
    ]
    assert sittings(9, elsewhere=busy) == {Sitting.ALONE}


def test_without_a_time_of_day_nobody_knows_the_sitting() -> None:
    sold = numbered([entered(date(2018, 5, 11), "Elbe GmbH", minute=None)])
    assert sittings_of(sold, [0]) == {}


def imported(
    days: Iterable[date], *, firms: int = 12, minute: int = 600, plan: str = ""
) -> list[Sold]:
    return numbered(
        [
            entered(
                day, f"Firma {number} GmbH", minute=minute + number, plan=plan
            )
            for day in days
            for number in range(firms)
        ]
    )


def test_an_import_two_months_late_does_not_cut_what_runs() -> None:
    days = [date(2020, month, 15) for month in (*range(1, 10), 12)]
    days += [date(2021, month, 15) for month in range(1, 7)]
    sold = imported(days, plan="monatlich")
    again = imported([date(2020, 12, 15)], plan="monatlich", minute=660)
    result = found(numbered(sold, again), date(2021, 6, 30))
    assert sizes(result) == [(MONTHLY, 17)] * 12


def late_policy(late: int) -> list[date]:
    days = [
        date(2020, 1, 15),
        date(2020, 4, 15),
        date(2020, 7, 15),
        date(2020, 10, 15),
    ]
    following = [date(2021, 4, 15), date(2021, 7, 15), date(2021, 10, 15)]
    return [*days, date(2021, 1, 15) + timedelta(days=late), *following]


@pytest.mark.parametrize("late", [20, 40, 55])
def test_a_late_list_books_the_period_that_was_due(late: int) -> None:
    result = found(imported(late_policy(late)), date(2021, 12, 31))
    assert sizes(result) == [(QUARTERLY, 8)] * 12


def test_what_one_customer_means_is_told_without_the_others_too() -> None:
    days = [date(2020, month, 15) for month in range(1, 10)]
    (chain,) = found(imported(days, firms=1), date(2020, 9, 30)).chains
    assert chain.cadence == Cadence(MONTHLY.unit, 1)
