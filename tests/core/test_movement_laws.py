"""Laws of movements: opening and movements are the closing, whatever is cut, added or shifted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.subscriptions import (
    AT_BOOKING,
    CHF_RATES,
    fact,
    ledger,
    told,
)
from tests.core.test_revenue_movements import HORIZON, slice_is, whole
from turnus.core.cadence import Cadence
from turnus.core.calendar import Period
from turnus.core.money import Rates
from turnus.core.revenue.conversion import Conversion
from turnus.core.revenue.facts import Cause, Reason, Segment
from turnus.core.revenue.movements import MovementKind
from turnus.core.revenue.mrr import recurring_on
from turnus.core.revenue.timeline import timeline_of
from turnus.core.revenue.waterfall import (
    WaterfallLine,
    periods_between,
    waterfall,
)

# The laws.

CADENCES = ["1y", "6m", "3m", "1m", "2/m", "2w", "1w", "10d", "18m"]
DAYS = st.integers(0, 900).map(
    lambda number: date(2024, 1, 1) + timedelta(days=number)
)


@st.composite
def segments_of_one(
    draw: st.DrawFn, subscription: int, currencies: list[str]
) -> list[Segment]:
    """Some segments of a subscription, with and without gaps, in two currencies."""
    customer, start, result = draw(st.integers(1, 3)), draw(DAYS), []
    for _ in range(draw(st.integers(1, 4))):
        end = start + timedelta(days=draw(st.integers(1, 200)))
        slices = {
            "plan": draw(st.sampled_from("SML")),
            "owner": draw(st.sampled_from("AB")),
        }
        cadence, currency = (
            Cadence.parse(draw(st.sampled_from(CADENCES))),
            draw(st.sampled_from(currencies)),
        )
        price = draw(
            st.sampled_from([0, 333_300, 1_000_000, 1_000_000, 12_345_678])
        )
        cause = Cause(Reason.BOOKED, deal=draw(st.integers(1, 99)))
        last = draw(st.booleans()) and draw(st.booleans())
        result.append(
            Segment(
                subscription,
                customer,
                start,
                None if last else end,
                price,
                currency,
                cadence,
                start,
                cause,
                slices=slices,
            )
        )
        if last:
            break
        start = end + timedelta(days=draw(st.sampled_from([0, 0, 0, 1, 40])))
    return result


@st.composite
def books(
    draw: st.DrawFn, currencies: tuple[str, ...] = ("EUR", "CHF")
) -> list[Segment]:
    count = draw(st.integers(1, 5))
    return [
        each
        for number in range(1, count + 1)
        for each in draw(segments_of_one(number, list(currencies)))
    ]


MODES = st.sampled_from(
    [
        AT_BOOKING,
        Conversion(CHF_RATES, "EUR", date(2025, 5, 5)),
        Conversion(CHF_RATES, "CHF"),
    ]
)
FILTERS = st.sampled_from(
    [
        None,
        slice_is("plan", "S"),
        slice_is("owner", "A"),
        lambda each: each.price_e4 > 400_000,
    ]
)


@given(books(), MODES, FILTERS, st.sampled_from(list(Period)))
@settings(max_examples=150)
def test_opening_and_movements_are_the_closing_of_any_slice(
    segments: list[Segment],
    mode: Conversion,
    matching: Callable[[Segment], bool] | None,
    period: Period,
) -> None:
    tables = waterfall(
        ledger(segments, str(HORIZON), mode),
        periods_between(date(2024, 2, 10), HORIZON, period),
        matching,
    )
    for before, after in pairwise(tables):
        assert before.closing == after.opening
    for table in tables[:: max(1, len(tables) // 7)]:
        found = recurring_on(
            table.days.last_day, segments, conversion=mode, matching=matching
        )
        assert table.closing == found.mrr_e4
        assert table.customer_count == len(found.by_customer)


@given(books(), MODES)
def test_slices_add_up_to_the_whole_line_by_line(
    segments: list[Segment], mode: Conversion
) -> None:
    book = ledger(segments, conversion=mode)
    parts = [whole(book, slice_is("plan", plan)) for plan in "SML"]
    total = whole(book)
    for line in list(WaterfallLine)[:6]:
        assert sum(part.lines[line] for part in parts) == total.lines[line]
    assert (
        sum(
            part.lines[WaterfallLine.TRANSFER_IN]
            + part.lines[WaterfallLine.TRANSFER_OUT]
            for part in parts
        )
        == 0
    )
    assert whole(book, lambda _: True).lines == total.lines


@given(books(), MODES)
def test_no_line_has_the_wrong_sign(
    segments: list[Segment], mode: Conversion
) -> None:
    book = ledger(segments, conversion=mode)
    for matching in (None, slice_is("plan", "S")):
        table = whole(book, matching)
        assert (
            min(
                table.lines[each]
                for each in (
                    WaterfallLine.NEW,
                    WaterfallLine.REACTIVATION,
                    WaterfallLine.EXPANSION,
                    WaterfallLine.TRANSFER_IN,
                )
            )
            >= 0
        )
        assert (
            max(
                table.lines[each]
                for each in (
                    WaterfallLine.CONTRACTION,
                    WaterfallLine.CHURN,
                    WaterfallLine.TRANSFER_OUT,
                )
            )
            <= 0
        )


@given(books(), MODES, FILTERS)
def test_days_months_and_quarters_add_up_to_the_year(
    segments: list[Segment],
    mode: Conversion,
    matching: Callable[[Segment], bool] | None,
) -> None:
    book = ledger(segments, conversion=mode)
    year, *others = (
        waterfall(
            book,
            periods_between(date(2025, 1, 1), date(2025, 12, 31), each),
            matching,
        )
        for each in list(Period)[:1:-1]
    )
    for tables in others:
        # Transfers are summed by direction within each movement, so they add up as well.
        assert {
            line: sum(table.lines[line] for table in tables)
            for line in WaterfallLine
        } == year[0].lines


@given(books(), books(), MODES)
def test_the_revenue_of_a_union_of_customers_is_the_sum(
    one: list[Segment], other: list[Segment], mode: Conversion
) -> None:
    other = [
        replace(
            each,
            customer=each.customer + 10,
            subscription=each.subscription + 10,
        )
        for each in other
    ]
    closing = [
        whole(ledger(book, conversion=mode)).lines
        for book in (one, other, one + other)
    ]
    for line in WaterfallLine:
        assert closing[0][line] + closing[1][line] == closing[2][line]


@given(books(("EUR",)))
def test_splitting_a_subscription_into_halves_changes_no_total(
    segments: list[Segment],
) -> None:
    halves = [
        replace(
            each,
            price_e4=each.price_e4 // 2 + rest,
            subscription=each.subscription * 2 + rest,
        )
        for each in segments
        for rest in (0, 1)
    ]
    doubled = [
        replace(each, price_e4=each.price_e4 // 2 * 2 + 1) for each in segments
    ]
    assert whole(ledger(halves)).lines == whole(ledger(doubled)).lines
    assert told(ledger(halves)) == told(ledger(doubled))


@given(books())
def test_a_currency_at_rate_one_changes_nothing(
    segments: list[Segment],
) -> None:
    at_par = Conversion(
        Rates("EUR", {"CHF": [(date(2000, 1, 1), Decimal(1))]}), "EUR"
    )
    relabeled = [replace(each, currency="EUR") for each in segments]
    assert told(ledger(segments, conversion=at_par)) == told(ledger(relabeled))


@given(books(("EUR",)), st.randoms(use_true_random=False))
def test_the_order_of_facts_changes_no_figure(
    segments: list[Segment], random: Random
) -> None:
    shuffled = segments[:]
    random.shuffle(shuffled)
    assert ledger(shuffled).movements == ledger(segments).movements


@given(books(("EUR",)))
def test_shifting_all_dates_shifts_the_series(segments: list[Segment]) -> None:
    shift = timedelta(days=365)
    moved = [
        replace(
            each,
            start=each.start + shift,
            end=each.end and each.end + shift,
            rate_on=each.rate_on + shift,
        )
        for each in segments
    ]
    expected = [
        (each.day + shift, each.kind, each.amount)
        for each in ledger(segments).movements
    ]
    assert [
        (each.day, each.kind, each.amount)
        for each in ledger(moved, "2040-01-01").movements
    ] == expected


@given(books(), MODES)
def test_every_movement_names_a_deal_or_an_event(
    segments: list[Segment], mode: Conversion
) -> None:
    for movement in ledger(segments, conversion=mode).movements:
        assert movement.legs
        assert all(
            leg.cause.deal is not None or leg.cause.event is not None
            for leg in movement.legs
        )
        assert sum(leg.share for leg in movement.legs) == movement.amount
        assert sum(leg.fx for leg in movement.legs) == movement.fx


@given(st.sampled_from(CADENCES), DAYS, st.integers(1, 8))
def test_renewing_at_the_same_price_is_no_movement(
    cadence: str, start: date, count: int
) -> None:
    dues = [
        Cadence.parse(cadence).due(start, number) for number in range(count)
    ]
    booked = fact(cadence, *((str(due), 100) for due in dues))
    timeline = timeline_of(booked, as_of=dues[-1])
    book = ledger(timeline.segments, str(dues[-1]))
    assert [each.kind for each in book.movements] == [MovementKind.NEW]
    assert len(timeline.segments) == count
