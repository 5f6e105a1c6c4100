"""Cells -> days, moments, times of day and spans of them."""

from datetime import date, datetime, time

from turnus.core.calendar import is_reckonable
from turnus.core.fields.dates import (
    DAYS_TO_1904,
    FIRST_YEAR,
    DayReader,
    from_serial,
    parse_time,
)
from turnus.core.fields.errors import ParseError
from turnus.core.fields.figures import is_number
from turnus.core.fields.letters import plain
from turnus.core.fields.notation import Notation
from turnus.core.fields.notes import Notes
from turnus.core.fields.rules import CellRules
from turnus.core.fields.texts import text_of
from turnus.core.fields.values import DateSpan, TimeSpan
from turnus.core.issues import IssueCode
from turnus.core.tables import Cell, FormattedNumber

#: Between the two ends of a span: " – ", " - ", " bis ", " to ".
_SPAN_MARKS = (" – ", " — ", " - ", " bis ", " to ", "–")
#: Longer texts are no spans; they are refused before anything looks into them.
_LONGEST_SPAN = 170
#: Numbers from here on are days written without marks, 20181114, not serial numbers.
_FIRST_WRITTEN = 1900_01_01
_FIRST_YEAR_OF_DAYS = 1000


def moment_in(cell: Cell, rules: CellRules, notes: Notes) -> date | datetime:
    """Return the day or moment in a cell; a moment without a zone is a wall clock's.

    Raises DATE_TOO_FAR outside the days that deals may have.
    """
    moment = _moment_in(cell, rules, notes)
    if not is_reckonable(_day_of(moment)):
        raise ParseError(IssueCode.DATE_TOO_FAR, text=text_of(cell))
    return moment


def day_in(cell: Cell, rules: CellRules, notes: Notes) -> date:
    """Return the day in a cell; of a moment with a zone, its day on the company's clocks.

    Raises DATE_TOO_FAR for years of fewer than four digits, which are mistyped; a company may have
    been founded in 1385.
    """
    day = _day_of(_moment_in(cell, rules, notes))
    if day.year < _FIRST_YEAR_OF_DAYS:
        raise ParseError(IssueCode.DATE_TOO_FAR, text=text_of(cell))
    return day


def _day_of(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _moment_in(cell: Cell, rules: CellRules, notes: Notes) -> date | datetime:
    if isinstance(cell, date) and _is_plain(cell, rules.notation):
        # A datetime as well: a midnight that is shown is a moment, a day without a time is none.
        return cell
    reader = DayReader(rules.dates, rules.notation.day_first, notes)
    if isinstance(cell, date):
        return reader.settled(_as_meant(cell, rules.notation), text_of(cell))
    if is_number(cell) and cell < _FIRST_WRITTEN:
        return from_serial(float(cell), str(cell))
    if isinstance(cell, FormattedNumber) and _counts_from_1904(cell):
        number = cell.number
        return from_serial(float(number) + DAYS_TO_1904, str(number))
    return reader.read(text_of(cell))


def _counts_from_1904(cell: FormattedNumber) -> bool:
    return cell.counts_from_1904 and cell.number < _FIRST_WRITTEN


def time_in(cell: Cell) -> time:
    """Return the time of day in a cell, to the second."""
    if isinstance(cell, datetime):
        cell = cell.time()
    if isinstance(cell, time):
        return cell.replace(microsecond=0)
    return parse_time(text_of(cell))


def days_in(cell: Cell, rules: CellRules, notes: Notes) -> DateSpan:
    """Return the first and last day in a cell; a single day is both."""
    start, end = (
        day_in(part, rules, notes)
        for part in _two_parts(cell, IssueCode.DATE_INVALID)
    )
    if end < start:
        raise ParseError(IssueCode.DATE_INVALID, text=text_of(cell))
    return DateSpan(start, end)


def times_in(cell: Cell) -> TimeSpan:
    """Return the start and end in a cell; a single time is both."""
    start, end = (
        time_in(part) for part in _two_parts(cell, IssueCode.TIME_INVALID)
    )
    return TimeSpan(start, end)


def _is_plain(cell: date | datetime, notation: Notation) -> bool:
    """Return whether a real date needs no closer look; most do not, and there are many."""
    has_zone = isinstance(cell, datetime) and cell.tzinfo is not None
    return (
        cell.year > FIRST_YEAR
        and notation.doubted_by_texts is None
        and not has_zone
    )


def _as_meant(cell: date | datetime, notation: Notation) -> date | datetime:
    """Return a real date as it was before a spreadsheet may have swapped its day and month.

    Raises DATE_AMBIGUOUS while nobody has said how the column was written.
    """
    if (
        notation.doubted_by_texts is None
        or cell.day == cell.month
        or cell.day > 12
    ):
        return cell
    if notation.day_first is None:
        raise ParseError(IssueCode.DATE_AMBIGUOUS, text=text_of(cell))
    is_swapped = notation.day_first == notation.doubted_by_texts
    return cell.replace(month=cell.day, day=cell.month) if is_swapped else cell


def _two_parts(cell: Cell, code: IssueCode) -> tuple[Cell, Cell]:
    if not isinstance(cell, str):
        return cell, cell
    if len(cell) > _LONGEST_SPAN:
        raise ParseError(code, text=cell)
    text = plain(cell)
    for mark in _SPAN_MARKS:
        start, found, end = text.partition(mark)
        if found and end.strip():
            return start.strip(), end.strip()
    return cell, cell
