"""Cohorts: of the customers who first paid in a month, how many still pay, or how much, after."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from turnus.core.calendar import (
    DateRange,
    Period,
    add_months,
    period_of,
    period_start,
)
from turnus.core.customers import CustomerKey
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.revenue.cohorts import (
    Cohort,
    cohorts_of,
    cohorts_of_sums,
    joined_cohorts,
)
from turnus.core.revenue.facts import Exact, Segment
from turnus.core.revenue.movements import Ledger, MovementKind, ledger_of
from turnus.core.revenue.rates import shown_rate
from turnus.reports.definition import Definition, Parameter
from turnus.reports.recurring.components import (
    amounts,
    count,
    customers,
    money,
)
from turnus.reports.recurring.source import PARAMETERS, Source
from turnus.reports.recurring.states import states
from turnus.reports.shape import (
    Basis,
    Cell,
    Column,
    Group,
    Line,
    Measure,
    Report,
    Unit,
)

NAME = "cohorts"
_SIZE = Column("size", gettext_lazy("Customers"), Unit.COUNT, has_parts=True)
_BASE = Column("base", gettext_lazy("New MRR"), has_parts=True)
#: More months than this are no table any more.
_MOST_MONTHS = 36


def report(source: Source) -> Report:
    """Return a line for each cohort whose month is shown.

    Cells are parts of its size, or of its new MRR.
    """
    days = source.params.days
    first_month = period_start(days.start, Period.MONTH)
    shown_months = DateRange(first_month, days.end)
    computed = _ledger(source.computed)
    all_cohorts = cohorts_of(computed)
    if source.stored is not None:
        sums = source.stored.cohort_sums()
        stored = cohorts_of_sums(sums, source.as_of)
        all_cohorts = joined_cohorts(stored, all_cohorts)
    cohorts = [each for each in all_cohorts if each.month in shown_months]
    longest = max((len(cohort.cells) for cohort in cohorts), default=0)
    month_count = min(longest, _MOST_MONTHS)
    months = [_month_column(number) for number in range(month_count)]
    columns = (_SIZE, _BASE, *months)
    lines = []
    for cohort in cohorts:
        month = period_of(cohort.month, Period.MONTH)
        cells = _cells(source, cohort, month_count)
        lines.append(Line(month, cells))
    params = replace(source.params, period=Period.MONTH)
    return Report(
        NAME, params, source.currency, columns, tuple(lines), computed.withheld
    )


def _month_column(number: int) -> Column:
    heading = _("Month %(number)s") % {"number": number}
    return Column(f"month:{number}", heading, Unit.RATE, has_parts=True)


def _cells(
    source: Source, cohort: Cohort, month_count: int
) -> tuple[Cell, ...]:
    shown = cohort.cells[:month_count]
    if source.params.measure is Measure.REVENUE:
        rates = [shown_rate(cell.revenue_rate) for cell in shown]
    else:
        rates = [shown_rate(cell.customer_rate) for cell in shown]
    base = Money.rounded_from(cohort.base_e4, source.currency)
    months_to_come = month_count - len(rates)
    empty_cells = [None] * months_to_come
    return (cohort.size, base, *rates, *empty_cells)


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return the customers of a cohort; or those that still pay, or what they pay, and its base."""
    ledger = _ledger(source)
    month = line.days
    began = _began_in(month, ledger)
    per_month = ledger.scale.per_e4 * 12
    new_customers = customers(began, month.start)
    new_amounts = amounts(began, per_month, month.start)
    size = count("size", source, new_customers)
    base = money("base", source, new_amounts)
    if column.code == "size":
        return (size,)
    if column.code == "base":
        return (base,)
    number = int(column.code.removeprefix("month:"))
    shown_month = period_of(add_months(month.start, number), Period.MONTH)
    on = min(shown_month.last_day, source.as_of)
    paid_by_all = states(ledger, [on])[on]
    paid = {key: amount for key, amount in paid_by_all.items() if key in began}
    if source.params.measure is Measure.CUSTOMERS:
        return count("still_paying", source, customers(paid, on)), size
    return money("paying_then", source, amounts(paid, per_month, on)), base


def _began_in(month: DateRange, ledger: Ledger) -> dict[CustomerKey, Exact]:
    """Return the customers who first paid in a month, with what they paid."""
    began: dict[CustomerKey, Exact] = {}
    for movement in ledger.movements:
        if movement.kind is MovementKind.NEW and movement.day in month:
            began[movement.customer] = movement.amount
    return began


def _ledger(source: Source) -> Ledger:
    """Return the ledger of what the filter leaves, at constant rates: currencies are no growth.

    By the rates of each booking, a customer is shown at those of the day it began: so the base
    of a cohort is the new MRR of its month.
    """
    matching = source.matching()
    if matching is None and not source.has_foreign:
        return source.ledger
    segments = source.segments
    if matching is not None:
        segments = [segment for segment in segments if matching(segment)]
    if source.params.basis is Basis.BOOKING and source.has_foreign:
        segments = _at_first_rates(segments, source.currency)
    return ledger_of(
        segments, conversion=source.conversion, until=source.as_of
    )


def _at_first_rates(
    segments: Sequence[Segment], currency: str
) -> list[Segment]:
    """Return the segments, foreign ones at the rate of the day their customer first paid."""
    began: dict[CustomerKey, date] = {}
    for segment in segments:
        if segment.price_e4:
            earliest = began.get(segment.customer, segment.start)
            began[segment.customer] = min(segment.start, earliest)
    converted = []
    for segment in segments:
        first_paid_on = began.get(segment.customer)
        is_foreign = segment.currency != currency
        if is_foreign and first_paid_on is not None:
            converted.append(replace(segment, rate_on=first_paid_on))
        else:
            converted.append(segment)
    return converted


REPORT = Definition(
    name=NAME,
    title=gettext_lazy("Cohorts"),
    tab=gettext_lazy("Cohorts"),
    help=gettext_lazy(
        "How much of each month's new customers or revenue is left, month by month."
    ),
    position=40,
    record_kind=RecordKind.SUBSCRIPTION,
    parameters=PARAMETERS - {Parameter.PERIOD, Parameter.SPLIT}
    | {Parameter.MEASURE},
    source=Source,
    report=report,
    is_heated=True,
    parts=parts,
    group_words={
        "size": gettext_lazy("Customers of the cohort"),
        "still_paying": gettext_lazy("Customers who still pay"),
        "paying_then": gettext_lazy("What they pay then"),
        "base": gettext_lazy("New MRR"),
    },
)
