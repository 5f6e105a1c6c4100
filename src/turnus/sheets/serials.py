"""Serial numbers of spreadsheets: the days and times that cells with a date format show."""

from datetime import date, datetime, time, timedelta

from turnus.core.issues import IssueCode
from turnus.core.tables import Cell, UnreadCell
from turnus.sheets.number_formats import Section

#: Day 0 of the two calendars. Programs count a 29 February 1900 that never was: right from day 61.
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet's wall clock has no zone)
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 (as above)
#: The first meaningful day of either calendar: before it are formulas that found nothing.
_FIRST, _FIRST_1904 = 61, 1
#: 31 December 9999 in the calendar of 1900; spreadsheet programs show nothing later.
_LAST = 2_958_465
_DAY = 86_400
_NO_DAY = "#####"


def moment_cell(serial: float, section: Section, *, is_1904: bool) -> Cell:
    """Return what a cell with a date format shows: a day, a moment, or a time of day.

    An UnreadCell stands for what is not a day to a person: 0 and 1 in the calendar of 1900,
    negative numbers, years beyond 9999. Durations beyond a day are the text that is shown.
    """
    if serial < 0 or serial > _LAST:
        return UnreadCell(IssueCode.DATE_INVALID, _NO_DAY)
    if not section.shows_day:
        if serial < 1:
            return _time_of(serial)
        if section.is_elapsed:
            return _duration(serial)
    return _day_or_moment(
        serial, shows_time=section.shows_time, is_1904=is_1904
    )


def _day_or_moment(serial: float, *, shows_time: bool, is_1904: bool) -> Cell:
    if serial < (_FIRST_1904 if is_1904 else _FIRST):
        return UnreadCell(
            IssueCode.DATE_INVALID, _shown_day(int(serial), is_1904=is_1904)
        )
    try:
        moment = (_EPOCH_1904 if is_1904 else _EPOCH) + timedelta(
            seconds=round(serial * _DAY)
        )
    except OverflowError:
        return UnreadCell(IssueCode.DATE_INVALID, _NO_DAY)
    has_time = moment.hour or moment.minute or moment.second
    return moment if has_time or shows_time else moment.date()


def _shown_day(serial: int, *, is_1904: bool) -> str:
    """Return one of the first days as spreadsheet programs show it, such as 29 February 1900."""
    if is_1904:
        return "01.01.1904"
    if serial == 0:
        return "00.01.1900"
    if serial == _FIRST - 1:
        return "29.02.1900"
    return f"{date(1899, 12, 31) + timedelta(days=serial):%d.%m.%Y}"


def _time_of(serial: float) -> time:
    seconds = round(serial * _DAY) % _DAY
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _duration(serial: float) -> str:
    seconds = round(serial * _DAY)
    text = f"{seconds // 3600}:{seconds // 60 % 60:02}"
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text
