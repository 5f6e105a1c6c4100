"""What is to come: committed MRR on coming days, what of it is booked, overdue or expected, and what changes it from day to day."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate
from operator import attrgetter

from turnus.core.calendar import Period, period_of
from turnus.core.revenue.conversion import Conversion, Scale, Withheld
from turnus.core.revenue.facts import Segment
from turnus.core.revenue.movements import follows


class State(StrEnum):
    """Why MRR is counted on to come."""

    #: Covered by terms that are booked, open ends, and signed starts.
    BOOKED = "booked"
    #: Of subscriptions whose renewal is overdue today.
    OVERDUE = "overdue"
    #: Of terms that end before, were not canceled, and renew at the same price.
    EXPECTED = "expected"


class Change(StrEnum):
    """What makes committed MRR another one than on the day before in the list."""

    #: A start that is signed already.
    SIGNED = "signed"
    #: Another price, known already.
    PRICES = "prices"
    #: A known end; negative.
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A subscription's revenue from the point `first` up to, not including, `last`; a year's whole number in the scale."""

    state: State
    arr: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Course:
    """One subscription's stretches, in order and without overlap; `latest` is its last segment."""

    latest: Segment
    stretches: Sequence[Stretch]

    def at(self, point: int) -> Stretch | None:
        """Return the stretch that holds at a point; None where nothing recurs."""
        return next((one for one in self.stretches if one.first <= point < one.last), None)

    def figure(self, code: str, point: int) -> int:
        """Return what it adds at a point to `opening`, `total`, a state or a change."""
        here, before = self.at(point), self.at(point - 1) if point else None
        now, then = here.arr if here else 0, before.arr if before else 0
        if code in {"opening", "total"}:
            return then if code == "opening" else now
        if code in set(State):
            return now if here and here.state == code else 0
        return now - then if now != then and _change(then, now) == code else 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """MRR at the end of a coming day, exact, in ten-thousandths of `currency`.

    opening + signed + prices + ends = total = booked + overdue + expected; `opening` is the total of the day before in the list,
    of the first one today's MRR.
    """

    day: date
    currency: str
    opening: Fraction
    signed: Fraction
    prices: Fraction
    ends: Fraction
    booked: Fraction
    overdue: Fraction
    expected: Fraction
    withheld: tuple[Withheld, ...] = ()

    @property
    def total(self) -> Fraction:
        """Committed MRR (metrics 1.3): today's MRR, signed starts, known ends and price changes."""
        return self.booked + self.overdue + self.expected


def coming_month_ends(as_of: date, count: int = 12) -> list[date]:
    """Return the last days of this month and the following ones.

    >>> [str(day) for day in coming_month_ends(date(2026, 1, 31), 2)]
    ['2026-01-31', '2026-02-28']
    """
    return [period_of(as_of, Period.MONTH, shift).last_day for shift in range(count)]


def outlook(
    segments: Collection[Segment],
    *,
    as_of: date,
    days: Sequence[date],
    conversion: Conversion,
    ends: Mapping[int, date] | None = None,
) -> list[Outlook]:
    """Return the outlook for each of `days` (not before `as_of`, in order): twelve month ends for a forecast."""
    scale = Scale.of_segments(segments, conversion)
    return outlook_of(
        courses_of(segments, as_of=as_of, days=days, scale=scale, ends=ends or {}), scale, days=days
    )


def outlook_of(courses: Iterable[Course], scale: Scale, *, days: Sequence[date]) -> list[Outlook]:
    """Return the outlook for each of `days` from the courses of subscriptions."""
    sums = _Sums(len(days) + 1)
    for course in courses:
        sums.add(course.stretches)
    levels = {state: list(accumulate(each)) for state, each in sums.levels.items()}
    totals = [sum(each) for each in zip(*levels.values(), strict=True)]

    def at(point: int) -> dict[str, Fraction]:
        amounts = {"opening": totals[point - 1]}
        amounts |= {str(state): each[point] for state, each in levels.items()}
        amounts |= {str(kind): each[point] for kind, each in sums.changes.items()}
        return {name: scale.mrr_e4(each) for name, each in amounts.items()}

    return [
        Outlook(day, scale.currency, **at(point), withheld=scale.withheld)
        for point, day in enumerate(days, start=1)
    ]


def courses_of(
    segments: Iterable[Segment],
    *,
    as_of: date,
    days: Sequence[date],
    scale: Scale,
    ends: Mapping[int, date],
) -> Iterator[Course]:
    """Yield the course of each subscription that still runs or has not begun: point 0 is `as_of`, the others are `days`.

    `ends` are the days from which subscriptions are known not to renew any more. Currencies without a rate are left out.
    """
    points = [as_of, *days]
    for own in _by_subscription(segments, scale, as_of):
        spans = _spans(own, ends.get(own[0].subscription))
        stretches = []
        for state, segment, start, end in spans:
            first = bisect_left(points, start)
            last = len(points) if end is None else bisect_left(points, end)
            if first < last:
                stretches.append(Stretch(state, scale.arr_of(segment), first, last))
        yield Course(own[-1], stretches)


def _spans(
    own: Sequence[Segment], end: date | None
) -> Iterator[tuple[State, Segment, date, date | None]]:
    for segment, after in zip(own, (*own[1:], None), strict=True):
        state = State.OVERDUE if segment.is_overdue else State.BOOKED
        replaced_on = after.start if after and follows(segment, after) else segment.end
        yield state, segment, segment.start, replaced_on
    last = own[-1]
    if last.end is not None and last.ended_by is None:
        yield State.OVERDUE if last.is_overdue else State.EXPECTED, last, last.end, end


class _Sums:
    """For each point what begins to count less what ends, and what changed; as whole numbers of the scale."""

    def __init__(self, points: int) -> None:
        self.points = points
        self.levels = {state: [0] * points for state in State}
        self.changes = {kind: [0] * points for kind in Change}

    def add(self, stretches: Sequence[Stretch]) -> None:
        """Add one subscription's stretches."""
        arr, until = 0, 0
        for one in stretches:
            self._level(one.state, one.first, one.arr)
            self._level(one.state, one.last, -one.arr)
            if until < one.first:
                self._changed(until, arr, 0)
                arr = 0
            self._changed(one.first, arr, one.arr)
            arr, until = one.arr, one.last
        self._changed(until, arr, 0)

    def _level(self, state: State, point: int, arr: int) -> None:
        if point < self.points:
            self.levels[state][point] += arr

    def _changed(self, point: int, before: int, after: int) -> None:
        # What holds at the first point is the opening: no change.
        if before != after and 0 < point < self.points:
            self.changes[_change(before, after)][point] += after - before


def _change(before: int, after: int) -> Change:
    if not before:
        return Change.SIGNED
    return Change.PRICES if after else Change.ENDS


def _by_subscription(
    segments: Iterable[Segment], scale: Scale, as_of: date
) -> Iterator[list[Segment]]:
    """Yield what still runs or has not begun, by subscription in order; without the currencies that have no rate."""
    withheld = {each.currency for each in scale.withheld}
    result: dict[int, list[Segment]] = {}
    for segment in segments:
        if (segment.end is None or segment.end > as_of) and segment.currency not in withheld:
            result.setdefault(segment.subscription, []).append(segment)
    return (sorted(own, key=attrgetter("start")) for own in result.values())
