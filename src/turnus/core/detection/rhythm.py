"""Due dates as numbers of days, computed on demand and kept while one customer is read."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from turnus.core.cadence import Cadence, CadenceUnit
from turnus.core.cadence_words import Certainty, Guess
from turnus.core.detection import costs
from turnus.core.detection.facts import Copy, Sitting


@dataclass(frozen=True, slots=True)
class CadenceCosts:
    """What all rhythms of a cadence have in common."""

    #: By sitting.
    residual: tuple[costs.ResidualCosts, ...]
    death: float
    survival: float
    per_year: float
    grace_days: int


@lru_cache(maxsize=4096)
def _costs_of(cadence: Cadence) -> CadenceCosts:
    return CadenceCosts(
        residual=tuple(
            costs.residual_costs(cadence, each) for each in Sitting
        ),
        death=costs.death_cost(cadence),
        survival=costs.survival_cost(cadence),
        per_year=float(cadence.billings_per_year),
        grace_days=cadence.default_grace_days,
    )


class Rhythm:
    """The due dates of one cadence from one anchor, and what it costs to be off them.

    A rhythm grows while it is read: it belongs to one customer's history and to one thread.
    """

    __slots__ = (
        "_nearest_day",
        "_nearest_number",
        "anchor",
        "bare",
        "cadence",
        "costs",
        "death",
        "due_days",
        "grace_days",
        "per_year",
        "period",
        "rank",
        "reach",
        "survival",
    )

    def __init__(self, cadence: Cadence, anchor: int, rank: int) -> None:
        self.cadence = cadence
        self.anchor = anchor
        #: What plan words can name of it.
        self.bare = cadence.bare
        #: The order in which the rhythms of a customer came up: it decides where costs are equal.
        self.rank = rank
        common = _costs_of(cadence)
        self.reach = common.residual[0].reach
        self.costs = tuple(residual.costs for residual in common.residual)
        self.death = common.death
        self.survival = common.survival
        self.per_year = common.per_year
        self.grace_days = common.grace_days
        self.period = int(365.25 / self.per_year)
        self.due_days = [anchor]
        # All stories ask for the same day in turn: the last answer is kept.
        self._nearest_day = anchor
        self._nearest_number = 0

    def due(self, number: int) -> int:
        """Return the first day of period `number`."""
        due_days = self.due_days
        while len(due_days) <= number:
            due_on = self.cadence.due(
                date.fromordinal(self.anchor), len(due_days)
            )
            due_days.append(due_on.toordinal())
        return due_days[number]

    def several(self, count: int) -> Cadence | None:
        """Return the cadence of so many periods at once; None where none is that long.

        Twelve months are a year.
        """
        if self.bare.unit is CadenceUnit.HALF_MONTH:
            return None
        every = self.bare.every * count
        if self.bare.unit is CadenceUnit.MONTH and every % 12 == 0:
            return Cadence(CadenceUnit.YEAR, every // 12)
        return replace(self.bare, every=every)

    def contradicts(self, plan: Guess) -> bool:
        """Return whether plan words certainly name another cadence."""
        return (
            plan.certainty is Certainty.CERTAIN
            and plan.candidates[0] is not self.bare
            and plan.cadence != self.bare
        )

    def is_off(self, days: int) -> bool:
        """Return whether so many days off the due date are more than carelessness.

        Beyond half a period they mean another one.
        """
        most = min(self.period // 2, costs.MOVED_REACH)
        return 4 + self.period // 12 < abs(days) <= most

    def nearest(self, day: int) -> int:
        """Return the number of the period whose due date is the last before `day`, or the first."""
        if self._nearest_day != day:
            while self.due_days[-1] < day:
                self.due(len(self.due_days))
            self._nearest_number = max(bisect_left(self.due_days, day) - 1, 0)
            self._nearest_day = day
        return self._nearest_number

    def cost(self, copy: Copy, number: int) -> float | None:
        """Return what it costs that a deal pays for period `number`.

        None if its day is out of reach.
        """
        costs = self.costs[copy.sitting]
        place = copy.day - self.due(number) + self.reach
        if 0 <= place < len(costs):
            return costs[place]
        return None


class Rhythms:
    """The rhythms that came up so far."""

    def __init__(self, shown: Sequence[Cadence] = ()) -> None:
        #: Uncommon cadences that the deals themselves suggest.
        self.shown = tuple(shown)
        self._by_start: dict[tuple[Cadence, int], Rhythm] = {}

    def starting(self, cadence: Cadence, anchor: int) -> Rhythm:
        """Return the rhythm of `cadence` from the day `anchor`."""
        key = (cadence, anchor)
        rhythm = self._by_start.get(key)
        if rhythm is None:
            rhythm = Rhythm(cadence, anchor, rank=len(self._by_start))
            self._by_start[key] = rhythm
        return rhythm
