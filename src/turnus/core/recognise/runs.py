"""A run as the search knows it: what it was last, and the readings of its rhythm that are still possible."""

from collections.abc import Iterator
from typing import NamedTuple

from turnus.core.recognise import costs
from turnus.core.recognise.facts import Copy
from turnus.core.recognise.rhythm import Rhythm, Rhythms
from turnus.core.recognise.titles import likeness

#: Readings of one run: so much worse than the best one may be, and so many are kept.
_WORSE, _MOST = 7.0, 7


class Place(NamedTuple):
    """A deal's period in one reading, and the place of the deal before it."""

    before: "Place | None"
    deal: int
    number: int
    rhythm: Rhythm


class Reading(NamedTuple):
    """One rhythm a run may have: its last period's number, the periods before it that no deal has paid for yet."""

    cost: float
    rhythm: Rhythm
    number: int
    holes: tuple[int, ...]
    place: Place


class Run:
    """A stretch of renewals, none of them free; never changed, each deal makes a new one. `price_cost` is apart, for it is the same in all readings."""

    __slots__ = ("copy_count", "cost", "key", "price_e4", "quiet_until", "readings", "stale_after", "title", "together")

    def __init__(
        self, readings: list[Reading], price_e4: int, title: str, copy_count: int, together: int | None
    ) -> None:
        self.readings = readings
        self.price_e4, self.title, self.copy_count = price_e4, title, copy_count
        #: The subscription that a person named for one of its deals.
        self.together = together
        self.cost = readings[0].cost
        self.key = (readings[0].rhythm.due(readings[0].number + 1), price_e4, title, id(readings[0].rhythm), together)
        self.quiet_until = min([each.rhythm.due(each.number + 1) + each.rhythm.slack for each in readings])
        last = costs.MOST_MISSING + 1
        self.stale_after = max([each.rhythm.due(each.number + last) + each.rhythm.slack for each in readings])

    def dearer(self, cost: float, title: str) -> "Run":
        """Return the run at so much more cost, with this title."""
        run = object.__new__(Run)
        run.readings = [_dearer(reading, cost) for reading in self.readings]
        run.price_e4, run.title, run.copy_count, run.together = self.price_e4, title, self.copy_count, self.together
        run.cost, run.quiet_until, run.stale_after = self.cost + cost, self.quiet_until, self.stale_after
        run.key = (self.key[0], self.price_e4, title, *self.key[3:])
        return run

    def overdue_cost(self, day: int) -> float:
        """Return what the renewals cost that should have come before `day`: forgotten, or the end, whichever is likelier."""
        if day <= self.quiet_until:
            return 0.0
        return min([each.cost + _overdue(each, day) for each in self.readings]) - self.cost

    def ended(self, day: int) -> "Run":
        """Return the run with what is overdue on `day` paid for: its best reading may be another one now."""
        if day <= self.quiet_until:
            return self
        readings = [_dearer(each, _overdue(each, day)) for each in self.readings]
        return Run(sorted(readings, key=_order), self.price_e4, self.title, self.copy_count, self.together)

    def continued(self, copy: Copy, rhythms: Rhythms) -> "Run | None":
        """Return the run with one more deal; None where no reading allows it."""
        base = costs.price_cost(self.price_e4, copy.value_e4) + self.title_cost(copy) + _work_cost(copy)
        changed = not 0.9 <= copy.value_e4 / self.price_e4 <= 1.12
        found: list[Reading] = []
        for reading in self.readings:
            found += _extended(reading, copy, base)
            if changed or reading.rhythm.contradicts(copy.plan):
                found += self._switched(reading, copy, rhythms)
        if not found:
            return None
        last_price = self.price_e4 if _is_before(found, self) else copy.value_e4
        together = self.together if copy.said is None else copy.said.together
        title = self.title if not copy.title else copy.title
        return Run(_kept(found), last_price, title, self.copy_count + 1, together)

    def title_cost(self, copy: Copy) -> float:
        """Return what the deal's title costs after that of the run."""
        if not copy.title:
            return 0.0
        if not self.title:
            return costs.FRESH_TITLE
        return costs.title_cost(likeness(self.title, copy.title))

    def _switched(self, reading: Reading, copy: Copy, rhythms: Rhythms) -> Iterator[Reading]:
        """Yield the readings in which the customer changed the cadence at the due date: a year costs about as much as before."""
        rhythm, number = reading.rhythm, reading.number + 1
        off_due = rhythm.cost(copy.day, number)
        if off_due is None:
            return
        base = reading.cost + off_due + self.title_cost(copy) + _work_cost(copy) + costs.SWITCH + costs.FRESH_PRICE / 2
        per_year = copy.value_e4 / (self.price_e4 * rhythm.per_year)
        for cadence, times in costs.PER_YEAR.items():
            if 0.75 <= per_year * times <= 1.35 and times != rhythm.per_year:
                new = rhythms.of(cadence, rhythm.due(number))
                cost = base + costs.CADENCE[cadence] / 2 + costs.plan_cost(copy, cadence)
                yield Reading(cost, new, 0, (), Place(reading.place, copy.deal, 0, new))


