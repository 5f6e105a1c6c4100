"""Deals that were imported twice: the same contact, amount and title within minutes."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from statistics import quantiles

from turnus.core.detection.facts import Copy, Sitting, Sold

#: Somebody who presses a button again does so within minutes. Two copies made on
#: purpose on one day lie further apart or differ.
_MINUTES = 15
#: A distance is one or more periods if it is this near to them, as a share of one.
_NEAR_SHARE = 0.4
#: Periods between two deals that were forgotten and are entered together, at most.
_MOST_PERIODS = 4
#: Distances that show a rhythm, at least.
_FEW_DISTANCES = 3
#: Days with two deals alike from which on they are two lines, not two accidents.
_FEW_TWINS = 3


@dataclass(frozen=True, slots=True)
class DealContent:
    """What a double import has in common with the deal that it repeats, but for the day."""

    value_e4: int
    title: str
    plan: str

    @property
    def without_plan(self) -> "DealContent":
        """The same of a line whose plan is not on every row."""
        return replace(self, plan="")


@dataclass(frozen=True, slots=True)
class DealEntry:
    """When a deal was entered on its day, and for whom; empty if it names nobody."""

    minute: int
    contact: str

    def repeats(self, earlier: "DealEntry") -> bool:
        """Return whether both are within minutes, and no two contacts are named."""
        if abs(self.minute - earlier.minute) > _MINUTES:
            return False
        return self.contact == earlier.contact or not (
            self.contact and earlier.contact
        )


@dataclass(frozen=True, slots=True)
class EntryRhythm:
    """The days on which something was entered, and the usual distance between them."""

    days: Sequence[date]
    usual: float

    @classmethod
    def of(cls, days: Iterable[date]) -> "EntryRhythm | None":
        """Return the rhythm of days; None where they show none."""
        ordered = sorted(set(days))
        distances = [
            (later - earlier).days for earlier, later in pairwise(ordered)
        ]
        if len(distances) < _FEW_DISTANCES:
            return None
        # Copies that were forgotten make distances longer, nothing makes them shorter.
        usual = quantiles(distances, n=4)[0]
        whole = [days for days in distances if _periods(days, usual)]
        is_regular = 3 * len(whole) >= 2 * len(distances)
        return cls(ordered, usual) if is_regular else None

    def missing_around(self, day: date) -> int:
        """Return how many periods are missing right before and after one of the days.

        Where the due day is near that of the list, one list pays for two periods and
        the next for none.
        """
        position = bisect_left(self.days, day)
        neighbors = self.days[max(position - 1, 0) : position + 2]
        return sum(
            max(_periods((later - earlier).days, self.usual) - 1, 0)
            for earlier, later in pairwise(neighbors)
        )

    def missing_before(self, day: date) -> int:
        """Return how many periods are missing between a day and the last one before it."""
        position = bisect_left(self.days, day)
        if not position:
            return 0
        distance = (day - self.days[position - 1]).days
        return max(_periods(distance, self.usual) - 1, 0)

    def periods_until(self, day: date) -> int:
        """Return how many periods have begun since the first of the days."""
        past = self.days[: bisect_right(self.days, day)]
        return 1 + sum(
            round((later - earlier).days / self.usual)
            for earlier, later in pairwise(past)
        )


def _periods(days: int, usual: float) -> int:
    """Return how many usual distances so many days are; 0 where they are not a whole number."""
    count = round(days / usual)
    is_whole = abs(days - count * usual) <= _NEAR_SHARE * usual
    return count if is_whole and 1 <= count <= _MOST_PERIODS else 0


class EntryRhythms:
    """The rhythms of deals: of what is alike in everything, and of a contact's service."""

    def __init__(self) -> None:
        #: In order of time.
        self._days: dict[Hashable, list[date]] = defaultdict(list)
        self._rhythms: dict[Hashable, EntryRhythm | None] = {}

    def add(self, deal: Sold, keys: Iterable[Hashable]) -> None:
        """Count a deal under all keys that others of its line have, too."""
        for key in keys:
            self._days[key].append(deal.won_on)

    def remove(self, deal: Sold, keys: Iterable[Hashable]) -> None:
        """Count a deal no longer: it pays for nothing."""
        for key in keys:
            self._days[key].remove(deal.won_on)

    def missing_around(
        self, day: date, keys: Iterable[Hashable]
    ) -> int | None:
        """Return how many periods are missing; None where no rhythm is known.

        A new price hides what is missing before it, another contact makes a hole that
        is none: what shows more decides.
        """
        rhythms = [self._rhythm(key) for key in keys]
        missing = [
            rhythm.missing_around(day)
            for rhythm in rhythms
            if rhythm is not None
        ]
        return max(missing, default=None)

    def is_behind(self, day: date, keys: Iterable[Hashable]) -> bool:
        """Return whether there are no more deals until a day than periods have begun."""
        for key in keys:
            rhythm = self._rhythm(key)
            if rhythm is not None:
                deal_count = bisect_right(self._days[key], day)
                if deal_count <= rhythm.periods_until(day):
                    return True
        return False

    def is_twin(self, key: Hashable) -> bool:
        """Return whether deals come twice on most of their days: they are two lines."""
        counts = Counter(self._days[key])
        twice_count = sum(count > 1 for count in counts.values())
        return twice_count >= _FEW_TWINS and 2 * twice_count >= len(counts)

    def _rhythm(self, key: Hashable) -> EntryRhythm | None:
        if key not in self._rhythms:
            self._rhythms[key] = EntryRhythm.of(self._days[key])
        return self._rhythms[key]


