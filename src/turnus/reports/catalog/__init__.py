"""All reports of recurring revenue by name, and opening one of their figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from turnus.core.calendar import elapsed_before
from turnus.reports.catalog import bookings, cohorts, forecast, movements, mrr, rates
from turnus.reports.recurring.source import Source
from turnus.reports.recurring.withholding import (
    a_year_back,
    at_the_end,
    from_opening,
    in_pieces,
    of_the_line,
    without_growth_from_elsewhere,
)
from turnus.reports.shape import Column, Group, Line, Parts, RevenueReport


@dataclass(frozen=True, slots=True)
class Entry:
    """One report: how it is made, how a figure of it is opened, and which of the parameters it listens to."""

    report: Callable[[Source], RevenueReport]
    parts: Callable[[Source, Column, Line], tuple[Group, ...]]
    has_periods: bool = True
    has_split: bool = True
    has_days: bool = True
    has_measure: bool = False


REPORTS: Mapping[str, Entry] = {
    mrr.NAME: Entry(
        without_growth_from_elsewhere(in_pieces(mrr.report, at_the_end)), of_the_line(mrr.parts)
    ),
    movements.NAME: Entry(in_pieces(movements.report, from_opening), of_the_line(movements.parts)),
    rates.NAME: Entry(in_pieces(rates.report, a_year_back), of_the_line(rates.parts)),
    cohorts.NAME: Entry(
        cohorts.report, cohorts.parts, has_periods=False, has_split=False, has_measure=True
    ),
    bookings.NAME: Entry(bookings.report, bookings.parts),
    forecast.NAME: Entry(forecast.report, forecast.parts, has_periods=False, has_days=False),
}


#: Reports that count what happened in a period; the others say how things stand at its end.
_FLOWS = frozenset({movements.NAME, bookings.NAME})


def line_before(name: str, source: Source, report: RevenueReport) -> Line | None:
    """Return the line that the last one is to be compared with; None where there is nothing like it.

    What flowed in a period that is not over is compared with the same days of the period before.
    """
    whole = report.whole
    if not whole or name == forecast.NAME:
        return None  # of what is ahead, the month before says nothing
    last = whole[-1]
    is_over = source.as_of >= last.days.last_day
    if name in _FLOWS and not is_over:
        days = elapsed_before(last.days, source.as_of)
        before = REPORTS[name].report(source.over(days))
        cells = {
            column.code: cell
            for column, cell in zip(before.columns, before.whole[-1].cells, strict=True)
        }
        return Line(days, tuple(cells.get(column.code) for column in report.columns))
    return whole[-2] if len(whole) > 1 else None


def opened(
    name: str,
    source: Source,
    report: RevenueReport,
    *,
    code: str,
    start: date,
    part: str | None = None,
) -> Parts | None:
    """Return the parts of the figure in column `code` of the line that begins on `start`; None if there is no such figure.

    `part` is the line's part of the split, None the whole period.
    """
    index = next(
        (i for i, one in enumerate(report.columns) if one.code == code and one.has_parts), None
    )
    line = next((one for one in report.lines if one.days.start == start and one.part == part), None)
    if index is None or line is None:
        return None
    column = report.columns[index]
    return Parts(column, line, line.cells[index], REPORTS[name].parts(source, column, line))
