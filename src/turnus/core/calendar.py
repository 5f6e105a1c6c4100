"""Months, half-open ranges of days, and steps from an anchor that never drift."""

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Period(StrEnum):
    """A stretch of the calendar that reports group by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


#: Days outside are mistyped years; nothing is computed from them, so no step ever leaves the
#: calendar.
FIRST_DAY = date(1800, 1, 1)
LAST_DAY = date(2199, 12, 31)
_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}
#: Of a year that is no leap year.
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class DateRange:
    """The days from `start` up to, not including, `end`."""

    start: date
    end: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day < self.end

    @property
    def last_day(self) -> date:
        """The last day that is inside."""
        return self.end - timedelta(days=1)


def is_reckonable(day: date) -> bool:
    """Return whether deals, terms and reports may have `day`: from 1800 to the end of 2199."""
    return FIRST_DAY <= day <= LAST_DAY


def days_in_month(day: date) -> int:
    """Return how many days the month of `day` has."""
    return _days_in(day.year, day.month)


def _days_in(year: int, month: int) -> int:
    return 29 if month == 2 and isleap(year) else _MONTH_LENGTHS[month - 1]


def add_months(anchor: date, count: int) -> date:
    """Return the day `count` months after `anchor`, clipped to the end of short months.

    Always count from the anchor: a clipped day is no anchor.

    >>> [add_months(date(2026, 1, 31), n).isoformat() for n in (1, 2, 3)]
    ['2026-02-28', '2026-03-31', '2026-04-30']
    """
    month_count = anchor.year * 12 + anchor.month - 1 + count
    year, month_index = divmod(month_count, 12)
    last_day = _days_in(year, month_index + 1)
    return date(year, month_index + 1, min(anchor.day, last_day))


def period_start(day: date, period: Period) -> date:
    """Return the first day of the `period` that `day` lies in; weeks start on Monday.

    >>> period_start(date(2018, 11, 14), Period.QUARTER).isoformat()
    '2018-10-01'
    """
    if period is Period.DAY:
        return day
    if period is Period.WEEK:
        return day - timedelta(days=day.weekday())
    length = _MONTHS[period]
    month_index = (day.month - 1) // length * length
    return date(day.year, month_index + 1, 1)


def next_start(start: date, period: Period) -> date:
    """Return the first day of the period after the one that starts on `start`."""
    if period is Period.DAY:
        return start + timedelta(days=1)
    if period is Period.WEEK:
        return start + timedelta(days=7)
    return add_months(start, _MONTHS[period])


def period_of(day: date, period: Period, shift: int = 0) -> DateRange:
    """Return the period that `day` lies in, or the one `shift` periods later."""
    start = period_start(day, period)
    if period in _MONTHS:
        month_count = shift * _MONTHS[period]
        start = add_months(start, month_count)
    else:
        length = 7 if period is Period.WEEK else 1
        start += timedelta(days=shift * length)
    end = next_start(start, period)
    return DateRange(start, end)


def elapsed_before(days: DateRange, on: date) -> DateRange:
    """Return the days that `days`, as far as they have elapsed on `on`, are compared with.

    Whole months are compared with as many months before, up to the same day of the month; other
    ranges with as many days. So the first half of November is compared with the first half of
    October, never with all of it.

    >>> november = DateRange(date(2018, 11, 1), date(2018, 12, 1))
    >>> before = elapsed_before(november, date(2018, 11, 14))
    >>> before.start.isoformat(), before.last_day.isoformat()
    ('2018-10-01', '2018-10-14')
    """
    one_day = timedelta(days=1)
    elapsed_end = min(days.end, on + one_day)
    is_whole_months = days.start.day == days.end.day == 1
    if is_whole_months:
        year_count = days.end.year - days.start.year
        month_count = year_count * 12 + days.end.month - days.start.month
        start = add_months(days.start, -month_count)
        if elapsed_end == days.end:
            return DateRange(start, days.start)
        last_elapsed_day = elapsed_end - one_day
        last_day = add_months(last_elapsed_day, -month_count)
        return DateRange(start, last_day + one_day)
    length = days.end - days.start
    return DateRange(days.start - length, elapsed_end - length)


def periods_in(days: DateRange, period: Period) -> Iterator[date]:
    """Yield the first day of every period that overlaps `days`, in order."""
    start = period_start(days.start, period)
    while start < days.end:
        yield start
        start = next_start(start, period)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the day of an aware `moment` in `zone`.

    >>> day_of(datetime(2018, 12, 31, 23, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin")).isoformat()
    '2019-01-01'
    """
    local = moment.astimezone(zone)
    return local.date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of `day` in `zone`, in UTC."""
    midnight = datetime.combine(day, time(), tzinfo=zone)
    return midnight.astimezone(UTC)


def moment_at(day_or_clock: date | datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC moment of a day (noon, so that no zone moves it) or of a wall clock in `zone`.

    >>> moment_at(date(2018, 11, 14), ZoneInfo("Europe/Berlin")).isoformat()
    '2018-11-14T11:00:00+00:00'
    """
    if not isinstance(day_or_clock, datetime):
        noon = datetime.combine(day_or_clock, time(12), tzinfo=None)
        return moment_of(noon, zone)
    if day_or_clock.tzinfo:
        return day_or_clock.astimezone(UTC)
    return moment_of(day_or_clock, zone)


def moment_of(wall_clock: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC moment at which clocks in `zone` show the naive `wall_clock`."""
    local = wall_clock.replace(tzinfo=zone)
    return local.astimezone(UTC)
