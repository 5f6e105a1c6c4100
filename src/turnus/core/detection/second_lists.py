"""Lists that repeat the one before them within minutes: imported twice, or another period.

One customer's deals often cannot say, for their rhythm is not known yet, or the day of the list is
near the due day. All customers of the list can: if the period before is missing for most of those
whose rhythm is known, the list pays for two periods.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from turnus.core.detection.doubles import (
    DealContent,
    DealEntry,
    EntryRhythm,
    content_of,
    entry_of,
)
from turnus.core.detection.facts import Sold
from turnus.core.detection.sessions import SITTING_MINUTES

#: Customers whose rhythm is known and lacks a period, from which on they speak for a list.
_FEW_CUSTOMERS = 3


@dataclass(frozen=True, slots=True)
class _RepeatedDeal:
    """A deal that repeats one entered minutes before."""

    deal: Sold
    minute: int
    customer: int

    @property
    def sitting(self) -> tuple[date, int]:
        """The hour in which it was entered."""
        return self.deal.won_on, self.minute // SITTING_MINUTES


def second_lists(sold: Sequence[Sold], customers: Sequence[int]) -> set[int]:
    """Return the deals of lists that pay for a second period.

    `sold` is in order of time; `customers` are those of the deals, in the same order.
    """
    days: dict[tuple[int, DealContent], list[date]] = defaultdict(list)
    for deal, customer in zip(sold, customers, strict=True):
        days[customer, content_of(deal).without_plan].append(deal.won_on)
    by_sitting: dict[tuple[date, int], list[_RepeatedDeal]] = defaultdict(list)
    for repetition in _repetitions(sold, customers):
        by_sitting[repetition.sitting].append(repetition)
    seconds: set[int] = set()
    for repetitions in by_sitting.values():
        rhythms = {}
        for each in repetitions:
            content = content_of(each.deal).without_plan
            rhythms[each.customer] = EntryRhythm.of(
                days[each.customer, content]
            )
        if _pays_for_two(repetitions[0].deal.won_on, rhythms.values()):
            seconds |= {each.deal.deal for each in repetitions}
    return seconds


def _repetitions(
    sold: Sequence[Sold], customers: Sequence[int]
) -> Iterator[_RepeatedDeal]:
    earlier: dict[tuple[int, DealContent, date], list[DealEntry]] = (
        defaultdict(list)
    )
    for deal, customer in zip(sold, customers, strict=True):
        if deal.minute is None:
            continue
        entry = entry_of(deal, deal.minute)
        same_day = earlier[customer, content_of(deal), deal.won_on]
        if any(entry.repeats(other) for other in same_day):
            yield _RepeatedDeal(deal, deal.minute, customer)
        same_day.append(entry)


def _pays_for_two(day: date, rhythms: Iterable[EntryRhythm | None]) -> bool:
    """Return whether the period before `day` is missing for most of these customers."""
    known = [rhythm for rhythm in rhythms if rhythm is not None]
    lacking = [rhythm for rhythm in known if rhythm.missing_before(day)]
    return len(lacking) >= _FEW_CUSTOMERS and 2 * len(lacking) > len(known)
