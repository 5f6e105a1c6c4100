"""Bookings: the value of won deals by won date, split by what they are; derived, never typed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from turnus.core.calendar import DateRange
from turnus.core.customers import CustomerKey
from turnus.core.revenue.conversion import Conversion, Withheld
from turnus.core.revenue.facts import Exact
from turnus.core.revenue.runs import BookedTerm
from turnus.core.revenue.timeline import Timeline


class BookingKind(StrEnum):
    """What a part of a won deal's value is."""

    #: The first term of a customer who has no other subscription at that time, also after a lapse.
    NEW = "new"
    #: A following term, up to what the one before cost in the same time.
    RENEWAL = "renewal"
    #: What a following term costs more, and the first term of a further subscription.
    EXPANSION = "expansion"
    ONE_OFF = "one_off"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class WonDeal:
    """A won deal, or the one-off part of one, that books no term; a negative value is a credit."""

    deal: int
    customer: CustomerKey
    won_on: date
    value_e4: int
    currency: str


@dataclass(frozen=True, slots=True)
class BookedPart:
    """A part of a deal's value in its own currency, exact, in ten-thousandths."""

    deal: int
    customer: CustomerKey
    won_on: date
    kind: BookingKind
    value_e4: Exact
    currency: str


@dataclass(frozen=True, slots=True)
class Bookings:
    """The sums of a period, exact, in ten-thousandths; the withheld currencies are in none."""

    days: DateRange
    currency: str
    by_kind: dict[BookingKind, Fraction]
    withheld: tuple[Withheld, ...]

    @property
    def total(self) -> Fraction:
        """The value of everything won in the period."""
        return sum(self.by_kind.values(), Fraction(0))


class _KindValue(NamedTuple):
    kind: BookingKind
    value_e4: Exact


def booked_parts(
    timelines: Iterable[Timeline], others: Iterable[WonDeal] = ()
) -> list[BookedPart]:
    """Return the parts of all won deals in order of their won dates.

    Those of one deal add up to its value.
    """
    parts: list[BookedPart] = []
    for own in _by_customer(timelines).values():
        parts += _parts_of_customer(own)
    for deal in others:
        parts.append(_unsplit_part(deal))
    return sorted(parts, key=lambda part: (part.won_on, part.deal))


def _unsplit_part(deal: WonDeal) -> BookedPart:
    is_negative = deal.value_e4 < 0
    return BookedPart(
        deal=deal.deal,
        customer=deal.customer,
        won_on=deal.won_on,
        kind=BookingKind.NEGATIVE if is_negative else BookingKind.ONE_OFF,
        value_e4=deal.value_e4,
        currency=deal.currency,
    )


def bookings_in(
    days: DateRange, parts: Iterable[BookedPart], *, conversion: Conversion
) -> Bookings:
    """Return the sums of what was won on `days`.

    At the rates of the won dates, or of the conversion's day.
    """
    inside = [part for part in parts if part.won_on in days]
    rates = [conversion.rate(part.currency, part.won_on) for part in inside]
    first_missing: dict[str, date] = {}
    for part, rate in zip(inside, rates, strict=True):
        if rate is None:
            earlier = first_missing.get(part.currency, part.won_on)
            first_missing[part.currency] = min(part.won_on, earlier)
    by_kind = dict.fromkeys(BookingKind, Fraction(0))
    for part, rate in zip(inside, rates, strict=True):
        if rate is not None and part.currency not in first_missing:
            by_kind[part.kind] += part.value_e4 * Fraction(rate)
    withheld = tuple(
        Withheld(currency, day)
        for currency, day in sorted(first_missing.items())
    )
    return Bookings(days, conversion.currency, by_kind, withheld)


def _by_customer(
    timelines: Iterable[Timeline],
) -> dict[CustomerKey, list[Timeline]]:
    result: dict[CustomerKey, list[Timeline]] = {}
    for timeline in timelines:
        result.setdefault(timeline.customer, []).append(timeline)
    return result


def _parts_of_customer(own: Sequence[Timeline]) -> Iterator[BookedPart]:
    for timeline in own:
        before: BookedTerm | None = None
        for term in timeline.terms:
            yield from _parts_of_term(own, timeline, term, before)
            before = term


def _parts_of_term(
    own: Sequence[Timeline],
    timeline: Timeline,
    term: BookedTerm,
    before: BookedTerm | None,
) -> Iterator[BookedPart]:
    if term.deal is None or term.won_on is None:
        return
    if before is not None and before.run == term.run:
        values = _split_renewal(term, before)
    elif _has_another(own, timeline, term):
        values = [_KindValue(BookingKind.EXPANSION, term.price_e4)]
    else:
        values = [_KindValue(BookingKind.NEW, term.price_e4)]
    for kind, value_e4 in values:
        yield BookedPart(
            term.deal,
            timeline.customer,
            term.won_on,
            kind,
            value_e4,
            term.currency,
        )


def _split_renewal(term: BookedTerm, before: BookedTerm) -> list[_KindValue]:
    """Return the kinds of a following term's value.

    It is a renewal up to the old price for the same length of time.
    """
    if before.currency != term.currency:
        return [_KindValue(BookingKind.RENEWAL, term.price_e4)]
    renewed = min(term.price_e4, _price_for_the_same_time(term, before))
    parts = [_KindValue(BookingKind.RENEWAL, renewed)]
    if renewed < term.price_e4:
        parts.append(
            _KindValue(BookingKind.EXPANSION, term.price_e4 - renewed)
        )
    return parts


def _price_for_the_same_time(term: BookedTerm, before: BookedTerm) -> Exact:
    """Return what the term before cost in as much time as the term covers."""
    # Whole numbers where they can be: a million renewals at the same cadence need no fraction.
    if before.cadence is term.cadence or before.cadence == term.cadence:
        return before.price_e4
    factor = before.cadence.billings_per_year / term.cadence.billings_per_year
    return before.price_e4 * factor


def _has_another(
    own: Sequence[Timeline], timeline: Timeline, term: BookedTerm
) -> bool:
    """Return whether the customer had another subscription when this one began.

    Of two that begin on one day the first is new.
    """
    start = term.days.start
    for other in own:
        if other is timeline:
            continue
        for other_term in other.terms:
            days = other_term.days
            is_earlier = (days.start, other.subscription) < (
                start,
                timeline.subscription,
            )
            if is_earlier and days.start <= start < days.end:
                return True
    return False
