"""The period that a person names: a month, a quarter, a year, or from one day to another."""

import re
from datetime import date

from turnus.core.calendar import (
    DateRange,
    Period,
    is_reckonable,
    next_start,
    period_of,
)
from turnus.kit.errors import UserError

_NAMED = re.compile(
    r"(?P<year>\d{4})(?:-(?:[Qq](?P<quarter>[1-4])|(?P<month>\d{2})))?"
)


def period_named(text: str, *, today: date) -> DateRange:
    """Return the days of a period; an empty text is this month.

    `2026-12`, `2026-Q4`, `2026` or `2026-12-01..2026-12-15` (both included).
    """
    if not text:
        return period_of(today, Period.MONTH)
    try:
        days = _span(text) if ".." in text else _named(text)
    except (
        ValueError,
        OverflowError,
    ):  # no day of the calendar, or the day after its last one
        days = None
    if (
        days is None
        or days.end <= days.start
        or not (is_reckonable(days.start) and is_reckonable(days.last_day))
    ):
        raise UserError("period.invalid", period=text)
    return days


def _span(text: str) -> DateRange:
    first, _, last = text.partition("..")
    return DateRange(
        date.fromisoformat(first),
        next_start(date.fromisoformat(last), Period.DAY),
    )


def _named(text: str) -> DateRange | None:
    found = _NAMED.fullmatch(text)
    if found is None:
        return None
    year, quarter, month = int(found["year"]), found["quarter"], found["month"]
    if quarter:
        return period_of(date(year, int(quarter) * 3, 1), Period.QUARTER)
    return period_of(
        date(year, int(month or 1), 1), Period.MONTH if month else Period.YEAR
    )
