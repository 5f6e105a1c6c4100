"""What is to come: committed MRR on coming days, what it is made of, and what changes it."""

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


class Commitment(StrEnum):
    """Why MRR is counted on to come."""

    #: Covered by terms that are booked, open ends, and signed starts.
    BOOKED = "booked"
    #: Of subscriptions whose renewal is overdue today.
    OVERDUE = "overdue"
    #: Of terms that end before, were not canceled, and renew at the same price.
    EXPECTED = "expected"


class OutlookChange(StrEnum):
    """What makes committed MRR another one than on the day before in the list."""

    #: A start that is signed already.
    SIGNED = "signed"
    #: Another price, known already.
    PRICES = "prices"
    #: A known end; negative.
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class CourseStretch:
    """A subscription's revenue from the point `first` up to, not including, `last`.

    `arr` is a year's whole number in the scale.
    """

    state: Commitment
    arr: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Course:
    """One subscription's stretches, in order and without overlap; `latest` is its last segment."""

    latest: Segment
    stretches: Sequence[CourseStretch]

    def at(self, point: int) -> CourseStretch | None:
        """Return the stretch that holds at a point; None where nothing recurs."""
        for stretch in self.stretches:
            if stretch.first <= point < stretch.last:
                return stretch
        return None

    def figure(self, code: str, point: int) -> int:
        """Return what it adds at a point to `opening`, `total`, a commitment or a change."""
        opening = self._arr_at(point - 1) if point else 0
        total = self._arr_at(point)
        if code == "opening":
            return opening
        if code == "total":
            return total
        if code in set(Commitment):
            stretch = self.at(point)
            return total if stretch and stretch.state == code else 0
        has_changed = total != opening
        if has_changed and _change(opening, total) == code:
            return total - opening
        return 0

    def _arr_at(self, point: int) -> int:
        stretch = self.at(point)
        return stretch.arr if stretch else 0


@dataclass(frozen=True, slots=True)
class Outlook:
    """MRR at the end of a coming day, exact, in ten-thousandths of `currency`.

    opening + signed + prices + ends = total = booked + overdue + expected; `opening` is the total
    of the day before in the list, of the first one today's MRR.
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
        """Committed MRR: today's, signed starts, known ends and price changes."""
        return self.booked + self.overdue + self.expected


def coming_month_ends(as_of: date, count: int = 12) -> list[date]:
    """Return the last days of this month and the following ones.

    >>> [str(day) for day in coming_month_ends(date(2026, 1, 31), 2)]
    ['2026-01-31', '2026-02-28']
    """
    return [
        period_of(as_of, Period.MONTH, shift).last_day
        for shift in range(count)
    ]


def outlook(
    segments: Collection[Segment],
    *,
    as_of: date,
    days: Sequence[date],
    conversion: Conversion,
    ends: Mapping[int, date] | None = None,
) -> list[Outlook]:
    """Return the outlook for each of `days`: twelve month ends for a forecast.

    The days are in order, none before `as_of`.
    """
    scale = Scale.of_segments(segments, conversion)
    courses = courses_of(
        segments, as_of=as_of, days=days, scale=scale, ends=ends or {}
    )
    return outlook_of(courses, scale, days=days)


def outlook_of(
    courses: Iterable[Course], scale: Scale, *, days: Sequence[date]
) -> list[Outlook]:
    """Return the outlook for each of `days` from the courses of subscriptions."""
    sums = _PointSums(len(days) + 1)
    for course in courses:
        sums.add(course.stretches)
    levels = {
        state: list(accumulate(steps))
        for state, steps in sums.level_steps.items()
    }
    totals = [
        sum(of_states) for of_states in zip(*levels.values(), strict=True)
    ]
    outlooks = []
    for point, day in enumerate(days, start=1):
        levels_here = {
            str(state): level[point] for state, level in levels.items()
        }
        changes_here = {
            str(kind): change[point] for kind, change in sums.changes.items()
        }
        amounts = {"opening": totals[point - 1], **levels_here, **changes_here}
        exact = {
            name: scale.mrr_e4(amount) for name, amount in amounts.items()
        }
        outlooks.append(
            Outlook(day, scale.currency, **exact, withheld=scale.withheld)
        )
    return outlooks


