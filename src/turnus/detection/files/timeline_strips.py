"""A subscription's timeline as a strip: paid, missed and overdue days.

All strips cover the same days.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from turnus.core.calendar import DateRange
from turnus.core.revenue.runs import BookedTerm
from turnus.detection.files.subscription_lines import SubscriptionLine


@dataclass(frozen=True, slots=True)
class StripStretch:
    """Days of one kind (`paid`, `missing`, `overdue`), placed in hundredths of the strip."""

    kind: str
    x: str
    width: str
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class TimelineStrip:
    """The stretches in order, and where today is."""

    stretches: Sequence[StripStretch]
    today: str


def strips_of(
    lines: Sequence[SubscriptionLine], *, as_of: date
) -> list[TimelineStrip]:
    """Return the lives of the subscriptions, in their order."""
    terms = [term for line in lines for term in line.timeline.terms]
    start = min((term.days.start for term in terms), default=as_of)
    strip = DateRange(
        start,
        max([as_of + timedelta(days=1), *(term.days.end for term in terms)]),
    )
    return [
        TimelineStrip(
            [*_stretches(line.timeline.terms, strip)], _place(as_of, strip)
        )
        for line in lines
    ]


def _stretches(
    terms: Sequence[BookedTerm], strip: DateRange
) -> Iterator[StripStretch]:
    """Yield terms that follow one another without a gap as one stretch."""
    runs: list[tuple[str, DateRange]] = []
    for term in terms:
        kind = (
            "overdue"
            if term.is_overdue
            else "missing"
            if term.deal is None
            else "paid"
        )
        if runs and runs[-1][0] == kind and runs[-1][1].end >= term.days.start:
            runs[-1] = kind, DateRange(runs[-1][1].start, term.days.end)
        else:
            runs.append((kind, term.days))
    for kind, days in runs:
        width = (days.end - days.start) / (strip.end - strip.start) * 100
        yield StripStretch(
            kind,
            _place(days.start, strip),
            f"{max(width, 0.3):.2f}",
            days.start,
            days.last_day,
        )


def _place(day: date, strip: DateRange) -> str:
    return f"{(day - strip.start) / (strip.end - strip.start) * 100:.2f}"
