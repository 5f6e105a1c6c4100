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
class CohortCell:
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
    """The customers whose first MRR above 0 fell into `month`.

    They stay in it, also when they leave and come back.
    """

    month: date
    size: int
    #: Their new MRR, exact, in ten-thousandths.
    base_e4: Fraction
    #: At the end of month 0 (which may differ from the base), 1, 2 … up to the ledger's month.
    cells: tuple[CohortCell, ...]


def cohorts_of(ledger: Ledger) -> list[Cohort]:
    """Return the cohorts in order of their months.

    Take a ledger at constant rates, or currencies will look like growth: with each customer at the
    rates of its first day, the base of a cohort is the new MRR of its month.
    """
    tallies: dict[date, _Tally] = {}
    tally_of_customer: dict[CustomerKey, _Tally] = {}
    for movement in ledger.movements:
        customer = movement.customer
        if movement.kind is MovementKind.NEW:
            month = period_start(movement.day, Period.MONTH)
            if month not in tallies:
                tallies[month] = _Tally(month)
            tally_of_customer[customer] = tallies[month]
        tally = tally_of_customer.get(customer)
        if tally is not None:  # whoever never paid has no cohort yet
            tally.add(movement)
    in_order = sorted(tallies.items())
    return [tally.cohort(ledger) for _month, tally in in_order]


class _Tally:
    """How a cohort's revenue and customers changed, by months after its own."""

    def __init__(self, month: date) -> None:
        self.month = month
        self.size = 0
        self.base = 0
        self.arr_changes: Counter[int] = Counter()
        self.customer_changes: Counter[int] = Counter()

    def add(self, movement: Movement) -> None:
        if movement.kind is MovementKind.NEW:
            self.size += 1
            self.base += movement.amount
        month = self._months_to(movement.day)
        self.arr_changes[month] += movement.closing - movement.opening
        paid_before = movement.opening > 0
        pays_after = movement.closing > 0
        self.customer_changes[month] += pays_after - paid_before

    def cohort(self, ledger: Ledger) -> Cohort:
        scale = ledger.scale
        months = range(self._months_to(ledger.until) + 1)
        customer_counts = accumulate(
            self.customer_changes[month] for month in months
        )
        arrs = accumulate(self.arr_changes[month] for month in months)
        cells = []
        for customer_count, arr in zip(customer_counts, arrs, strict=True):
            cell = CohortCell(
                customer_count=customer_count,
                mrr_e4=scale.mrr_e4(arr),
                customer_rate=ratio(customer_count, self.size),
                revenue_rate=ratio(arr, self.base),
            )
            cells.append(cell)
        base_e4 = scale.mrr_e4(self.base)
        return Cohort(self.month, self.size, base_e4, tuple(cells))

    def _months_to(self, day: date) -> int:
        years = day.year - self.month.year
        return years * 12 + day.month - self.month.month
