"""Lists that repeat the one before them within minutes: imported twice, or another period.

Whoever imports a list twice repeats all of it, each deal as many minutes later. A list that pays
for two periods repeats those lines that have two due; all of them only where the list before was
left out, which the days of the lists show, or else the customers whose rhythm is known.
"""

from collections import Counter, defaultdict
from collections.abc import (
    Container,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain, pairwise

from turnus.core.detection.doubles import (
    DealContent,
    EntryRhythm,
    EntryRhythms,
    content_of,
)
from turnus.core.detection.facts import Sitting, Sold
from turnus.core.detection.sessions import SITTING_MINUTES
from turnus.core.detection.titles import service_named

#: Customers whose rhythm is known and lacks a period, from which on they speak for a list.
_FEW_CUSTOMERS = 3
#: Of a list that is repeated, some deals may be entered beside it.
_WHOLE = 0.8
#: So many titles of one service, each used on one day, name its periods.
_FEW_PERIODS = 3
_LISTS = {Sitting.SEVERAL, Sitting.LIST}


@dataclass(frozen=True, slots=True)
class _EnteredDeal:
    """A deal that was entered at a time of day, and whose it is."""

    deal: Sold
    minute: int
    customer: int

    @property
    def hour(self) -> tuple[date, int]:
        """The hour in which it was entered."""
        return self.deal.won_on, self.minute // SITTING_MINUTES

    @property
    def line(self) -> tuple[int, DealContent, str]:
        """What all deals of its line in one list have in common."""
        contact = self.deal.person_id or self.deal.person
        return self.customer, content_of(self.deal), contact

    @property
    def service(self) -> str:
        """What its title names but for its period and the copy's number."""
        return _service(self.deal.title)

    @property
    def line_keys(self) -> tuple[Hashable, ...]:
        """What the deals of its line have in common; also where prices change."""
        customer, content, contact = self.line
        return (
            (customer, content.without_plan),
            (customer, self.service, contact),
        )


@lru_cache(maxsize=20_000)
def _service(title: str) -> str:
    return service_named(title, "")


@dataclass(frozen=True, slots=True)
class _EnteredHour:
    """The deals of an hour, by line, each in order of time."""

    day: date
    lines: Mapping[Hashable, Sequence[_EnteredDeal]]
    is_list: bool

    @property
    def repeated_lines(self) -> list[Sequence[_EnteredDeal]]:
        """The lines with several deals."""
        return [line for line in self.lines.values() if len(line) > 1]

    @property
    def repetitions(self) -> Iterator[_EnteredDeal]:
        """All deals of these lines but their first."""
        return chain.from_iterable(line[1:] for line in self.repeated_lines)

    @property
    def is_whole(self) -> bool:
        """Whether nearly all lines of several customers are repeated."""
        repeated = self.repeated_lines
        customers = {line[0].customer for line in repeated}
        is_most = len(repeated) >= _WHOLE * len(self.lines)
        return is_most and len(customers) > 1

    @property
    def most_deals(self) -> int:
        """How many deals a line has at most."""
        return max(len(line) for line in self.lines.values())


def repeated_lists(
    sold: Sequence[Sold],
    customers: Sequence[int],
    sittings: Mapping[int, Sitting],
) -> dict[int, Sitting]:
    """Return the sittings of the deals of lists that pay for a second period, or for none.

    `sold` is in order of time; `customers` are those of the deals, in the same order.
    """
    entered = [
        _EnteredDeal(deal, deal.minute, customer)
        for deal, customer in zip(sold, customers, strict=True)
        if deal.minute is not None
    ]
    hours = list(_hours(entered, sittings))
    lines = _LineHistory(entered, sittings, hours)
    repeated: dict[int, Sitting] = {}
    for hour in hours:
        if hour.is_whole:
            repeated |= _whole_list(hour, lines)
        else:
            paying = (
                each for each in hour.repetitions if lines.may_pay(each, hour)
            )
            repeated |= _seconds(paying)
        for each in hour.repetitions:
            named = lines.periods.sitting_of(each)
            if named is not None:
                repeated[each.deal.deal] = named
    return repeated


class _LineHistory:
    """When lists were entered, and the lines of the customers with a repetition."""

    def __init__(
        self,
        entered: Sequence[_EnteredDeal],
        sittings: Mapping[int, Sitting],
        hours: Iterable[_EnteredHour],
    ) -> None:
        self.list_rhythm = _list_rhythm(entered, sittings)
        concerned = {
            each.customer for hour in hours for each in hour.repetitions
        }
        own = [each for each in entered if each.customer in concerned]
        self.imported = _imported_lines(own, _quick_minutes(entered))
        self.rhythms = EntryRhythms()
        for each in own:
            self.rhythms.add(each.deal, each.line_keys)
        self.periods = _PeriodTitles(own)

    def may_pay(self, each: _EnteredDeal, hour: _EnteredHour) -> bool:
        """Return whether a period may be left for a repetition in a list.

        That is somewhere before it or right after it; the rhythm may not be known.
        """
        if not hour.is_list and each.line_keys[0] not in self.imported:
            return False
        if self.list_rhythm and self.list_rhythm.missing_before(hour.day):
            return True
        missing = self.rhythms.missing_around(hour.day, each.line_keys)
        if missing is None or missing > 0:
            return True
        return self.rhythms.is_behind(hour.day, each.line_keys)

    def left_out(self, hour: _EnteredHour) -> int:
        """Return how many lists were left out before one that is repeated as a whole.

        Where lists have no rhythm, most of the customers have one that lacks a period.
        """
        if self.list_rhythm is not None:
            return self.list_rhythm.missing_before(hour.day)
        lacking: set[int] = set()
        full: set[int] = set()
        for each in hour.repetitions:
            keys = each.line_keys[:1]
            missing = self.rhythms.missing_around(hour.day, keys)
            if missing:
                lacking.add(each.customer)
            elif missing == 0:
                full.add(each.customer)
        is_most = len(lacking) > len(full)
        return int(is_most and len(lacking) >= _FEW_CUSTOMERS)


class _PeriodTitles:
    """Titles that name the period: each on one day, others of the service on other days."""

    def __init__(self, entered: Iterable[_EnteredDeal]) -> None:
        self._days: dict[tuple[int, str], Counter[date]] = defaultdict(Counter)
        self._titles: dict[tuple[int, str], set[str]] = defaultdict(set)
        for each in entered:
            title = each.deal.title
            self._days[each.customer, title][each.deal.won_on] += 1
            self._titles[each.customer, each.service].add(title)

    def sitting_of(self, each: _EnteredDeal) -> Sitting | None:
        """Return what a repetition is if its title names a period, which is paid once.

        Where most titles of the service come twice, two lines have it.
        """
        if not each.service or not _has_figures(each.deal.title):
            return None
        alike = [
            self._days[each.customer, title]
            for title in self._titles[each.customer, each.service]
            if _has_figures(title)
        ]
        own = self._days[each.customer, each.deal.title]
        twice_count = sum(max(days.values()) > 1 for days in alike)
        if len(alike) < _FEW_PERIODS or len(own) > 1:
            return None
        is_usual = 2 * twice_count >= len(alike)
        return Sitting.SECOND_LIST if is_usual else Sitting.REPEATED_LIST


def _has_figures(title: str) -> bool:
    return any(sign.isdigit() for sign in title)


def _imported_lines(
    entered: Iterable[_EnteredDeal], quick: Container[tuple[date, int]]
) -> set[Hashable]:
    """Return the lines that are imported: most of their deals in a minute with others'."""
    imported: Counter[Hashable] = Counter()
    for each in entered:
        is_quick = (each.deal.won_on, each.minute) in quick
        imported[each.line_keys[0]] += 1 if is_quick else -1
    return {line for line, count in imported.items() if count > 0}


def _hours(
    entered: Iterable[_EnteredDeal], sittings: Mapping[int, Sitting]
) -> Iterator[_EnteredHour]:
    """Yield the hours in which something is entered more than once."""
    by_hour: dict[tuple[date, int], list[_EnteredDeal]] = defaultdict(list)
    for each in entered:
        by_hour[each.hour].append(each)
    for (day, _hour), deals in by_hour.items():
        lines: dict[Hashable, list[_EnteredDeal]] = defaultdict(list)
        for each in deals:
            lines[each.line].append(each)
        if len(lines) < len(deals):
            is_list = sittings[deals[0].deal.deal] in _LISTS
            yield _EnteredHour(day, lines, is_list)


def _seconds(deals: Iterable[_EnteredDeal]) -> dict[int, Sitting]:
    return {each.deal.deal: Sitting.SECOND_LIST for each in deals}


def _whole_list(hour: _EnteredHour, lines: _LineHistory) -> dict[int, Sitting]:
    """Return what the repetitions in a list are that is repeated as a whole.

    Deals that pay for nothing are removed from the rhythms.
    """
    sittings = _seconds(hour.repetitions)
    left_out = lines.left_out(hour)
    if left_out and hour.most_deals < 2 * (1 + left_out):
        return sittings
    distance = _usual_distance(hour)
    for line in hour.repeated_lines:
        for each in _as_much_later(line, distance):
            sittings[each.deal.deal] = Sitting.REPEATED_LIST
            lines.rhythms.remove(each.deal, each.line_keys)
    return sittings


def _usual_distance(hour: _EnteredHour) -> int:
    """Return how many minutes later most deals are repeated."""
    distances = Counter(
        later.minute - earlier.minute
        for line in hour.repeated_lines
        for earlier, later in pairwise(line)
    )
    ((distance, _count),) = distances.most_common(1)
    return distance


def _as_much_later(
    line: Sequence[_EnteredDeal], distance: int
) -> Iterator[_EnteredDeal]:
    """Yield the deals that repeat another one so many minutes before them."""
    originals: list[int] = []
    for each in line:
        if each.minute - distance in originals:
            originals.remove(each.minute - distance)
            yield each
        else:
            originals.append(each.minute)


def _list_rhythm(
    entered: Iterable[_EnteredDeal], sittings: Mapping[int, Sitting]
) -> EntryRhythm | None:
    """Return the rhythm of the days on which lists are entered, small ones too if they fit."""
    large = {
        each.deal.won_on
        for each in entered
        if sittings[each.deal.deal] in _LISTS
    }
    small = {day for day, _minute in _quick_minutes(entered)}
    return EntryRhythm.of(large | small) or EntryRhythm.of(large)


def _quick_minutes(
    entered: Iterable[_EnteredDeal],
) -> set[tuple[date, int]]:
    """Return the minutes with deals of several customers: no hand is as quick."""
    customers: dict[tuple[date, int], set[int]] = defaultdict(set)
    for each in entered:
        customers[each.deal.won_on, each.minute].add(each.customer)
    return {minute for minute, own in customers.items() if len(own) > 1}
