"""MRR and ARR as a state on a day: in total, by customer, by month, and from sums that a database has grouped."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange, Period, periods_in
from turnus.core.customers import CustomerKey
from turnus.core.money import Money
from turnus.core.revenue.conversion import Conversion, Scale, Withheld
from turnus.core.revenue.facts import Matching, Segment
from turnus.core.revenue.movements import Ledger
from turnus.core.revenue.waterfall import waterfall


@dataclass(frozen=True, slots=True)
class Recurring:
    """Recurring revenue on a day, exact, a year's worth in ten-thousandths of `currency`; without the withheld currencies."""

    currency: str
    arr_e4: Fraction
    #: The part whose renewal is missing but inside grace.
    overdue_arr_e4: Fraction
    #: Only customers with more than 0.
    by_customer: dict[CustomerKey, Fraction]
    withheld: tuple[Withheld, ...]

    @property
    def mrr_e4(self) -> Fraction:
        """A month's worth, exact."""
        return self.arr_e4 / 12

    @property
    def arr(self) -> Money:
        """ARR as it is shown: 100 a year is 100.00, not twelve times 8.33."""
        return Money.rounded_from(self.arr_e4, self.currency)

    @property
    def mrr(self) -> Money:
        """MRR as it is shown."""
        return Money.rounded_from(self.mrr_e4, self.currency)

    @property
    def overdue_mrr(self) -> Money:
        """The overdue part of MRR as it is shown."""
        return Money.rounded_from(self.overdue_arr_e4 / 12, self.currency)


def segments_on(segments: Iterable[Segment], day: date) -> list[Segment]:
    """Return the one segment of each subscription that counts on `day`: of two that overlap the later one."""
    by_subscription: dict[int, Segment] = {}
    for segment in segments:
        if segment.start <= day:
            other = by_subscription.get(segment.subscription)
            if other is None or other.start <= segment.start:
                by_subscription[segment.subscription] = segment
    return [segment for segment in by_subscription.values() if segment.covers(day)]


def recurring_on(
    day: date,
    segments: Iterable[Segment],
    *,
    conversion: Conversion,
    matching: Matching | None = None,
) -> Recurring:
    """Return what recurs at the end of `day`, of the slice `matching` if given."""
    return recurring_from(
        [each for each in segments_on(segments, day) if matching is None or matching(each)],
        conversion,
    )


def recurring_from(active: Collection[Segment], conversion: Conversion) -> Recurring:
    """Return what recurs by segments that all count at the same time."""
    scale = Scale.of_segments(active, conversion)
    by_customer: dict[CustomerKey, int] = {}
    overdue = 0
    withheld = {each.currency for each in scale.withheld}
    for segment in active:
        if segment.price_e4 and segment.currency not in withheld:
            arr = scale.arr_of(segment)
            by_customer[segment.customer] = by_customer.get(segment.customer, 0) + arr
            overdue += arr if segment.is_overdue else 0
    exact = {customer: Fraction(arr, scale.per_e4) for customer, arr in by_customer.items()}
    total = Fraction(sum(by_customer.values()), scale.per_e4)
    return Recurring(scale.currency, total, Fraction(overdue, scale.per_e4), exact, scale.withheld)


@dataclass(frozen=True, slots=True)
class PriceSum:
    """Prices that a database has added up, in ten-thousandths: one row of GROUP BY cadence, currency, day of the rate."""

    cadence: Cadence
    currency: str
    rate_on: date
    price_e4: int


def arr_from_sums(
    sums: Collection[PriceSum], conversion: Conversion
) -> tuple[Fraction, tuple[Withheld, ...]]:
    """Return exact ARR in ten-thousandths from grouped sums, and the currencies withheld; the cost is that of the groups.

    >>> from turnus.core.cadence import MONTHLY, WEEKLY
    >>> from turnus.core.revenue.conversion import own_currency
    >>> sums = [PriceSum(each, "EUR", date(2026, 1, 1), 100_000) for each in (MONTHLY, WEEKLY)]
    >>> arr_from_sums(sums, own_currency("EUR"))
    (Fraction(6400000, 1), ())
    """
    keys = {(each.currency, each.rate_on) for each in sums if each.currency != conversion.currency}
    scale = Scale.of({each.cadence for each in sums}, keys, conversion)
    rates = [(each, scale.rate(each.currency, each.rate_on)) for each in sums]
    total = sum(
        each.price_e4 * scale.billings[each.cadence] * rate
        for each, rate in rates
        if rate is not None
    )
    return Fraction(total, scale.per_e4), scale.withheld


def closing_mrr(
    ledger: Ledger, periods: Sequence[DateRange], matching: Matching | None = None
) -> list[Money]:
    """Return MRR at the end of each period's last day, of the running one at the end of the ledger, as it is shown."""
    return [
        Money.rounded_from(each.closing, each.currency)
        for each in waterfall(ledger, periods, matching)
    ]


def provisional_months(segments: Iterable[Segment], until: date) -> list[date]:
    """Return the first days of the months whose figures may still change, because a renewal is overdue in them."""
    first = min((each.start for each in segments if each.is_overdue), default=None)
    if first is None or first > until:
        return []
    return list(periods_in(DateRange(first, until + timedelta(days=1)), Period.MONTH))
