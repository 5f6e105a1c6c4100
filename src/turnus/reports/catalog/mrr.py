"""MRR and ARR over time, in total or split; opened, the subscriptions that count on the day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from turnus.core.calendar import DateRange, add_months
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.revenue.forecast import OutlookChange
from turnus.core.revenue.rates import (
    FlowRates,
    average_per_customer,
    shown_rate,
)
from turnus.core.revenue.waterfall import Waterfall, waterfall
from turnus.reports.cards import (
    Card,
    cards_of_first_columns,
    cards_of_last_line,
)
from turnus.reports.charts import Chart, ChartKind, chart_of_columns, series_of
from turnus.reports.definition import Definition
from turnus.reports.recurring.comparing import line_before_last
from turnus.reports.recurring.components import (
    Paid,
    amounts,
    count,
    customers,
    legs,
    money,
    standing,
)
from turnus.reports.recurring.outlook import (
    contribution,
    courses,
    outlook_of_whole,
)
from turnus.reports.recurring.source import PARAMETERS, Source
from turnus.reports.recurring.splits import split_paths
from turnus.reports.recurring.states import states
from turnus.reports.recurring.withholding import (
    at_the_end,
    in_pieces,
    of_the_line,
)
from turnus.reports.shape import Cell, Column, Group, Line, Part, Report, Unit

NAME = "mrr"
MRR = Column("mrr", gettext_lazy("MRR"), has_parts=True)
_WHOLE = (
    MRR,
    Column("arr", gettext_lazy("ARR"), has_parts=True),
    Column("customers", gettext_lazy("Customers"), Unit.COUNT, has_parts=True),
    Column("arpa", gettext_lazy("MRR per customer"), has_parts=True),
    Column("growth", gettext_lazy("Growth"), Unit.RATE, has_parts=True),
)
#: Only where the last line is of today: what was known on a past day is not replayed.
_COMMITTED = Column(
    "committed", gettext_lazy("Committed MRR (in 12 months)"), has_parts=True
)
#: How far committed MRR looks ahead.
_HORIZON_MONTHS = 12
_MOST_CARDS = 5
_PART = "part:"
_DAY = timedelta(days=1)


def report(source: Source) -> Report:
    """Return the state at the end of each period: of the running one, today."""
    tables = source.tables
    build = _split if source.params.split else _whole
    content = build(source, tables)
    lines = source.lines({None: content.rows})
    return Report(
        NAME,
        source.params,
        source.currency,
        content.columns,
        lines,
        tuple(source.withheld),
    )


class _MrrContent(NamedTuple):
    """The columns of the report, and the cells of each period."""

    columns: tuple[Column, ...]
    rows: list[tuple[Cell, ...]]


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return the subscriptions, or customers, that a cell counts at the end of the period."""
    code = column.code
    on = min(line.days.last_day, source.as_of)
    if code == "committed":
        committed = _committed(source)
        return (money(code, source, committed),)
    if code == "growth":
        before = line.days.start - _DAY
        opening = standing(source, source.matching(), before)
        net = legs(source, source.whole, line.days)
        return money("net", source, net), money("opening", source, opening)
    if code == "customers":
        return (_customers_on(source, on),)
    if code == "arpa":
        return _mrr_on(source, on), _customers_on(source, on)
    part = code.removeprefix(_PART) if code.startswith(_PART) else None
    matching = source.matching(part)
    months = 1 if code == "arr" else 12
    subscriptions = standing(source, matching, on, months=months)
    return (money(code, source, subscriptions),)


def _customers_on(source: Source, on: date) -> Group:
    paid = _paid_on(source, on)
    return count("customers", source, customers(paid, on))


def _mrr_on(source: Source, on: date) -> Group:
    paid = _paid_on(source, on)
    month = source.ledger.scale.per_e4 * 12
    return money("mrr", source, amounts(paid, month, on))


def _paid_on(source: Source, on: date) -> Paid:
    by_day = states(source.ledger, [on], source.matching())
    return by_day[on]


def _whole(source: Source, tables: Sequence[Waterfall]) -> _MrrContent:
    rows = [_cells(table) for table in tables]
    ends_today = bool(tables) and source.as_of in tables[-1].days
    if not ends_today or source.since is not None:
        return _MrrContent(_WHOLE, rows)
    *earlier_rows, last_row = rows
    cells = [(*row, None) for row in earlier_rows]
    last = (*last_row, _committed_mrr(source))
    return _MrrContent((*_WHOLE, _COMMITTED), [*cells, last])


