"""The line that the last one of a report of recurring revenue is compared with."""

from collections.abc import Callable

from turnus.core.calendar import elapsed_before
from turnus.reports.recurring.source import Source
from turnus.reports.shape import Line, Report


def line_before_last(_source: Source, report: Report) -> Line | None:
    """Return the line before the last one; None if there is only one."""
    whole = report.whole
    return whole[-2] if len(whole) > 1 else None


def same_days_before(
    report_of: Callable[[Source], Report],
) -> Callable[[Source, Report], Line | None]:
    """Return the comparison for what flowed in a period.

    A period that is not over is compared with the same days of the period before.
    """

    def before(source: Source, report: Report) -> Line | None:
        if not report.whole:
            return None
        last = report.whole[-1]
        if source.as_of >= last.days.last_day:
            return line_before_last(source, report)
        days = elapsed_before(last.days, source.as_of)
        earlier = report_of(source.over(days))
        cells = earlier.whole[-1].cells
        return Line(
            days,
            tuple(
                earlier.cell(cells, column.code) for column in report.columns
            ),
        )

    return before
