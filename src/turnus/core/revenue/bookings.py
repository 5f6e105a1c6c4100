"""Bookings: the value of won deals by won date, split by what they are; derived from the subscriptions, never typed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

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
    """The sums of a period, exact, in ten-thousandths of `currency`, without the withheld currencies."""

    days: DateRange
    currency: str
    by_kind: dict[BookingKind, Fraction]
    withheld: tuple[Withheld, ...]

    @property
    def total(self) -> Fraction:
        """The value of everything won in the period."""
        return sum(self.by_kind.values(), Fraction(0))


def booked_parts(timelines: Iterable[Timeline], others: Iterable[WonDeal] = ()) -> list[BookedPart]:
    """Return the parts of all won deals in order of their won dates: of one deal they add up to its value."""
    parts = [part for own in _by_customer(timelines).values() for part in _parts_of_customer(own)]
    for deal in others:
        kind = BookingKind.NEGATIVE if deal.value_e4 < 0 else BookingKind.ONE_OFF
        parts.append(
            BookedPart(deal.deal, deal.customer, deal.won_on, kind, deal.value_e4, deal.currency)
        )
    return sorted(parts, key=lambda part: (part.won_on, part.deal))


def bookings_in(
    days: DateRange, parts: Iterable[BookedPart], *, conversion: Conversion
) -> Bookings:
    """Return the sums of what was won on `days`, at the rates of the won dates (or of the conversion's day)."""
    by_kind: dict[BookingKind, Fraction] = dict.fromkeys(BookingKind, Fraction(0))
    inside = [
        (part, conversion.rate(part.currency, part.won_on)) for part in parts if part.won_on in days
    ]
    missing: dict[str, date] = {}
    for part, rate in inside:
        if rate is None:
            missing[part.currency] = min(part.won_on, missing.get(part.currency, part.won_on))
    for part, rate in inside:
        if rate is not None and part.currency not in missing:
            by_kind[part.kind] += part.value_e4 * Fraction(rate)
    return Bookings(
        days,
        conversion.currency,
        by_kind,
        tuple(Withheld(*each) for each in sorted(missing.items())),
    )


def _by_customer(timelines: Iterable[Timeline]) -> dict[CustomerKey, list[Timeline]]:
    result: dict[CustomerKey, list[Timeline]] = {}
    for timeline in timelines:
        result.setdefault(timeline.customer, []).append(timeline)
    return result


def _parts_of_customer(own: Sequence[Timeline]) -> Iterable[BookedPart]:
    for timeline in own:
        before: BookedTerm | None = None
        for term in timeline.terms:
            if term.deal is not None and term.won_on is not None:
                is_first = before is None or before.run != term.run
                is_further = is_first and _has_another(own, timeline, term)
                for kind, value_e4 in _split(term, before, is_further=is_further):
                    yield BookedPart(
                        term.deal, timeline.customer, term.won_on, kind, value_e4, term.currency
                    )
            before = term


def _split(
    term: BookedTerm, before: BookedTerm | None, *, is_further: bool
) -> list[tuple[BookingKind, Exact]]:
    """Return the kinds of a term's value: a renewal counts as such up to the old price for the same length of time."""
    if before is None or before.run != term.run or before.currency != term.currency:
        if before is None or before.run != term.run:
            return [(BookingKind.EXPANSION if is_further else BookingKind.NEW, term.price_e4)]
        return [(BookingKind.RENEWAL, term.price_e4)]
    # Whole numbers where they can be: a million renewals at the same cadence need no fraction.
    is_same = before.cadence is term.cadence or before.cadence == term.cadence
    factor = 1 if is_same else before.cadence.billings_per_year / term.cadence.billings_per_year
    renewed = min(term.price_e4, before.price_e4 * factor)
    parts: list[tuple[BookingKind, Exact]] = [(BookingKind.RENEWAL, renewed)]
    return parts + (
        [(BookingKind.EXPANSION, term.price_e4 - renewed)] if renewed < term.price_e4 else []
    )


def _has_another(own: Sequence[Timeline], timeline: Timeline, term: BookedTerm) -> bool:
    """Return whether the customer had another subscription when this one began; of two that begin on one day the first is new."""
    earlier = (each for each in own if each is not timeline)
    return any(
        other.days.start <= term.days.start < other.days.end
        and (other.days.start, each.subscription) < (term.days.start, timeline.subscription)
        for each in earlier
        for other in each.terms
    )
