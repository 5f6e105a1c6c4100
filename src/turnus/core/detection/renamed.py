"""Customers that go on under another name: the same contact, price and rhythm, never both at once.

Each of these alone is chance; all of them together are not. A contact is shared by one customer
in some hundreds, a price by one in 150, and a rhythm goes on in one case of three.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from turnus.core.detection.facts import Sold
from turnus.core.naming import name_key

#: A contact with more customers is a common name, or works for all of them.
_MOST_CUSTOMERS = 3
#: A distance is that of the rhythm if it differs by less, as a share and in days.
_SHARE, _DAYS = 0.25, 5


@dataclass(slots=True)
class _CustomerDays:
    """The days on which a customer bought, in order: all, and by price."""

    days: list[int] = field(default_factory=list)
    days_by_price: dict[tuple[int, str], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, deal: Sold) -> None:
        day = deal.won_on.toordinal()
        self.days.append(day)
        self.days_by_price[deal.value_e4, deal.currency].append(day)

    def goes_on_as(self, later: "_CustomerDays") -> bool:
        """Return whether the other one begins when this one ends, at one price at least."""
        if self.days[-1] >= later.days[0]:
            return False
        return any(
            _is_next(days, later.days_by_price[price][0])
            for price, days in self.days_by_price.items()
            if price in later.days_by_price
        )


def renamed(sold: Sequence[Sold], keys: Sequence[str]) -> list[str]:
    """Return the customer's key of each deal, the latest name's where it was renamed.

    `sold` is in order of time, `keys` are the customers by name. One with an ID keeps it
    under any name.
    """
    customers: dict[str, _CustomerDays] = defaultdict(_CustomerDays)
    keys_of_contact: dict[str, dict[str, None]] = defaultdict(dict)
    for deal, key in zip(sold, keys, strict=True):
        customers[key].add(deal)
        contact = name_key(deal.person)
        if contact and not deal.organization_id and not deal.person_id:
            keys_of_contact[contact].setdefault(key)
    later_key: dict[str, str] = {}
    for shared in keys_of_contact.values():
        if len(shared) <= _MOST_CUSTOMERS:
            later_key.update(_successors(shared, customers))
    return [_latest(key, later_key) for key in keys]


def _successors(
    keys: Iterable[str], customers: dict[str, _CustomerDays]
) -> dict[str, str]:
    """Return which customer goes on as which; `keys` are in order of their first days."""
    return {
        key: later
        for key, later in pairwise(keys)
        if customers[key].goes_on_as(customers[later])
    }


def _latest(key: str, later_key: dict[str, str]) -> str:
    while key in later_key:
        key = later_key[key]
    return key


def _is_next(days: Sequence[int], day: int) -> bool:
    """Return whether a day follows the others at their usual distance."""
    if len(days) < 2:
        return False
    usual = median(later - earlier for earlier, later in pairwise(days))
    return abs(day - days[-1] - usual) <= _DAYS + _SHARE * usual
