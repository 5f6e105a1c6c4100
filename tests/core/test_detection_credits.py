"""Negative deals in a history: which run they take back, and what that does to revenue."""

from datetime import date

from tests.core.test_detection import (
    AS_OF,
    START,
    copies,
    found,
    numbered,
    purchase,
)
from turnus.core.detection.facts import Doubt
from turnus.core.detection.money import fixed_rates, revenue_of


def test_a_negative_deal_that_takes_back_the_price_belongs_to_the_run_it_ends() -> (
    None
):
    sold = numbered(
        copies(),
        [
            purchase(date(2018, 11, 12), price=-100, title="Gutschrift"),
            purchase(date(2018, 11, 12), price=-33),
        ],
    )
    result = found(sold)
    assert (result.chains[0].credits, result.credits) == ((24,), (25,))
    assert Doubt.CREDIT in {
        one.doubt for one in result.questions if one.deal == 25
    }


def test_a_negative_deal_on_the_first_day_of_a_run_takes_it_back() -> None:
    sold = numbered(
        copies(until=date(2017, 3, 31)),
        [purchase(START, price=-100, title="Gutschrift")],
    )
    assert found(sold).chains[0].credits == (4,)


def test_of_several_runs_the_latest_is_taken_back() -> None:
    other = copies(title="Hosting", start=date(2017, 1, 12))
    sold = numbered(
        copies(),
        other,
        [purchase(date(2018, 11, 13), price=-100, title="Gutschrift")],
    )
    assert sorted(len(chain.credits) for chain in found(sold).chains) == [0, 1]


def test_a_credit_ends_the_revenue() -> None:
    sold = numbered(
        copies(until=date(2018, 9, 30)),
        [purchase(date(2018, 9, 20), price=-100, title="Gutschrift")],
    )
    revenue = revenue_of(
        found(sold),
        sold,
        conversion=fixed_rates("EUR", {}),
        as_of=AS_OF,
        first=date(2018, 1, 1),
    )
    assert revenue.today.mrr.amount == 0
