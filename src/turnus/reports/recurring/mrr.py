"""MRR and ARR over time, in total or split; opened, the subscriptions that count on the day, each with its share."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from turnus.core.calendar import DateRange
from turnus.core.money import Money
from turnus.core.revenue.facts import Exact
from turnus.core.revenue.mrr import segments_on
from turnus.core.revenue.rates import FlowRates, average_per_customer, shown_rate
from turnus.core.revenue.waterfall import Waterfall, waterfall
from turnus.reports.recurring.shape import Cell, Column, Line, Part, Parts, RevenueReport, Unit, parts_of
from turnus.reports.recurring.source import Source

NAME = "mrr"
MRR = Column("mrr", has_parts=True)
_WHOLE = (
    MRR, Column("arr", has_parts=True), Column("customers", Unit.COUNT), Column("arpa"), Column("growth", Unit.RATE),
)  # fmt: skip


def report(source: Source) -> RevenueReport:
    """Return the state at the end of each period: of the running one, today."""
    tables = waterfall(source.ledger, source.periods, source.matching())
    columns, rows = _split(source, tables) if source.params.split else (_WHOLE, [_whole(one) for one in tables])
    lines = tuple(
        Line(days, tuple(cells), source.is_provisional(days)) for days, cells in zip(source.periods, rows, strict=True)
    )
    return RevenueReport(NAME, source.params, source.currency, columns, lines, source.ledger.withheld)


def parts(source: Source, column: Column, days: DateRange) -> Parts:
    """Return the subscriptions that a cell is made of: those that count at the end of the period."""
    on = min(days.last_day, source.as_of)
    scale = source.ledger.scale
    withheld = {one.currency for one in scale.withheld}
    key = column.code.removeprefix("part:") if column.code.startswith("part:") else None
    matching = source.matching(key)
    months = 1 if column.code == "arr" else 12
    found = [
        Part(
            one.customer, Fraction(scale.arr_of(one)) / (scale.per_e4 * months), "overdue" if one.is_overdue else "",
            one.start, one.subscription, one.cause.deal,
        )
        for one in segments_on(source.segments, on)
        if one.price_e4 and one.currency not in withheld and (matching is None or matching(one))
    ]  # fmt: skip
    return parts_of(column, days, source.currency, found)


def _whole(table: Waterfall) -> list[Cell]:
    currency, count = table.currency, table.customer_count
    average = average_per_customer(table.closing, count)
    growth = shown_rate(FlowRates(table).growth)
    return [
        Money.rounded_from(table.closing, currency), Money.rounded_from(table.closing * 12, currency), count,
        None if average is None else Money.rounded_from(average, currency), growth,
    ]  # fmt: skip


def _split(source: Source, tables: Sequence[Waterfall]) -> tuple[tuple[Column, ...], list[list[Cell]]]:
    by_part = _by_part(source)
    names = source.part_names({key for amounts in by_part for key in amounts})
    columns = tuple(Column(f"part:{key}", name=name, has_parts=True) for key, name in names.items())
    scale = source.ledger.scale
    rows: list[list[Cell]] = [
        [*(scale.mrr(amounts.get(key, 0)) for key in names), Money.rounded_from(table.closing, table.currency)]
        for amounts, table in zip(by_part, tables, strict=True)
    ]
    return (*columns, MRR), rows


def _by_part(source: Source) -> list[dict[str, Exact]]:
    """Return the revenue of each part at the end of each period, in the ledger's scale; one walk for all parts."""
    paid: dict[str, Exact] = defaultdict(int)
    chosen, movements, position = source.chosen, source.ledger.movements, 0
    result = []
    for days in source.periods:
        while position < len(movements) and movements[position].day < days.end:
            for leg in movements[position].legs:
                if chosen is None or leg.subscription in chosen:
                    if leg.before is not None:
                        paid[leg.before.slices["part"]] -= leg.arr_before
                    if leg.after is not None:
                        paid[leg.after.slices["part"]] += leg.arr_after
            position += 1
        result.append({key: amount for key, amount in paid.items() if amount})
    return result
