"""Reading days, moments and times of day as people and programs write them."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from turnus.core.fields.day_words import MONTHS, WEEKDAYS
from turnus.core.fields.errors import ParseError
from turnus.core.fields.letters import plain
from turnus.core.fields.notes import Notes
from turnus.core.fields.years import DateRules
from turnus.core.issues import IssueCode

#: Day 0 of spreadsheet serial numbers (with the 1900 leap-year slip that every program copies).
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet's wall clock has no zone)
#: How much later a serial number is in workbooks that count days from 1904.
DAYS_TO_1904 = 1462
#: Serial numbers taken for days: 1954 to 2119. Smaller ones are more likely plain numbers.
_SERIALS = range(20_000, 80_000)
#: Longer texts are no days; they are refused before anything looks into them.
LONGEST = 80

#: Behind a time: Z, +01:00, -0500, +00, UTC, GMT+0100, CET; in brackets the zone's name once more.
_ZONE = (
    r"(?:\s?(?P<zone>(?:UTC|GMT)?[+−-]\d{1,2}(?::?\d{2})?|[A-Za-z]{1,4}))?"
    r"(?:\s?\([^()]*\)|\[[^\[\]]*\])?"
)
_CLOCK_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s?(?P<half>[AaPp]\.?[Mm]\.?))?(?:\s?(?:Uhr|h))?"
)
_TIME = rf"(?:[T ,]{{1,3}}{_CLOCK_TIME}{_ZONE})?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_NAME = r"(?P<name>[^\W\d_]+)"
_ISO = re.compile(
    rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_TIME}"
)
_DOTTED = re.compile(
    rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?{_YEAR}{_TIME}"
)
_SLASHED = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[/-])(?P<last>\d{{1,2}})(?P=mark){_YEAR}{_TIME}"
)
_DAY_NAMED = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?[ /-]?{_NAME}\.?,?[ /-]?{_YEAR}{_TIME}"
)
#: Two digits of a year only behind a comma: "Dez 19 18" says nothing clear.
_NAME_DAY = re.compile(
    rf"{_NAME}\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:, ?| (?=\d{{4}})){_YEAR}{_TIME}"
)
_YEAR_NAMED = re.compile(
    rf"(?P<year>\d{{4}})[ /-]{_NAME}\.?[ /-](?P<day>\d{{1,2}}){_TIME}"
)
#: Without marks: 20181114, and 20181114T093000Z as calendars write it.
_DIGITS = re.compile(
    rf"(?P<year>(?:19|20|21)\d{{2}})(?P<month>\d{{2}})(?P<day>\d{{2}})"
    rf"(?:T(?P<hour>\d{{2}})(?P<minute>\d{{2}})(?P<second>\d{{2}})?(?P<half>){_ZONE})?"
)
_WHOLE_DAYS = (_ISO, _DOTTED, _DIGITS, _DAY_NAMED, _NAME_DAY, _YEAR_NAMED)
_CLOCK = re.compile(_CLOCK_TIME)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_WEEKDAY = re.compile(
    r"(?P<name>[^\W\d_]+)(?:\.,?|,) ?(?P<rest>.+)|(?P<name_>[^\W\d_]+) (?P<rest_>.+)"
)
_OFFSET = re.compile(
    r"(?:UTC|GMT)?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?"
)
#: Zones by name, in hours; only those that mean one thing everywhere in the languages of this
#: program.
_ZONES = {
    "Z": 0,
    "UTC": 0,
    "GMT": 0,
    "WET": 0,
    "CET": 1,
    "MEZ": 1,
    "CEST": 2,
    "MESZ": 2,
    "EET": 2,
    "EEST": 3,
}

#: Days that programs write for none: day 0 of spreadsheets, and the first day that programs can
#: count.
_NO_DAYS = frozenset({date(1899, 12, 30), date(1899, 12, 31), date.min})
#: Days from which programs count: rather a blank than such a day.
_FIRST_DAYS = frozenset({date(1900, 1, 1), date(1904, 1, 1), date(1970, 1, 1)})
#: The last year of which any day may mean none.
FIRST_YEAR = 1970
#: Seen from west of Greenwich, 1970 begins on the evening before.
_EVE = date(1969, 12, 31)
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class DayReader:
    """A reader of the days of one column.

    `day_first` None: 03/04/2018 raises DATE_AMBIGUOUS. What is to be known of a day is added to
    `notes`.
    """

    rules: DateRules
    day_first: bool | None
    notes: Notes

    def read(self, text: str) -> date | datetime:
        """Return the day or moment that `text` says; raises ParseError."""
        if len(text) > LONGEST:
            raise ParseError(IssueCode.DATE_INVALID, text=text)
        usual = plain(text)
        if _SERIAL.fullmatch(usual):
            return from_serial(float(usual), text)
        weekday, rest = _weekday_apart(usual)
        found = self._found(rest, text)
        day = found.date() if isinstance(found, datetime) else found
        if weekday is not None and day.weekday() != weekday:
            raise ParseError(IssueCode.DATE_WEEKDAY, text=text)
        return self.settled(found, text)

    def settled(self, found: date | datetime, text: str) -> date | datetime:
        """Return a day or moment on the company's clocks; note one that stands for none."""
        if found.year <= FIRST_YEAR:
            self._check_meaning(found, text)
        return (
            self.rules.local(found) if isinstance(found, datetime) else found
        )

    def _check_meaning(self, found: date | datetime, text: str) -> None:
        day = found.date() if isinstance(found, datetime) else found
        if day in _NO_DAYS:
            raise ParseError(IssueCode.DATE_MEANS_NONE, text=text)
        is_eve = (
            day == _EVE
            and isinstance(found, datetime)
            and found.time() >= _NOON
        )
        if day in _FIRST_DAYS or is_eve:
            self.notes.add(IssueCode.DATE_MEANS_NONE, text=text)

    def _found(self, text: str, whole: str) -> date | datetime:
        for pattern in _WHOLE_DAYS:
            if found := pattern.fullmatch(text):
                return self._built(
                    found, _month(found, whole), int(found["day"]), whole
                )
        if found := _SLASHED.fullmatch(text):
            day, month = self._day_and_month(
                int(found["first"]), int(found["last"]), whole
            )
            return self._built(found, month, day, whole)
        raise ParseError(IssueCode.DATE_INVALID, text=whole)

    def _built(
        self, found: re.Match[str], month: int, day: int, text: str
    ) -> date | datetime:
        is_short = len(found["year"]) == len("18")
        year = (
            self.rules.full_year(int(found["year"]))
            if is_short
            else int(found["year"])
        )
        try:
            whole = date(year, month, day)
            moment = (
                None
                if found["hour"] is None
                else datetime.combine(
                    whole, _clock(found), _zone(found["zone"])
                )
            )
        except ValueError:
            raise ParseError(IssueCode.DATE_INVALID, text=text) from None
        if is_short and not self.rules.is_obvious(whole):
            self.notes.add(IssueCode.YEAR_GUESSED, text=text, year=year)
        return whole if moment is None else moment

    def _day_and_month(
        self, first: int, last: int, text: str
    ) -> tuple[int, int]:
        if first == last or first > 12:
            return first, last
        if last > 12:
            return last, first
        if self.day_first is None:
            raise ParseError(IssueCode.DATE_AMBIGUOUS, text=text)
        return (first, last) if self.day_first else (last, first)


