"""Deals that were entered with those of many other customers, in one sitting.

Whoever enters a whole list has no eye for the day that a copy is due: the day of such
a deal says less about its period than that of a deal entered alone.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from turnus.core.detection.facts import Sitting, Sold

SITTING_MINUTES = 60
#: Customers in one sitting from which on it is of that kind.
_LEAST_CUSTOMERS = {Sitting.LIST: 8, Sitting.SEVERAL: 4, Sitting.FEW: 2}
#: Hours of work in a month.
_WORK_HOURS = 170
#: So many times as many customers as an hour has on average are chance yet.
_CHANCE = 3


def sittings_of(
    sold: Sequence[Sold], customers: Sequence[int]
) -> dict[int, Sitting]:
    """Return how each deal was entered, by deal; deals without a time of day are missing.

    `customers` are those of the deals, in the same order.
    """
    by_hour: dict[tuple[date, int], set[int]] = defaultdict(set)
    for deal, customer in zip(sold, customers, strict=True):
        if deal.minute is not None:
            by_hour[_hour(deal, deal.minute)].add(customer)
    usual = _usual_customers(by_hour)
    sittings: dict[int, Sitting] = {}
    for deal in sold:
        if deal.minute is not None:
            count = len(by_hour[_hour(deal, deal.minute)])
            chance = _CHANCE * usual[_month(deal.won_on)]
            sittings[deal.deal] = _sitting(count - chance)
    return sittings


def _hour(deal: Sold, minute: int) -> tuple[date, int]:
    return deal.won_on, minute // SITTING_MINUTES


def _month(day: date) -> date:
    return day.replace(day=1)


def _usual_customers(
    by_hour: Mapping[tuple[date, int], set[int]],
) -> dict[date, float]:
    """Return how many customers each hour would have if a month's were entered evenly."""
    usual: dict[date, float] = defaultdict(float)
    for (day, _hour), customers in by_hour.items():
        usual[_month(day)] += len(customers) / _WORK_HOURS
    return usual


def _sitting(customer_count: float) -> Sitting:
    for sitting, least in _LEAST_CUSTOMERS.items():
        if customer_count >= least:
            return sitting
    return Sitting.ALONE
