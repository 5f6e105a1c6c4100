"""Cohorts: of the customers who first paid in a month, how many still pay, and how much, each month after."""

from decimal import Decimal
from fractions import Fraction

from turnus.core.calendar import DateRange, Period, add_months, period_of, period_start
from turnus.core.money import Money
from turnus.core.revenue.cohorts import Cohort, cohorts_of
from turnus.core.revenue.movements import Ledger, MovementKind, ledger_of
from turnus.core.revenue.rates import shown_rate
from turnus.reports.recurring.shape import (
    Basis,
    Cell,
    Column,
    Line,
    Measure,
    Part,
    Parts,
    RevenueReport,
    Unit,
    parts_of,
)  # fmt: skip
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
        Column("size", Unit.COUNT), Column("base", has_parts=True),
        *(Column(f"month:{number}", Unit.RATE, str(number), has_parts=True) for number in range(months)),
    )  # fmt: skip
    lines = tuple(Line(period_of(one.month, Period.MONTH), _cells(source, one, months)) for one in found)
    return RevenueReport(NAME, source.params, source.currency, columns, lines, ledger.withheld)


def parts(source: Source, column: Column, days: DateRange) -> Parts:
    """Return the customers of a cohort with their MRR at the end of a month, or with what they began with."""
    ledger = _ledger(source)
    began = {
        one.customer: one
        for one in ledger.movements
        if one.kind is MovementKind.NEW and period_start(one.day, Period.MONTH) == days.start
    }
    month = ledger.scale.per_e4 * 12
    if column.code == "base":
        found = [Part(one.customer, Fraction(one.amount, month), "", one.day) for one in began.values()]
        return parts_of(column, days, source.currency, found)
    number = int(column.code.removeprefix("month:"))
    on = min(period_of(add_months(days.start, number), Period.MONTH).last_day, source.as_of)
    paid = states(ledger, [on])[on]
    found = [Part(one, Fraction(paid[one]) / month, "", began[one].day) for one in began if one in paid]
    return parts_of(column, days, source.currency, found)


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
