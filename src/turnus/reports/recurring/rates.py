"""Retention, churn, averages: the rates of each period, and NRR and GRR over the twelve months before its end."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from turnus.core.calendar import DateRange, Period, add_months, period_start
from turnus.core.money import Money
from turnus.core.revenue.facts import Exact
from turnus.core.revenue.mrr import recurring_on
from turnus.core.revenue.rates import (
    FlowRates,
    average_per_customer,
    customer_churn,
    gross_retention,
    lifetime_value,
    net_retention,
    shown_rate,
)  # fmt: skip
from turnus.core.revenue.waterfall import Line as Class
from turnus.core.revenue.waterfall import Waterfall, waterfall
from turnus.reports.recurring.shape import Cell, Column, Line, Part, Parts, RevenueReport, Unit, parts_of
from turnus.reports.recurring.source import Source, states

NAME = "rates"
COLUMNS = (
    Column("nrr", Unit.RATE, has_parts=True), Column("grr", Unit.RATE, has_parts=True),
    Column("customer_churn", Unit.RATE, has_parts=True), Column("gross_churn", Unit.RATE), Column("net_churn", Unit.RATE),
    Column("arpa"), Column("asp"), Column("ltv"), Column("quick_ratio", Unit.RATIO),
)  # fmt: skip
#: Whole months before the period's end whose churn the lifetime value looks at (metrics 1.7).
_LTV_MONTHS = 6
_Paid = dict[int, Exact]


def report(source: Source) -> RevenueReport:
    """Return the rates; a dash wherever there is nothing to divide by."""
    tables = waterfall(source.ledger, source.periods, source.matching())
    paid = states(source.ledger, [day for one in source.periods for day in _days(source, one)], source.matching())
    lines = tuple(
        Line(days, _cells(source, table, paid), source.is_provisional(days))
        for days, table in zip(source.periods, tables, strict=True)
    )
    return RevenueReport(NAME, source.params, source.currency, COLUMNS, lines, source.ledger.withheld)


def parts(source: Source, column: Column, days: DateRange) -> Parts:
    """Return the customers behind a rate: what each of the opening's pays less (or more) at the closing."""
    last = _last(source, days)
    first = days.start - timedelta(days=1) if column.code == "customer_churn" else _year_before(last)
    before, after = _pair(source, first, last, states(source.ledger, [first, last], source.matching()))
    # Foreign prices were converted anew, into plain ten-thousandths a year; all else is in the ledger's scale.
    is_anew = source.has_foreign and source.conversion.on is None
    month = 12 * (1 if is_anew else source.ledger.scale.per_e4)
    found = [
        Part(customer, _change(column.code, was, after.get(customer, 0)) / month, "", last)
        for customer, was in before.items()
        if column.code != "customer_churn" or customer not in after
    ]
    return parts_of(column, days, source.currency, [one for one in found if one.amount_e4])


def _change(code: str, was: Exact, now: Exact) -> Fraction:
    kept = min(was, now) if code == "grr" else now
    return Fraction(kept) - was


def _cells(source: Source, table: Waterfall, paid: dict[date, _Paid]) -> tuple[Cell, ...]:
    last, flow = _last(source, table.days), FlowRates(table)
    year = _pair(source, _year_before(last), last, paid)
    period = _pair(source, table.days.start - timedelta(days=1), last, paid)
    opening = paid[table.days.start - timedelta(days=1)]
    joined = sum(customer not in opening for customer in paid[last])
    arpa = average_per_customer(table.closing, table.customer_count)
    new = average_per_customer(table.lines[Class.NEW], joined) if table.lines[Class.NEW] else None
    churn = [customer_churn(*pair) for pair in _month_pairs(last, paid)]
    value = lifetime_value(arpa, churn) if arpa is not None else None
    quick = flow.quick_ratio
    return (
        shown_rate(net_retention(*year)), shown_rate(gross_retention(*year)), shown_rate(customer_churn(*period)),
        shown_rate(flow.gross_churn), shown_rate(flow.net_churn), _money(source, arpa), _money(source, new),
        _money(source, value), shown_rate(quick),
    )  # fmt: skip


def _pair(source: Source, first: date, last: date, paid: dict[date, _Paid]) -> tuple[_Paid, _Paid]:
    """Return what customers paid on two days, in any one unit, at the rates of the first: currency is no retention."""
    if source.has_foreign and source.conversion.on is None:
        conversion, matching = source.at_rates_of(first), source.matching()
        both = [recurring_on(day, source.segments, conversion=conversion, matching=matching) for day in (first, last)]
        before, after = (_Paid(each.by_customer) for each in both)
        return before, after
    return paid[first], paid[last]


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
    """Return (day before, last day) of the six whole months before the one that `last` lies in or ends."""
    month = period_start(last + timedelta(days=1), Period.MONTH)
    starts = [add_months(month, -shift) for shift in range(_LTV_MONTHS + 1)]
    ends = [start - timedelta(days=1) for start in starts]
    return list(zip(ends[1:], ends, strict=False))


def _month_pairs(last: date, paid: dict[date, _Paid]) -> Sequence[tuple[_Paid, _Paid]]:
    # Who is a customer does not depend on rates.
    return [(paid[first], paid[end]) for first, end in _month_ends(last)]


def _money(source: Source, amount: Fraction | None) -> Money | None:
    return None if amount is None else Money.rounded_from(amount, source.currency)