def begun(copy: Copy, rhythms: Rhythms) -> Run:
    """Return a run that begins with this deal, at the cost of its possible rhythms alone."""
    readings = []
    said = copy.said
    named = [each for each in copy.plan.candidates if each not in costs.COMMON]
    for cadence in [said.cadence] if said and said.cadence else [*costs.COMMON, *named]:
        rhythm = rhythms.of(cadence, copy.day)
        total = costs.CADENCE.get(cadence, costs.RARE_CADENCE) + costs.plan_cost(copy, cadence)
        readings.append(Reading(total, rhythm, 0, (), Place(None, copy.deal, 0, rhythm)))
    return Run(sorted(readings, key=_order), copy.value_e4, copy.title, 1, said.together if said else None)


def born(start: Run, copy: Copy) -> Run:
    """Return the run that begins with this deal as something new."""
    fresh = costs.BIRTH + costs.FRESH_PRICE + (costs.FRESH_TITLE if copy.title else 0.0) + _work_cost(copy)
    return start.dearer(fresh, copy.title)


def reborn(start: Run, copy: Copy, ended: Run) -> Run:
    """Return the run that begins with this deal as the comeback of one that had ended."""
    cost = costs.COMEBACK + costs.price_cost(ended.price_e4, copy.value_e4) + ended.title_cost(copy) + _work_cost(copy)
    return start.dearer(cost, copy.title or ended.title)


def _dearer(reading: Reading, cost: float) -> Reading:
    # A hundred times for each deal: naming the fields is three times as fast as replacing one.
    return Reading(reading.cost + cost, reading.rhythm, reading.number, reading.holes, reading.place)


def _work_cost(copy: Copy) -> float:
    return costs.WORK_RECURS if copy.is_work else 0.0


def _is_before(found: list[Reading], run: Run) -> bool:
    """Say whether the deal fills a hole: then the last price stays."""
    best = min(found, key=lambda each: each.cost)
    return best.rhythm is run.readings[0].rhythm and best.number == run.readings[0].number


def _overdue(reading: Reading, day: int) -> float:
    rhythm, number, cost = reading.rhythm, reading.number + 1, 0.0
    while cost < rhythm.death and rhythm.due(number) + rhythm.slack < day:
        cost += costs.MISSING
        number += 1
    return min(cost, rhythm.death)


def _extended(reading: Reading, copy: Copy, base: float) -> Iterator[Reading]:
    """Yield the likeliest periods that the deal may pay for."""
    rhythm, last = reading.rhythm, reading.number
    base += reading.cost + costs.plan_cost(copy, rhythm.cadence)
    near = rhythm.nearest(copy.day)
    for number in {last + 1, near, near + 1}:
        skipped = number - last - 1
        if 0 <= skipped <= costs.MOST_MISSING:
            cost = rhythm.cost(copy.day, number)
            if cost is not None:
                total = base + cost + skipped * costs.MISSING + (skipped + 1) * rhythm.survival
                holes = (*reading.holes, *range(last + 1, number))[-costs.MOST_MISSING :]
                yield Reading(total, rhythm, number, holes, Place(reading.place, copy.deal, number, rhythm))
    for hole in reading.holes:
        cost = rhythm.cost(copy.day, hole)
        if cost is not None:
            holes = tuple(each for each in reading.holes if each != hole)
            place = Place(reading.place, copy.deal, hole, rhythm)
            yield Reading(base + cost - costs.MISSING, rhythm, last, holes, place)


def _kept(readings: list[Reading]) -> list[Reading]:
    """Return the best readings; of those at the same period of the same rhythm only the best, or they would crowd out the others."""
    readings.sort(key=_order)
    limit = readings[0].cost + _WORSE
    kept: dict[tuple[int, int], Reading] = {}
    for reading in readings:
        if reading.cost > limit or len(kept) == _MOST:
            break
        kept.setdefault((id(reading.rhythm), reading.number), reading)
    return list(kept.values())


def _order(reading: Reading) -> tuple[float, int, int]:
    return reading.cost, reading.rhythm.rank, reading.number


def places_of(run: Run) -> Iterator[Place]:
    """Yield the places of the run's deals in its best reading, the last first."""
    place: Place | None = run.readings[0].place
    while place:
        yield place
        place = place.before
