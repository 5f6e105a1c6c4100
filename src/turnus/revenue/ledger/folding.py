"""From segments to the rows of the stored ledger, in the columns of its models."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from turnus.core.calendar import Period, period_start
from turnus.core.customers import CustomerKey
from turnus.core.revenue.conversion import Scale, own_currency
from turnus.core.revenue.facts import Segment
from turnus.core.revenue.movements import Movement, MovementKind, ledger_of

#: The currency of whoever never paid anything: "no currency", by ISO 4217.
NO_CURRENCY = "XXX"
#: Of whoever pays in several.
MIXED = ""
_SUBSCRIPTION = attrgetter("subscription")
_IN_ORDER = attrgetter("subscription", "start")


class CustomerRow(NamedTuple):
    """A row of `LedgerCustomer`."""

    key: CustomerKey
    currency: str
    folded_on: date
    good_until: date | None


class MovementRow(NamedTuple):
    """A row of `LedgerMovement`."""

    customer: CustomerKey
    currency: str
    day: date
    kind: str
    per_e4: int
    amount: int
    opening: int
    gained: int
    month: date
    cohort: date


class SegmentRow(NamedTuple):
    """A row of `LedgerSegment`."""

    customer: CustomerKey
    subscription_id: int
    currency: str
    starts_on: date
    ends_on: date | None
    counts_until: date | None
    price_e4: int
    cadence: str
    arr: int
    per_e4: int
    plan_id: int
    is_last: bool
    is_overdue: bool
    cause: str
    cause_deal_id: int | None
    cause_event_id: int | None
    ended_by: str
    ended_by_deal_id: int | None
    ended_by_event_id: int | None


@dataclass(frozen=True, slots=True)
class FoldedRows:
    """What is stored of some customers."""

    customers: list[CustomerRow]
    movements: list[MovementRow]
    segments: list[SegmentRow]


def folded(
    keys: Collection[CustomerKey], segments: Iterable[Segment], *, on: date
) -> FoldedRows:
    """Return the rows of the customers `keys`, of whom `segments` are all that counts.

    Segments of one price follow one another without a cut; their part of the split is the plan
    that held on their first day. Of a customer who pays in several currencies nothing is stored:
    what happened on a day depends on the rates.
    """
    by_customer: dict[CustomerKey, list[Segment]] = defaultdict(list)
    for segment in segments:
        by_customer[segment.customer].append(segment)
    rows = FoldedRows([], [], [])
    for key in keys:
        own = by_customer.get(key, [])
        own.sort(key=_IN_ORDER)
        currency = _currency(own)
        rows.customers.append(_customer(key, currency, own, on))
        if currency not in {MIXED, NO_CURRENCY}:
            _add_ledger(rows, own, currency)
    return rows


def _add_ledger(
    rows: FoldedRows, own: Sequence[Segment], currency: str
) -> None:
    """Add what moved and what counted of a customer, whose segments are in order."""
    conversion = own_currency(currency)
    ledger = ledger_of(own, conversion=conversion, until=date.max)
    rows.movements.extend(_movements(ledger.movements, ledger.scale))
    for _subscription, own_segments in groupby(own, _SUBSCRIPTION):
        rows.segments.extend(_segments(list(own_segments), ledger.scale))


def _currency(own: Sequence[Segment]) -> str:
    currencies = {segment.currency for segment in own}
    if len(currencies) > 1:
        return MIXED
    return currencies.pop() if currencies else NO_CURRENCY


def _customer(
    key: CustomerKey, currency: str, own: Sequence[Segment], on: date
) -> CustomerRow:
    coming = [each.end for each in own if each.end and each.end > on]
    good_until = min(coming, default=None)
    return CustomerRow(key, currency, on, good_until)


def _movements(
    movements: Iterable[Movement], scale: Scale
) -> Iterator[MovementRow]:
    """Yield what moved; what canceled itself out within a day moved nothing."""
    cohorts: dict[CustomerKey, date] = {}
    for movement in movements:
        if movement.kind is None:
            continue
        month = period_start(movement.day, Period.MONTH)
        if movement.kind is MovementKind.NEW:
            cohorts[movement.customer] = month
        pays_after = movement.closing > 0
        paid_before = movement.opening > 0
        yield MovementRow(
            movement.customer,
            scale.currency,
            movement.day,
            str(movement.kind),
            scale.per_e4,
            movement.amount,
            movement.opening,
            pays_after - paid_before,
            month,
            cohorts[movement.customer],
        )


def _segments(own: Sequence[Segment], scale: Scale) -> Iterator[SegmentRow]:
    """Yield the rows of one subscription's segments, which are in order."""
    following: list[Segment | None] = [*own[1:], None]
    for segment, after in zip(own, following, strict=True):
        yield _segment(segment, after, scale)


def _segment(
    segment: Segment, after: Segment | None, scale: Scale
) -> SegmentRow:
    cause, ended_by = segment.cause, segment.ended_by
    return SegmentRow(
        segment.customer,
        segment.subscription,
        segment.currency,
        segment.start,
        segment.end,
        _counts_until(segment, after),
        segment.price_e4,
        str(segment.cadence),
        scale.arr_of(segment),
        scale.per_e4,
        int(segment.slices["part"]),
        after is None,
        segment.is_overdue,
        str(cause.reason),
        cause.deal,
        cause.event,
        "" if ended_by is None else str(ended_by.reason),
        None if ended_by is None else ended_by.deal,
        None if ended_by is None else ended_by.event,
    )


def _counts_until(segment: Segment, after: Segment | None) -> date | None:
    if after is None:
        return segment.end
    if segment.end is None:
        return after.start
    return min(segment.end, after.start)
