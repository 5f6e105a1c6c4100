"""Whether deals are copies at all if their days are read one way.

That is: how many follow the one before at the distance of a plan.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from turnus.core.cadence import Cadence
from turnus.core.cadence_words import guess_cadence
from turnus.core.detection.costs import COMMON
from turnus.core.detection.facts import Sold
from turnus.core.folding import fold

_DAYS_A_YEAR = 365.25
#: Days that a copy may be off, and a share of its period.
_OFF_DAYS, _OFF_SHARE = 2.0, 0.15


@dataclass(frozen=True, slots=True)
class Fit:
    """How many of the distances between deals of one customer and title fit.

    They fit the plan or, without one, the rhythm that fits most of them.
    """

    fitting: int
    distances: int

    @property
    def share(self) -> float:
        """The share that fits; 0 without any distance."""
        return self.fitting / self.distances if self.distances else 0.0


def fit_of(sold: Iterable[Sold]) -> Fit:
    """Return how well the days of deals fit their plans.

    Words that name no plan leave the usual ones open.

    Of two ways to read the days of a list, the one in which the deals are copies is meant.
    """
    groups: dict[tuple[str, str, str, str], list[date]] = defaultdict(list)
    for deal in sold:
        customer = fold(deal.organization or deal.person)
        groups[
            customer, fold(deal.title), fold(deal.plan), deal.currency
        ].append(deal.won_on)
    fitting = distances = 0
    for (_customer, _title, plan, _currency), days in groups.items():
        gaps = [
            (later - earlier).days for earlier, later in pairwise(sorted(days))
        ]
        distances += len(gaps)
        candidates = guess_cadence(plan).candidates or tuple(COMMON)
        fitting += max(_fitting(gaps, cadence) for cadence in candidates)
    return Fit(fitting, distances)


def _fitting(gaps: Sequence[int], cadence: Cadence) -> int:
    period = _DAYS_A_YEAR / float(cadence.billings_per_year)
    off = _OFF_DAYS + _OFF_SHARE * period
    return sum(abs(gap - period) <= off for gap in gaps)
