"""A run as the search knows it: what it was last, and which rhythms are still possible."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from turnus.core.cadence_words import Certainty
from turnus.core.detection import costs
from turnus.core.detection.facts import Copy
from turnus.core.detection.rhythm import COMMON_COSTS, Rhythm, Rhythms
from turnus.core.detection.titles import likeness

#: Readings of one run: so much worse than the best one may be, and so many are kept.
_WORSE, _MOST = 7.0, 7
#: Terms that are paid at once. Of longer ones nobody knows what the next price will be.
_PREPAID_COUNTS = (2, 3, 4, 5)
#: What several terms cost at once: the price of each, or a little less.
_PREPAID_LEAST, _PREPAID_MOST = 0.75, 1.02
#: A season begins so many days around the day on which the one before began.
_YEAR, _SEASON_REACH = 365, 20


class DealPlace(NamedTuple):
    """A deal's period in one reading, and the place of the deal before it."""

    before: "DealPlace | None"
    deal: int
    number: int
    rhythm: Rhythm
    #: How many periods it pays for.
    period_count: int = 1


class RhythmReading(NamedTuple):
    """One rhythm a run may have: its last period's number, and unpaid periods before it."""

    cost: float
    rhythm: Rhythm
    number: int
    holes: tuple[int, ...]
    place: DealPlace


class RunOrigin(NamedTuple):
    """Where a run comes from: runs of one line are one subscription, with pauses."""

    #: The first deal of its line.
    line: int
    #: The day of the run's own first deal.
    began_on: int
    #: Whether it begins at the time of the year at which the run before it began.
    is_season: bool = False

    def is_a_year_before(self, day: int) -> bool:
        """Return whether a run that begins on `day` begins at the same time of the year."""
        return abs(day - self.began_on - _YEAR) <= _SEASON_REACH


