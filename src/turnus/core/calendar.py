"""Months, half-open ranges of days, and steps from an anchor that never drift."""

from calendar import monthrange
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


#: Days outside are mistyped years; nothing is reckoned from them, so that no step ever leaves the calendar.
FIRST_DAY, LAST_DAY = date(1800, 1, 1), date(2199, 12, 31)
_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}


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
    """Return whether `day` lies where deals, terms and reports may: from 1800 to the end of 2199."""
    return FIRST_DAY <= day <= LAST_DAY


def add_months(anchor: date, count: int) -> date:
    """Return the day `count` months after `anchor`, clipped to the end of short months; always count from the anchor.

    >>> [add_months(date(2026, 1, 31), n).isoformat() for n in (1, 2, 3)]
    ['2026-02-28', '2026-03-31', '2026-04-30']
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + count, 12)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def period_start(day: date, period: Period) -> date:
    """Return the first day of the `period` that `day` lies in; weeks begin on Monday.

    >>> period_start(date(2018, 11, 14), Period.QUARTER).isoformat()
    '2018-10-01'
    """
    if period is Period.DAY:
        return day
    if period is Period.WEEK:
        return day - timedelta(days=day.weekday())
    months = _MONTHS[period]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def next_start(start: date, period: Period) -> date:
    """Return the first day of the period after the one that begins on `start`."""
    if period is Period.DAY:
        return start + timedelta(days=1)
    if period is Period.WEEK:
        return start + timedelta(days=7)
    return add_months(start, _MONTHS[period])


def period_of(day: date, period: Period, shift: int = 0) -> DateRange:
    """Return the period that `day` lies in, or the one `shift` periods later (earlier when negative)."""
    start = period_start(day, period)
    if period in _MONTHS:
        start = add_months(start, shift * _MONTHS[period])
    else:
        start += timedelta(days=shift * (7 if period is Period.WEEK else 1))
    return DateRange(start, next_start(start, period))


def elapsed_before(days: DateRange, on: date) -> DateRange:
    """Return the days just before `days` that a comparison with `days`, as far as they have elapsed on `on`, has to take.

    Whole months are compared with as many months before, up to the same day of the month; other days with as many
    days. So the first half of November stands beside the first half of October, never beside the whole of it.

    >>> november = DateRange(date(2018, 11, 1), date(2018, 12, 1))
    >>> before = elapsed_before(november, date(2018, 11, 14))
    >>> before.start.isoformat(), before.last_day.isoformat()
    ('2018-10-01', '2018-10-14')
    """
    elapsed_end = min(days.end, on + timedelta(days=1))
    if days.start.day == days.end.day == 1:
        month_count = (days.end.year - days.start.year) * 12 + days.end.month - days.start.month
        start = add_months(days.start, -month_count)
        if elapsed_end == days.end:
            return DateRange(start, days.start)
        last_day = add_months(elapsed_end - timedelta(days=1), -month_count)
        return DateRange(start, last_day + timedelta(days=1))
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
    return moment.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of `day` in `zone`, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def moment_at(given: date | datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC moment of a day (its noon, so that no zone moves it) or of a wall clock in `zone`.

    >>> moment_at(date(2018, 11, 14), ZoneInfo("Europe/Berlin")).isoformat()
    '2018-11-14T11:00:00+00:00'
    """
    if not isinstance(given, datetime):
        given = datetime.combine(given, time(12), tzinfo=None)
    return given.astimezone(UTC) if given.tzinfo else moment_of(given, zone)


def moment_of(wall_clock: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC moment at which clocks in `zone` show the naive `wall_clock`."""
    return wall_clock.replace(tzinfo=zone).astimezone(UTC)
