"""What a report's chart draws: series of values by period. The table beside it is its text."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from turnus.reports.shape import Column, Report, Unit
from turnus.reports.words import cell_value

ChartOf = Callable[[Report], "Chart | None"]
_PERCENT = 100


class ChartKind(StrEnum):
    """How series are drawn."""

    AREA = "area"
    LINE = "line"
    STACK = "stack"


@dataclass(frozen=True, slots=True)
class Series:
    """One line or color: a value for each whole period, None where it is undefined.

    `counts` stand beside the values where they say how many things each is the sum of.
    """

    name: str
    code: str
    values: Sequence[float | None]
    counts: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of a report; rates are drawn in per cent."""

    kind: ChartKind
    series: Sequence[Series]
    unit: Unit = Unit.MONEY


def chart_of_columns(
    kind: ChartKind, codes: Collection[str], *, unit: Unit = Unit.MONEY
) -> ChartOf:
    """Return the chart that draws these columns, as far as the report has them."""

    def chart(report: Report) -> Chart:
        drawn = [column for column in report.columns if column.code in codes]
        series = [series_of(report, column) for column in drawn]
        return Chart(kind, series, unit)

    return chart


def series_of(report: Report, column: Column) -> Series:
    """Return the values of a column by period."""
    index = report.columns.index(column)
    factor = _PERCENT if column.unit is Unit.RATE else 1
    values: list[float | None] = []
    for line in report.whole:
        value = cell_value(line.cells[index])
        values.append(None if value is None else float(value) * factor)
    return Series(str(column.heading), column.code, values)
