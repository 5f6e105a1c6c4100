"""Due dates as numbers of days, computed on demand and kept while one customer is read."""

import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from turnus.core.cadence import Cadence, CadenceUnit
from turnus.core.detection import costs
from turnus.core.detection.due_days import due_days_after
from turnus.core.detection.facts import Copy, Sitting


@dataclass(frozen=True, slots=True, eq=False)
class CadenceCosts:
    """What all rhythms of a cadence have in common."""

    cadence: Cadence
    #: What plan words can name of it.
    bare: Cadence
    #: Their stored forms, which are looked up faster than cadences.
    name: str
    bare_name: str
    #: What it costs that a subscription recurs so, before anything is known.
    common: float
    #: Days that a deal may be early.
    reach: int
    #: By sitting.
    residual: tuple[tuple[float, ...], ...]
    death: float
    survival: float
    per_year: float
    period: int
    grace_days: int


@lru_cache(maxsize=4096)
def costs_of(cadence: Cadence) -> CadenceCosts:
    """Return what all rhythms of a cadence have in common."""
    residual = [costs.residual_costs(cadence, each) for each in Sitting]
    per_year = float(cadence.billings_per_year)
    return CadenceCosts(
        cadence=cadence,
        bare=cadence.bare,
        name=str(cadence),
        bare_name=str(cadence.bare),
        common=costs.cadence_cost(cadence.bare),
        reach=residual[0].reach,
        residual=tuple(each.costs for each in residual),
        death=costs.death_cost(cadence),
        survival=costs.survival_cost(cadence),
        per_year=per_year,
        period=int(365.25 / per_year),
        grace_days=cadence.default_grace_days,
    )


#: In the order of `costs.COMMON`.
COMMON_COSTS = tuple(costs_of(cadence) for cadence in costs.COMMON)


@lru_cache(maxsize=8192)
def first_window(
    kinds: tuple[CadenceCosts, ...], anchor: int
) -> tuple[int, int]:
    """Return up to which day nothing is overdue that begins on `anchor`, and when all is over."""
    quiet, stale = sys.maxsize, 0
    for kind in kinds:
        following = due_days_after(kind.cadence, anchor)
        due_days = list(islice(following, costs.MOST_MISSING + 1))
        quiet = min(quiet, due_days[0] + kind.grace_days)
        stale = max(stale, due_days[-1] + kind.grace_days)
    return quiet, stale


class Rhythm:
    """The due dates of one cadence from one anchor, and what it costs to be off them.

    A rhythm grows while it is read: it belongs to one customer's history and to one thread.
    """

    __slots__ = (
        "_further",
        "_nearest_day",
        "_nearest_number",
        "anchor",
        "costs",
        "death",
        "due_days",
        "grace_days",
        "kind",
        "rank",
        "reach",
        "survival",
    )

    def __init__(self, kind: CadenceCosts, anchor: int, rank: int) -> None:
        self.kind = kind
        self.anchor = anchor
        #: The order in which the rhythms of a customer came up: it decides where costs are equal.
        self.rank = rank
        self.reach = kind.reach
        self.costs = kind.residual
        self.death = kind.death
        self.survival = kind.survival
        self.grace_days = kind.grace_days
        self.due_days = [anchor]
        self._further: Iterator[int] | None = None
        # All stories ask for the same day in turn: the last answer is kept.
        self._nearest_day = anchor
        self._nearest_number = 0

    @property
    def cadence(self) -> Cadence:
        """What it counts in."""
        return self.kind.cadence

    @property
    def bare(self) -> Cadence:
        """What plan words can name of its cadence."""
        return self.kind.bare

    @property
    def period(self) -> int:
        """About how many days a period has."""
        return self.kind.period

    def due(self, number: int) -> int:
        """Return the first day of period `number`."""
        due_days = self.due_days
        if len(due_days) <= number:
            self._reckon(number)
        return due_days[number]

    def _reckon(self, number: int) -> None:
        if self._further is None:
            self._further = due_days_after(self.kind.cadence, self.anchor)
        missing = number + 1 - len(self.due_days)
        self.due_days += islice(self._further, missing)

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
        self._by_start: dict[tuple[int, str], Rhythm] = {}
        # What is asked about one deal is asked in a row.
        self._copy: Copy | None = None
        self._named: list[str] = []
        self._wrong_plan_cost = 0.0

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self._by_start)

    def first(self, count: int) -> "Rhythms":
        """Return the first of them, to which others come up."""
        first = Rhythms(self.shown)
        first._by_start.update(islice(self._by_start.items(), count))
        return first

    def starting(self, cadence: Cadence, anchor: int) -> Rhythm:
        """Return the rhythm of `cadence` from the day `anchor`."""
        return self.counted(costs_of(cadence), anchor)

    def counted(self, kind: CadenceCosts, anchor: int) -> Rhythm:
        """Return the rhythm of a cadence with these costs from the day `anchor`."""
        key = (anchor, kind.name)
        rhythm = self._by_start.get(key)
        if rhythm is None:
            rhythm = Rhythm(kind, anchor, rank=len(self._by_start))
            self._by_start[key] = rhythm
        return rhythm

    def possible_for(self, copy: Copy) -> tuple[CadenceCosts, ...]:
        """Return the cadences that a deal may begin to recur with."""
        said = copy.said
        if said is not None and said.cadence is not None:
            return (costs_of(said.cadence),)
        if not copy.plan.candidates and not self.shown:
            return COMMON_COSTS
        uncommon = dict.fromkeys([*copy.plan.candidates, *self.shown])
        further = [each for each in uncommon if each not in costs.COMMON]
        return (*COMMON_COSTS, *map(costs_of, further))

    def plan_cost(self, copy: Copy, kind: CadenceCosts) -> float:
        """Return what it costs that a deal with its plan's words recurs so."""
        if self._copy is not copy:
            self._copy = copy
            self._wrong_plan_cost = costs.wrong_plan_cost(copy)
            self._named = [
                costs_of(each).name for each in copy.plan.candidates
            ]
        return 0.0 if kind.bare_name in self._named else self._wrong_plan_cost
