"""What is to come: MRR that is signed, overdue or expected to renew, and the churn that is known already."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate
from operator import attrgetter

from turnus.core.calendar import Period, period_of
from turnus.core.revenue.conversion import Conversion, Scale, Withheld
from turnus.core.revenue.facts import Segment
from turnus.core.revenue.movements import follows


@dataclass(frozen=True, slots=True)
class Outlook:
    """MRR at the end of a coming day, exact, in ten-thousandths of `currency`."""

    day: date
    currency: str
    #: Covered by terms that are booked, open ends, and signed starts.
    committed: Fraction
    #: Of subscriptions whose renewal is overdue today.
    overdue: Fraction
    #: Of terms that end before, were not cancelled, and renew at the same price.
    expected: Fraction
    #: Known ends since the day before in the list (the first: since today), as a positive amount. In none of the others.
    scheduled_churn: Fraction
    withheld: tuple[Withheld, ...] = ()

    @property
    def total(self) -> Fraction:
        """Committed MRR in the sense of metrics 1.3: today's MRR, signed starts, known ends and price changes."""
        return self.committed + self.overdue + self.expected


def coming_month_ends(as_of: date, count: int = 12) -> list[date]:
    """Return the last days of this month and the following ones.

    >>> [str(day) for day in coming_month_ends(date(2026, 1, 31), 2)]
    ['2026-01-31', '2026-02-28']
    """
    return [period_of(as_of, Period.MONTH, shift).last_day for shift in range(count)]


def outlook(
    segments: Collection[Segment], *, as_of: date, days: Sequence[date], conversion: Conversion
) -> list[Outlook]:
    """Return the outlook for each of `days` (not before `as_of`, in order): twelve month ends for a forecast."""
    scale = Scale.of_segments(segments, conversion)
    sums = _Sums(days, scale)
    for own in _by_subscription(segments, scale, as_of):
        sums.add(own)
    committed, overdue, expected = ([scale.mrr_e4(each) for each in amounts] for amounts in sums.running())
    churn = [scale.mrr_e4(each) for each in sums.churn]
    return [
        Outlook(day, scale.currency, committed[i], overdue[i], expected[i], churn[i], scale.withheld)
        for i, day in enumerate(days)
    ]


def committed_mrr(segments: Collection[Segment], *, as_of: date, until: date, conversion: Conversion) -> Outlook:
    """Return committed MRR (`total`) with the horizon `until`: what today's customers pay then, unless they are known to leave."""
    return outlook(segments, as_of=as_of, days=[until], conversion=conversion)[0]


class _Sums:
    """For each day what begins to count and what ends, as whole numbers of the scale."""

    def __init__(self, days: Sequence[date], scale: Scale) -> None:
        self.days, self.scale = days, scale
        self.committed, self.overdue, self.expected = ([0] * (len(days) + 1) for _ in range(3))
        self.churn = [0] * len(days)

    def add(self, own: Sequence[Segment]) -> None:
        """Add one subscription's segments, in order of their starts."""
        for segment, after in zip(own, (*own[1:], None), strict=True):
            arr = self.scale.arr_of(segment)
            replaced_on = after.start if after and follows(segment, after) else segment.end
            self._add_days(self.overdue if segment.is_overdue else self.committed, segment.start, replaced_on, arr)
            if replaced_on and segment.ended_by and not (after and follows(segment, after)):
                self._add_churn(replaced_on, arr)
        last = own[-1]
        if last.end and not last.ended_by:
            self._add_days(self.overdue if last.is_overdue else self.expected, last.end, None, self.scale.arr_of(last))

    def running(self) -> list[list[int]]:
        """Return for each kind the amount on each day."""
        return [list(accumulate(each))[:-1] for each in (self.committed, self.overdue, self.expected)]

    def _add_days(self, amounts: list[int], start: date, end: date | None, arr: int) -> None:
        amounts[bisect_left(self.days, start)] += arr
        if end is not None:
            amounts[bisect_left(self.days, end)] -= arr

    def _add_churn(self, on: date, arr: int) -> None:
        index = bisect_left(self.days, on)
        if index < len(self.days):
            self.churn[index] += arr


def _by_subscription(segments: Iterable[Segment], scale: Scale, as_of: date) -> Iterable[list[Segment]]:
    """Return what still runs or has not begun, by subscription; without the currencies that have no rate."""
    withheld = {each.currency for each in scale.withheld}
    result: dict[int, list[Segment]] = {}
    for segment in segments:
        if (segment.end is None or segment.end > as_of) and segment.currency not in withheld:
            result.setdefault(segment.subscription, []).append(segment)
    return (sorted(own, key=attrgetter("start")) for own in result.values())
