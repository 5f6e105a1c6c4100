"""Retention, churn, averages: the rates of each period, and NRR and GRR over the twelve months before its end."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import partial

from django.utils.translation import gettext_lazy

from turnus.core.calendar import DateRange, Period, add_months, period_start
from turnus.core.customers import CustomerKey
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.revenue.facts import Segment
from turnus.core.revenue.movements import MovementKind
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
from turnus.reports.recurring.source import PARAMETERS, Slice, Source, split_paths, states
from turnus.reports.recurring.withholding import a_year_back, in_pieces, of_the_line
from turnus.reports.shape import Cell, Column, Group, Line, Report, Unit

NAME = "rates"
COLUMNS = (
    Column("nrr", gettext_lazy("Net retention (12 months)"), Unit.RATE, has_parts=True),
    Column("grr", gettext_lazy("Gross retention (12 months)"), Unit.RATE, has_parts=True),
    Column("customer_churn", gettext_lazy("Customer churn"), Unit.RATE, has_parts=True),
    Column("gross_churn", gettext_lazy("Gross MRR churn"), Unit.RATE, has_parts=True),
    Column("net_churn", gettext_lazy("Net MRR churn"), Unit.RATE, has_parts=True),
    Column("arpa", gettext_lazy("MRR per customer"), has_parts=True),
    Column("asp", gettext_lazy("New MRR per new customer"), has_parts=True),
    Column("ltv", gettext_lazy("Lifetime value"), has_parts=True),
    Column("quick_ratio", gettext_lazy("Quick ratio"), Unit.RATIO, has_parts=True),
)
#: Whole months before the line's own month whose churn the lifetime value looks at (metrics 1.7).
_LTV_MONTHS = 6
_GROWN = frozenset({WaterfallLine.NEW, WaterfallLine.EXPANSION})
_Monthly = Mapping[tuple[date, date], Fraction | None]
_NET_LOSSES = LOSSES | {WaterfallLine.EXPANSION, WaterfallLine.REACTIVATION}


def report(source: Source) -> Report:
    """Return the rates; a dash wherever there is nothing to divide by."""
    rows = {one.part: _rows(source, one) for one in source.slices}
    withheld = source.ledger.withheld
    return Report(NAME, source.params, source.currency, COLUMNS, source.lines(rows), withheld)


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return what a rate divides, and by what."""
    slice_ = source.slice_of(line.part)
    if column.code in {"nrr", "grr"}:
        return _retention_parts(source, slice_, line.days, is_gross=column.code == "grr")
    if column.code in {"arpa", "ltv", "customer_churn"}:
        return _customer_parts(source, slice_, column.code, line.days)
    flows = partial(legs, source, slice_, line.days)
    if column.code == "asp":
        (new,) = _new_customers(slice_, [line.days])
        return money("new", source, flows([WaterfallLine.NEW])), count(
            "new_customers", source, customers(new, line.days.start)
        )
    if column.code == "quick_ratio":
        return money("grown", source, flows(_GROWN)), money(
            "losses", source, flows(LOSSES, sign=-1)
        )
    lost = flows(LOSSES if column.code == "gross_churn" else _NET_LOSSES, sign=-1)
    opening = standing(source, slice_.matching, line.days.start - timedelta(days=1))
    return money("losses" if column.code == "gross_churn" else "net_losses", source, lost), money(
        "opening", source, opening
    )


def _retention_parts(
    source: Source, slice_: Slice, days: DateRange, *, is_gross: bool
) -> tuple[Group, ...]:
    last = _last(source, days)
    first = _year_before(last)
    before, after = _pair(
        source, slice_, first, last, states(slice_.ledger, [first, last], slice_.matching)
    )
    kept = {
        one: min(was, after.get(one, 0)) if is_gross else after.get(one, 0)
        for one, was in before.items()
    }
    # Foreign prices were converted anew, into plain ten-thousandths a year; all else is in the ledger's scale.
    month = 12 * (1 if _is_anew(source) else source.ledger.scale.per_e4)
    code = "kept_gross" if is_gross else "kept_net"
    return money(code, source, amounts(kept, month, last)), money(
        "year_before", source, amounts(before, month, first)
    )


def _customer_parts(source: Source, slice_: Slice, code: str, days: DateRange) -> tuple[Group, ...]:
    last = _last(source, days)
    if code == "customer_churn":
        return _churn_parts(source, slice_, days)
    paid = states(slice_.ledger, [last], slice_.matching)[last]
    whole = money("mrr", source, amounts(paid, source.ledger.scale.per_e4 * 12, last))
    found: tuple[Group, ...] = (whole, count("customers", source, customers(paid, last)))
    if code == "ltv":
        for first, end in _month_ends(last):
            found += _churn_parts(
                source, slice_, DateRange(first + timedelta(days=1), end + timedelta(days=1))
            )
    return found


def _churn_parts(source: Source, slice_: Slice, days: DateRange) -> tuple[Group, ...]:
    first, last = days.start - timedelta(days=1), _last(source, days)
    paid = states(slice_.ledger, [first, last], slice_.matching)
    gone = [one for one in paid[first] if one not in paid[last]]
    return (
        count("left", source, customers(gone, last), days),
        count("at_opening", source, customers(paid[first], first), days),
    )