def _committed_mrr(source: Source) -> Money:
    horizon = [add_months(source.as_of, _HORIZON_MONTHS)]
    (outlook,) = outlook_of_whole(source, horizon)
    return Money.rounded_from(outlook.total, source.currency)


def _cells(table: Waterfall) -> tuple[Cell, ...]:
    currency = table.currency
    per_customer = None
    average = average_per_customer(table.closing, table.customer_count)
    if average is not None:
        per_customer = Money.rounded_from(average, currency)
    rates = FlowRates(table)
    return (
        Money.rounded_from(table.closing, currency),
        Money.rounded_from(table.closing * 12, currency),
        table.customer_count,
        per_customer,
        shown_rate(rates.growth),
    )


def _committed(source: Source) -> list[Part]:
    """Return today's MRR by subscription, and what is known to change it within the horizon."""
    horizon = add_months(source.as_of, _HORIZON_MONTHS)
    coming = courses(source, [horizon])
    changes = [str(change) for change in OutlookChange]
    codes = ("opening", *changes)
    result = []
    for course in coming.courses:
        for code in codes:
            part = contribution(course, code, 1, coming.scale, source.as_of)
            if part is not None:
                result.append(part)
    return result


def _split(source: Source, tables: Sequence[Waterfall]) -> _MrrContent:
    tables_of_parts: dict[str, list[Waterfall]] = {}
    for slice_ in source.slices:
        if slice_.part is None:
            continue
        own_tables = waterfall(slice_.ledger, source.periods, slice_.matching)
        has_revenue = any(table.closing for table in own_tables)
        if has_revenue:
            tables_of_parts[slice_.part] = own_tables
    names = source.part_names(tables_of_parts.keys())
    columns = []
    tables_of_columns: list[Sequence[Waterfall]] = []
    for part, name in names.items():
        heading = name or _("not set")
        columns.append(Column(f"{_PART}{part}", heading, has_parts=True))
        tables_of_columns.append(tables_of_parts[part])
    tables_by_period = zip(*tables_of_columns, tables, strict=True)
    rows = [_closings(of_period) for of_period in tables_by_period]
    return _MrrContent((*columns, MRR), rows)


def _closings(tables: Sequence[Waterfall]) -> tuple[Cell, ...]:
    return tuple(
        Money.rounded_from(table.closing, table.currency) for table in tables
    )


def without_growth_from_elsewhere(source: Source) -> Report:
    """Return the report without the growth of periods whose opening leaves out other currencies."""
    found = _in_pieces(source)
    growth = found.index_of("growth")
    if growth is None or not source.unrated:
        return found
    lines = [_comparable(line, growth, source) for line in found.lines]
    return replace(found, lines=tuple(lines))


_in_pieces = in_pieces(report, at_the_end)


def _comparable(line: Line, growth: int, source: Source) -> Line:
    start = line.days.start
    opening = DateRange(start - _DAY, start)
    withheld = source.withheld_on([opening])
    if withheld == frozenset(line.without):
        return line
    cells = list(line.cells)
    cells[growth] = None
    return replace(line, cells=tuple(cells))


_cards_of_parts = cards_of_first_columns(_MOST_CARDS)
_chart_of_whole = chart_of_columns(ChartKind.AREA, {"mrr"})
_cards_of_whole = cards_of_last_line(
    {"mrr", "arr", "customers", "arpa", "committed"}
)


def _cards(found: Report, before: Line | None, language: str) -> list[Card]:
    cards = _cards_of_parts if found.params.split else _cards_of_whole
    return cards(found, before, language)


def _chart(found: Report) -> Chart | None:
    if not found.params.split:
        return _chart_of_whole(found)
    columns_of_parts = found.columns[:-1]
    series = [series_of(found, column) for column in columns_of_parts]
    return Chart(ChartKind.STACK, series)


REPORT = Definition(
    name=NAME,
    title=gettext_lazy("MRR and ARR"),
    tab=gettext_lazy("MRR and ARR"),
    help=gettext_lazy("Monthly recurring revenue at the end of each period."),
    position=10,
    record_kind=RecordKind.SUBSCRIPTION,
    parameters=PARAMETERS,
    source=Source,
    report=without_growth_from_elsewhere,
    splits=split_paths,
    parts=of_the_line(parts),
    group_words={
        "net": gettext_lazy("Net change"),
        "opening": gettext_lazy("MRR at the start"),
        "mrr": gettext_lazy("MRR"),
        "customers": gettext_lazy("Customers"),
    },
    before=line_before_last,
    cards=_cards,
    chart=_chart,
)