def parse_moment(text: str, *, day_first: bool | None) -> date | datetime:
    """Return the day or moment that `text` says: aware if it names a zone, else a wall clock's.

    Understands 2018-11-14, 14.11.2018, 14/11/2018 and 11/14/2018, 20181114, names of months and
    days of the week in both languages, spreadsheet serials, each with or without a time.
    `day_first` None: 03/04/2018 raises DATE_AMBIGUOUS. Everything else raises DATE_INVALID,
    DATE_WEEKDAY or DATE_MEANS_NONE.

    >>> parse_moment("14.11.2018", day_first=None).isoformat()
    '2018-11-14'
    >>> parse_moment("Mi., 14. Nov 2018 9:30 Uhr", day_first=None).isoformat()
    '2018-11-14T09:30:00'
    >>> parse_moment("2018-11-14T09:30:00.000Z", day_first=None).isoformat()
    '2018-11-14T09:30:00+00:00'
    """
    return DayReader(DateRules(), day_first, Notes()).read(text)


def from_serial(serial: float, text: str) -> date | datetime:
    """Return the day or moment of a spreadsheet's serial number: 43418 is 14 November 2018."""
    if int(serial) not in _SERIALS:
        raise ParseError(IssueCode.DATE_INVALID, text=text)
    moment = _EPOCH + timedelta(seconds=round(serial * 86_400))
    return moment if moment.time() != time() else moment.date()


def parse_time(text: str) -> time:
    """Return the time of day that `text` says: 9:30, 09:30:00, 9:30 pm, 9:30 Uhr."""
    found = _CLOCK.fullmatch(plain(text)) if len(text) <= LONGEST else None
    if found:
        try:
            return _clock(found)
        except ValueError:
            pass
    raise ParseError(IssueCode.TIME_INVALID, text=text)


def _clock(found: re.Match[str]) -> time:
    hour = int(found["hour"])
    half = (found["half"] or "").lower().replace(".", "")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, int(found["minute"]), int(found["second"] or 0))


def _zone(written: str | None) -> tzinfo | None:
    """Return the zone behind a time, None without one; raises ValueError for an unknown one."""
    if written is None:
        return None
    name = written.upper().replace("−", "-")
    hours_ahead = _ZONES.get(name)
    if hours_ahead == 0:
        return UTC
    if hours_ahead is not None:
        return timezone(timedelta(hours=hours_ahead))
    found = _OFFSET.fullmatch(name)
    if found is None:
        raise ValueError(written)
    offset = timedelta(
        hours=int(found["hours"]), minutes=int(found["minutes"] or 0)
    )
    if found["sign"] == "-":
        return timezone(-offset)
    return timezone(offset)


def _weekday_apart(text: str) -> tuple[int | None, str]:
    """Return the day of the week that a text begins with, None without one, and what follows."""
    if text[:1].isdigit():
        return None, text
    found = _WEEKDAY.fullmatch(text)
    name = (found["name"] or found["name_"]).lower() if found else ""
    if found is None or name not in WEEKDAYS:
        return None, text
    return WEEKDAYS[name], found["rest"] or found["rest_"]


def _month(found: re.Match[str], text: str) -> int:
    if "name" not in found.groupdict():
        return int(found["month"])
    number = MONTHS.get(found["name"].lower())
    if number is None:
        raise ParseError(IssueCode.DATE_INVALID, text=text)
    return number
