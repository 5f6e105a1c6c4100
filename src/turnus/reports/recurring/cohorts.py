"""Cohorts: of the customers who first paid in a month, how many still pay, and how much, each month after."""

from decimal import Decimal

from turnus.core.calendar import Period, add_months, period_of, period_start
from turnus.core.money import Money
from turnus.core.revenue.cohorts import Cohort, cohorts_of
from turnus.core.revenue.movements import Ledger, MovementKind, ledger_of
from turnus.core.revenue.rates import shown_rate
from turnus.reports.recurring.pieces import amounts, count, customers, money
from turnus.reports.recurring.shape import Basis, Cell, Column, Group, Line, Measure, RevenueReport, Unit
from turnus.reports.recurring.source import Source, states

NAME = "cohorts"
#: More months than this are no table any more.
_MOST_MONTHS = 36


def report(source: Source) -> RevenueReport:
    """Return a line for each cohort whose month is shown; cells are parts of its size, or of its new MRR."""
    first, last = period_start(source.params.days.start, Period.MONTH), source.params.days.last_day
    ledger = _ledger(source)
    found = [one for one in cohorts_of(ledger) if first <= one.month <= last]
    months = min(max((len(one.cells) for one in found), default=0), _MOST_MONTHS)
    columns = (
        Column("size", Unit.COUNT, has_parts=True), Column("base", has_parts=True),
        *(Column(f"month:{number}", Unit.RATE, str(number), has_parts=True) for number in range(months)),
    )  # fmt: skip
    lines = tuple(Line(period_of(one.month, Period.MONTH), _cells(source, one, months)) for one in found)
    return RevenueReport(NAME, source.params, source.currency, columns, lines, ledger.withheld)


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return the customers of a cohort: all of them; or those that still pay, or what they pay, and that of the beginning."""
    ledger, month = _ledger(source), line.days
    began = {one.customer: one for one in ledger.movements if one.kind is MovementKind.NEW and one.day in month}
    per_month = ledger.scale.per_e4 * 12
    size = count("size", source, customers(began, month.start))
    base = money("base", source, amounts({pk: one.amount for pk, one in began.items()}, per_month, month.start))
    if column.code in {"size", "base"}:
        return (size if column.code == "size" else base,)
    number = int(column.code.removeprefix("month:"))
    on = min(period_of(add_months(month.start, number), Period.MONTH).last_day, source.as_of)
    paid = {one: amount for one, amount in states(ledger, [on])[on].items() if one in began}
    if source.params.measure is Measure.CUSTOMERS:
        return count("still_paying", source, customers(paid, on)), size
    return money("paying_then", source, amounts(paid, per_month, on)), base


def _ledger(source: Source) -> Ledger:
    """Return the ledger of what the filter leaves, at constant rates: currencies are no growth."""
    conversion = source.at_rates_of(source.as_of) if source.params.basis is Basis.BOOKING else source.conversion
    matching = source.matching()
    if matching is None and not source.has_foreign:
        return source.ledger
    segments = [one for one in source.segments if matching is None or matching(one)]
    return ledger_of(segments, conversion=conversion, until=source.as_of)


def _cells(source: Source, cohort: Cohort, months: int) -> tuple[Cell, ...]:
    is_revenue = source.params.measure is Measure.REVENUE
    rates: list[Decimal | None] = [
        shown_rate(one.revenue_rate if is_revenue else one.customer_rate) for one in cohort.cells[:months]
    ]
    rest = [None] * (months - len(rates))
    return (cohort.size, Money.rounded_from(cohort.base_e4, source.currency), *rates, *rest)
