"""MRR and ARR over time, in total or split; opened, the subscriptions that count on the day, each with its share."""

from collections.abc import Sequence
from datetime import timedelta

from turnus.core.calendar import add_months
from turnus.core.money import Money
from turnus.core.revenue.forecast import OutlookChange, outlook_of
from turnus.core.revenue.rates import FlowRates, average_per_customer, shown_rate
from turnus.core.revenue.waterfall import Waterfall, waterfall
from turnus.reports.recurring.components import amounts, count, customers, legs, money, standing
from turnus.reports.recurring.outlook import courses, piece
from turnus.reports.recurring.source import Source, states
from turnus.reports.shape import Cell, Column, Group, Line, Part, RevenueReport, Unit

NAME = "mrr"
MRR = Column("mrr", has_parts=True)
_WHOLE = (
    MRR,
    Column("arr", has_parts=True),
    Column("customers", Unit.COUNT, has_parts=True),
    Column("arpa", has_parts=True),
    Column("growth", Unit.RATE, has_parts=True),
)
#: Only where the last line is of today: what was known on a past day is not replayed.
_COMMITTED = Column("committed", has_parts=True)
#: How far committed MRR looks ahead.
_HORIZON_MONTHS = 12


def report(source: Source) -> RevenueReport:
    """Return the state at the end of each period: of the running one, today."""
    tables = waterfall(source.ledger, source.periods, source.matching())
    columns, rows = _split(source, tables) if source.params.split else _whole(source, tables)
    lines = source.lines({None: rows})
    return RevenueReport(
        NAME, source.params, source.currency, columns, lines, source.ledger.withheld
    )


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return the subscriptions that a cell is made of: those that count at the end of the period; or the customers."""
    code, on = column.code, min(line.days.last_day, source.as_of)
    if code == "committed":
        return (money(code, source, _committed(source)),)
    if code == "growth":
        opening = standing(source, source.matching(), line.days.start - timedelta(days=1))
        return money("net", source, legs(source, source.whole, line.days)), money(
            "opening", source, opening
        )
    if code in {"customers", "arpa"}:
        paid = states(source.ledger, [on], source.matching())[on]
        counted = count("customers", source, customers(paid, on))
        whole = money("mrr", source, amounts(paid, source.ledger.scale.per_e4 * 12, on))
        return (counted,) if code == "customers" else (whole, counted)
    matching = source.matching(code.removeprefix("part:") if code.startswith("part:") else None)
    return (money(code, source, standing(source, matching, on, months=1 if code == "arr" else 12)),)


def _whole(
    source: Source, tables: Sequence[Waterfall]
) -> tuple[tuple[Column, ...], list[tuple[Cell, ...]]]:
    rows = [_cells(one) for one in tables]
    if not tables or source.since is not None or source.as_of not in tables[-1].days:
        return _WHOLE, rows
    horizon = [add_months(source.as_of, _HORIZON_MONTHS)]
    committed = outlook_of(*courses(source, horizon), days=horizon)[0].total
    known = [None] * (len(rows) - 1) + [Money.rounded_from(committed, source.currency)]
    return (*_WHOLE, _COMMITTED), [(*row, cell) for row, cell in zip(rows, known, strict=True)]


def _cells(table: Waterfall) -> tuple[Cell, ...]:
    currency, number = table.currency, table.customer_count
    average = average_per_customer(table.closing, number)
    return (
        Money.rounded_from(table.closing, currency),
        Money.rounded_from(table.closing * 12, currency),
        number,
        None if average is None else Money.rounded_from(average, currency),
        shown_rate(FlowRates(table).growth),
    )


def _committed(source: Source) -> list[Part]:
    """Return today's MRR by subscription, and what is known to change it within the horizon (metrics 1.3)."""
    found, scale = courses(source, [add_months(source.as_of, _HORIZON_MONTHS)])
    pieces = (
        piece(one, code, 1, scale, source.as_of)
        for one in found
        for code in ("opening", *map(str, OutlookChange))
    )
    return [one for one in pieces if one is not None]


def _split(
    source: Source, tables: Sequence[Waterfall]
) -> tuple[tuple[Column, ...], list[tuple[Cell, ...]]]:
    slices = [one for one in source.slices if one.part is not None]
    closings = {
        str(one.part): waterfall(one.ledger, source.periods, one.matching) for one in slices
    }
    used = [part for part, own in closings.items() if any(one.closing for one in own)]
    names = source.part_names(used)
    columns = tuple(Column(f"part:{key}", name=name, has_parts=True) for key, name in names.items())
    shown = {
        key: [Money.rounded_from(one.closing, one.currency) for one in closings[key]]
        for key in names
    }
    whole = [Money.rounded_from(one.closing, one.currency) for one in tables]
    rows: list[tuple[Cell, ...]] = [
        (*(shown[key][index] for key in names), each) for index, each in enumerate(whole)
    ]
    return (*columns, MRR), rows