def _rows(source: Source, slice_: Slice) -> list[tuple[Cell, ...]]:
    tables = waterfall(slice_.ledger, source.periods, slice_.matching)
    paid = states(
        slice_.ledger,
        [day for one in source.periods for day in _days(source, one)],
        slice_.matching,
    )
    # Each month is one of six for seven periods: its churn is worked out once.
    monthly = {pair for one in source.periods for pair in _month_ends(_last(source, one))}
    churn = {(first, end): customer_churn(paid[first], paid[end]) for first, end in monthly}
    new = _new_customers(slice_, source.periods)
    return [
        _cells(source, slice_, table, paid, churn, len(joined))
        for table, joined in zip(tables, new, strict=True)
    ]


def _cells(
    source: Source,
    slice_: Slice,
    table: Waterfall,
    paid: Mapping[date, Paid],
    monthly: _Monthly,
    new_count: int,
) -> tuple[Cell, ...]:
    last, flow = _last(source, table.days), FlowRates(table)
    year = _pair(source, slice_, _year_before(last), last, paid)
    arpa = average_per_customer(table.closing, table.customer_count)
    asp = average_per_customer(table.lines[WaterfallLine.NEW], new_count)
    value = (
        lifetime_value(arpa, [monthly[pair] for pair in _month_ends(last)])
        if arpa is not None
        else None
    )
    left = customer_churn(paid[table.days.start - timedelta(days=1)], paid[last])
    return (
        shown_rate(net_retention(*year)),
        shown_rate(gross_retention(*year)),
        shown_rate(left),
        shown_rate(flow.gross_churn),
        shown_rate(flow.net_churn),
        _money(source, arpa),
        _money(source, asp),
        _money(source, value),
        shown_rate(flow.quick_ratio),
    )


def _new_customers(slice_: Slice, periods: Sequence[DateRange]) -> list[set[CustomerKey]]:
    """Return the customers who were new in each period, in the slice."""
    new = [
        one
        for one in slice_.ledger.movements
        if one.kind is MovementKind.NEW
        and any(line is WaterfallLine.NEW for line, _ in parts_of(one, slice_.matching))
    ]
    days = [one.day for one in new]
    bounds = [(bisect_left(days, each.start), bisect_left(days, each.end)) for each in periods]
    return [{one.customer for one in new[start:end]} for start, end in bounds]


def _is_anew(source: Source) -> bool:
    return source.has_foreign and source.conversion.on is None


def _pair(
    source: Source, slice_: Slice, first: date, last: date, paid: Mapping[date, Paid]
) -> tuple[Paid, Paid]:
    """Return what customers paid on two days, in any one unit, at the rates of the first: currency is no retention."""
    if _is_anew(source):
        conversion = source.at_rates_of(first)
        before, after = (
            recurring_from(_active(source, slice_, day), conversion).by_customer
            for day in (first, last)
        )
        return before, after
    return paid[first], paid[last]


def _active(source: Source, slice_: Slice, day: date) -> list[Segment]:
    matching = slice_.matching
    return [one for one in source.active_on(day) if matching is None or matching(one)]


def _days(source: Source, period: DateRange) -> list[date]:
    last = _last(source, period)
    ends = [day for pair in _month_ends(last) for day in pair]
    return [period.start - timedelta(days=1), last, _year_before(last), *ends]


def _last(source: Source, period: DateRange) -> date:
    return min(period.last_day, source.as_of)


def _year_before(day: date) -> date:
    """Return the day a year before; of a month's last day the last one."""
    return add_months(day + timedelta(days=1), -12) - timedelta(days=1)


def _month_ends(last: date) -> list[tuple[date, date]]:
    """Return (day before, last day) of the six whole months before the month that `last` lies in."""
    month = period_start(last, Period.MONTH)
    starts = [add_months(month, -shift) for shift in range(_LTV_MONTHS + 1)]
    ends = [start - timedelta(days=1) for start in starts]
    return list(zip(ends[1:], ends, strict=False))


def _money(source: Source, amount: Fraction | None) -> Money | None:
    return None if amount is None else Money.rounded_from(amount, source.currency)


_in_pieces = in_pieces(report, a_year_back)

REPORT = Definition(
    name=NAME,
    title=gettext_lazy("Retention and churn"),
    tab=gettext_lazy("Retention and churn"),
    help=gettext_lazy("How much of what recurs stays, and what a customer is worth."),
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
        "at_opening": gettext_lazy("Customers at the beginning"),
        "losses": gettext_lazy("Churn and contraction"),
        "net_losses": gettext_lazy("Churn and contraction less expansion and reactivation"),
        "opening": gettext_lazy("MRR at the beginning"),
        "grown": gettext_lazy("New and expansion"),
        "new": gettext_lazy("New MRR"),
        "new_customers": gettext_lazy("New customers"),
        "mrr": gettext_lazy("MRR"),
        "customers": gettext_lazy("Customers"),
    },
    rules={
        "ltv": gettext_lazy(
            "MRR ÷ customers, divided by the average of the months' rates "
            "(customers who left ÷ customers at the beginning)"
        ),
    },
    before=line_before_last,
    cards=cards_of_first_columns(5),
    chart=chart_of_columns(ChartKind.LINE, {"nrr", "grr"}, unit=Unit.RATE),
)
