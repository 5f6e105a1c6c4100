"""The ledger and its tables: worked examples of movements and currency."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.core.subscriptions import (
    AT_BOOKING,
    CHF_RATES,
    EUR,
    change,
    day,
    fact,
    ledger,
    segment,
    told,
    units,
)
from turnus.core.calendar import DateRange, Period
from turnus.core.money import Money, Rates
from turnus.core.revenue.conversion import Conversion, Withheld, own_currency
from turnus.core.revenue.facts import Cause, Reason, Segment
from turnus.core.revenue.movements import Ledger, LegKind
from turnus.core.revenue.timeline import timeline_of
from turnus.core.revenue.waterfall import (
    Waterfall,
    WaterfallLine,
    periods_between,
    waterfall,
)

HORIZON = date(2026, 12, 31)


def lines(table: Waterfall) -> dict[str, str]:
    """The lines of a table that are not 0, in units."""
    return {
        line.value: str(units(amount))
        for line, amount in table.lines.items()
        if amount
    }


def whole(
    book: Ledger, matching: Callable[[Segment], bool] | None = None
) -> Waterfall:
    return waterfall(book, [DateRange(date.min, date.max)], matching)[0]


def slice_is(key: str, value: str) -> Callable[[Segment], bool]:
    return lambda each: each.slices.get(key) == value


CHF = {"currency": "CHF", "cadence": "1y"}


def test_a_foreign_price_that_falls_to_nothing_has_no_currency_part() -> None:
    beside = segment(30, "2024-01-01", subscription=2, customer=1)
    free = [
        segment(1200, "2024-01-01", "2025-01-01", **CHF),
        segment(0, "2025-01-01", "2026-01-01", **CHF),
        beside,
    ]
    assert told(ledger(free, "2025-06-30", AT_BOOKING)) == [
        "2024-01-01 new 130",
        "2025-01-01 contraction -100",
    ]


def test_the_example_of_the_rules_to_the_cent() -> None:
    """Metrics 1.6: CHF 1200 a year at 1.00, then 1.07, then 1320 at 1.06."""
    years = [
        segment(1200, "2024-01-01", "2025-01-01", **CHF),
        segment(1200, "2025-01-01", "2026-01-01", **CHF),
        segment(1320, "2026-01-01", "2027-01-01", **CHF),
    ]
    book = ledger(years, "2026-06-30", AT_BOOKING)
    assert told(book) == [
        "2024-01-01 new 100",
        "2025-01-01 nothing fx 7",
        "2026-01-01 expansion 10.6 fx -1",
    ]
    assert [leg.kind for each in book.movements for leg in each.legs] == [
        LegKind.STARTED,
        LegKind.RATE,
        LegKind.PRICE_UP,
    ]
    constant = ledger(
        years, "2026-06-30", Conversion(CHF_RATES, "EUR", day("2024-01-01"))
    )
    assert told(constant) == ["2024-01-01 new 100", "2026-01-01 expansion 10"]
    today = ledger(
        years, "2026-06-30", Conversion(CHF_RATES, "EUR", day("2026-06-30"))
    )
    assert told(today) == ["2024-01-01 new 106", "2026-01-01 expansion 10.6"]


def test_leaving_and_coming_back_carry_no_currency_part() -> None:
    book = ledger(
        [
            segment(1200, "2024-01-01", "2025-01-01", **CHF),
            segment(0, "2025-01-01", "2026-01-01", **CHF),
            segment(1200, "2026-01-01", "2027-01-01", **CHF),
        ],
        conversion=AT_BOOKING,
    )
    assert told(book) == [
        "2024-01-01 new 100",
        "2025-01-01 churn -100",
        "2026-01-01 reactivation 106",
        "2027-01-01 churn -106",
    ]


def test_another_contract_currency_is_a_price_change() -> None:
    book = ledger(
        [
            segment(1200, "2024-06-01", "2025-06-01", **CHF),
            segment(1200, "2025-06-01", cadence="1y"),
        ],
        conversion=AT_BOOKING,
    )
    assert told(book) == ["2024-06-01 new 100"]
    book = ledger(
        [
            segment(1200, "2024-06-01", "2025-06-01", **CHF),
            segment(1320, "2025-06-01", cadence="1y"),
        ],
        conversion=AT_BOOKING,
    )
    assert told(book) == ["2024-06-01 new 100", "2025-06-01 expansion 10"]


def test_without_a_rate_the_currency_is_withheld_and_listed() -> None:
    early = [
        segment(100, "2023-05-01", currency="CHF"),
        segment(100, "2023-04-01", currency="CHF", subscription=2),
    ]
    book = ledger(
        [*early, segment(7, "2024-01-01", subscription=3)],
        conversion=AT_BOOKING,
    )
    assert book.withheld == (Withheld("CHF", day("2023-04-01")),)
    assert told(book) == ["2024-01-01 new 7"]


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (
            [segment(100, "2026-01-31", "2026-03-01")],
            ["2026-01-31 new 100", "2026-03-01 churn -100"],
        ),
        (
            [
                segment(100, "2026-01-01", "2026-02-01"),
                segment(100, "2026-02-01"),
            ],
            ["2026-01-01 new 100"],
        ),
        (
            [
                segment(100, "2026-01-01", "2026-02-01"),
                segment(100, "2026-02-02"),
            ],
            [
                "2026-01-01 new 100",
                "2026-02-01 churn -100",
                "2026-02-02 reactivation 100",
            ],
        ),
        # A second subscription, and the last one ending.
        (
            [
                segment(100, "2026-01-01", "2026-03-01"),
                segment(
                    40, "2026-02-01", "2026-04-01", subscription=2, customer=1
                ),
            ],
            [
                "2026-01-01 new 100",
                "2026-02-01 expansion 40",
                "2026-03-01 contraction -100",
                "2026-04-01 churn -40",
            ],
        ),
        # A swap on one day is one netted movement.
        (
            [
                segment(100, "2026-01-01", "2026-03-01"),
                segment(150, "2026-03-01", subscription=2, customer=1),
            ],
            ["2026-01-01 new 100", "2026-03-01 expansion 50"],
        ),
        (
            [
                segment(100, "2026-01-01", "2026-03-01"),
                segment(100, "2026-03-01", subscription=2, customer=1),
            ],
            ["2026-01-01 new 100", "2026-03-01 nothing"],
        ),
        # Of two that overlap the later one replaces the earlier one.
        (
            [segment(100, "2026-01-01"), segment(120, "2026-02-01")],
            ["2026-01-01 new 100", "2026-02-01 expansion 20"],
        ),
        # A free plan is no customer; nor is one that stays free.
        (
            [
                segment(0, "2026-01-01", "2026-02-01"),
                segment(0, "2026-02-01", "2026-03-01", cadence="1w"),
                segment(9, "2026-03-01"),
            ],
            ["2026-03-01 new 9"],
        ),
        # The same amount by another cadence is no movement, but a plan change is told.
        (
            [
                segment(100, "2026-01-01", "2026-02-01"),
                segment(1200, "2026-02-01", cadence="1y"),
            ],
            ["2026-01-01 new 100", "2026-02-01 nothing"],
        ),
        (
            [
                segment(100, "2026-01-01", "2026-03-01"),
                segment(60, "2026-03-01"),
            ],
            ["2026-01-01 new 100", "2026-03-01 contraction -40"],
        ),
    ],
)
def test_how_a_day_is_classed(
    segments: list[Segment], expected: list[str]
) -> None:
    assert told(ledger(segments)) == expected


def test_every_leg_says_what_happened_and_why() -> None:
    book = ledger(
        [
            segment(
                100, "2026-01-01", "2026-02-01", slices={"owner": "Alice"}
            ),
            segment(
                100,
                "2026-02-01",
                "2026-03-01",
                slices={"owner": "Bob"},
                cause=Cause(Reason.ASSIGNMENT, event=5),
            ),
            segment(1200, "2026-03-01", "2026-04-01", cadence="1y"),
            segment(
                600,
                "2026-04-01",
                "2026-05-01",
                cadence="1y",
                cause=Cause(Reason.PRICE_CHANGE, event=7),
            ),
        ]
    )
    legs = [
        (leg.kind, leg.cause.reason, leg.subscription)
        for each in book.movements
        for leg in each.legs
    ]
    assert legs == [
        (LegKind.STARTED, Reason.BOOKED, 1),
        (LegKind.MOVED, Reason.ASSIGNMENT, 1),
        (LegKind.PLAN_CHANGED, Reason.BOOKED, 1),
        (LegKind.PRICE_DOWN, Reason.PRICE_CHANGE, 1),
        (LegKind.LAPSED, Reason.LAPSE, 1),
    ]
    assert book.movements[-1].closing == 0


def test_what_changes_its_slice_is_a_transfer() -> None:
    book = ledger(
        [
            segment(100, "2026-01-01", "2026-02-01", slices={"plan": "S"}),
            segment(150, "2026-02-01", slices={"plan": "L"}),
        ]
    )
    assert lines(whole(book)) == {"new": "100", "expansion": "50"}
    assert lines(whole(book, slice_is("plan", "S"))) == {
        "new": "100",
        "transfer_out": "-100",
    }
    assert lines(whole(book, slice_is("plan", "L"))) == {
        "expansion": "50",
        "transfer_in": "100",
    }
    assert lines(whole(book, slice_is("plan", "M"))) == {}


def test_what_cancels_out_within_a_day_is_a_transfer_between_slices() -> None:
    own = {"customer": 1}
    book = ledger(
        [
            segment(150, "2026-01-01", "2026-02-01", slices={"plan": "S"}),
            segment(
                100, "2026-02-01", subscription=2, slices={"plan": "M"}, **own
            ),
            segment(
                100, "2026-02-01", subscription=3, slices={"plan": "L"}, **own
            ),
        ]
    )
    assert lines(whole(book)) == {"new": "150", "expansion": "50"}
    assert lines(whole(book, slice_is("plan", "S"))) == {
        "new": "150",
        "transfer_out": "-150",
    }
    assert lines(whole(book, slice_is("plan", "M"))) == {
        "expansion": "25",
        "transfer_in": "75",
    }
    assert whole(book, slice_is("plan", "L")).customer_count == 1
    even = ledger(
        [
            segment(5, "2026-01-01", "2026-02-01"),
            segment(
                5, "2026-02-01", subscription=2, slices={"plan": "M"}, **own
            ),
        ]
    )
    assert lines(whole(even, slice_is("plan", "M"))) == {"transfer_in": "5"}


def test_shown_figures_are_rounded_each_and_the_difference_has_its_own_line() -> (
    None
):
    book = ledger(
        [
            segment(100, "2026-01-01", cadence="1y"),
            segment(100, "2026-01-02", cadence="1y", subscription=2),
        ]
    )
    shown = waterfall(
        book, periods_between(day("2026-01-01"), day("2026-01-02"), Period.DAY)
    )[1].shown
    assert (
        shown.opening.amount,
        shown.lines[WaterfallLine.NEW].amount,
        shown.closing.amount,
    ) == (
        Decimal("8.33"),
        Decimal("8.33"),
        Decimal("16.67"),
    )
    assert shown.rounding_difference == Money.of("0.01", "EUR")


def test_a_segment_below_zero_or_without_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="price of 0 or more"):
        segment(-1, "2026-01-01")
    with pytest.raises(ValueError, match="at least one day"):
        segment(1, "2026-01-01", "2026-01-01")


def test_a_price_of_the_past_is_cut_where_the_next_begins() -> None:
    pause = [
        change(Reason.PAUSE, "2026-02-28"),
        change(Reason.RESUME, "2026-02-28"),
    ]
    assert told(
        ledger(
            timeline_of(
                fact("1m", ("2026-01-31", 5), changes=pause),
                as_of=day("2026-02-01"),
            ).segments,
            "2026-02-01",
        )
    ) == ["2026-01-31 new 5"]


def test_cross_rates_go_by_way_of_the_base_currency() -> None:
    two = Rates(
        "EUR",
        {
            "CHF": [(date(2024, 1, 1), Decimal("1.05"))],
            "USD": [(date(2024, 1, 1), Decimal("0.9"))],
        },
    )
    on = date(2026, 1, 1)
    assert two.between("CHF", "USD", on) == Decimal("1.166666666667")
    assert two.between("EUR", "USD", on) == Decimal("1.111111111111")
    assert two.between("CHF", "EUR", on) == Decimal("1.05")
    assert two.between("GBP", "GBP", on) == Decimal(1)
    assert (two.between("GBP", "USD", on), two.between("USD", "GBP", on)) == (
        None,
        None,
    )
    assert own_currency("EUR").rate("USD", on) is None
    assert EUR.rate("EUR", on) == Fraction(1)