def courses_of(
    segments: Iterable[Segment],
    *,
    as_of: date,
    days: Sequence[date],
    scale: Scale,
    ends: Mapping[int, date],
) -> Iterator[Course]:
    """Yield the course of each subscription that still runs or has not begun.

    Point 0 is `as_of`, the others are `days`. `ends` are the days from which subscriptions are
    known not to renew any more. Currencies without a rate are in no course.
    """
    points = [as_of, *days]
    for own in _by_subscription(segments, scale, as_of):
        latest = own[-1]
        end_on = ends.get(latest.subscription)
        stretches = []
        for span in _spans(own, scale, end_on):
            first = bisect_left(points, span.start)
            last = len(points)
            if span.end is not None:
                last = bisect_left(points, span.end, first)
            if first < last:
                stretch = CourseStretch(span.state, span.arr, first, last)
                stretches.append(stretch)
        yield Course(latest, stretches)


@dataclass(slots=True)
class _Span:
    """Days on which a price is counted on; `end` None: open."""

    state: Commitment
    arr: int
    start: date
    end: date | None

    def goes_beyond(self, day: date) -> bool:
        return self.end is None or self.end > day


def _spans(
    own: Sequence[Segment], scale: Scale, end_on: date | None
) -> Iterator[_Span]:
    """Yield the days of a subscription's segments in order, and those of its next renewals.

    It does not renew any more from the day `end_on`; None: it goes on renewing.
    """
    spans: list[_Span] = []
    for segment in own:
        state = Commitment.OVERDUE if segment.is_overdue else Commitment.BOOKED
        span = _Span(state, scale.arr_of(segment), segment.start, segment.end)
        if spans and spans[-1].goes_beyond(span.start):
            spans[-1].end = span.start  # the later one replaces the earlier
        spans.append(span)
    yield from spans
    last = own[-1]
    if last.end is not None and last.ended_by is None:
        state = Commitment.OVERDUE if last.is_overdue else Commitment.EXPECTED
        yield _Span(state, spans[-1].arr, last.end, end_on)


class _PointSums:
    """For each point what begins to count less what ends, and what changed; in the scale."""

    def __init__(self, points: int) -> None:
        self.points = points
        self.level_steps = {state: [0] * points for state in Commitment}
        self.changes = {kind: [0] * points for kind in OutlookChange}

    def add(self, stretches: Sequence[CourseStretch]) -> None:
        """Add one subscription's stretches."""
        arr = 0
        until = 0
        for stretch in stretches:
            self._step(stretch.state, stretch.first, stretch.arr)
            self._step(stretch.state, stretch.last, -stretch.arr)
            has_gap = until < stretch.first
            if has_gap:
                self._changed(until, arr, 0)
                arr = 0
            self._changed(stretch.first, arr, stretch.arr)
            arr = stretch.arr
            until = stretch.last
        self._changed(until, arr, 0)

    def _step(self, state: Commitment, point: int, arr: int) -> None:
        if point < self.points:
            self.level_steps[state][point] += arr

    def _changed(self, point: int, before: int, after: int) -> None:
        # What holds at the first point is the opening: no change.
        if before != after and 0 < point < self.points:
            self.changes[_change(before, after)][point] += after - before


def _change(before: int, after: int) -> OutlookChange:
    if not before:
        return OutlookChange.SIGNED
    return OutlookChange.PRICES if after else OutlookChange.ENDS


def _by_subscription(
    segments: Iterable[Segment], scale: Scale, as_of: date
) -> Iterator[list[Segment]]:
    """Yield what still runs or has not begun, by subscription in order.

    Without the currencies that have no rate.
    """
    withheld = {each.currency for each in scale.withheld}
    by_subscription: dict[int, list[Segment]] = {}
    for segment in segments:
        is_over = segment.end is not None and segment.end <= as_of
        if not is_over and segment.currency not in withheld:
            by_subscription.setdefault(segment.subscription, []).append(
                segment
            )
    for own in by_subscription.values():
        own.sort(key=attrgetter("start"))
        yield own