class DealRun:
    """A stretch of renewals; never changed, each deal makes a new one.

    Costs of its readings are apart from `base`, which is the same in all of them: price,
    title, how it began.
    """

    __slots__ = (
        "base",
        "contact",
        "copy_count",
        "cost",
        "key",
        "origin",
        "price_e4",
        "readings",
        "title",
        "together",
        "window",
    )

    def __init__(
        self,
        readings: list[RhythmReading],
        price_e4: int,
        title: str,
        copy_count: int,
        together: int | None,
        base: float,
        contact: str,
        origin: RunOrigin,
    ) -> None:
        best = readings[0]
        self.readings, self.base, self.cost = readings, base, base + best.cost
        self.price_e4, self.title, self.copy_count = (
            price_e4,
            title,
            copy_count,
        )
        #: The subscription that a person named for one of its deals.
        self.together = together
        self.contact = contact
        self.origin = origin
        self.key = (
            best.rhythm.due(best.number + 1),
            price_e4,
            title,
            id(best.rhythm),
            together,
            contact,
        )
        #: The days of `quiet_until` and `stale_after`: most runs are dropped before anybody asks.
        self.window: tuple[int, int] | None = None

    def dearer(self, cost: float, title: str, origin: RunOrigin) -> "DealRun":
        """Return the run at so much more cost, with this title and origin."""
        run = object.__new__(DealRun)
        run.readings, run.price_e4, run.copy_count, run.together = (
            self.readings,
            self.price_e4,
            self.copy_count,
            self.together,
        )
        run.contact, run.origin = self.contact, origin
        run.window = self.window
        run.base, run.cost, run.title = (
            self.base + cost,
            self.cost + cost,
            title,
        )
        due, price_e4, _title, rhythm, together, contact = self.key
        run.key = (due, price_e4, title, rhythm, together, contact)
        return run

    @property
    def quiet_until(self) -> int:
        """The day up to which nothing is overdue in any reading."""
        return self._days()[0]

    @property
    def stale_after(self) -> int:
        """The day after which nothing can continue any reading."""
        return self._days()[1]

    def _days(self) -> tuple[int, int]:
        if self.window is None:
            self.window = _window(self.readings)
        return self.window

    @property
    def least_cost(self) -> float:
        """What it costs at least, however many of its holes later deals fill."""
        least = min(
            [
                each.cost - costs.MISSING * len(each.holes)
                for each in self.readings
            ]
        )
        return self.base + least

    def overdue_cost(self, day: int) -> float:
        """Return the cost of the renewals missing before `day`: forgotten, or the end."""
        if self.copy_count == 1 and self.readings[0].rhythm.anchor == day:
            return 0.0  # it has just begun
        if day <= self.quiet_until:
            return 0.0
        return (
            min([each.cost + _overdue(each, day) for each in self.readings])
            - self.readings[0].cost
        )

    def ended(self, day: int) -> "DealRun":
        """Return the run with what is overdue on `day` paid for.

        Its best reading may be another one now.
        """
        if day <= self.quiet_until:
            return self
        return self._with_readings(
            _dearer(each, _overdue(each, day)) for each in self.readings
        )

    def over(self, day: int) -> "DealRun | None":
        """Return the run as it had ended before `day`; None where it is paid up to then."""
        if day <= self.quiet_until:
            return None
        return self._with_readings(
            _dearer(each, each.rhythm.death)
            for each in self.readings
            if each.rhythm.due(each.number + 1) + each.rhythm.grace_days < day
        )

    def _with_readings(self, readings: Iterable[RhythmReading]) -> "DealRun":
        return DealRun(
            sorted(readings, key=reading_order),
            self.price_e4,
            self.title,
            self.copy_count,
            self.together,
            self.base,
            self.contact,
            self.origin,
        )

    def continued(self, copy: Copy, rhythms: Rhythms) -> "DealRun | None":
        """Return the run with one more deal; None where no reading allows it."""
        is_free = copy.value_e4 == 0
        price_cost = self._price_cost(copy)
        changed = (
            not is_free and not 0.9 <= copy.value_e4 / self.price_e4 <= 1.12
        )
        is_certain = copy.plan.certainty is Certainty.CERTAIN
        found: list[RhythmReading] = []
        for reading in self.readings:
            plan_cost = rhythms.plan_cost(copy, reading.rhythm.kind)
            cost = price_cost + (reading.cost + plan_cost)
            found += _extended(reading, copy, cost)
            if self.copy_count == 1:
                found += _anchored_anew(reading, copy, price_cost, rhythms)
            elif reading is self.readings[0] and self._may_move(copy):
                found += _moved(reading, copy, price_cost, rhythms)
            if changed or (is_certain and plan_cost > 0):
                found += self._switched(reading, copy, rhythms)
        if not found:
            return None
        is_exception = is_free or _is_before(found, self)
        last_price = self.price_e4 if is_exception else copy.value_e4
        title = self.title if is_exception or not copy.title else copy.title
        return self._with_deal(copy, found, price_e4=last_price, title=title)

    def prepaid(self, copy: Copy) -> "DealRun | None":
        """Return the run with a deal that pays several periods, at about their price.

        The next renewal costs about what one did before; None where no reading allows it.
        """
        found: list[RhythmReading] = []
        for count in _PREPAID_COUNTS:
            share = copy.value_e4 / (self.price_e4 * count)
            if not _PREPAID_LEAST <= share <= _PREPAID_MOST:
                continue
            cost = costs.prepaid_cost(share)
            for reading in self.readings:
                found += _paid_at_once(reading, copy, count, cost)
        if not found:
            return None
        return self._with_deal(
            copy, found, price_e4=self.price_e4, title=self.title
        )

    def _with_deal(
        self,
        copy: Copy,
        found: list[RhythmReading],
        *,
        price_e4: int,
        title: str,
    ) -> "DealRun":
        together = self.together if copy.said is None else copy.said.together
        base = self.base + self.title_cost(copy) + costs.work_cost(copy)
        base += self.contact_cost(copy)
        return DealRun(
            _kept(found),
            price_e4,
            title,
            self.copy_count + 1,
            together,
            base,
            copy.contact or self.contact,
            self.origin,
        )

    def _price_cost(self, copy: Copy) -> float:
        if copy.value_e4 == 0:
            return costs.FREE
        return costs.price_cost(self.price_e4, copy.value_e4)

    def _may_move(self, copy: Copy) -> bool:
        """Return whether nothing but the day speaks for another subscription."""
        return copy.said is None and copy.value_e4 == self.price_e4

    def title_cost(self, copy: Copy) -> float:
        """Return what the deal's title costs after that of the run."""
        if not copy.title:
            return 0.0
        if not self.title:
            return costs.FRESH_TITLE
        return costs.title_cost(likeness(self.title, copy.title))

    def contact_cost(self, copy: Copy) -> float:
        """Return what the deal's contact costs after that of the run."""
        if not copy.contact or not self.contact:
            return 0.0
        if copy.contact == self.contact:
            return costs.SAME_CONTACT
        return costs.OTHER_CONTACT

    def _switched(
        self, reading: RhythmReading, copy: Copy, rhythms: Rhythms
    ) -> Iterator[RhythmReading]:
        """Yield readings in which the cadence changed at the due date, for about as much a year."""
        rhythm, number = reading.rhythm, reading.number + 1
        off_due = rhythm.cost(copy, number)
        if off_due is None:
            return
        base = reading.cost + off_due + costs.SWITCH + costs.FRESH_PRICE / 2
        times_before = rhythm.kind.per_year
        per_year = copy.value_e4 / (self.price_e4 * times_before)
        for kind in COMMON_COSTS:
            times = kind.per_year
            if 0.75 <= per_year * times <= 1.35 and times != times_before:
                new = rhythms.counted(kind, rhythm.due(number))
                cost = base + kind.common / 2 + rhythms.plan_cost(copy, kind)
                place = DealPlace(reading.place, copy.deal, 0, new)
                yield RhythmReading(cost, new, 0, (), place)


