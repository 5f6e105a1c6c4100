"""Cohorts: of the customers who first paid in a month, how many still pay, and how much, each month after."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from turnus.core.calendar import Period, add_months, period_of, period_start
from turnus.core.customers import CustomerKey
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.revenue.cohorts import Cohort, cohorts_of
from turnus.core.revenue.facts import Segment
from turnus.core.revenue.movements import Ledger, MovementKind, ledger_of
from turnus.core.revenue.rates import shown_rate
from turnus.reports.definition import Definition, Parameter
from turnus.reports.recurring.components import amounts, count, customers, money
from turnus.reports.recurring.source import PARAMETERS, Source, states
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
#: More months than this are no table any more.
_MOST_MONTHS = 36


def report(source: Source) -> Report:
    """Return a line for each cohort whose month is shown; cells are parts of its size, or of its new MRR."""
    first, last = period_start(source.params.days.start, Period.MONTH), source.params.days.last_day
    ledger = _ledger(source)
    found = [one for one in cohorts_of(ledger) if first <= one.month <= last]
    months = min(max((len(one.cells) for one in found), default=0), _MOST_MONTHS)
    columns = (
        Column("size", gettext_lazy("Customers"), Unit.COUNT, has_parts=True),
        Column("base", gettext_lazy("New MRR"), has_parts=True),
        *map(_month_column, range(months)),
    )
    lines = tuple(
        Line(period_of(one.month, Period.MONTH), _cells(source, one, months)) for one in found
    )
    params = replace(source.params, period=Period.MONTH)
    return Report(NAME, params, source.currency, columns, lines, ledger.withheld)


def _month_column(number: int) -> Column:
    heading = _("Month %(number)s") % {"number": number}
    return Column(f"month:{number}", heading, Unit.RATE, has_parts=True)


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return the customers of a cohort: all of them; or those that still pay, or what they pay, and that of the beginning."""
    ledger, month = _ledger(source), line.days
    began = {
        one.customer: one
        for one in ledger.movements
        if one.kind is MovementKind.NEW and one.day in month
    }
    per_month = ledger.scale.per_e4 * 12
    size = count("size", source, customers(began, month.start))
    base = money(
        "base",
        source,
        amounts({pk: one.amount for pk, one in began.items()}, per_month, month.start),
    )
    if column.code in {"size", "base"}:
        return (size if column.code == "size" else base,)
    number = int(column.code.removeprefix("month:"))
    on = min(period_of(add_months(month.start, number), Period.MONTH).last_day, source.as_of)
    paid = {one: amount for one, amount in states(ledger, [on])[on].items() if one in began}
    if source.params.measure is Measure.CUSTOMERS:
        return count("still_paying", source, customers(paid, on)), size
    return money("paying_then", source, amounts(paid, per_month, on)), base


def _ledger(source: Source) -> Ledger:
    """Return the ledger of what the filter leaves, at constant rates: currencies are no growth.

    By the rates of each booking, a customer is shown at those of the day it began: so the base of a cohort is the new MRR of its month.
    """
    matching = source.matching()
    if matching is None and not source.has_foreign:
        return source.ledger
    segments = [one for one in source.segments if matching is None or matching(one)]
    if source.params.basis is Basis.BOOKING and source.has_foreign:
        segments = _at_rates_of_their_beginning(segments, source.currency)
    return ledger_of(segments, conversion=source.conversion, until=source.as_of)


def _at_rates_of_their_beginning(segments: Sequence[Segment], currency: str) -> list[Segment]:
    """Return the segments, those in a currency other than `currency` at the rate of the day on which their customer first paid."""
    began: dict[CustomerKey, date] = {}
    for one in segments:
        if one.price_e4:
            began[one.customer] = min(one.start, began.get(one.customer, one.start))
    return [
        replace(one, rate_on=began[one.customer])
        if one.currency != currency and one.customer in began
        else one
        for one in segments
    ]


def _cells(source: Source, cohort: Cohort, months: int) -> tuple[Cell, ...]:
    is_revenue = source.params.measure is Measure.REVENUE
    rates: list[Decimal | None] = [
        shown_rate(one.revenue_rate if is_revenue else one.customer_rate)
        for one in cohort.cells[:months]
    ]
    rest = [None] * (months - len(rates))
    return (cohort.size, Money.rounded_from(cohort.base_e4, source.currency), *rates, *rest)


REPORT = Definition(
    name=NAME,
    title=gettext_lazy("Cohorts"),
    tab=gettext_lazy("Cohorts"),
    help=gettext_lazy(
        "Of the customers who first paid in a month, how much is left each month after."
    ),
    position=40,
    record_kind=RecordKind.SUBSCRIPTION,
    parameters=PARAMETERS - {Parameter.PERIOD, Parameter.SPLIT} | {Parameter.MEASURE},
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