def doubles_in(sold: Sequence[Sold], copies: Sequence[Copy]) -> set[int]:
    """Return the positions of the deals that repeat one before them.

    Both sequences are in order of time. Where a file knows days only, nothing tells a
    double import from two subscriptions: nothing is a double then. Nor is a deal of
    which a person said what it is, but another one may repeat it. Nor is one that pays
    for a period that is missing around it: two periods are entered within minutes when
    one was forgotten. Of a list, all its customers decide.
    """
    rhythms = EntryRhythms()
    for deal, copy in zip(sold, copies, strict=True):
        rhythms.add(deal, _line_keys(deal, copy))
    entries: dict[tuple[DealContent, date], list[DealEntry]] = defaultdict(
        list
    )
    doubles: set[int] = set()
    for index, (deal, copy) in enumerate(zip(sold, copies, strict=True)):
        if deal.minute is None:
            continue
        entry = entry_of(deal, deal.minute)
        same_day = entries[content_of(deal), deal.won_on]
        is_repeated = any(entry.repeats(earlier) for earlier in same_day)
        if is_repeated and copy.said is None:
            contacts = {earlier.contact for earlier in same_day}
            surplus = len(same_day) - len(contacts)
            if _is_double(deal, copy, surplus, rhythms):
                doubles.add(index)
                continue
        same_day.append(entry)
    return doubles


def _is_double(
    deal: Sold, copy: Copy, surplus: int, rhythms: EntryRhythms
) -> bool:
    """Return whether a repeated deal pays for nothing; `surplus` deals of its day do."""
    if copy.sitting in {Sitting.SECOND_LIST, Sitting.REPEATED_LIST}:
        return copy.sitting is Sitting.REPEATED_LIST
    if rhythms.is_twin(_line_keys(deal, copy)[0]):
        return False
    missing = rhythms.missing_around(deal.won_on, _line_keys(deal, copy))
    return surplus >= (missing or 0)


def _line_keys(deal: Sold, copy: Copy) -> tuple[Hashable, ...]:
    return content_of(deal).without_plan, (copy.title, copy.contact)


def repeated_in(sold: Iterable[Sold], booked: Iterable[Sold]) -> set[int]:
    """Return the deals of `sold` that repeat one of `booked`, all of one customer.

    The order does not matter.
    """
    entries: dict[tuple[DealContent, date], list[DealEntry]] = defaultdict(
        list
    )
    for deal in booked:
        if deal.minute is not None:
            entries[content_of(deal), deal.won_on].append(
                entry_of(deal, deal.minute)
            )
    repeated = set()
    for deal in sold:
        if deal.minute is None:
            continue
        entry = entry_of(deal, deal.minute)
        same_day = entries.get((content_of(deal), deal.won_on), [])
        if any(entry.repeats(other) for other in same_day):
            repeated.add(deal.deal)
    return repeated


def content_of(deal: Sold) -> DealContent:
    """Return what a double import of a deal has in common with it."""
    return DealContent(deal.value_e4, deal.title, deal.plan)


def entry_of(deal: Sold, minute: int) -> DealEntry:
    """Return when a deal was entered, and for whom."""
    return DealEntry(minute, deal.person_id or deal.person)
