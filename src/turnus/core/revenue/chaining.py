"""Which period each won deal pays for, where a run ends, and where a new one begins (metrics 1.4)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from turnus.core.calendar import DateRange
from turnus.core.revenue.facts import Cause, Reason
from turnus.core.revenue.runs import BookedTerm, Booking, Change, SubscriptionFact

_ENDS = {Reason.CANCELLATION, Reason.CREDIT}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """The days from `start` up to, not including, `end` (None: not resumed yet) on which nothing recurs and nothing falls due."""

    start: date
    end: date | None
    cause: Cause

    def covers(self, day: date) -> bool:
        """Return whether `day` is paused."""
        return self.start <= day and (self.end is None or day < self.end)


def pauses_of(changes: Sequence[Change]) -> list[Pause]:
    """Return the pauses in order; a second pause within one changes nothing, nor does resuming what runs."""
    pauses: list[Pause] = []
    dated = [(change.on, change.cause) for change in changes if change.on is not None]
    for on, cause in sorted(dated, key=lambda pair: pair[0]):
        is_paused = bool(pauses) and pauses[-1].end is None
        if cause.reason is Reason.PAUSE and not is_paused:
            pauses.append(Pause(on, None, cause))
        if cause.reason is Reason.RESUME and is_paused:
            pauses[-1] = replace(pauses[-1], end=on)
    return [pause for pause in pauses if pause.start != pause.end]


def booked_terms(fact: SubscriptionFact, *, as_of: date) -> tuple[list[BookedTerm], date | None]:
    """Return the terms as known on `as_of`, and the first day that is not booked (None if ended or without terms).

    The order in which the bookings are given does not matter. Negative ones are no terms (see credits).
    """
    chain = _Chain(fact, as_of)
    paying = [
        booking for booking in fact.bookings if booking.price_e4 >= 0 and booking.won_on <= as_of
    ]
    for booking in sorted(
        paying, key=lambda each: (each.starts_on or each.won_on, each.won_on, each.deal)
    ):
        chain.book(booking)
    return chain.terms, chain.finish() if chain.terms else None


class _Chain:
    """Terms so far; everything else is read off the last one."""

    def __init__(self, fact: SubscriptionFact, as_of: date) -> None:
        self.fact, self.as_of = fact, as_of
        self.pauses = pauses_of(fact.changes)
        ends = [
            (change.on, change.cause) for change in fact.changes if change.cause.reason in _ENDS
        ]
        self.ends = sorted(
            ((on, cause) for on, cause in ends if on is not None), key=lambda end: end[0]
        )
        self.end_of_paid = next((cause for on, cause in ends if on is None), None)
        self.terms: list[BookedTerm] = []

    def book(self, booking: Booking) -> None:
        """Add the term that `booking` pays for."""
        while booking.starts_on and self.terms and self.terms[-1].days.start >= booking.starts_on:
            self.terms.pop()
        if not self.terms:
            self._begin(booking, booking.starts_on or booking.won_on)
            return
        ended_on = self._close_until(booking.starts_on or max(booking.won_on, self.due))
        if ended_on is not None:
            self._begin(booking, booking.starts_on or max(booking.won_on, ended_on))
            return
        day = booking.starts_on or booking.won_on
        self._add_copies(day - self._grace - _DAY)
        resumed_on = self._interrupt(day)
        if resumed_on is not None:
            self._begin(
                booking, booking.starts_on or self._first_after_pause(booking.won_on, resumed_on)
            )
            return
        number = (
            self._scheduled(booking.starts_on)
            if booking.starts_on
            else self._number_for(booking.won_on)
        )
        if number is None or booking.cadence not in {None, self.last.cadence}:
            late = booking.won_on if number is None else self._due(number)
            self._begin(booking, booking.starts_on or late)
            return
        if self._may_bridge(number):
            while self.last.number + 1 < number:
                self._add_copy()
        self._add(booking, number, self.last.anchor)

    def finish(self) -> date | None:
        """Add what has no deal up to today; return the first day that is not booked, None if the subscription was ended."""
        end = next((end for end in self.ends if end[0] > self.last.days.start), None)
        if self.end_of_paid is not None and end is None:
            end = (self.due, self.end_of_paid)
        until = min(self.as_of, end[0] - _DAY) if end else self.as_of
        self._add_copies(until)
        resumed_on = self._interrupt(until)
        if end and (self.fact.is_evergreen or end[0] <= self.due):
            self._end_last(*end)
            return None
        if resumed_on is not None:
            is_over = (
                resumed_on == date.max
                or resumed_on + self._grace < self.as_of
                or (end and end[0] <= resumed_on)
            )
            return None if is_over else resumed_on
        if self.fact.is_evergreen:
            self.terms[-1] = replace(self.last, is_open=True)
            return self.due
        if self.due <= self.as_of <= self.due + self._grace:
            first_open = self.due
            days = DateRange(first_open, first_open + self._grace + _DAY)
            self._add_copy(days, is_overdue=True)
            return first_open
        return self.due if self.due > self.as_of else None

    @property
    def last(self) -> BookedTerm:
        return self.terms[-1]

    @property
    def due(self) -> date:
        """When the next term begins."""
        return self._due(self.last.number + 1)

    @property
    def _grace(self) -> timedelta:
        days = self.fact.grace_days
        return timedelta(days=self.last.cadence.default_grace_days if days is None else days)

    def _due(self, number: int) -> date:
        return self.last.cadence.due(self.last.anchor, number)

    def _interrupt(self, until: date) -> date | None:
        """Cut the last term where a pause begins in it, or after it up to `until` while its renewal may still come.

        Returns the day of resuming, on which the next term begins with an anchor of its own: `date.max` where it is not known, None without a
        pause.
        """
        due, resumed_on = self.due, None
        for pause in self.pauses:
            if pause.start <= self.last.days.start:
                continue
            if due == date.max or pause.start > max(due, min(until, due + self._grace)):
                break
            if resumed_on is None and pause.start <= self.last.days.end:
                days = DateRange(self.last.days.start, pause.start)
                self.terms[-1] = replace(self.last, days=days, ended_by=pause.cause)
            due = resumed_on = pause.end or date.max
        return resumed_on

    def _first_after_pause(self, won_on: date, resumed_on: date) -> date:
        is_in_time = resumed_on < date.max and won_on <= resumed_on + self._grace
        return resumed_on if is_in_time else max(won_on, self.last.days.end)

    def _number_for(self, won_on: date) -> int | None:
        """Return the number of the term that a deal won then pays for; None when the run had ended before."""
        number, missed = self.last.number + 1, 0
        while True:
            due = self._due(number)
            fits = won_on <= due + self._grace
            if fits and (not missed or self.fact.is_evergreen or won_on >= due - self._grace):
                return number
            if fits or not (self.fact.is_evergreen or missed < self.fact.bridged_copies):
                return None
            missed += 1
            number += 1

    def _scheduled(self, start: date) -> int | None:
        """Return the number of the term that begins on `start` by the present schedule; None if it does not."""
        number = self.last.cadence.number_on(self.last.anchor, start)
        return number if number is not None and self._due(number) == start else None

    def _may_bridge(self, number: int) -> bool:
        return self.fact.is_evergreen or number - self.last.number - 1 <= self.fact.bridged_copies

    def _close_until(self, day: date) -> date | None:
        """End the last term where the subscription was canceled on or before `day`; return that end, None without one."""
        for on, cause in self.ends:
            if self.last.days.start < on <= day:
                self._add_copies(on - timedelta(days=1))
                self._end_last(on, cause)
                return on
        return None

    def _end_last(self, on: date, cause: Cause) -> None:
        days = self.last.days
        if self.last.ended_by is not None and days.end <= on:
            return  # it was paused before
        end = on if self.fact.is_evergreen else min(on, days.end)
        self.terms[-1] = replace(self.last, days=DateRange(days.start, end), ended_by=cause)

    def _add_copies(self, until: date) -> None:
        """Add the terms of an evergreen, which have no deal, that begin up to `until`."""
        while self.fact.is_evergreen:
            resumed_on = self._interrupt(until)
            if (resumed_on or self.due) > until:
                return
            self._add_copy(anchor=resumed_on)

    def _add_copy(
        self, days: DateRange | None = None, *, anchor: date | None = None, is_overdue: bool = False
    ) -> None:
        """Add a term without a deal: the next one, or the first one of a stretch that begins on `anchor`."""
        last, number = self.last, 0 if anchor else self.last.number + 1
        anchor = anchor or last.anchor
        days = days or last.cadence.term(anchor, number).days
        cause = Cause(Reason.BOOKED, last.cause.deal, last.cause.event)
        self.terms.append(
            replace(
                last,
                run=last.run + (days.start > last.days.end),
                number=number,
                anchor=anchor,
                days=days,
                cause=cause,
                deal=None,
                won_on=None,
                ended_by=None,
                is_overdue=is_overdue,
            )
        )

    def _begin(self, booking: Booking, start: date) -> None:
        if self.terms and self.last.days.end > start:
            self.terms[-1] = replace(self.last, days=DateRange(self.last.days.start, start))
        self._add(booking, 0, start)

    def _add(self, booking: Booking, number: int, anchor: date) -> None:
        last = self.terms[-1] if self.terms else None
        cadence = booking.cadence or (last.cadence if last else self.fact.cadence)
        currency = booking.currency or (last.currency if last else self.fact.currency)
        days = cadence.term(anchor, number).days
        run = last.run + (days.start > last.days.end) if last else 0
        cause = Cause(Reason.BOOKED, deal=booking.deal)
        term = BookedTerm(
            run,
            number,
            anchor,
            days,
            booking.price_e4,
            currency,
            cadence,
            cause,
            booking.deal,
            booking.won_on,
        )
        self.terms.append(term)
