"""Cadences that hardly anybody has a word for, found in the distances between deals.

Every 10 weeks or every 4 months, for example. The common ones are tried anyway.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from turnus.core.cadence import Cadence, CadenceUnit
from turnus.core.detection.costs import COMMON
from turnus.core.detection.facts import Copy

_DAYS_A_YEAR = 365.25
#: So many distances must show a cadence: one alone is chance.
_FEWEST_GAPS = 2
#: Days that a distance may be off, and a share of it.
_OFF_DAYS, _OFF_SHARE = 2.0, 0.1
#: How many cadences the deals of one customer may suggest.
_MOST_CADENCES = 3


@dataclass(frozen=True, slots=True)
class _UnitRange:
    """How many of a unit people count: more weeks are said as months."""

    unit: CadenceUnit
    days: float
    fewest: int
    most: int
    #: Of two that fit as well, the one with the lower rank is more often agreed on.
    rank: int


#: Fewer days than eight are nothing that is copied by hand.
_RANGES = (
    _UnitRange(CadenceUnit.YEAR, _DAYS_A_YEAR, fewest=3, most=10, rank=0),
    _UnitRange(
        CadenceUnit.MONTH, _DAYS_A_YEAR / 12, fewest=4, most=48, rank=0
    ),
    _UnitRange(CadenceUnit.WEEK, 7.0, fewest=3, most=12, rank=1),
    _UnitRange(CadenceUnit.DAY, 1.0, fewest=8, most=60, rank=2),
)
_RANK = {each.unit: each.rank for each in _RANGES}


def cadences_shown(copies: Sequence[Copy]) -> list[Cadence]:
    """Return the uncommon cadences that the distances show, the best shown first.

    `copies` are in order of their days.
    """
    gaps = Counter(
        later.day - earlier.day for earlier, later in pairwise(copies)
    )
    gap_counts = {
        cadence: _near_count(gaps, cadence) for cadence in _candidates(gaps)
    }
    shown = [
        each for each, count in gap_counts.items() if count >= _FEWEST_GAPS
    ]
    shown.sort(
        key=lambda each: (
            -gap_counts[each],
            _RANK[each.unit],
            each.every,
            each.unit,
        )
    )
    return shown[:_MOST_CADENCES]


def _candidates(gaps: Iterable[int]) -> set[Cadence]:
    candidates: set[Cadence] = set()
    for gap in gaps:
        candidates.update(_around(gap))
    return candidates - COMMON.keys()


@lru_cache(maxsize=4096)
def _around(gap: int) -> Sequence[Cadence]:
    """Return for each unit the cadence whose period is about so many days long."""
    cadences = []
    for each in _RANGES:
        every = round(gap / each.days)
        is_counted = each.fewest <= every <= each.most
        if is_counted and not _has_a_larger_unit(each, every):
            cadences.append(Cadence(each.unit, every))
    return cadences


def _has_a_larger_unit(units: _UnitRange, every: int) -> bool:
    """Return whether whole years are counted in months, or whole weeks in days."""
    if units.unit is CadenceUnit.MONTH:
        return every % 12 == 0
    return units.unit is CadenceUnit.DAY and every % 7 == 0


def _near_count(gaps: Mapping[int, int], cadence: Cadence) -> int:
    """Return how many of the distances are about a period long; each with its count."""
    period = _DAYS_A_YEAR / float(cadence.billings_per_year)
    off = _OFF_DAYS + _OFF_SHARE * period
    return sum(
        count for gap, count in gaps.items() if abs(gap - period) <= off
    )
