"""Days and periods that move with the calendar: "last month", "30 days ago"."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from turnus.core.calendar import DateRange, Period, add_months, period_of


class RelativePeriod(StrEnum):
    """A period named from today; `last_n_*` and `next_n_*` take a count and include today."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    TOMORROW = "tomorrow"
    THIS_WEEK = "this_week"
    LAST_WEEK = "last_week"
    NEXT_WEEK = "next_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    NEXT_MONTH = "next_month"
    THIS_QUARTER = "this_quarter"
    LAST_QUARTER = "last_quarter"
    NEXT_QUARTER = "next_quarter"
    THIS_YEAR = "this_year"
    LAST_YEAR = "last_year"
    NEXT_YEAR = "next_year"


class PeriodUnit(StrEnum):
    """What a distance from today is counted in."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class RelativeDay:
    """The day `count` units from today: in the past when negative, today itself for 0 days."""

    count: int
    unit: PeriodUnit = PeriodUnit.DAYS


@dataclass(frozen=True, slots=True)
class RelativeSpan:
    """Today and the `count` units before it (negative) or after it (positive)."""

    count: int
    unit: PeriodUnit = PeriodUnit.DAYS


_MONTHS_OF_UNIT = {PeriodUnit.MONTHS: 1, PeriodUnit.YEARS: 12}
_DAYS_OF_UNIT = {PeriodUnit.DAYS: 1, PeriodUnit.WEEKS: 7}
_SHIFTS = {"this": 0, "last": -1, "next": 1}
_DAYS = {
    RelativePeriod.TODAY: 0,
    RelativePeriod.YESTERDAY: -1,
    RelativePeriod.TOMORROW: 1,
}


def resolve_day(day: RelativeDay, *, on: date) -> date:
    """Return the day that `day` means when today is `on`."""
    if day.unit in _MONTHS_OF_UNIT:
        month_count = day.count * _MONTHS_OF_UNIT[day.unit]
        return add_months(on, month_count)
    day_count = day.count * _DAYS_OF_UNIT[day.unit]
    return on + timedelta(days=day_count)


def resolve_period(
    period: RelativePeriod | RelativeSpan, *, on: date
) -> DateRange:
    """Return the days that `period` means when today is `on`.

    >>> resolve_period(RelativePeriod.LAST_MONTH, on=date(2018, 11, 14))
    DateRange(start=datetime.date(2018, 10, 1), end=datetime.date(2018, 11, 1))
    """
    if isinstance(period, RelativeSpan):
        distance = RelativeDay(period.count, period.unit)
        other_end = resolve_day(distance, on=on)
        first_day = min(on, other_end)
        last_day = max(on, other_end)
        return DateRange(first_day, last_day + timedelta(days=1))
    if period in _DAYS:
        return period_of(on, Period.DAY, _DAYS[period])
    word, _underscore, name = period.partition("_")
    shift = _SHIFTS[word]
    return period_of(on, Period(name), shift)
