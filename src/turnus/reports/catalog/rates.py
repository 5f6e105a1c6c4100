"""Retention, churn, averages of each period; NRR and GRR over the twelve months before its end."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
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
from turnus.core.revenue.waterfall import (
    Waterfall,
    WaterfallLine,
    parts_of,
    waterfall,
)
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
from turnus.reports.recurring.source import PARAMETERS, Slice, Source
from turnus.reports.recurring.splits import split_paths
from turnus.reports.recurring.states import states
from turnus.reports.recurring.withholding import (
    a_year_back,
    in_pieces,
    of_the_line,
)
from turnus.reports.shape import Cell, Column, Group, Line, Report, Unit

NAME = "rates"
COLUMNS = (
    Column(
        "nrr",
        gettext_lazy("Net retention (12 months)"),
        Unit.RATE,
        has_parts=True,
    ),
    Column(
        "grr",
        gettext_lazy("Gross retention (12 months)"),
        Unit.RATE,
        has_parts=True,
    ),
    Column(
        "customer_churn",
        gettext_lazy("Customer churn"),
        Unit.RATE,
        has_parts=True,
    ),
    Column(
        "gross_churn",
        gettext_lazy("Gross MRR churn"),
        Unit.RATE,
        has_parts=True,
    ),
    Column(
        "net_churn", gettext_lazy("Net MRR churn"), Unit.RATE, has_parts=True
    ),
    Column("arpa", gettext_lazy("MRR per customer"), has_parts=True),
    Column("asp", gettext_lazy("New MRR per new customer"), has_parts=True),
    Column("ltv", gettext_lazy("Lifetime value"), has_parts=True),
    Column(
        "quick_ratio", gettext_lazy("Quick ratio"), Unit.RATIO, has_parts=True
    ),
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
    rows = {}
    for slice_ in source.slices:
        rates = _RatesOf(source, slice_)
        rows[slice_.part] = rates.rows()
    lines = source.lines(rows)
    withheld = source.ledger.withheld
    return Report(
        NAME, source.params, source.currency, COLUMNS, lines, withheld
    )


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return what a rate divides, and by what."""
    slice_ = source.slice_of(line.part)
    opened = _PartsOf(source, slice_, line.days)
    openers: Mapping[str, Callable[[], tuple[Group, ...]]] = {
        "nrr": opened.net_retention,
        "grr": opened.gross_retention,
        "customer_churn": opened.customer_churn,
        "gross_churn": opened.gross_churn,
        "net_churn": opened.net_churn,
        "arpa": opened.average,
        "asp": opened.new_average,
        "ltv": opened.lifetime_value,
        "quick_ratio": opened.quick_ratio,
    }
    open_rate = openers[column.code]
    return open_rate()


