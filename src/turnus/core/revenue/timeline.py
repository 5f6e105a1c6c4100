"""A subscription's whole life as known on a day: terms, segments, credits, and what is due next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from turnus.core.customers import CustomerKey
from turnus.core.revenue.chaining import Pause, booked_terms, pauses_of
from turnus.core.revenue.facts import Cause, Reason, Segment
from turnus.core.revenue.runs import (
    BookedTerm,
    Booking,
    Change,
    SubscriptionFact,
)

#: How near to a due date a negative deal of the full price ends the run.
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
    """How a negative deal was read.

    `on` is the first day not covered, or that of the proposed lower price; None for a one-off.
    """

    deal: int
    kind: CreditKind
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A subscription's terms, its segments, how its negative deals were read, what is due next."""

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
    """Return the timeline as known on `as_of`, without deals that were won later."""
    chain = booked_terms(fact, as_of=as_of)
    booked = [booking for booking in fact.bookings if booking.won_on <= as_of]
    negative = [booking for booking in booked if booking.price_e4 < 0]
    credits_found = [_credit(booking, chain.terms) for booking in negative]
    ends = [
        _end_by(each) for each in credits_found if each.kind is CreditKind.ENDS
    ]
    if ends:
        fact = replace(fact, changes=(*fact.changes, *ends))
        chain = booked_terms(fact, as_of=as_of)
    return Timeline(
        subscription=fact.subscription,
        customer=fact.customer,
        terms=tuple(chain.terms),
        segments=tuple(_segments(fact, chain.terms)),
        credits=tuple(credits_found),
        next_due=chain.next_due,
    )


def _end_by(credit: Credit) -> Change:
    cause = Cause(Reason.CREDIT, deal=credit.deal)
    return Change(cause, credit.on)


def _credit(booking: Booking, terms: Sequence[BookedTerm]) -> Credit:
    one_off = Credit(booking.deal, CreditKind.ONE_OFF)
    term = _last_booked(terms, until=booking.won_on)
    if term is None:
        return one_off
    amount_e4 = -booking.price_e4
    if amount_e4 > term.price_e4:
        return one_off
    if amount_e4 < term.price_e4:
        return Credit(booking.deal, CreditKind.REDUCES, term.days.end)
    is_in_last_term = term is terms[-1] and booking.won_on < term.days.end
    if is_in_last_term or _is_near_due(booking.won_on, term):
        return Credit(booking.deal, CreditKind.ENDS, term.days.end)
    return one_off


def _last_booked(
    terms: Sequence[BookedTerm], *, until: date
) -> BookedTerm | None:
    """Return the last term with a deal that begins on the day `until` or before."""
    for term in reversed(terms):
        if term.deal and term.days.start <= until:
            return term
    return None


def _is_near_due(day: date, term: BookedTerm) -> bool:
    near = timedelta(days=CREDIT_DAYS)
    to_start = abs(day - term.days.start)
    to_end = abs(day - term.days.end)
    return to_start <= near or to_end <= near


class _Piece(NamedTuple):
    """Days of a term between two cuts; `end` None: open."""

    start: date
    end: date | None


def _segments(
    fact: SubscriptionFact, terms: Sequence[BookedTerm]
) -> Iterator[Segment]:
    """Yield what counts: terms cut where a price, a pause or a slice changes, less paused days."""
    cutter = _Cutter(fact)
    booked_from = date.min
    for term in terms:
        if term.deal is not None:
            booked_from = term.days.start
        for piece in cutter.pieces(term):
            if not cutter.pause_on(piece.start):
                yield cutter.segment(term, piece, booked_from=booked_from)


class _DatedChange(NamedTuple):
    on: date
    change: Change

    @property
    def reason(self) -> Reason:
        return self.change.cause.reason


class _Cutter:
    """The cutting of one subscription's terms into segments."""

    def __init__(self, fact: SubscriptionFact) -> None:
        self.fact = fact
        self.changes = _cutting_changes(fact.changes)
        self.pauses = pauses_of(fact.changes)

    def pieces(self, term: BookedTerm) -> Iterator[_Piece]:
        """Yield the term's days, cut where something changes inside it."""
        start = term.days.start
        end = None if term.is_open else term.days.end
        last_cut = date.max if end is None else end
        cuts = {each.on for each in self.changes if start < each.on < last_cut}
        for cut in sorted(cuts):
            yield _Piece(start, cut)
            start = cut
        yield _Piece(start, end)

    def pause_on(self, day: date) -> Pause | None:
        """Return the pause that covers a day."""
        for pause in self.pauses:
            if pause.covers(day):
                return pause
        return None

    def segment(
        self, term: BookedTerm, piece: _Piece, *, booked_from: date
    ) -> Segment:
        """Return what counts on some days; `booked_from`: since when a deal's price holds."""
        return Segment(
            subscription=self.fact.subscription,
            customer=self.fact.customer,
            start=piece.start,
            end=piece.end,
            price_e4=self._price(term, piece.start, booked_from),
            currency=term.currency,
            cadence=term.cadence,
            rate_on=term.days.start,
            cause=self._cause(term, piece.start),
            ended_by=self._ended_by(term, piece.end),
            is_overdue=term.is_overdue,
            slices=self._slices(piece.start),
        )

    def _price(self, term: BookedTerm, start: date, booked_from: date) -> int:
        price_e4 = term.price_e4
        for each in self.changes:
            if (
                each.reason is Reason.PRICE_CHANGE
                and booked_from < each.on <= start
            ):
                price_e4 = each.change.price_e4
        return price_e4

    def _cause(self, term: BookedTerm, start: date) -> Cause:
        causes = [
            each.change.cause for each in self.changes if each.on == start
        ]
        for cause in causes:
            if cause.reason is Reason.RESUME:
                return cause
        is_booked_there = term.deal is not None and start == term.days.start
        if not causes or is_booked_there:
            return term.cause
        return causes[-1]

    def _ended_by(self, term: BookedTerm, end: date | None) -> Cause | None:
        pause = None if end is None else self.pause_on(end)
        if pause is not None:
            return pause.cause
        is_end_of_term = term.is_open or end == term.days.end
        return term.ended_by if is_end_of_term else None

    def _slices(self, day: date) -> Mapping[str, str]:
        slices = self.fact.slices
        for each in self.changes:
            if each.reason is Reason.ASSIGNMENT and each.on <= day:
                slices = {**slices, **each.change.slices}
        return slices


def _cutting_changes(changes: Sequence[Change]) -> list[_DatedChange]:
    """Return the changes that cut terms, in order of their days."""
    cutting = [change for change in changes if change.cause.reason in _CUTS]
    dated = [
        _DatedChange(change.on, change) for change in cutting if change.on
    ]
    return sorted(dated, key=attrgetter("on"))
