"""Money, calendar, folding, a deal's stamps, headings."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from turnus.core.calendar import (
    DateRange,
    Period,
    add_months,
    elapsed_before,
    moment_of,
    period_of,
    periods_in,
    start_of_day,
)
from turnus.core.deal_lines import DealLine, renewed_lines
from turnus.core.deals import Stamps, Status, weighted_e4
from turnus.core.folding import fold
from turnus.core.mapping import guess
from turnus.core.money import (
    MAX_E4,
    Money,
    Rates,
    allocate,
    decimals_of,
    from_e4,
    rounded,
    to_e4,
)

BERLIN = ZoneInfo("Europe/Berlin")


def test_amounts_of_one_currency_add_up_and_others_are_refused() -> None:
    assert Money.of("1.5", "EUR") + Money.of(2, "EUR") - Money.of(
        "0.5", "EUR"
    ) == Money.of(3, "EUR")
    assert Money.of("1.50", "EUR").amount == Decimal("1.5")
    with pytest.raises(ValueError, match="convert first"):
        Money.of(1, "EUR") + Money.of(1, "USD")


@given(st.integers(-MAX_E4, MAX_E4))
def test_ten_thousandths_and_units_are_the_same_amount(amount_e4: int) -> None:
    assert to_e4(from_e4(amount_e4)) == amount_e4
    assert abs(rounded(amount_e4, "EUR") - amount_e4) <= 50


def test_amounts_beyond_ten_trillion_are_refused() -> None:
    with pytest.raises(OverflowError):
        to_e4(Decimal(10**14))
    assert decimals_of("JPY") == 0


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 1000), min_size=1, max_size=9),
)
def test_allocation_keeps_the_sum(total: int, weights: list[int]) -> None:
    if sum(weights):
        assert sum(allocate(total, weights)) == total
    else:
        with pytest.raises(ValueError, match="weights"):
            allocate(total, weights)


def test_a_rate_holds_until_the_next_and_is_never_taken_as_one() -> None:
    rates = Rates(
        "EUR",
        {
            "CHF": [
                (date(2018, 1, 1), Decimal("0.85")),
                (date(2018, 7, 1), Decimal("0.9")),
            ]
        },
    )
    assert rates.convert(10_000, "CHF", date(2018, 6, 30)) == 8_500
    assert rates.convert(10_000, "CHF", date(2018, 7, 1)) == 9_000
    assert rates.convert(10_000, "CHF", date(2017, 12, 31)) is None
    assert rates.convert(10_000, "USD", date(2018, 7, 1)) is None
    assert rates.convert(10_000, "EUR", date(2000, 1, 1)) == 10_000


def test_rates_into_their_own_currency_stay_as_they_are() -> None:
    rates = Rates("EUR", {"CHF": [(date(2018, 1, 1), Decimal("0.85"))]})
    assert rates.rebased("EUR") is rates


def test_rates_into_a_currency_that_is_never_rated_are_none() -> None:
    rates = Rates("EUR", {"CHF": [(date(2018, 1, 1), Decimal("0.85"))]})
    assert rates.rebased("USD") == Rates("USD", {})


@pytest.mark.parametrize(
    "lines",
    [(), (DealLine("Setup", 90_000),), (DealLine("Credit", -1, recurs=True),)],
)
def test_a_price_is_not_shared_where_no_line_recurs_or_costs_anything(
    lines: tuple[DealLine, ...],
) -> None:
    assert renewed_lines(lines, 40_000, "EUR") == ()


def test_a_renewal_at_the_same_price_keeps_its_recurring_lines() -> None:
    hosting = DealLine("Hosting", 40_000, recurs=True)
    assert renewed_lines(
        (DealLine("Setup", 90_000), hosting), 40_000, "EUR"
    ) == (hosting,)


@pytest.mark.parametrize(
    ("first", "end", "on", "expected"),
    [
        (
            "2018-11-01",
            "2018-12-01",
            "2018-11-14",
            ("2018-10-01", "2018-10-15"),
        ),
        (
            "2018-11-01",
            "2018-12-01",
            "2018-11-30",
            ("2018-10-01", "2018-11-01"),
        ),
        (
            "2018-10-01",
            "2019-01-01",
            "2018-11-30",
            ("2018-07-01", "2018-08-31"),
        ),
        (
            "2018-11-05",
            "2018-11-12",
            "2018-11-07",
            ("2018-10-29", "2018-11-01"),
        ),
        (
            "2018-11-05",
            "2018-11-12",
            "2018-12-31",
            ("2018-10-29", "2018-11-05"),
        ),
    ],
    ids=[
        "half a month",
        "a month to its end",
        "a quarter",
        "half a week",
        "a week that is over",
    ],
)
def test_what_has_passed_is_compared_with_as_much_before(
    first: str, end: str, on: str, expected: tuple[str, str]
) -> None:
    days = DateRange(date.fromisoformat(first), date.fromisoformat(end))
    before = elapsed_before(days, date.fromisoformat(on))
    assert (str(before.start), str(before.end)) == expected


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-240, 240))
def test_months_are_counted_from_the_anchor(anchor: date, count: int) -> None:
    assert add_months(anchor, count) == anchor + relativedelta(months=count)


@pytest.mark.parametrize(
    ("period", "shift", "first", "end"),
    [
        (Period.DAY, -1, "2018-11-13", "2018-11-14"),
        (Period.WEEK, 0, "2018-11-12", "2018-11-19"),
        (Period.MONTH, -1, "2018-10-01", "2018-11-01"),
        (Period.QUARTER, 0, "2018-10-01", "2019-01-01"),
        (Period.YEAR, 1, "2019-01-01", "2020-01-01"),
    ],
)
def test_periods_around_a_day(
    period: Period, shift: int, first: str, end: str
) -> None:
    found = period_of(date(2018, 11, 14), period, shift)
    assert (found.start.isoformat(), found.end.isoformat()) == (first, end)
    assert found.start in found
    assert found.end not in found
    assert found.last_day < found.end


def test_months_of_a_range() -> None:
    days = DateRange(date(2018, 1, 31), date(2018, 3, 2))
    assert [one.month for one in periods_in(days, Period.MONTH)] == [1, 2, 3]


def test_a_day_begins_when_the_companys_clocks_say_so() -> None:
    assert start_of_day(date(2018, 7, 1), BERLIN) == datetime(
        2018, 6, 30, 22, tzinfo=UTC
    )
    assert moment_of(datetime(2018, 1, 1, 12), BERLIN) == datetime(
        2018, 1, 1, 11, tzinfo=UTC
    )


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_winning_losing_and_reopening_stamp_a_deal() -> None:
    first, second = (
        datetime(2018, 1, 1, tzinfo=UTC),
        datetime(2018, 2, 1, tzinfo=UTC),
    )
    won = Stamps(Status.OPEN).to(Status.WON, first)
    assert (won.won_at, won.first_won_at, won.lost_at) == (first, first, None)
    reopened = won.to(Status.OPEN, second)
    assert (reopened.won_at, reopened.first_won_at) == (None, first)
    assert reopened.to(Status.WON, second).first_won_at == first
    assert won.to(Status.LOST, second) == Stamps(
        Status.LOST, lost_at=second, first_won_at=first
    )
    assert weighted_e4(-1_000_000, 25) == -250_000


def test_each_field_is_given_to_one_column_only() -> None:
    names = {"value": ["Deal - Wert", "Wert"], "title": ["Titel"]}
    assert guess(["Wert *", "deal – WERT", "Titel", "Notiz"], names) == [
        "value",
        None,
        "title",
        None,
    ]
