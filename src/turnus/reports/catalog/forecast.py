"""The next twelve months: committed MRR at each month's end, and what is known to change it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from django.utils.translation import gettext_lazy

from turnus.core.calendar import DateRange, Period
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.revenue.forecast import (
    Course,
    Outlook,
    coming_month_ends,
    outlook_of,
)
from turnus.reports.cards import cards_of_last_line
from turnus.reports.charts import ChartKind, chart_of_columns
from turnus.reports.definition import Definition, Parameter
from turnus.reports.recurring.components import money
from turnus.reports.recurring.outlook import (
    contribution,
    courses,
    outlook_of_whole,
)
from turnus.reports.recurring.source import PARAMETERS, Source
from turnus.reports.recurring.splits import split_paths
from turnus.reports.shape import Cell, Column, Group, Line, Report

NAME = "forecast"
COLUMNS = (
    Column("opening", gettext_lazy("Opening"), has_parts=True),
    Column("signed", gettext_lazy("Signed starts"), has_parts=True),
    Column("prices", gettext_lazy("Known prices"), has_parts=True),
    Column("ends", gettext_lazy("Known ends"), has_parts=True),
    Column("total", gettext_lazy("Committed MRR"), has_parts=True),
    Column("booked", gettext_lazy("Booked"), has_parts=True),
    Column("overdue", gettext_lazy("Overdue"), has_parts=True),
    Column("expected", gettext_lazy("Expected to renew"), has_parts=True),
)
_DAY = timedelta(days=1)


def report(source: Source) -> Report:
    """Return a line for the end of this month and of each of the eleven after it.

    Opening + changes = committed MRR.
    """
    days = coming_month_ends(source.as_of)
    outlooks = _outlooks(source, days)
    rows = {
        part: [_cells(outlook) for outlook in own]
        for part, own in outlooks.items()
    }
    spans = _spans(source.as_of, days)
    lines = source.lines(rows, spans=spans, may_change=False)
    params = replace(source.params, period=Period.MONTH)
    withheld = outlooks[None][0].withheld
    return Report(NAME, params, source.currency, COLUMNS, lines, withheld)


def _outlooks(
    source: Source, days: Sequence[date]
) -> dict[str | None, list[Outlook]]:
    """Return the outlook of each part of the split, and of the whole by None."""
    if not source.params.split:
        return {None: outlook_of_whole(source, days)}
    coming = courses(source, days)
    by_part: dict[str | None, list[Course]] = defaultdict(list)
    for course in coming.courses:
        by_part[_part_of(course)].append(course)
    by_part[None] = list(coming.courses)
    return {
        part: outlook_of(own, coming.scale, days=days)
        for part, own in by_part.items()
    }


def _part_of(course: Course) -> str:
    return course.latest.slices["part"]


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return the subscriptions behind a cell."""
    days = coming_month_ends(source.as_of)
    coming = courses(source, days)
    on = line.days.last_day
    point = days.index(on) + 1
    found = []
    for course in coming.courses:
        if line.part is not None and _part_of(course) != line.part:
            continue
        part = contribution(course, column.code, point, coming.scale, on)
        if part is not None:
            found.append(part)
    return (money(column.code, source, found),)


def _spans(as_of: date, days: list[date]) -> list[DateRange]:
    """Return the days of each line: from the day after the one before to its month's end.

    The first begins today.
    """
    spans = []
    start = as_of
    for day in days:
        end = day + _DAY
        spans.append(DateRange(start, end))
        start = end
    return spans


def _cells(outlook: Outlook) -> tuple[Cell, ...]:
    amounts = [getattr(outlook, column.code) for column in COLUMNS]
    return tuple(
        Money.rounded_from(amount, outlook.currency) for amount in amounts
    )


REPORT = Definition(
    name=NAME,
    title=gettext_lazy("Forecast"),
    tab=gettext_lazy("Forecast"),
    help=gettext_lazy(
        "MRR at the end of each of the next twelve months, as far as it is known today."
    ),
    position=60,
    record_kind=RecordKind.SUBSCRIPTION,
    parameters=PARAMETERS - {Parameter.DAYS, Parameter.PERIOD},
    source=Source,
    report=report,
    splits=split_paths,
    is_ahead=True,
    parts=parts,
    cards=cards_of_last_line(
        {"total", "booked", "overdue", "expected"}, losses={"overdue"}
    ),
    chart=chart_of_columns(ChartKind.STACK, {"booked", "overdue", "expected"}),
)
