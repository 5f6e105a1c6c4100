"""Which period each won deal pays for, and where runs end and start.

It follows the rules of the domain (mrr.md: Which period a deal pays for).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple

from turnus.core.calendar import DateRange
from turnus.core.revenue.facts import Cause, Reason
from turnus.core.revenue.runs import (
    BookedTerm,
    Booking,
    Change,
    SubscriptionFact,
)

_ENDS = {Reason.CANCELLATION, Reason.CREDIT}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """The days from `start` up to, not including, `end`: nothing recurs and nothing falls due.

    `end` None: not resumed yet.
    """

    start: date
    end: date | None
    cause: Cause

    def covers(self, day: date) -> bool:
        """Return whether `day` is paused."""
        return self.start <= day and (self.end is None or day < self.end)


def pauses_of(changes: Sequence[Change]) -> list[Pause]:
    """Return the pauses in order.

    A second pause within one changes nothing, nor does resuming what runs.
    """
    pauses: list[Pause] = []
    for on, cause in _dated(changes):
        is_paused = bool(pauses) and pauses[-1].end is None
        if cause.reason is Reason.PAUSE and not is_paused:
            pauses.append(Pause(on, None, cause))
        if cause.reason is Reason.RESUME and is_paused:
            pauses[-1] = replace(pauses[-1], end=on)
    return [pause for pause in pauses if pause.start != pause.end]


class _DatedCause(NamedTuple):
    on: date
    cause: Cause


def _dated(changes: Sequence[Change]) -> list[_DatedCause]:
    """Return the causes of changes that have a day, in order of their days."""
    dated = [
        _DatedCause(each.on, each.cause)
        for each in changes
        if each.on is not None
    ]
    return sorted(dated, key=attrgetter("on"))


@dataclass(frozen=True, slots=True)
class BookedChain:
    """The terms as known on a day.

    `next_due` is the first day that is not booked; None: ended, or without terms.
    """

    terms: list[BookedTerm]
    next_due: date | None


def booked_terms(fact: SubscriptionFact, *, as_of: date) -> BookedChain:
    """Return the terms as known on `as_of`.

    The order of the bookings does not matter. Negative ones are no terms (see credits).
    """
    chaining = _Chaining(fact, as_of)
    paying = [each for each in fact.bookings if _pays(each, as_of)]
    paying.sort(key=attrgetter("first_day", "won_on", "deal"))
    for booking in paying:
        chaining.book(booking)
    next_due = chaining.finish() if chaining.terms else None
    return BookedChain(chaining.terms, next_due)


def _pays(booking: Booking, as_of: date) -> bool:
    return booking.price_e4 >= 0 and booking.won_on <= as_of


class _Chaining:
    """Terms so far; everything else is read off the last one."""

    def __init__(self, fact: SubscriptionFact, as_of: date) -> None:
        self.fact = fact
        self.as_of = as_of
        self.pauses = pauses_of(fact.changes)
        ends = [
            change for change in fact.changes if change.cause.reason in _ENDS
        ]
        self.ends = _dated(ends)
        undated = [change.cause for change in ends if change.on is None]
        self.end_of_paid = undated[0] if undated else None
        self.terms: list[BookedTerm] = []

    def book(self, booking: Booking) -> None:
        """Add the term that `booking` pays for."""
        self._drop_replaced(booking)
        if not self.terms:
            self._begin(booking, booking.first_day)
            return
        expected_on = booking.starts_on or max(booking.won_on, self.due)
        ended_on = self._close_until(expected_on)
        if ended_on is not None:
            first_day = booking.starts_on or max(booking.won_on, ended_on)
            self._begin(booking, first_day)
            return
        missed_until = booking.first_day - self._grace - _DAY
        self._add_copies(missed_until)
        resumed_on = self._interrupt(booking.first_day)
        if resumed_on is not None:
            first_day = self._first_after_pause(booking.won_on, resumed_on)
            self._begin(booking, booking.starts_on or first_day)
            return
        self._book_running(booking)

    def _drop_replaced(self, booking: Booking) -> None:
        """Drop terms that a stored first day replaces."""
        start = booking.starts_on
        if start is None:
            return
        while self.terms and self.last.days.start >= start:
            self.terms.pop()

    def _book_running(self, booking: Booking) -> None:
        """Add the term of a run that was neither ended nor paused, or begin a new one."""
        if booking.starts_on:
            number = self._scheduled(booking.starts_on)
        else:
            number = self._number_for(booking.won_on)
        if number is None:
            self._bridge_until(booking)
            self._begin(booking, booking.first_day)
            return
        if booking.cadence not in {None, self.last.cadence}:
            first_day = booking.starts_on or self._due(number)
            self._begin(booking, first_day)
            return
        if self._may_bridge(number):
            while self.last.number + 1 < number:
                self._add_copy()
        self._add(booking, number, self.last.anchor)

    def finish(self) -> date | None:
        """Add what has no deal up to today; return the first day not booked, None if it ended."""
        end = self._coming_end()
        until = self.as_of
        if end is not None:
            until = min(until, end.on - _DAY)
        self._add_copies(until)
        resumed_on = self._interrupt(until)
        is_evergreen = self.fact.is_evergreen
        if end is not None and (is_evergreen or end.on <= self.due):
            self._end_last(end)
            return None
        if resumed_on is not None:
            return self._due_after_pause(resumed_on, end)
        if is_evergreen:
            self.terms[-1] = replace(self.last, is_open=True)
            return self.due
        return self._due_or_overdue()

    def _coming_end(self) -> _DatedCause | None:
        """Return the end that was agreed for a day after the last term's first one."""
        for end in self.ends:
            if end.on > self.last.days.start:
                return end
        if self.end_of_paid is not None:
            return _DatedCause(self.due, self.end_of_paid)
        return None

    def _due_after_pause(
        self, resumed_on: date, end: _DatedCause | None
    ) -> date | None:
        is_unknown = resumed_on == date.max
        if is_unknown or resumed_on + self._grace < self.as_of:
            return None
        has_ended = end is not None and end.on <= resumed_on
        return None if has_ended else resumed_on

    def _due_or_overdue(self) -> date | None:
        """Return when the next term begins; one that is overdue inside grace is added."""
        due = self.due
        if due > self.as_of:
            return due
        if self.as_of > due + self._grace:
            return None
        days = DateRange(due, due + self._grace + _DAY)
        self._add_copy(days, is_overdue=True)
        return due

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
        if days is None:
            days = self.last.cadence.default_grace_days
        return timedelta(days=days)

    def _due(self, number: int) -> date:
        return self.last.cadence.due(self.last.anchor, number)

    def _may_come_until(self, due: date, until: date) -> date:
        """Return the last day on which the renewal due on `due` may still come, as of `until`."""
        return max(due, min(until, due + self._grace))

    def _interrupt(self, until: date) -> date | None:
        """Cut the last term where a pause begins in it.

        Also after it, up to `until`, while its renewal may still come. Returns the day of resuming,
        on which the next term begins with an anchor of its own: `date.max` where it is not known,
        None without a pause.
        """
        due = self.due
        resumed_on = None
        for pause in self.pauses:
            if pause.start <= self.last.days.start:
                continue
            is_open = due == date.max
            if is_open or pause.start > self._may_come_until(due, until):
                break
            if resumed_on is None and pause.start <= self.last.days.end:
                days = DateRange(self.last.days.start, pause.start)
                self.terms[-1] = replace(
                    self.last, days=days, ended_by=pause.cause
                )
            resumed_on = pause.end or date.max
            due = resumed_on
        return resumed_on

    def _first_after_pause(self, won_on: date, resumed_on: date) -> date:
        has_resumed = resumed_on < date.max
        if has_resumed and won_on <= resumed_on + self._grace:
            return resumed_on
        return max(won_on, self.last.days.end)

    def _number_for(self, won_on: date) -> int | None:
        """Return the number of the term that a deal won then pays for; None: the run had ended."""
        number = self.last.number + 1
        missed = 0
        while True:
            due = self._due(number)
            if won_on <= due + self._grace:
                is_early = won_on < due - self._grace
                has_gap = missed > 0 and not self.fact.is_evergreen
                return None if has_gap and is_early else number
            may_go_on = (
                self.fact.is_evergreen or missed < self.fact.bridged_copies
            )
            if not may_go_on:
                return None
            missed += 1
            number += 1

    def _scheduled(self, start: date) -> int | None:
        """Return the number of the term that begins on `start` by the present schedule, if any."""
        number = self.last.cadence.number_on(self.last.anchor, start)
        if number is None or self._due(number) != start:
            return None
        return number

    def _may_bridge(self, number: int) -> bool:
        missed = number - self.last.number - 1
        return self.fact.is_evergreen or missed <= self.fact.bridged_copies

    def _bridge_until(self, booking: Booking) -> None:
        """Add the copies that are missing before a stored first day of another schedule.

        The last of them ends on that day: a due day that moves is no interruption.
        """
        start = booking.starts_on
        if start is None:
            return
        missed = 0
        while self._due(self.last.number + 1 + missed) < start:
            missed += 1
            if missed > self.fact.bridged_copies:
                return
        for _ in range(missed):
            self._add_copy()

    def _close_until(self, day: date) -> date | None:
        """End the last term where the subscription ended by `day`; return that end, if any."""
        for end in self.ends:
            if self.last.days.start < end.on <= day:
                self._add_copies(end.on - _DAY)
                self._end_last(end)
                return end.on
        return None

    def _end_last(self, end: _DatedCause) -> None:
        days = self.last.days
        was_paused_before = (
            self.last.ended_by is not None and days.end <= end.on
        )
        if was_paused_before:
            return
        covered_until = (
            end.on if self.fact.is_evergreen else min(end.on, days.end)
        )
        days = DateRange(days.start, covered_until)
        self.terms[-1] = replace(self.last, days=days, ended_by=end.cause)

    def _add_copies(self, until: date) -> None:
        """Add the terms of an evergreen, which have no deal, that begin up to `until`."""
        while self.fact.is_evergreen:
            resumed_on = self._interrupt(until)
            if (resumed_on or self.due) > until:
                return
            self._add_copy(anchor=resumed_on)

    def _add_copy(
        self,
        days: DateRange | None = None,
        *,
        anchor: date | None = None,
        is_overdue: bool = False,
    ) -> None:
        """Add a term without a deal: the next one, or the first of a stretch from `anchor` on."""
        last = self.last
        number = 0 if anchor else last.number + 1
        anchor = anchor or last.anchor
        days = days or last.cadence.term(anchor, number).days
        copy = replace(
            last,
            run=self._run_from(days.start),
            number=number,
            anchor=anchor,
            days=days,
            cause=Cause(Reason.BOOKED, last.cause.deal, last.cause.event),
            deal=None,
            won_on=None,
            ended_by=None,
            is_overdue=is_overdue,
        )
        self.terms.append(copy)

    def _begin(self, booking: Booking, start: date) -> None:
        if self.terms and self.last.days.end > start:
            days = DateRange(self.last.days.start, start)
            self.terms[-1] = replace(self.last, days=days)
        self._add(booking, 0, start)

    def _add(self, booking: Booking, number: int, anchor: date) -> None:
        agreed: BookedTerm | SubscriptionFact = (
            self.last if self.terms else self.fact
        )
        cadence = booking.cadence or agreed.cadence
        days = cadence.term(anchor, number).days
        term = BookedTerm(
            run=self._run_from(days.start),
            number=number,
            anchor=anchor,
            days=days,
            price_e4=booking.price_e4,
            currency=booking.currency or agreed.currency,
            cadence=cadence,
            cause=Cause(Reason.BOOKED, deal=booking.deal),
            deal=booking.deal,
            won_on=booking.won_on,
        )
        self.terms.append(term)

    def _run_from(self, start: date) -> int:
        """Return the run of a term that begins on `start`: another one after a gap."""
        if not self.terms:
            return 0
        has_gap = start > self.last.days.end
        return self.last.run + has_gap
