"""Retention, churn, averages of each period; NRR and GRR over the twelve months before its end."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import starmap
from typing import NamedTuple

from django.utils.translation import gettext_lazy

from turnus.core.calendar import DateRange, Period, add_months, period_start
from turnus.core.customers import CustomerKey
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.revenue.facts import Segment
from turnus.core.revenue.movements import Movement, MovementKind
from turnus.core.revenue.mrr import recurring_from
from turnus.core.revenue.rates import (
    FlowRates,
    average_per_customer,
    customer_churn,
    gross_retention,
    lifetime_value,
    net_retention,
    shown_rate,
)
from turnus.core.revenue.waterfall import Waterfall, WaterfallLine, parts_of, waterfall
from turnus.reports.cards import cards_of_first_columns
from turnus.reports.charts import ChartKind, chart_of_columns
from turnus.reports.definition import Definition
from turnus.reports.recurring.comparing import line_before_last
from turnus.reports.recurring.components import (
    LOSSES,
    Paid,
    amounts,
    count,
    customers,
    legs,
    money,
    standing,
)
from turnus.reports.recurring.source import (
    PARAMETERS,
    Slice,
    Source,
    split_paths,
    states,
)
from turnus.reports.recurring.withholding import a_year_back, in_pieces, of_the_line
from turnus.reports.shape import Cell, Column, Group, Line, Report, Unit

NAME = "rates"
COLUMNS = (
    Column("nrr", gettext_lazy("Net retention (12 months)"), Unit.RATE, has_parts=True),
    Column(
        "grr", gettext_lazy("Gross retention (12 months)"), Unit.RATE, has_parts=True
    ),
    Column("customer_churn", gettext_lazy("Customer churn"), Unit.RATE, has_parts=True),
    Column("gross_churn", gettext_lazy("Gross MRR churn"), Unit.RATE, has_parts=True),
    Column("net_churn", gettext_lazy("Net MRR churn"), Unit.RATE, has_parts=True),
    Column("arpa", gettext_lazy("MRR per customer"), has_parts=True),
    Column("asp", gettext_lazy("New MRR per new customer"), has_parts=True),
    Column("ltv", gettext_lazy("Lifetime value"), has_parts=True),
    Column("quick_ratio", gettext_lazy("Quick ratio"), Unit.RATIO, has_parts=True),
)
#: Whole months before the line's own month whose churn the lifetime value looks at.
_LTV_MONTHS = 6
_GROWN = frozenset({WaterfallLine.NEW, WaterfallLine.EXPANSION})
_NET_LOSSES = LOSSES | {WaterfallLine.EXPANSION, WaterfallLine.REACTIVATION}
_DAY = timedelta(days=1)


class MonthEnds(NamedTuple):
    """A whole month: the day before it, and its last day."""

    before: date
    last: date


class PaidTwice(NamedTuple):
    """What customers paid a year before, and what they pay now, in any one unit."""

    before: Paid
    now: Paid


def report(source: Source) -> Report:
    """Return the rates; a dash wherever there is nothing to divide by."""
    rows = {slice_.part: _RatesOf(source, slice_).rows() for slice_ in source.slices}
    withheld = source.ledger.withheld
    return Report(
        NAME, source.params, source.currency, COLUMNS, source.lines(rows), withheld
    )


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return what a rate divides, and by what."""
    opened = _PartsOf(source, source.slice_of(line.part), line.days)
    made: Mapping[str, Callable[[], tuple[Group, ...]]] = {
        "nrr": opened.net_retention,
        "grr": opened.gross_retention,
        "customer_churn": lambda: opened.churn(line.days),
        "gross_churn": opened.gross_churn,
        "net_churn": opened.net_churn,
        "arpa": opened.average,
        "asp": opened.new_average,
        "ltv": opened.lifetime_value,
        "quick_ratio": opened.quick_ratio,
    }
    return made[column.code]()


