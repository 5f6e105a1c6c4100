"""What a title usually is, learned from the history itself: bought once, or renewed, and how often.

A first reading takes each customer by itself. Where most customers renew a title, a single deal
of that title by another customer is likely the first of its kind, and due as often as the others.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import log

from turnus.core.cadence import Cadence
from turnus.core.detection.facts import TitleHabit

#: Lines and single purchases of a title from which on they say what is usual.
_FEWEST = 3
#: However many agree, the next one may differ: one in about 50.
_MOST_ODDS = 4.0


@dataclass(frozen=True, slots=True)
class TitleUse:
    """How a customer uses a title: renewed by a cadence, or bought once (None)."""

    title: str
    cadence: Cadence | None


def habits_of(uses: Iterable[TitleUse]) -> dict[str, TitleHabit]:
    """Return the habit of each title that is used often enough to have one."""
    counts_of: dict[str, Counter[Cadence | None]] = defaultdict(Counter)
    for use in uses:
        counts_of[use.title][use.cadence] += 1
    return {
        title: _habit(counts)
        for title, counts in counts_of.items()
        if title and counts.total() >= _FEWEST
    }


def _habit(counts: Counter[Cadence | None]) -> TitleHabit:
    single_count = counts[None]
    line_count = counts.total() - single_count
    odds = log((line_count + 0.5) / (single_count + 0.5))
    shares = {
        cadence: count / line_count
        for cadence, count in counts.items()
        if cadence is not None
    }
    return TitleHabit(max(-_MOST_ODDS, min(odds, _MOST_ODDS)), shares)
