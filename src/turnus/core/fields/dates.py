"""Reading days, moments and times of day as people and spreadsheets write them."""

import re
from datetime import date, datetime, time, timedelta

from turnus.core.fields.errors import ParseError
from turnus.core.folding import fold
from turnus.core.issues import IssueCode

#: Day 0 of spreadsheet serial numbers (with the 1900 leap-year slip that every program copies).
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet's wall clock has no zone)
#: How much later a serial number is in workbooks that count days from 1904.
DAYS_TO_1904 = 1462
#: Serial numbers taken for days: 1954 to 2119. Smaller ones are more likely plain numbers.
_SERIALS = range(20_000, 80_000)

_TIME = r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?(?:\s*Uhr)?)?"
_ISO = re.compile(rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_TIME}")
_DOTTED = re.compile(rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?(?P<year>\d{{4}}|\d{{2}}){_TIME}")
_SLASHED = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[/-])(?P<second_>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}}){_TIME}"
)
_DAY_NAMED = re.compile(rf"(?P<day>\d{{1,2}})\.?[ -](?P<name>[^\W\d]+)\.?,?[ -](?P<year>\d{{4}}){_TIME}")
_NAME_DAY = re.compile(rf"(?P<name>[^\W\d]+)\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}}){_TIME}")
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\s*(?P<half>[AaPp]\.?[Mm]\.?)?(?:\s*Uhr)?"
)

_MONTH_NAMES = (
    ("january", "januar", "jan", "janner"), ("february", "februar", "feb"), ("march", "marz", "maerz", "mar", "mrz"),
    ("april", "apr"), ("may", "mai"), ("june", "juni", "jun"), ("july", "juli", "jul"), ("august", "aug"),
    ("september", "sep", "sept"), ("october", "oktober", "oct", "okt"), ("november", "nov"),
    ("december", "dezember", "dec", "dez"),
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}


def parse_moment(text: str, *, day_first: bool | None) -> date | datetime:
    """Return the day, or the wall-clock moment, that `text` says.

    Understands 2018-11-14, 14.11.2018, 14/11/2018 and 11/14/2018, month names in both languages, spreadsheet serials, each with
    or without a time. `day_first` None: 03/04/2018 raises DATE_AMBIGUOUS. Everything else raises DATE_INVALID.

    >>> parse_moment("14.11.2018", day_first=None).isoformat()
    '2018-11-14'
    >>> parse_moment("2018-11-14 09:30:00", day_first=None).isoformat()
    '2018-11-14T09:30:00'
    """
    text = text.strip()
    if text.replace(".", "", 1).isdigit() and text[:5].isdigit() and len(text.partition(".")[0]) == 5:
        return from_serial(float(text), text)
    for pattern in (_ISO, _DOTTED, _DAY_NAMED, _NAME_DAY):
        if found := pattern.fullmatch(text):
            return _built(found, _month(found, text), int(found["day"]), text)
    if found := _SLASHED.fullmatch(text):
        day, month = _day_and_month(int(found["first"]), int(found["second_"]), day_first=day_first, text=text)
        return _built(found, month, day, text)
    raise ParseError(IssueCode.DATE_INVALID, text=text)


def from_serial(serial: float, text: str) -> date | datetime:
    """Return the day or moment of a spreadsheet's serial number: 43418 is 14 November 2018."""
    if int(serial) not in _SERIALS:
        raise ParseError(IssueCode.DATE_INVALID, text=text)
    moment = _EPOCH + timedelta(seconds=round(serial * 86_400))
    return moment if moment.time() != time() else moment.date()


def parse_time(text: str) -> time:
    """Return the time of day that `text` says: 9:30, 09:30:00, 9:30 pm, 9:30 Uhr."""
    found = _CLOCK.fullmatch(text.strip())
    if found:
        try:
            return _clock(found)
        except ValueError:
            pass
    raise ParseError(IssueCode.TIME_INVALID, text=text)


def _built(found: re.Match[str], month: int, day: int, text: str) -> date | datetime:
    year = int(found["year"])
    try:
        whole = date(year + 2000 if year < 100 else year, month, day)
        return whole if found["hour"] is None else datetime.combine(whole, _clock(found))
    except ValueError:
        raise ParseError(IssueCode.DATE_INVALID, text=text) from None


def _clock(found: re.Match[str]) -> time:
    hour = int(found["hour"])
    half = (found["half"] or "").lower().replace(".", "")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, int(found["minute"]), int(found["second"] or 0))


def _month(found: re.Match[str], text: str) -> int:
    if "name" not in found.groupdict():
        return int(found["month"])
    number = _MONTHS.get(fold(found["name"]))
    if number is None:
        raise ParseError(IssueCode.DATE_INVALID, text=text)
    return number


def _day_and_month(first: int, second: int, *, day_first: bool | None, text: str) -> tuple[int, int]:
    if first == second or first > 12:
        return first, second
    if second > 12:
        return second, first
    if day_first is None:
        raise ParseError(IssueCode.DATE_AMBIGUOUS, text=text)
    return (first, second) if day_first else (second, first)
