"""The waterfall: opening + what moved = closing; opened, the legs and their deals."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import chain

from django.utils.translation import gettext_lazy

from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.revenue.waterfall import (
    ShownWaterfall,
    WaterfallLine,
    waterfall,
)
from turnus.reports.cards import cards_of_last_line
from turnus.reports.charts import ChartKind, chart_of_columns
from turnus.reports.definition import Definition
from turnus.reports.recurring.comparing import same_days_before
from turnus.reports.recurring.components import legs, money, standing
from turnus.reports.recurring.source import PARAMETERS, Slice, Source
from turnus.reports.recurring.splits import split_paths
from turnus.reports.recurring.withholding import (
    from_opening,
    in_pieces,
    of_the_line,
)
from turnus.reports.shape import Column, Group, Line, Report
from turnus.reports.words import HEADINGS

NAME = "movements"
#: The classes that are shown even when nothing moved in them.
_ALWAYS = (
    WaterfallLine.NEW,
    WaterfallLine.REACTIVATION,
    WaterfallLine.EXPANSION,
    WaterfallLine.CONTRACTION,
    WaterfallLine.CHURN,
)
_OPENING = Column("opening", HEADINGS["opening"], has_parts=True)
_ROUNDING = Column("rounding", gettext_lazy("Rounding difference"))
_CLOSING = Column("closing", HEADINGS["closing"], has_parts=True)
_NET = Column("net", gettext_lazy("Net change"), has_parts=True)


def report(source: Source) -> Report:
    """Return opening, classes and closing of each period.

    There is a column for rounding only where the shown figures need it.
    """
    tables = {slice_.part: _shown(source, slice_) for slice_ in source.parts}
    tables[None] = [table.shown for table in source.tables]
    all_tables = list(chain.from_iterable(tables.values()))
    used = _used_classes(all_tables)
    is_rounded = any(
        table.rounding_difference.amount_e4 for table in all_tables
    )
    rows = {}
    for part, tables_of_part in tables.items():
        rows[part] = [
            _cells(each, used, is_rounded=is_rounded)
            for each in tables_of_part
        ]
    moved = [
        Column(str(each), HEADINGS[each], has_parts=True) for each in used
    ]
    rounding = [_ROUNDING] if is_rounded else []
    columns = (_OPENING, *moved, *rounding, _CLOSING, _NET)
    lines = source.lines(rows)
    return Report(
        NAME,
        source.params,
        source.currency,
        columns,
        lines,
        tuple(source.withheld),
    )


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return the legs of a class in a period; of opening and closing what counts then."""
    code = column.code
    slice_ = source.slice_of(line.part)
    if code == "opening":
        before = line.days.start - timedelta(days=1)
        found = standing(source, slice_.matching, before)
    elif code == "closing":
        last = min(line.days.last_day, source.as_of)
        found = standing(source, slice_.matching, last)
    else:
        classes = None if code == "net" else [WaterfallLine(code)]
        found = legs(source, slice_, line.days, classes)
    return (money(code, source, found),)


def _used_classes(tables: Sequence[ShownWaterfall]) -> list[WaterfallLine]:
    used = set(_ALWAYS)
    for table in tables:
        for each, amount in table.lines.items():
            if amount.amount_e4:
                used.add(each)
    return [each for each in WaterfallLine if each in used]


def _shown(source: Source, slice_: Slice) -> Sequence[ShownWaterfall]:
    tables = waterfall(slice_.ledger, source.periods, slice_.matching)
    return [table.shown for table in tables]


def _cells(
    table: ShownWaterfall, used: Sequence[WaterfallLine], *, is_rounded: bool
) -> tuple[Money, ...]:
    moved = [table.lines[each] for each in used]
    rounding = [table.rounding_difference] if is_rounded else []
    return (table.opening, *moved, *rounding, table.closing, table.net)


_in_pieces = in_pieces(report, from_opening)

REPORT = Definition(
    name=NAME,
    title=gettext_lazy("Movements"),
    tab=gettext_lazy("Movements"),
    help=gettext_lazy(
        "Why MRR changed in each period. Opening plus movements equals closing."
    ),
    position=20,
    record_kind=RecordKind.SUBSCRIPTION,
    parameters=PARAMETERS,
    source=Source,
    report=_in_pieces,
    splits=split_paths,
    parts=of_the_line(parts),
    before=same_days_before(_in_pieces),
    cards=cards_of_last_line(
        {"new", "expansion", "churn", "closing", "net"},
        losses={"churn", "contraction"},
    ),
    chart=chart_of_columns(
        ChartKind.STACK, frozenset(map(str, WaterfallLine))
    ),
)
