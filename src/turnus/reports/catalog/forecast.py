"""The next twelve months: committed MRR at each month's end, what of it is booked, overdue or expected, and what is known to change it."""

from collections import defaultdict
from datetime import date, timedelta

from turnus.core.calendar import DateRange
from turnus.core.money import Money
from turnus.core.revenue.forecast import Course, Outlook, coming_month_ends, outlook_of
from turnus.reports.recurring.components import money
from turnus.reports.recurring.outlook import courses, piece
from turnus.reports.recurring.source import Source
from turnus.reports.shape import Cell, Column, Group, Line, RevenueReport

NAME = "forecast"
_CODES = ("opening", "signed", "prices", "ends", "total", "booked", "overdue", "expected")
COLUMNS = tuple(Column(code, has_parts=True) for code in _CODES)


def report(source: Source) -> RevenueReport:
    """Return a line for the end of this month and of each of the eleven after it: opening + changes = committed MRR."""
    days = coming_month_ends(source.as_of)
    found, scale = courses(source, days)
    by_part: dict[str | None, list[Course]] = defaultdict(list)
    for one in found if source.params.split else ():
        by_part[one.latest.slices["part"]].append(one)
    by_part[None] = found
    rows = {
        part: [_cells(each) for each in outlook_of(own, scale, days=days)]
        for part, own in by_part.items()
    }
    lines = source.lines(rows, spans=_spans(source.as_of, days), may_change=False)
    return RevenueReport(NAME, source.params, source.currency, COLUMNS, lines, scale.withheld)


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return the subscriptions behind a cell."""
    days = coming_month_ends(source.as_of)
    found, scale = courses(source, days)
    point, on = days.index(line.days.last_day) + 1, line.days.last_day
    own = (one for one in found if line.part is None or one.latest.slices["part"] == line.part)
    pieces = (piece(one, column.code, point, scale, on) for one in own)
    return (money(column.code, source, [one for one in pieces if one is not None]),)


def _spans(as_of: date, days: list[date]) -> list[DateRange]:
    """Return the days of each line: from the day after the one before (the first: from today) to its month's end."""
    starts = [as_of, *(day + timedelta(days=1) for day in days)]
    return [
        DateRange(start, day + timedelta(days=1)) for start, day in zip(starts, days, strict=False)
    ]


def _cells(one: Outlook) -> tuple[Cell, ...]:
    return tuple(Money.rounded_from(getattr(one, code), one.currency) for code in _CODES)
