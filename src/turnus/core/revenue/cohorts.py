"""Cohorts: what became of the customers who first paid in the same month."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate

from turnus.core.calendar import Period, period_start
from turnus.core.customers import CustomerKey
from turnus.core.revenue.movements import Ledger, Movement, MovementKind
from turnus.core.revenue.rates import ratio


@dataclass(frozen=True, slots=True)
class Cell:
    """The state of a cohort at the end of one month."""

    customer_count: int
    #: Exact, in ten-thousandths.
    mrr_e4: Fraction
    #: Customers that pay / all of the cohort.
    customer_rate: Fraction | None
    #: MRR / base; above 1 when the cohort grew.
    revenue_rate: Fraction | None


@dataclass(frozen=True, slots=True)
class Cohort:
    """The customers whose first MRR above 0 fell into `month`; they stay in it, also when they leave and come back."""

    month: date
    size: int
    #: Their new MRR, exact, in ten-thousandths.
    base_e4: Fraction
    #: At the end of month 0 (which may differ from the base), 1, 2 and so on up to the ledger's month.
    cells: tuple[Cell, ...]


def cohorts_of(ledger: Ledger) -> list[Cohort]:
    """Return the cohorts in order of their months; take a ledger at constant rates, or currencies will look like growth.

    Each customer at the rates of the day it began makes the base of a cohort the new MRR of its month.
    """
    cohort_of: dict[CustomerKey, _Tally] = {}
    tallies: dict[date, _Tally] = {}
    for movement in ledger.movements:
        if movement.kind is MovementKind.NEW:
            month = period_start(movement.day, Period.MONTH)
            cohort_of[movement.customer] = tallies.setdefault(month, _Tally(month))
        # Whoever never paid has no cohort yet.
        if movement.customer in cohort_of:
            cohort_of[movement.customer].add(movement)
    return [tally.cohort(ledger) for _, tally in sorted(tallies.items())]


class _Tally:
    """How a cohort's revenue and the number of its customers changed, by months after its own."""

    def __init__(self, month: date) -> None:
        self.month = month
        self.size = self.base = 0
        self.arr: Counter[int] = Counter()
        self.customers: Counter[int] = Counter()

    def add(self, movement: Movement) -> None:
        if movement.kind is MovementKind.NEW:
            self.size += 1
            self.base += movement.amount
        month = self._months_to(movement.day)
        self.arr[month] += movement.closing - movement.opening
        self.customers[month] += (movement.closing > 0) - (movement.opening > 0)

    def cohort(self, ledger: Ledger) -> Cohort:
        months = range(self._months_to(ledger.until) + 1)
        customers = accumulate(self.customers[month] for month in months)
        arr = accumulate(self.arr[month] for month in months)
        cells = tuple(
            Cell(count, ledger.scale.mrr_e4(each), ratio(count, self.size), ratio(each, self.base))
            for count, each in zip(customers, arr, strict=True)
        )
        return Cohort(self.month, self.size, ledger.scale.mrr_e4(self.base), cells)

    def _months_to(self, day: date) -> int:
        return (day.year - self.month.year) * 12 + day.month - self.month.month