@dataclass(frozen=True, slots=True)
class _PartsOf:
    """What the rates of a line are made of."""

    source: Source
    slice_: Slice
    days: DateRange

    def net_retention(self) -> tuple[Group, ...]:
        paid = self._year()
        kept = {customer: paid.now.get(customer, 0) for customer in paid.before}
        return self._retention("kept_net", kept, paid.before)

    def gross_retention(self) -> tuple[Group, ...]:
        paid = self._year()
        kept = {
            customer: min(amount, paid.now.get(customer, 0))
            for customer, amount in paid.before.items()
        }
        return self._retention("kept_gross", kept, paid.before)

    def churn(self, days: DateRange) -> tuple[Group, ...]:
        first = days.start - _DAY
        last = _last(self.source, days)
        paid = self._states(first, last)
        gone = [customer for customer in paid[first] if customer not in paid[last]]
        left = count("left", self.source, customers(gone, last), days)
        opening = count("at_opening", self.source, customers(paid[first], first), days)
        return left, opening

    def gross_churn(self) -> tuple[Group, ...]:
        return self._flow("losses", LOSSES, sign=-1), self._opening()

    def net_churn(self) -> tuple[Group, ...]:
        return self._flow("net_losses", _NET_LOSSES, sign=-1), self._opening()

    def average(self) -> tuple[Group, ...]:
        last = _last(self.source, self.days)
        paid = self._states(last)[last]
        month = self.source.ledger.scale.per_e4 * 12
        whole = money("mrr", self.source, amounts(paid, month, last))
        return whole, count("customers", self.source, customers(paid, last))

    def new_average(self) -> tuple[Group, ...]:
        (new,) = _new_customers(self.slice_, [self.days])
        counted = count("new_customers", self.source, customers(new, self.days.start))
        return self._flow("new", {WaterfallLine.NEW}), counted

    def lifetime_value(self) -> tuple[Group, ...]:
        groups = self.average()
        for month in _month_ends(_last(self.source, self.days)):
            groups += self.churn(DateRange(month.before + _DAY, month.last + _DAY))
        return groups

    def quick_ratio(self) -> tuple[Group, ...]:
        return self._flow("grown", _GROWN), self._flow("losses", LOSSES, sign=-1)

    def _year(self) -> PaidTwice:
        last = _last(self.source, self.days)
        first = _year_before(last)
        return _paid_twice(
            self.source, self.slice_, first, last, self._states(first, last)
        )

    def _retention(self, code: str, kept: Paid, before: Paid) -> tuple[Group, ...]:
        last = _last(self.source, self.days)
        # Foreign prices were converted anew, into plain ten-thousandths a year; all else is in
        # the ledger's scale.
        scale = 1 if _is_anew(self.source) else self.source.ledger.scale.per_e4
        month = 12 * scale
        now = money(code, self.source, amounts(kept, month, last))
        then = money(
            "year_before", self.source, amounts(before, month, _year_before(last))
        )
        return now, then

    def _flow(
        self, code: str, classes: Collection[WaterfallLine], *, sign: int = 1
    ) -> Group:
        moved = legs(self.source, self.slice_, self.days, classes, sign=sign)
        return money(code, self.source, moved)

    def _opening(self) -> Group:
        before = self.days.start - _DAY
        return money(
            "opening", self.source, standing(self.source, self.slice_.matching, before)
        )

    def _states(self, *days: date) -> Mapping[date, Paid]:
        return states(self.slice_.ledger, days, self.slice_.matching)


@dataclass(frozen=True, slots=True)
class _RatesOf:
    """The rates of a slice, line by line."""

    source: Source
    slice_: Slice

    def rows(self) -> list[tuple[Cell, ...]]:
        periods = self.source.periods
        tables = waterfall(self.slice_.ledger, periods, self.slice_.matching)
        paid = self._states()
        # Each month is one of six for seven periods: its churn is worked out once.
        churn = {}
        for period in periods:
            for month in _month_ends(_last(self.source, period)):
                if month not in churn:
                    churn[month] = customer_churn(paid[month.before], paid[month.last])
        new = _new_customers(self.slice_, periods)
        rows = []
        for table, joined in zip(tables, new, strict=True):
            rows.append(self._cells(table, paid, churn, len(joined)))
        return rows

    def _states(self) -> Mapping[date, Paid]:
        """Return what customers pay on all days that any of the rates looks at."""
        days: list[date] = []
        for period in self.source.periods:
            last = _last(self.source, period)
            days += [period.start - _DAY, last, _year_before(last)]
            for month in _month_ends(last):
                days += month
        return states(self.slice_.ledger, days, self.slice_.matching)

    def _cells(
        self,
        table: Waterfall,
        paid: Mapping[date, Paid],
        churn: Mapping[MonthEnds, Fraction | None],
        new_count: int,
    ) -> tuple[Cell, ...]:
        last = _last(self.source, table.days)
        flow = FlowRates(table)
        year = _paid_twice(self.source, self.slice_, _year_before(last), last, paid)
        average = average_per_customer(table.closing, table.customer_count)
        new_average = average_per_customer(table.lines[WaterfallLine.NEW], new_count)
        value = None
        if average is not None:
            value = lifetime_value(
                average, [churn[month] for month in _month_ends(last)]
            )
        return (
            shown_rate(net_retention(*year)),
            shown_rate(gross_retention(*year)),
            shown_rate(customer_churn(paid[table.days.start - _DAY], paid[last])),
            shown_rate(flow.gross_churn),
            shown_rate(flow.net_churn),
            self._money(average),
            self._money(new_average),
            self._money(value),
            shown_rate(flow.quick_ratio),
        )

    def _money(self, amount: Fraction | None) -> Money | None:
        return (
            None if amount is None else Money.rounded_from(amount, self.source.currency)
        )


