"""The waterfall: opening + what moved = closing, period by period; opened, the legs with their deals."""

from collections.abc import Sequence
from datetime import timedelta

from turnus.core.money import Money
from turnus.core.revenue.waterfall import ShownWaterfall, waterfall
from turnus.core.revenue.waterfall import WaterfallLine as Class
from turnus.reports.recurring.components import legs, money, standing
from turnus.reports.recurring.source import Slice, Source
from turnus.reports.shape import Column, Group, Line, RevenueReport

NAME = "movements"
#: The classes that are shown even when nothing moved in them.
_ALWAYS = (Class.NEW, Class.REACTIVATION, Class.EXPANSION, Class.CONTRACTION, Class.CHURN)


def report(source: Source) -> RevenueReport:
    """Return opening, classes, closing of each period; a column for rounding only where the shown figures need it."""
    tables = {each.part: _shown(source, each) for each in source.slices}
    every = [one for own in tables.values() for one in own]
    used = [
        each for each in Class if each in _ALWAYS or any(one.lines[each].amount_e4 for one in every)
    ]
    is_rounded = any(one.rounding_difference.amount_e4 for one in every)
    columns = (
        Column("opening", has_parts=True),
        *(Column(str(each), has_parts=True) for each in used),
        *([Column("rounding")] if is_rounded else []),
        Column("closing", has_parts=True),
        Column("net", has_parts=True),
    )
    rows = {
        part: [_cells(one, used, is_rounded=is_rounded) for one in own]
        for part, own in tables.items()
    }
    return RevenueReport(
        NAME, source.params, source.currency, columns, source.lines(rows), source.ledger.withheld
    )


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return the legs of a class in a period; of opening and closing the subscriptions that count then."""
    slice_ = source.slice_of(line.part)
    if column.code in {"opening", "closing"}:
        is_opening = column.code == "opening"
        on = (
            line.days.start - timedelta(days=1)
            if is_opening
            else min(line.days.last_day, source.as_of)
        )
        return (money(column.code, source, standing(source, slice_.matching, on)),)
    classes = None if column.code == "net" else [Class(column.code)]
    return (money(column.code, source, legs(source, slice_, line.days, classes)),)


def _shown(source: Source, slice_: Slice) -> Sequence[ShownWaterfall]:
    return [one.shown for one in waterfall(slice_.ledger, source.periods, slice_.matching)]


def _cells(table: ShownWaterfall, used: Sequence[Class], *, is_rounded: bool) -> tuple[Money, ...]:
    moved = [table.lines[each] for each in used]
    return (
        table.opening,
        *moved,
        *([table.rounding_difference] if is_rounded else []),
        table.closing,
        table.net,
    )