def _dearer(reading: RhythmReading, cost: float) -> RhythmReading:
    before, rhythm, number, holes, place = reading
    return RhythmReading(before + cost, rhythm, number, holes, place)


def _window(readings: list[RhythmReading]) -> tuple[int, int]:
    """Return the day up to which nothing is overdue, and after which nothing can go on."""
    quiet, stale, last = sys.maxsize, 0, costs.MOST_MISSING + 1
    for _cost, rhythm, number, _holes, _place in readings:
        end = rhythm.due(number + last) + rhythm.grace_days
        stale = max(stale, end)
        quiet = min(quiet, rhythm.due_days[number + 1] + rhythm.grace_days)
    return quiet, stale


def _is_before(found: list[RhythmReading], run: DealRun) -> bool:
    """Return whether the deal fills a hole: then the last price stays."""
    best = min(found, key=lambda each: each.cost)
    before = run.readings[0]
    return best.rhythm is before.rhythm and best.number == before.number


def _overdue(reading: RhythmReading, day: int) -> float:
    rhythm, number, cost = reading.rhythm, reading.number + 1, 0.0
    while cost < rhythm.death and rhythm.due(number) + rhythm.grace_days < day:
        cost += costs.MISSING
        number += 1
    return min(cost, rhythm.death)


def _extended(
    reading: RhythmReading, copy: Copy, base: float
) -> list[RhythmReading]:
    """Return the likeliest periods that the deal may pay for."""
    _cost, rhythm, last, holes, before = reading
    days_off = rhythm.costs[copy.sitting]
    day = copy.day + rhythm.reach
    found = []
    numbers = _next_numbers(rhythm.nearest(copy.day), last)
    rhythm.due(numbers[-1])
    due_days = rhythm.due_days
    for number in numbers:
        place = day - due_days[number]
        if 0 <= place < len(days_off):
            skipped = number - last - 1
            cost = (
                base
                + days_off[place]
                + skipped * costs.MISSING
                + (skipped + 1) * rhythm.survival
            )
            left = holes
            if skipped:
                left = (*holes, *range(last + 1, number))
                left = left[-costs.MOST_MISSING :]
            deal_place = DealPlace(before, copy.deal, number, rhythm)
            found.append(RhythmReading(cost, rhythm, number, left, deal_place))
    for hole in holes:
        place = day - due_days[hole]
        if 0 <= place < len(days_off):
            cost = base + days_off[place] - costs.MISSING
            left = tuple(each for each in holes if each != hole)
            deal_place = DealPlace(before, copy.deal, hole, rhythm)
            found.append(RhythmReading(cost, rhythm, last, left, deal_place))
    return found


