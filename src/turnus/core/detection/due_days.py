"""Due dates as numbers of days: what `Cadence.due` says, without a date object for each."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import count

from turnus.core.cadence import Cadence, CadenceUnit, suggested_days
from turnus.core.calendar import days_in_month

_MONTHS = {CadenceUnit.YEAR: 12, CadenceUnit.MONTH: 1}
_DAYS = {CadenceUnit.WEEK: 7, CadenceUnit.DAY: 1}


def due_days_after(cadence: Cadence, anchor: int) -> Iterator[int]:
    """Yield the due dates after the anchor, in order, without end.

    >>> monthly = due_days_after(Cadence(CadenceUnit.MONTH), date(2026, 1, 31).toordinal())
    >>> [date.fromordinal(next(monthly)).isoformat() for _ in range(3)]
    ['2026-02-28', '2026-03-31', '2026-04-30']
    """
    if cadence.unit in _DAYS:
        day_count = cadence.every * _DAYS[cadence.unit]
        return count(anchor + day_count, day_count)
    anchored_on = date.fromordinal(anchor)
    if cadence.unit is CadenceUnit.HALF_MONTH:
        return _half_months_after(cadence, anchored_on)
    if cadence.on_last_day or cadence.day:
        return _due_days_after(cadence, anchored_on)
    month_count = cadence.every * _MONTHS[cadence.unit]
    return _months_after(anchored_on, month_count)


def _due_days_after(cadence: Cadence, anchor: date) -> Iterator[int]:
    number = 1
    while True:
        yield cadence.due(anchor, number).toordinal()
        number += 1


def _months_after(anchor: date, month_count: int) -> Iterator[int]:
    month = _month(anchor)
    while True:
        month += month_count
        before, length = _month_days(month)
        yield before + min(anchor.day, length)


def _half_months_after(cadence: Cadence, anchor: date) -> Iterator[int]:
    pair = cadence.days or suggested_days(anchor)
    last_day = days_in_month(anchor)
    # The anchor pays for the half month that it lies in.
    passed = sum(min(day, last_day) <= anchor.day for day in pair)
    half_month = 2 * _month(anchor) + passed
    while True:
        month, index = divmod(half_month, 2)
        before, length = _month_days(month)
        yield before + min(pair[index], length)
        half_month += 1


def _month(day: date) -> int:
    """Return the month of a day, counted from the year 0."""
    return day.year * 12 + day.month - 1


@lru_cache(maxsize=4096)
def _month_days(month: int) -> tuple[int, int]:
    """Return the day before a month, and how many days it has."""
    year, index = divmod(month, 12)
    first = date(year, index + 1, 1)
    return first.toordinal() - 1, days_in_month(first)
