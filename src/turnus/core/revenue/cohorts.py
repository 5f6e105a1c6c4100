"""Cohorts: what became of the customers who first paid in the same month."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate
from math import lcm
from typing import NamedTuple

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

    def with_(self, other: "Cohort") -> "Cohort":
        """Return the cohort of the customers of both, which are of the same month."""
        size = self.size + other.size
        base_e4 = self.base_e4 + other.base_e4
        cells = [
            _cell(
                own.customer_count + more.customer_count,
                own.mrr_e4 + more.mrr_e4,
                size,
                base_e4,
            )
            for own, more in zip(self.cells, other.cells, strict=True)
        ]
        return Cohort(self.month, size, base_e4, tuple(cells))


def _cell(
    customer_count: int, mrr_e4: Fraction, size: int, base_e4: Fraction
) -> CohortCell:
    return CohortCell(
        customer_count=customer_count,
        mrr_e4=mrr_e4,
        customer_rate=ratio(customer_count, size),
        revenue_rate=ratio(mrr_e4, base_e4),
    )


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
    unit = ledger.scale.per_e4
    return [tally.cohort(ledger.until, unit) for _month, tally in in_order]


class CohortSum(NamedTuple):
    """What moved in a month of the customers of a cohort, added up by a database.

    `per_e4` of `amount` are a ten-thousandth a year. Of the movements that made them customers
    (`is_new`), `gained` is how many they are.
    """

    cohort: date
    month: date
    is_new: bool
    per_e4: int
    amount: int
    gained: int


def cohorts_of_sums(sums: Iterable[CohortSum], until: date) -> list[Cohort]:
    """Return the cohorts as `cohorts_of` makes them from the movements until a day.

    >>> new = CohortSum(date(2026, 1, 1), date(2026, 1, 1), True, 1, 1_200, 1)
    >>> left = CohortSum(date(2026, 1, 1), date(2026, 2, 1), False, 1, -1_200, -1)
    >>> [cohort] = cohorts_of_sums([new, left], date(2026, 2, 14))
    >>> cohort.size, [cell.customer_count for cell in cohort.cells]
    (1, [1, 0])
    """
    known = list(sums)
    unit = lcm(*(each.per_e4 for each in known))
    tallies: dict[date, _Tally] = {}
    for each in known:
        tally = tallies.setdefault(each.cohort, _Tally(each.cohort))
        tally.add_sum(each, each.amount * (unit // each.per_e4))
    in_order = sorted(tallies.items())
    return [tally.cohort(until, unit) for _month, tally in in_order]


def joined_cohorts(
    cohorts: Iterable[Cohort], others: Iterable[Cohort]
) -> list[Cohort]:
    """Return the cohorts of two sets of customers, until the same day, as those of all."""
    by_month = {cohort.month: cohort for cohort in cohorts}
    for other in others:
        own = by_month.get(other.month)
        by_month[other.month] = other if own is None else own.with_(other)
    return [cohort for _month, cohort in sorted(by_month.items())]


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

    def add_sum(self, added: CohortSum, amount: int) -> None:
        if added.is_new:
            self.size += added.gained
            self.base += amount
        month = self._months_to(added.month)
        self.arr_changes[month] += amount
        self.customer_changes[month] += added.gained

    def cohort(self, until: date, per_e4: int) -> Cohort:
        """Return the cohort; `per_e4` of the amounts are a ten-thousandth a year."""
        months = range(self._months_to(until) + 1)
        customer_counts = accumulate(
            self.customer_changes[month] for month in months
        )
        arrs = accumulate(self.arr_changes[month] for month in months)
        month_unit = per_e4 * 12
        base_e4 = Fraction(self.base, month_unit)
        cells = []
        for customer_count, arr in zip(customer_counts, arrs, strict=True):
            mrr_e4 = Fraction(arr, month_unit)
            cells.append(_cell(customer_count, mrr_e4, self.size, base_e4))
        return Cohort(self.month, self.size, base_e4, tuple(cells))

    def _months_to(self, day: date) -> int:
        years = day.year - self.month.year
        return years * 12 + day.month - self.month.month