def _next_numbers(near: int, last: int) -> Sequence[int]:
    """Return the periods that a deal near the due date of `near` may pay for."""
    following = last + 1
    if near < following:
        return (following,)
    if near == following:
        return (following, near + 1)
    most = following + costs.MOST_MISSING
    if near < most:
        return (following, near, near + 1)
    return (following, near) if near == most else (following,)


def _paid_at_once(
    reading: RhythmReading, copy: Copy, count: int, prepaid_cost: float
) -> Iterator[RhythmReading]:
    """Yield the reading in which the deal pays the next `count` periods."""
    rhythm, number = reading.rhythm, reading.number + 1
    whole = rhythm.several(count)
    off_due = rhythm.cost(copy, number)
    if off_due is None or whole is None:
        return
    cost = reading.cost + off_due + rhythm.survival
    cost += prepaid_cost + costs.plan_cost(copy, whole)
    place = DealPlace(reading.place, copy.deal, number, rhythm, count)
    yield RhythmReading(cost, rhythm, number + count - 1, reading.holes, place)


def _anchored_anew(
    reading: RhythmReading, copy: Copy, base: float, rhythms: Rhythms
) -> Iterator[RhythmReading]:
    """Yield the reading in which the first deal was late, and the second shows the due day."""
    rhythm = reading.rhythm
    late = rhythm.cost(copy, 1)
    if late is not None and copy.day != rhythm.due(1):
        new = rhythms.counted(rhythm.kind, copy.day)
        cost = (
            reading.cost
            + base
            + late
            + costs.LATE_FIRST
            + rhythm.survival
            + rhythms.plan_cost(copy, rhythm.kind)
        )
        yield RhythmReading(
            cost, new, 0, (), DealPlace(reading.place, copy.deal, 0, new)
        )


def _moved(
    reading: RhythmReading, copy: Copy, base: float, rhythms: Rhythms
) -> Iterator[RhythmReading]:
    """Yield the reading in which periods are due on this deal's day from now on."""
    rhythm, number = reading.rhythm, reading.number + 1
    due = rhythm.due(number)
    off = copy.day - due
    if not rhythm.is_off(off):
        return
    new = rhythms.counted(rhythm.kind, copy.day)
    cost = (
        reading.cost
        + base
        + costs.DUE_DAY_MOVES
        + rhythm.survival
        + rhythms.plan_cost(copy, rhythm.kind)
    )
    yield RhythmReading(
        cost, new, 0, (), DealPlace(reading.place, copy.deal, 0, new)
    )


def _kept(readings: list[RhythmReading]) -> list[RhythmReading]:
    """Return the best readings.

    Of those at the same period of the same rhythm only the best, or they would crowd out the
    others.
    """
    readings.sort(key=reading_order)
    limit = readings[0].cost + _WORSE
    kept: dict[tuple[int, int], RhythmReading] = {}
    for reading in readings:
        if reading.cost > limit or len(kept) == _MOST:
            break
        kept.setdefault((id(reading.rhythm), reading.number), reading)
    return list(kept.values())


def reading_order(reading: RhythmReading) -> tuple[float, int, int]:
    """Return what readings of a run are sorted by: the likeliest first."""
    return reading.cost, reading.rhythm.rank, reading.number


def places_of(run: DealRun) -> Iterator[DealPlace]:
    """Yield the places of the run's deals in its best reading, the last first."""
    place: DealPlace | None = run.readings[0].place
    while place:
        yield place
        place = place.before
