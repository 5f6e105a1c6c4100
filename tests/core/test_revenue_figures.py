"""MRR on a day, rates, cohorts, bookings: worked examples and laws."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.subscriptions import (
    AT_BOOKING,
    CHF_RATES,
    EUR,
    day,
    fact,
    ledger,
    segment,
    units,
)
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.money import Money
from turnus.core.revenue.bookings import (
    BookingKind,
    WonDeal,
    booked_parts,
    bookings_in,
)
from turnus.core.revenue.cohorts import cohorts_of
from turnus.core.revenue.conversion import Conversion, Withheld
from turnus.core.revenue.facts import Segment
from turnus.core.revenue.mrr import (
    PriceSum,
    SummedArr,
    arr_from_sums,
    closing_mrr,
    provisional_months,
    recurring_on,
    segments_on,
)
from turnus.core.revenue.rates import (
    FlowRates,
    average_per_customer,
    customer_churn,
    gross_retention,
    lifetime_value,
    net_retention,
    shown_rate,
)
from turnus.core.revenue.runs import Booking, SubscriptionFact
from turnus.core.revenue.timeline import timeline_of
from turnus.core.revenue.waterfall import (
    WaterfallLine,
    periods_between,
    waterfall,
)

JANUARY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("cadence", "price", "mrr", "arr"),
    [
        ("1y", "100", "8.33", "100"),
        ("1m", "100", "100", "1200"),
        ("2/m", "50", "100", "1200"),
        ("1w", "10", "43.33", "520"),
        ("2w", "10", "21.67", "260"),
        ("4w", "12", "13", "156"),
        ("28d", "12", "13", "156"),
        ("18m", "1800", "100", "1200"),
        ("5y", "6000", "100", "1200"),
        ("1d", "1", "30.42", "365"),
        ("3m", "0.01", "0", "0.04"),
    ],
)
def test_a_price_as_mrr_and_arr(
    cadence: str, price: str, mrr: str, arr: str
) -> None:
    found = recurring_on(
        JANUARY,
        [segment(price, "2026-01-01", cadence=cadence)],
        conversion=EUR,
    )
    assert (found.mrr.amount, found.arr.amount) == (Decimal(mrr), Decimal(arr))
    book = ledger([segment(price, "2026-01-01", cadence=cadence)])
    assert (
        book.scale.mrr(book.movements[0].closing),
        book.scale.arr(book.movements[0].closing),
    ) == (
        found.mrr,
        found.arr,
    )


def test_the_last_covered_day_counts_and_the_end_does_not() -> None:
    january = [segment(100, "2026-01-01", "2026-02-01")]
    assert [
        recurring_on(day(on), january, conversion=EUR).mrr.amount
        for on in ("2026-01-31", "2026-02-01")
    ] == [
        100,
        0,
    ]
    months = periods_between(JANUARY, day("2026-02-28"))
    assert closing_mrr(ledger(january), months) == [
        Money.of(100, "EUR"),
        Money.of(0, "EUR"),
    ]


def test_overdue_mrr_is_part_of_mrr_and_its_months_are_provisional() -> None:
    late = timeline_of(
        fact("1m", ("2026-01-31", 100)), as_of=day("2026-03-02")
    ).segments
    found = recurring_on(day("2026-03-02"), late, conversion=EUR)
    assert found.mrr == found.overdue_mrr == Money.of(100, "EUR")
    assert provisional_months(late, day("2026-03-02")) == [
        day("2026-02-01"),
        day("2026-03-01"),
    ]
    assert provisional_months(late, day("2026-02-01")) == []
    assert provisional_months([], day("2026-02-01")) == []


def test_of_two_segments_of_a_subscription_the_later_one_counts() -> None:
    both = [segment(100, "2026-01-01"), segment(120, "2026-02-01")]
    for order in (both, both[::-1]):
        assert [
            each.price_e4 for each in segments_on(order, day("2026-03-01"))
        ] == [1_200_000]
    assert segments_on(both, day("2025-03-01")) == []


def test_a_currency_without_a_rate_is_left_out_and_listed() -> None:
    mixed = [
        segment(100, "2023-01-01", currency="CHF"),
        segment(50, "2023-01-01", subscription=2),
    ]
    found = recurring_on(day("2023-06-01"), mixed, conversion=AT_BOOKING)
    assert (found.mrr.amount, found.withheld) == (
        50,
        (Withheld("CHF", day("2023-01-01")),),
    )
    assert found.by_customer == {2: 6_000_000}
    sums = [
        PriceSum(each.cadence, each.currency, each.rate_on, each.price_e4)
        for each in mixed
    ]
    assert arr_from_sums(sums, AT_BOOKING) == SummedArr(
        Fraction(6_000_000), found.withheld
    )


SEGMENTS = st.lists(
    st.builds(
        lambda cadence, price, currency, number: Segment(
            number,
            number,
            JANUARY,
            None,
            price,
            currency,
            Cadence.parse(cadence),
            JANUARY,
            cause=segment(1, "2026-01-01").cause,
        ),
        st.sampled_from(["1y", "1m", "2/m", "1w", "10d", "7m"]),
        st.integers(0, 10**9),
        st.sampled_from(["EUR", "CHF"]),
        st.integers(1, 10**6),
    ),
    unique_by=lambda each: each.subscription,
)


@given(SEGMENTS)
def test_sums_grouped_by_a_database_give_the_same_figure(
    segments: list[Segment],
) -> None:
    groups: dict[tuple[Cadence, str], int] = {}
    for each in segments:
        groups[each.cadence, each.currency] = (
            groups.get((each.cadence, each.currency), 0) + each.price_e4
        )
    sums = [
        PriceSum(cadence, currency, JANUARY, total)
        for (cadence, currency), total in groups.items()
    ]
    arr = arr_from_sums(sums, AT_BOOKING).arr_e4
    found = recurring_on(JANUARY, segments, conversion=AT_BOOKING)
    assert arr == found.arr_e4 == sum(found.by_customer.values())
    assert arr == sum(
        each.arr_e4 * Fraction(AT_BOOKING.rate(each.currency, JANUARY) or 0)
        for each in segments
    )


def flows() -> FlowRates:
    """Opening 1000; new 100, reactivation 50, expansion 200, contraction 40, churn 160."""
    book = ledger(
        [
            segment(160, "2025-01-01", "2026-01-10"),
            segment(50, "2025-01-01", "2025-02-01", subscription=2),
            segment(50, "2026-01-05", subscription=2),
            segment(840, "2025-01-01", "2026-01-07", subscription=3),
            segment(1040, "2026-01-07", "2026-01-20", subscription=3),
            segment(1000, "2026-01-20", subscription=3),
            segment(100, "2026-01-31", subscription=4),
        ]
    )
    return FlowRates(waterfall(book, periods_between(JANUARY, JANUARY))[0])


def test_the_rates_of_a_month() -> None:
    rates = flows()
    assert (units(rates.table.opening), units(rates.table.closing)) == (
        1000,
        1150,
    )
    assert (units(rates.losses), units(rates.net_new)) == (200, 150)
    assert (rates.gross_churn, rates.net_churn) == (
        Fraction(2, 10),
        Fraction(-50, 1000),
    )
    assert (rates.quick_ratio, rates.growth) == (
        Fraction(300, 200),
        Fraction(150, 1000),
    )
    assert rates.table.customer_count == 3
    assert (
        average_per_customer(rates.table.lines[WaterfallLine.NEW], 1)
        == 1_000_000
    )


def test_a_rate_without_denominator_is_unknown() -> None:
    empty = FlowRates(
        waterfall(ledger([]), periods_between(JANUARY, JANUARY))[0]
    )
    assert [
        empty.gross_churn,
        empty.net_churn,
        empty.quick_ratio,
        empty.growth,
    ] == [None] * 4
    assert [
        net_retention({}, {1: 1}),
        gross_retention({}, {}),
        customer_churn({}, {}),
    ] == [None] * 3
    assert average_per_customer(100, 0) is None
    assert [
        lifetime_value(100, churn) for churn in ([], [None], [Fraction(0)] * 6)
    ] == [None] * 3
    assert shown_rate(None) is None


def test_lifetime_value_and_how_rates_are_shown() -> None:
    assert (
        lifetime_value(
            100,
            [Fraction(5, 100), None, Fraction(15, 100)],
            margin=Fraction(8, 10),
        )
        == 800
    )
    assert [
        shown_rate(Fraction(*each)) for each in ((-1, 3), (1, 20_000), (5, 1))
    ] == [
        Decimal("-0.3333"),
        Decimal("0.0001"),
        Decimal("5.0000"),
    ]


def test_retention_over_twelve_months_is_per_customer_at_the_rates_of_the_opening() -> (
    None
):
    segments = [
        segment(
            1200, "2024-01-01", "2025-01-01", currency="CHF", cadence="1y"
        ),
        segment(
            1200, "2025-01-01", "2026-01-01", currency="CHF", cadence="1y"
        ),
        segment(100, "2024-01-01", "2024-08-01", subscription=2),
        segment(100, "2024-01-01", "2024-06-01", subscription=3),
        segment(150, "2024-06-01", subscription=3),
        segment(999, "2024-07-01", subscription=4),
    ]
    opening, closing = (
        recurring_on(
            day(on),
            segments,
            conversion=Conversion(CHF_RATES, "EUR", day("2024-05-31")),
        ).by_customer
        for on in ("2024-05-31", "2025-05-31")
    )
    assert net_retention(opening, closing) == Fraction(250, 300)
    assert gross_retention(opening, closing) == Fraction(200, 300)
    assert customer_churn(opening, closing) == Fraction(1, 3)


AMOUNTS = st.dictionaries(st.integers(1, 9), st.integers(1, 10**6))


@given(AMOUNTS, AMOUNTS)
def test_gross_retention_is_at_most_one_and_at_most_net(
    opening: dict[int, int], closing: dict[int, int]
) -> None:
    gross, net = (
        gross_retention(opening, closing),
        net_retention(opening, closing),
    )
    assert (gross is None) == (net is None) == (not opening)
    if gross is not None and net is not None:
        assert 0 <= gross <= min(1, net)


def test_cohorts_keep_their_customers() -> None:
    book = ledger(
        [
            segment(0, "2025-12-01", "2026-01-10"),
            segment(100, "2026-01-10", "2026-01-20"),
            segment(300, "2026-01-20", "2026-03-15"),
            segment(100, "2026-01-31", "2026-02-28", subscription=2),
            segment(100, "2026-04-30", subscription=2),
            segment(70, "2026-02-01", subscription=3),
        ],
        until="2026-04-30",
    )
    january, february = cohorts_of(book)
    assert (january.month, january.size, units(january.base_e4)) == (
        JANUARY,
        2,
        200,
    )
    assert [
        (cell.customer_count, units(cell.mrr_e4)) for cell in january.cells
    ] == [
        (2, 400),
        (1, 300),
        (0, 0),
        (1, 100),
    ]
    assert (january.cells[1].customer_rate, january.cells[0].revenue_rate) == (
        Fraction(1, 2),
        2,
    )
    assert [cell.revenue_rate for cell in february.cells] == [1, 1, 1]


def test_the_net_of_a_period_is_rounded_once() -> None:
    thirds = [
        segment(100, f"2026-0{month}-01", cadence="1y", subscription=month)
        for month in (1, 2, 3)
    ]
    february, march = waterfall(
        ledger(thirds), periods_between(day("2026-02-01"), day("2026-03-01"))
    )
    assert [
        (
            each.shown.opening.amount,
            each.shown.net.amount,
            each.shown.closing.amount,
        )
        for each in (february, march)
    ] == [
        (Decimal("8.33"), Decimal("8.33"), Decimal("16.67")),
        (Decimal("16.67"), Decimal("8.33"), 25),
    ]


def test_a_customer_who_only_ever_had_a_free_plan_is_in_no_cohort() -> None:
    free = [
        segment(0, "2026-01-01", "2026-02-01"),
        segment(0, "2026-02-01", slices={"owner": "Bob"}),
    ]
    assert cohorts_of(ledger(free, until="2026-02-28")) == []
    corrected = [segment(50, "2026-01-01"), *free]
    assert cohorts_of(ledger(corrected)) == []


def parts_of(*facts: SubscriptionFact) -> list[tuple[int, str, Fraction]]:
    timelines = [timeline_of(each, as_of=day("2027-01-01")) for each in facts]
    return [
        (part.deal, part.kind.value, units(part.value_e4))
        for part in booked_parts(timelines)
    ]


def test_a_renewal_is_split_at_the_old_price() -> None:
    given = fact(
        "1y", ("2024-03-01", 1200), ("2025-02-20", 1500), ("2026-03-10", 900)
    )
    assert parts_of(given) == [
        (1, "new", 1200),
        (2, "renewal", 1200),
        (2, "expansion", 300),
        (3, "renewal", 900),
    ]


def test_another_cadence_is_compared_over_the_same_time_and_another_currency_not_at_all() -> (
    None
):
    base = fact("1m", ("2026-01-31", 100))
    for currency, expected in (
        ("EUR", [("renewal", 1200), ("expansion", 300)]),
        ("CHF", [("renewal", 1500)]),
    ):
        yearly = Booking(
            2,
            day("2026-02-20"),
            15_000_000,
            cadence=Cadence.parse("1y"),
            currency=currency,
        )
        found = parts_of(
            SubscriptionFact(
                1, 1, "EUR", base.cadence, [*base.bookings, yearly]
            )
        )
        assert [part[1:] for part in found[1:]] == expected


def test_a_further_subscription_is_expansion_and_a_comeback_is_new() -> None:
    one = fact("1y", ("2025-01-01", 100))
    two = fact("1y", ("2025-06-01", 70), subscription=2)
    assert parts_of(one, two) == [(1, "new", 100), (1, "expansion", 70)]
    same_day = fact("1y", ("2025-01-01", 70), subscription=2)
    assert sorted(part[1:] for part in parts_of(same_day, one)) == [
        ("expansion", 70),
        ("new", 100),
    ]
    assert [
        part[1]
        for part in parts_of(fact("1m", ("2025-01-01", 9), ("2025-08-01", 9)))
    ] == [
        "new",
        "new",
    ]
    assert [
        part[1]
        for part in parts_of(
            one, fact("1y", ("2026-06-01", 70), subscription=2)
        )
    ] == [
        "new",
        "new",
    ]


def test_bookings_of_a_month_by_won_date_and_rate() -> None:
    timelines = [
        timeline_of(
            fact("1y", ("2025-12-20", 100, "2026-01-01"), currency="CHF"),
            as_of=day("2026-02-01"),
        )
    ]
    timelines.append(
        timeline_of(
            fact("1m", ("2026-01-31", 5), is_evergreen=True, customer=2),
            as_of=day("2026-06-01"),
        )
    )
    others = [
        WonDeal(7, 3, day("2025-12-31"), 500_000, "EUR"),
        WonDeal(8, 3, day("2025-12-31"), -200_000, "EUR"),
        WonDeal(9, 3, day("2025-12-05"), 1, "USD"),
        WonDeal(10, 3, day("2025-12-03"), 1, "USD"),
    ]
    parts = booked_parts(timelines, others)
    december = bookings_in(
        DateRange(day("2025-12-01"), JANUARY), parts, conversion=AT_BOOKING
    )
    assert {
        kind.value: units(value)
        for kind, value in december.by_kind.items()
        if value
    } == {
        "new": 107,
        "one_off": 50,
        "negative": -20,
    }
    assert units(december.total) == 137
    assert december.withheld == (Withheld("USD", day("2025-12-03")),)
    assert (
        bookings_in(
            DateRange(JANUARY, day("2026-02-01")), parts, conversion=AT_BOOKING
        ).by_kind[BookingKind.NEW]
        == 50_000
    )
