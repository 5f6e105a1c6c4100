"""Deals that were imported twice: the same contact, amount and title within minutes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from statistics import median

from turnus.core.detection.facts import Copy, Sold

#: Somebody who presses a button again does so within minutes. Two copies made on
#: purpose on one day lie further apart or differ.
_MINUTES = 15
#: A distance is usual if it is this near to the median, as a share.
_USUAL_SHARE = 0.25
#: So many times the usual distance, and one period is missing.
_ONE_MISSING = (1.6, 2.5)


@dataclass(frozen=True, slots=True)
class DealContent:
    """What a double import has in common with the deal that it repeats, but for the day."""

    value_e4: int
    title: str
    plan: str


@dataclass(frozen=True, slots=True)
class DealEntry:
    """When a deal was entered on its day, and for whom; empty if it names nobody."""

    minute: int
    contact: str

    def repeats(self, earlier: "DealEntry") -> bool:
        """Return whether both are within minutes, and no two contacts are named."""
        if abs(self.minute - earlier.minute) > _MINUTES:
            return False
        return self.contact == earlier.contact or not (self.contact and earlier.contact)


@dataclass(slots=True)
class _ContentHistory:
    """What was entered of one content so far."""

    days: list[date] = field(default_factory=list)
    #: Of the last day.
    entries: list[DealEntry] = field(default_factory=list)

    def add(self, day: date, entry: DealEntry) -> None:
        if not self.days or self.days[-1] != day:
            self.days.append(day)
            self.entries = []
        self.entries.append(entry)

    def has(self, day: date, entry: DealEntry) -> bool:
        if not self.days or self.days[-1] != day:
            return False
        return any(entry.repeats(earlier) for earlier in self.entries)

    def has_two_periods(self) -> bool:
        """Return whether a period is missing before the last day: it is entered there.

        Only distances that are usual otherwise can show that, and only for one more
        deal than the day has contacts.
        """
        gaps = [(later - earlier).days for earlier, later in pairwise(self.days)]
        if len(gaps) <= 2 or len(self.entries) > len(_contacts(self.entries)):
            return False
        *earlier_gaps, last_gap = gaps
        usual = median(earlier_gaps)
        near = [gap for gap in earlier_gaps if abs(gap - usual) <= _USUAL_SHARE * usual]
        least, most = _ONE_MISSING
        is_regular = 3 * len(near) >= 2 * len(earlier_gaps)
        return is_regular and least * usual <= last_gap <= most * usual


def _contacts(entries: Iterable[DealEntry]) -> set[str]:
    return {entry.contact for entry in entries}


def doubles_in(sold: Sequence[Sold], copies: Sequence[Copy]) -> set[int]:
    """Return the positions of the deals that repeat one before them.

    Both sequences are in order of time. Where a file knows days only, nothing tells a
    double import from two subscriptions: nothing is a double then. Nor is a deal of
    which a person said what it is, but another one may repeat it. Nor is one that pays
    for a period that is missing before it: two periods are entered within minutes when
    one was forgotten.
    """
    histories: dict[DealContent, _ContentHistory] = defaultdict(_ContentHistory)
    doubles: set[int] = set()
    for index, (deal, copy) in enumerate(zip(sold, copies, strict=True)):
        if deal.minute is None:
            continue
        history, entry = histories[_content(deal)], _entry(deal, deal.minute)
        is_repeated = copy.said is None and history.has(deal.won_on, entry)
        if is_repeated and not history.has_two_periods():
            doubles.add(index)
        else:
            history.add(deal.won_on, entry)
    return doubles


def repeated_in(sold: Iterable[Sold], booked: Iterable[Sold]) -> set[int]:
    """Return the deals of `sold` that repeat one of `booked`, all of one customer.

    The order does not matter.
    """
    entries: dict[tuple[DealContent, date], list[DealEntry]] = defaultdict(list)
    for deal in booked:
        if deal.minute is not None:
            entries[_content(deal), deal.won_on].append(_entry(deal, deal.minute))
    repeated = set()
    for deal in sold:
        if deal.minute is None:
            continue
        entry = _entry(deal, deal.minute)
        same_day = entries.get((_content(deal), deal.won_on), [])
        if any(entry.repeats(other) for other in same_day):
            repeated.add(deal.deal)
    return repeated


def _content(deal: Sold) -> DealContent:
    return DealContent(deal.value_e4, deal.title, deal.plan)


def _entry(deal: Sold, minute: int) -> DealEntry:
    return DealEntry(minute, deal.person_id or deal.person)
