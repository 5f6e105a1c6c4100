"""A subscription's whole life as known on a day: terms, segments at one price, credits, and what is due next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from turnus.core.customers import CustomerKey
from turnus.core.revenue.chaining import Pause, booked_terms, pauses_of
from turnus.core.revenue.facts import Cause, Reason, Segment
from turnus.core.revenue.runs import BookedTerm, Booking, Change, SubscriptionFact

#: How near to a due date a negative deal of the full price ends the run (metrics 4.6).
CREDIT_DAYS = 20
_CUTS = {Reason.PRICE_CHANGE, Reason.PAUSE, Reason.RESUME, Reason.ASSIGNMENT}


class CreditKind(StrEnum):
    """What a negative won deal does."""

    #: It takes back the whole price: the run ends where the paid time ends.
    ENDS = "ends"
    #: It may mean a lower price from the next due date on: a person must say so.
    REDUCES = "reduces"
    #: No effect on what recurs; listed.
    ONE_OFF = "one_off"


@dataclass(frozen=True, slots=True)
class Credit:
    """How a negative deal was read; `on` is the first day not covered, or that of the proposed lower price, None for a one-off."""

    deal: int
    kind: CreditKind
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A subscription's terms, the segments that figures are made of, how its negative deals were read, what is due next."""

    subscription: int
    customer: CustomerKey
    terms: tuple[BookedTerm, ...]
    segments: tuple[Segment, ...]
    credits: tuple[Credit, ...]
    #: The first day that is not booked; None when it was ended, lapsed, or has no terms.
    next_due: date | None

    @property
    def missing(self) -> list[BookedTerm]:
        """The terms without a deal that should have one: to-dos, and the overdue renewal."""
        return [term for term in self.terms if term.deal is None]


def timeline_of(fact: SubscriptionFact, *, as_of: date) -> Timeline:
    """Return the timeline as known on `as_of`; deals won later are left out."""
    terms, next_due = booked_terms(fact, as_of=as_of)
    negative = [each for each in fact.bookings if each.price_e4 < 0 and each.won_on <= as_of]
    found = [_credit(each, terms) for each in negative]
    ends = [
        Change(Cause(Reason.CREDIT, deal=each.deal), each.on)
        for each in found
        if each.kind is CreditKind.ENDS
    ]
    if ends:
        fact = replace(fact, changes=(*fact.changes, *ends))
        terms, next_due = booked_terms(fact, as_of=as_of)
    segments = tuple(_segments(fact, terms))
    return Timeline(
        fact.subscription, fact.customer, tuple(terms), segments, tuple(found), next_due
    )


def _credit(booking: Booking, terms: Sequence[BookedTerm]) -> Credit:
    term = next(
        (each for each in reversed(terms) if each.deal and each.days.start <= booking.won_on), None
    )
    if term is None or -booking.price_e4 > term.price_e4:
        return Credit(booking.deal, CreditKind.ONE_OFF)
    near = timedelta(days=CREDIT_DAYS)
    is_last = term is terms[-1] and booking.won_on < term.days.end
    is_near_due = any(abs(booking.won_on - day) <= near for day in (term.days.start, term.days.end))
    if -booking.price_e4 < term.price_e4:
        return Credit(booking.deal, CreditKind.REDUCES, term.days.end)
    return (
        Credit(booking.deal, CreditKind.ENDS, term.days.end)
        if is_last or is_near_due
        else Credit(booking.deal, CreditKind.ONE_OFF)
    )


def _segments(fact: SubscriptionFact, terms: Sequence[BookedTerm]) -> Iterator[Segment]:
    """Yield what counts: terms cut where a price, a pause or a slice changes, without the paused days."""
    changes = [
        _Dated(each.on, each) for each in fact.changes if each.on and each.cause.reason in _CUTS
    ]
    changes.sort(key=lambda dated: dated.on)
    pauses, booked_from = pauses_of(fact.changes), date.min
    for term in terms:
        booked_from = term.days.start if term.deal is not None else booked_from
        for start, end in _pieces(term, changes):
            if not _pause_on(pauses, start):
                yield _segment(
                    fact, term, changes, pauses, start=start, end=end, booked_from=booked_from
                )


@dataclass(frozen=True, slots=True)
class _Dated:
    on: date
    change: Change

    @property
    def reason(self) -> Reason:
        return self.change.cause.reason


def _pieces(term: BookedTerm, changes: Sequence[_Dated]) -> list[tuple[date, date | None]]:
    start, end = term.days.start, None if term.is_open else term.days.end
    cuts = sorted(
        {each.on for each in changes if each.on > start and (end is None or each.on < end)}
    )
    return list(pairwise([start, *cuts, end]))  # type: ignore[list-item] # only the last may be None


def _segment(
    fact: SubscriptionFact,
    term: BookedTerm,
    changes: Sequence[_Dated],
    pauses: Sequence[Pause],
    *,
    start: date,
    end: date | None,
    booked_from: date,
) -> Segment:
    prices = [
        each.change.price_e4
        for each in changes
        if each.reason is Reason.PRICE_CHANGE and booked_from < each.on <= start
    ]
    pause = end and _pause_on(pauses, end)
    is_end = term.is_open or end == term.days.end
    return Segment(
        subscription=fact.subscription,
        customer=fact.customer,
        start=start,
        end=end,
        price_e4=prices[-1] if prices else term.price_e4,
        currency=term.currency,
        cadence=term.cadence,
        rate_on=term.days.start,
        cause=_cause(term, changes, start),
        ended_by=pause.cause if pause else term.ended_by if is_end else None,
        is_overdue=term.is_overdue,
        slices=_slices(fact.slices, changes, start),
    )


def _pause_on(pauses: Sequence[Pause], day: date) -> Pause | None:
    return next((pause for pause in pauses if pause.covers(day)), None)


def _cause(term: BookedTerm, changes: Sequence[_Dated], start: date) -> Cause:
    here = [each.change.cause for each in changes if each.on == start]
    resumed = next((cause for cause in here if cause.reason is Reason.RESUME), None)
    if resumed or not here or (term.deal is not None and start == term.days.start):
        return resumed or term.cause
    return here[-1]


def _slices(base: Mapping[str, str], changes: Sequence[_Dated], day: date) -> Mapping[str, str]:
    assigned = [
        each.change.slices
        for each in changes
        if each.reason is Reason.ASSIGNMENT and each.on <= day
    ]
    return (
        base
        if not assigned
        else {**base, **{key: value for slices in assigned for key, value in slices.items()}}
    )
