"""Due dates as numbers of days, kept for as long as a customer is looked at."""

from bisect import bisect_left
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from turnus.core.cadence import Cadence
from turnus.core.cadence_words import Certainty, Guess
from turnus.core.detection import costs


class Beat(NamedTuple):
    """What all rhythms of a cadence have in common."""

    #: Days that a deal may be off, either way, and what each of them costs.
    reach: int
    costs: list[float]
    death: float
    survival: float
    per_year: float
    slack: int


@lru_cache(maxsize=4096)
def _beat(cadence: Cadence) -> Beat:
    return Beat(
        *costs.residual_costs(cadence),
        costs.death_cost(cadence),
        costs.survival_cost(cadence),
        float(cadence.billings_per_year),
        cadence.default_grace_days,
    )


@lru_cache(maxsize=50_000)
def _dues(cadence: Cadence, anchor: int) -> list[int]:  # noqa: ARG001 (part of the key)
    """Return the list of due days that begins with `anchor`, which all rhythms of it share and lengthen on demand."""
    return [anchor]


class Rhythm:
    """The due dates of one cadence from one anchor, computed once and on demand, with what it costs to be off them."""

    __slots__ = (
        "anchor",
        "bare",
        "cadence",
        "costs",
        "death",
        "dues",
        "near",
        "per_year",
        "rank",
        "reach",
        "slack",
        "survival",
    )

    def __init__(self, cadence: Cadence, anchor: int, rank: int) -> None:
        self.cadence, self.anchor = cadence, anchor
        #: What plan words can name of it.
        self.bare = cadence.bare
        #: The order in which the rhythms of a customer came up: what decides where the costs do not.
        self.rank = rank
        self.reach, self.costs, self.death, self.survival, self.per_year, self.slack = _beat(
            cadence
        )
        self.dues = _dues(cadence, anchor)
        #: The day asked for last, and the period found: all stories ask for the same day.
        self.near = (anchor, 0)

    def due(self, number: int) -> int:
        """Return the first day of period `number`."""
        dues = self.dues
        while len(dues) <= number:
            dues.append(self.cadence.due(date.fromordinal(self.anchor), len(dues)).toordinal())
        return dues[number]

    def contradicts(self, plan: Guess) -> bool:
        """Return whether plan words certainly name another cadence."""
        return (
            plan.certainty is Certainty.CERTAIN
            and plan.candidates[0] is not self.bare
            and plan.cadence != self.bare
        )

    def nearest(self, day: int) -> int:
        """Return the number of the period whose due date is the last before `day`, or the first."""
        known, found = self.near
        if known == day:
            return found
        while self.dues[-1] < day:
            self.due(len(self.dues))
        found = max(bisect_left(self.dues, day) - 1, 0)
        self.near = (day, found)
        return found

    def cost(self, day: int, number: int) -> float | None:
        """Return what it costs that a deal won on `day` pays for period `number`; None if it is too far off."""
        residual = day - self.due(number)
        return self.costs[residual + self.reach] if -self.reach <= residual <= self.reach else None


class Rhythms:
    """The rhythms that came up so far."""

    def __init__(self) -> None:
        self._known: dict[tuple[Cadence, int], Rhythm] = {}

    def of(self, cadence: Cadence, anchor: int) -> Rhythm:
        """Return the rhythm of `cadence` from the day `anchor`."""
        key = (cadence, anchor)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Rhythm(cadence, anchor, len(self._known))
        return found