@dataclass(frozen=True, slots=True)
class _PartsOf:
    """What the rates of a line are made of."""

    source: Source
    slice_: Slice
    days: DateRange

    @property
    def last(self) -> date:
        """The last day of the line that is no later than today."""
        return _last(self.source, self.days)

    def net_retention(self) -> tuple[Group, ...]:
        paid = self._year()
        retained = {
            customer: paid.now.get(customer, 0) for customer in paid.before
        }
        return self._retention("kept_net", retained, paid.before)

    def gross_retention(self) -> tuple[Group, ...]:
        paid = self._year()
        retained = {}
        for customer, amount in paid.before.items():
            amount_now = paid.now.get(customer, 0)
            retained[customer] = min(amount, amount_now)
        return self._retention("kept_gross", retained, paid.before)

    def customer_churn(self) -> tuple[Group, ...]:
        return self._churn(self.days)

    def _churn(self, days: DateRange) -> tuple[Group, ...]:
        before = days.start - _DAY
        last = _last(self.source, days)
        paid = self._states(before, last)
        paid_before = paid[before]
        gone = [
            customer for customer in paid_before if customer not in paid[last]
        ]
        left = count("left", self.source, customers(gone, last), days)
        at_opening = customers(paid_before, before)
        return left, count("at_opening", self.source, at_opening, days)

    def gross_churn(self) -> tuple[Group, ...]:
        return self._flow("losses", LOSSES, sign=-1), self._opening()

    def net_churn(self) -> tuple[Group, ...]:
        return self._flow("net_losses", _NET_LOSSES, sign=-1), self._opening()

    def average(self) -> tuple[Group, ...]:
        last = self.last
        paid = self._states(last)[last]
        month = self.source.ledger.scale.per_e4 * 12
        mrr = amounts(paid, month, last)
        paying = customers(paid, last)
        return (
            money("mrr", self.source, mrr),
            count("customers", self.source, paying),
        )

    def new_average(self) -> tuple[Group, ...]:
        (new,) = _new_customers(self.slice_, [self.days])
        new_customers = customers(new, self.days.start)
        return (
            self._flow("new", {WaterfallLine.NEW}),
            count("new_customers", self.source, new_customers),
        )

    def lifetime_value(self) -> tuple[Group, ...]:
        groups = self.average()
        for month in _month_ends(self.last):
            days = DateRange(month.before + _DAY, month.last + _DAY)
            groups += self._churn(days)
        return groups

    def quick_ratio(self) -> tuple[Group, ...]:
        return self._flow("grown", _GROWN), self._flow(
            "losses", LOSSES, sign=-1
        )

    def _year(self) -> PaidTwice:
        last = self.last
        first = _year_before(last)
        states = self._states(first, last)
        return _paid_twice(self.source, self.slice_, first, last, states)

    def _retention(
        self, code: str, retained: Paid, before: Paid
    ) -> tuple[Group, ...]:
        last = self.last
        # Foreign prices were converted anew, into plain ten-thousandths a year; all else is in
        # the ledger's scale.
        scale = 1 if _is_anew(self.source) else self.source.ledger.scale.per_e4
        month = 12 * scale
        amounts_now = amounts(retained, month, last)
        amounts_before = amounts(before, month, _year_before(last))
        return (
            money(code, self.source, amounts_now),
            money("year_before", self.source, amounts_before),
        )

    def _flow(
        self, code: str, classes: Collection[WaterfallLine], *, sign: int = 1
    ) -> Group:
        moved = legs(self.source, self.slice_, self.days, classes, sign=sign)
        return money(code, self.source, moved)

    def _opening(self) -> Group:
        before = self.days.start - _DAY
        subscriptions = standing(self.source, self.slice_.matching, before)
        return money("opening", self.source, subscriptions)

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
        churn = self._churn_by_month(paid)
        new_customers = _new_customers(self.slice_, periods)
        rows = []
        for table, new in zip(tables, new_customers, strict=True):
            cells = self._cells(table, paid, churn, len(new))
            rows.append(cells)
        return rows

    def _churn_by_month(
        self, paid: Mapping[date, Paid]
    ) -> Mapping[MonthEnds, Fraction | None]:
        """Return the churn of each month that a lifetime value looks at.

        Each month is one of six for seven periods: its churn is worked out once.
        """
        churn: dict[MonthEnds, Fraction | None] = {}
        for period in self.source.periods:
            last = _last(self.source, period)
            for month in _month_ends(last):
                if month not in churn:
                    churn[month] = customer_churn(
                        paid[month.before], paid[month.last]
                    )
        return churn

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
        before = table.days.start - _DAY
        last = _last(self.source, table.days)
        flow = FlowRates(table)
        year = _paid_twice(
            self.source, self.slice_, _year_before(last), last, paid
        )
        churn_in_period = customer_churn(paid[before], paid[last])
        average = average_per_customer(table.closing, table.customer_count)
        new_mrr = table.lines[WaterfallLine.NEW]
        new_average = average_per_customer(new_mrr, new_count)
        value = None
        if average is not None:
            monthly_churn = [churn[month] for month in _month_ends(last)]
            value = lifetime_value(average, monthly_churn)
        return (
            shown_rate(net_retention(year.before, year.now)),
            shown_rate(gross_retention(year.before, year.now)),
            shown_rate(churn_in_period),
            shown_rate(flow.gross_churn),
            shown_rate(flow.net_churn),
            self._money(average),
            self._money(new_average),
            self._money(value),
            shown_rate(flow.quick_ratio),
        )

    def _money(self, amount: Fraction | None) -> Money | None:
        if amount is None:
            return None
        return Money.rounded_from(amount, self.source.currency)


def _new_customers(
    slice_: Slice, periods: Sequence[DateRange]
) -> list[set[CustomerKey]]:
    """Return the customers who were new in each period, in the slice."""
    movements = slice_.ledger.movements
    new = [movement for movement in movements if _is_new(movement, slice_)]
    days = [movement.day for movement in new]
    found = []
    for period in periods:
        first = bisect_left(days, period.start)
        end = bisect_left(days, period.end)
        new_in_period = new[first:end]
        found.append({movement.customer for movement in new_in_period})
    return found


def _is_new(movement: Movement, slice_: Slice) -> bool:
    if movement.kind is not MovementKind.NEW:
        return False
    parts = parts_of(movement, slice_.matching)
    return any(line is WaterfallLine.NEW for line, _amount in parts)


def _is_anew(source: Source) -> bool:
    """Return whether retention has to convert foreign prices anew, because their rates vary."""
    return source.has_foreign and source.conversion.on is None


def _paid_twice(
    source: Source,
    slice_: Slice,
    first: date,
    last: date,
    paid: Mapping[date, Paid],
) -> PaidTwice:
    """Return what customers paid on two days, at the rates of the first.

    What currencies did is no retention.
    """
    if not _is_anew(source):
        return PaidTwice(paid[first], paid[last])
    conversion = source.at_rates_of(first)
    active_before = _active(source, slice_, first)
    active_now = _active(source, slice_, last)
    before = recurring_from(active_before, conversion)
    now = recurring_from(active_now, conversion)
    return PaidTwice(before.by_customer, now.by_customer)


def _active(source: Source, slice_: Slice, day: date) -> list[Segment]:
    active = source.active_on(day)
    matching = slice_.matching
    if matching is None:
        return list(active)
    return [segment for segment in active if matching(segment)]


def _last(source: Source, period: DateRange) -> date:
    return min(period.last_day, source.as_of)


def _year_before(day: date) -> date:
    """Return the day a year before; of a month's last day the last one."""
    return add_months(day + _DAY, -12) - _DAY


def _month_ends(last: date) -> list[MonthEnds]:
    """Return the six whole months before the month that `last` lies in, the latest first."""
    month = period_start(last, Period.MONTH)
    ends = [
        add_months(month, -shift) - _DAY for shift in range(_LTV_MONTHS + 1)
    ]
    return [MonthEnds(before, last) for last, before in pairwise(ends)]


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
