"""MRR and ARR over time, in total or split; opened, the subscriptions that count on the day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from turnus.core.calendar import DateRange, add_months
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.revenue.forecast import OutlookChange, outlook_of
from turnus.core.revenue.rates import FlowRates, average_per_customer, shown_rate
from turnus.core.revenue.waterfall import Waterfall, waterfall
from turnus.reports.cards import Card, cards_of_first_columns, cards_of_last_line
from turnus.reports.charts import Chart, ChartKind, chart_of_columns, series_of
from turnus.reports.definition import Definition
from turnus.reports.recurring.comparing import line_before_last
from turnus.reports.recurring.components import (
    amounts,
    count,
    customers,
    legs,
    money,
    standing,
)
from turnus.reports.recurring.outlook import contribution, courses
from turnus.reports.recurring.source import PARAMETERS, Source, split_paths, states
from turnus.reports.recurring.withholding import at_the_end, in_pieces, of_the_line
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
    tables = waterfall(source.ledger, source.periods, source.matching())
    columns, rows = (
        _split(source, tables) if source.params.split else _whole(source, tables)
    )
    lines = source.lines({None: rows})
    withheld = source.ledger.withheld
    return Report(NAME, source.params, source.currency, columns, lines, withheld)


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return the subscriptions, or customers, that a cell counts at the end of the period."""
    code = column.code
    on = min(line.days.last_day, source.as_of)
    if code == "committed":
        return (money(code, source, _committed(source)),)
    if code == "growth":
        opening = standing(source, source.matching(), line.days.start - _DAY)
        net = legs(source, source.whole, line.days)
        return money("net", source, net), money("opening", source, opening)
    if code in {"customers", "arpa"}:
        paid = states(source.ledger, [on], source.matching())[on]
        counted = count("customers", source, customers(paid, on))
        whole = money("mrr", source, amounts(paid, source.ledger.scale.per_e4 * 12, on))
        return (counted,) if code == "customers" else (whole, counted)
    part = code.removeprefix(_PART) if code.startswith(_PART) else None
    months = 1 if code == "arr" else 12
    return (
        money(code, source, standing(source, source.matching(part), on, months=months)),
    )


def _whole(
    source: Source, tables: Sequence[Waterfall]
) -> tuple[tuple[Column, ...], list[tuple[Cell, ...]]]:
    rows = [_cells(table) for table in tables]
    if not tables or source.since is not None or source.as_of not in tables[-1].days:
        return _WHOLE, rows
    horizon = [add_months(source.as_of, _HORIZON_MONTHS)]
    committed = outlook_of(*courses(source, horizon), days=horizon)[0].total
    earlier = [(*row, None) for row in rows[:-1]]
    last = (*rows[-1], Money.rounded_from(committed, source.currency))
    return (*_WHOLE, _COMMITTED), [*earlier, last]


def _cells(table: Waterfall) -> tuple[Cell, ...]:
    currency = table.currency
    average = average_per_customer(table.closing, table.customer_count)
    return (
        Money.rounded_from(table.closing, currency),
        Money.rounded_from(table.closing * 12, currency),
        table.customer_count,
        None if average is None else Money.rounded_from(average, currency),
        shown_rate(FlowRates(table).growth),
    )


def _committed(source: Source) -> list[Part]:
    """Return today's MRR by subscription, and what is known to change it within the horizon."""
    found, scale = courses(source, [add_months(source.as_of, _HORIZON_MONTHS)])
    codes = ("opening", *map(str, OutlookChange))
    result = []
    for course in found:
        for code in codes:
            part = contribution(course, code, 1, scale, source.as_of)
            if part is not None:
                result.append(part)
    return result


def _split(
    source: Source, tables: Sequence[Waterfall]
) -> tuple[tuple[Column, ...], list[tuple[Cell, ...]]]:
    closings: dict[str, list[Waterfall]] = {}
    for slice_ in source.slices:
        if slice_.part is None:
            continue
        own = waterfall(slice_.ledger, source.periods, slice_.matching)
        if any(table.closing for table in own):
            closings[slice_.part] = own
    names = source.part_names(closings.keys())
    columns = [
        Column(f"{_PART}{part}", name or _("not set"), has_parts=True)
        for part, name in names.items()
    ]
    shown = [*(closings[part] for part in names), tables]
    rows = [_closings(of_period) for of_period in zip(*shown, strict=True)]
    return (*columns, MRR), rows


def _closings(tables: Sequence[Waterfall]) -> tuple[Cell, ...]:
    return tuple(Money.rounded_from(table.closing, table.currency) for table in tables)


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
    opening = DateRange(line.days.start - _DAY, line.days.start)
    if source.withheld_on([opening]) == frozenset(line.without):
        return line
    cells = list(line.cells)
    cells[growth] = None
    return replace(line, cells=tuple(cells))


_cards_of_parts = cards_of_first_columns(_MOST_CARDS)
_cards_of_whole = cards_of_last_line({"mrr", "arr", "customers", "arpa", "committed"})


def _cards(found: Report, before: Line | None, language: str) -> list[Card]:
    cards = _cards_of_parts if found.params.split else _cards_of_whole
    return cards(found, before, language)


def _chart(found: Report) -> Chart | None:
    if not found.params.split:
        return chart_of_columns(ChartKind.AREA, {"mrr"})(found)
    parts_only = found.columns[:-1]
    return Chart(ChartKind.STACK, [series_of(found, column) for column in parts_only])


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
