"""MRR and ARR as a state on a day: in total, by customer, by month, and from grouped sums."""

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
    """Recurring revenue on a day: exact, a year's worth in ten-thousandths of `currency`.

    The withheld currencies are in none of it.
    """

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
        month_e4 = self.overdue_arr_e4 / 12
        return Money.rounded_from(month_e4, self.currency)


def segments_on(segments: Iterable[Segment], day: date) -> list[Segment]:
    """Return the one segment of each subscription that counts on `day`: of two, the later one."""
    latest: dict[int, Segment] = {}
    for segment in segments:
        if segment.start <= day:
            other = latest.get(segment.subscription)
            if other is None or other.start <= segment.start:
                latest[segment.subscription] = segment
    return [segment for segment in latest.values() if segment.covers(day)]


def recurring_on(
    day: date,
    segments: Iterable[Segment],
    *,
    conversion: Conversion,
    matching: Matching | None = None,
) -> Recurring:
    """Return what recurs at the end of `day`; with `matching`, of that slice."""
    active = segments_on(segments, day)
    if matching is not None:
        active = [segment for segment in active if matching(segment)]
    return recurring_from(active, conversion)


def recurring_from(
    active: Collection[Segment], conversion: Conversion
) -> Recurring:
    """Return what recurs by segments that all count at the same time."""
    scale = Scale.of_segments(active, conversion)
    withheld = {each.currency for each in scale.withheld}
    by_customer: dict[CustomerKey, int] = {}
    overdue = 0
    for segment in active:
        if segment.price_e4 and segment.currency not in withheld:
            arr = scale.arr_of(segment)
            by_customer[segment.customer] = (
                by_customer.get(segment.customer, 0) + arr
            )
            if segment.is_overdue:
                overdue += arr
    per_e4 = scale.per_e4
    return Recurring(
        currency=scale.currency,
        arr_e4=Fraction(sum(by_customer.values()), per_e4),
        overdue_arr_e4=Fraction(overdue, per_e4),
        by_customer={
            customer: Fraction(arr, per_e4)
            for customer, arr in by_customer.items()
        },
        withheld=scale.withheld,
    )


@dataclass(frozen=True, slots=True)
class PriceSum:
    """Prices that a database has added up, in ten-thousandths.

    One row of GROUP BY cadence, currency, day of the rate.
    """

    cadence: Cadence
    currency: str
    rate_on: date
    price_e4: int


@dataclass(frozen=True, slots=True)
class SummedArr:
    """Exact ARR in ten-thousandths, and the currencies that are not in it."""

    arr_e4: Fraction
    withheld: tuple[Withheld, ...]


def arr_from_sums(
    sums: Collection[PriceSum], conversion: Conversion
) -> SummedArr:
    """Return ARR from grouped sums; the cost is that of the groups.

    >>> from turnus.core.cadence import MONTHLY, WEEKLY
    >>> from turnus.core.revenue.conversion import own_currency
    >>> sums = [PriceSum(each, "EUR", date(2026, 1, 1), 100_000) for each in (MONTHLY, WEEKLY)]
    >>> arr_from_sums(sums, own_currency("EUR")).arr_e4
    Fraction(6400000, 1)
    """
    cadences = {each.cadence for each in sums}
    keys = {
        (each.currency, each.rate_on)
        for each in sums
        if each.currency != conversion.currency
    }
    scale = Scale.of(cadences, keys, conversion)
    total = 0
    for each in sums:
        rate = scale.rate(each.currency, each.rate_on)
        if rate is not None:
            total += each.price_e4 * scale.billings[each.cadence] * rate
    return SummedArr(Fraction(total, scale.per_e4), scale.withheld)


def closing_mrr(
    ledger: Ledger,
    periods: Sequence[DateRange],
    matching: Matching | None = None,
) -> list[Money]:
    """Return MRR as it is shown at the end of each period's last day.

    Of the running period: at the end of the ledger.
    """
    tables = waterfall(ledger, periods, matching)
    return [
        Money.rounded_from(table.closing, table.currency) for table in tables
    ]


def provisional_months(segments: Iterable[Segment], until: date) -> list[date]:
    """Return the first days of the months whose figures may still change: a renewal is overdue."""
    overdue_starts = (each.start for each in segments if each.is_overdue)
    return months_from(min(overdue_starts, default=None), until)


def months_from(first: date | None, until: date) -> list[date]:
    """Return the first days of the months from that of a day on; none without a day."""
    if first is None or first > until:
        return []
    days = DateRange(first, until + timedelta(days=1))
    return list(periods_in(days, Period.MONTH))