def _new_customers(
    slice_: Slice, periods: Sequence[DateRange]
) -> list[set[CustomerKey]]:
    """Return the customers who were new in each period, in the slice."""
    new = [
        movement for movement in slice_.ledger.movements if _is_new(movement, slice_)
    ]
    days = [movement.day for movement in new]
    found = []
    for period in periods:
        first = bisect_left(days, period.start)
        end = bisect_left(days, period.end)
        found.append({movement.customer for movement in new[first:end]})
    return found


def _is_new(movement: Movement, slice_: Slice) -> bool:
    if movement.kind is not MovementKind.NEW:
        return False
    return any(
        line is WaterfallLine.NEW for line, _ in parts_of(movement, slice_.matching)
    )


def _is_anew(source: Source) -> bool:
    """Return whether retention has to convert foreign prices anew, because their rates vary."""
    return source.has_foreign and source.conversion.on is None


def _paid_twice(
    source: Source, slice_: Slice, first: date, last: date, paid: Mapping[date, Paid]
) -> PaidTwice:
    """Return what customers paid on two days, at the rates of the first.

    What currencies did is no retention.
    """
    if not _is_anew(source):
        return PaidTwice(paid[first], paid[last])
    conversion = source.at_rates_of(first)
    before = recurring_from(_active(source, slice_, first), conversion)
    now = recurring_from(_active(source, slice_, last), conversion)
    return PaidTwice(before.by_customer, now.by_customer)


def _active(source: Source, slice_: Slice, day: date) -> list[Segment]:
    active = source.active_on(day)
    matching = slice_.matching
    return (
        list(active) if matching is None else [one for one in active if matching(one)]
    )


def _last(source: Source, period: DateRange) -> date:
    return min(period.last_day, source.as_of)


def _year_before(day: date) -> date:
    """Return the day a year before; of a month's last day the last one."""
    return add_months(day + _DAY, -12) - _DAY


def _month_ends(last: date) -> list[MonthEnds]:
    """Return the six whole months before the month that `last` lies in, the latest first."""
    month = period_start(last, Period.MONTH)
    ends = [add_months(month, -shift) - _DAY for shift in range(_LTV_MONTHS + 1)]
    return list(starmap(MonthEnds, zip(ends[1:], ends, strict=False)))


_in_pieces = in_pieces(report, a_year_back)

REPORT = Definition(
    name=NAME,
    title=gettext_lazy("Retention and churn"),
    tab=gettext_lazy("Retention and churn"),
    help=gettext_lazy(
        "How much recurring revenue stays, and what a customer is worth."
    ),
    position=30,
    record_kind=RecordKind.SUBSCRIPTION,
    parameters=PARAMETERS,
    source=Source,
    report=_in_pieces,
    splits=split_paths,
    parts=of_the_line(parts),
    group_words={
        "kept_net": gettext_lazy("What these customers pay now"),
        "kept_gross": gettext_lazy("What is left of it"),
        "year_before": gettext_lazy("Paid twelve months before"),
        "left": gettext_lazy("Customers who left"),
        "at_opening": gettext_lazy("Customers at the start"),
        "losses": gettext_lazy("Churn and contraction"),
        "net_losses": gettext_lazy(
            "Churn and contraction less expansion and reactivation"
        ),
        "opening": gettext_lazy("MRR at the start"),
        "grown": gettext_lazy("New and expansion"),
        "new": gettext_lazy("New MRR"),
        "new_customers": gettext_lazy("New customers"),
        "mrr": gettext_lazy("MRR"),
        "customers": gettext_lazy("Customers"),
    },
    rules={
        "ltv": gettext_lazy(
            "MRR ÷ customers, divided by the average monthly churn "
            "(customers who left ÷ customers at the start)"
        ),
    },
    before=line_before_last,
    cards=cards_of_first_columns(5),
    chart=chart_of_columns(ChartKind.LINE, {"nrr", "grr"}, unit=Unit.RATE),
)
