"""How numbers and dates are written: guessed for a whole column, never for one cell."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from turnus.core.fields.letters import plain
from turnus.core.tables import Cell

_NOT_NUMBER = re.compile(r"[^\d.,]")
_SLASHED = re.compile(r"^\s*(\d{1,2})[/\-](\d{1,2})[/\-](\d{4}|\d{2})\b")
_DOTTED = re.compile(r"^\s*\d{1,2}\.\d{1,2}\.\d{2}")
#: A number with its group marks; and the dash that people write where there are no cents: 250.–
_NUMBER = re.compile(r"\d[\d.,' ’]*")
_NO_CENTS = re.compile(r"\d([.,]) ?[-–—−]")
#: Longer texts are no numbers and no days.
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Notation:
    """How a person or a column writes.

    `decimal_comma`: 1.234,5 (True) or 1,234.5 (False). `day_first`: 03/04/2018 is the 3rd of April
    (True) or the 4th of March (False). None: not known; a text that needs it is then an error,
    never a guess.
    """

    decimal_comma: bool | None = None
    day_first: bool | None = None
    #: How the texts of a column are written whose real dates look as if a spreadsheet had taken
    #: days for months: those dates are then doubtful, until `day_first` says how the whole column
    #: was written. None: nothing speaks against them.
    doubted_by_texts: bool | None = None

    def or_else(self, other: "Notation") -> "Notation":
        """Return this notation with its unknown parts taken from `other`."""
        combined = self
        if self.decimal_comma is None:
            combined = replace(combined, decimal_comma=other.decimal_comma)
        if self.day_first is None:
            combined = replace(combined, day_first=other.day_first)
        return combined


GERMAN = Notation(decimal_comma=True, day_first=True)
ENGLISH = Notation(decimal_comma=False, day_first=True)


def guess_notation(cells: Iterable[Cell]) -> Notation:
    """Return what the cells of a column prove about its notation; None for nothing, or both.

    >>> guess_notation(["1.234", "99,50"]).decimal_comma
    True
    >>> guess_notation(["1.234", "5.678"]).decimal_comma is None
    True
    >>> guess_notation(["03/04/2018", "14/11/2018"]).day_first
    True

    Real dates up to the 12th beside texts beyond it are what remains when a spreadsheet read days
    as months:

    >>> guess_notation(["1/14/2018", date(2018, 5, 1)])
    Notation(decimal_comma=None, day_first=None, doubted_by_texts=False)
    """
    commas: set[bool] = set()
    orders: set[bool] = set()
    doubt = _Doubt()
    for cell in cells:
        if isinstance(cell, date):
            doubt.see_day(cell)
        elif isinstance(cell, str) and len(cell) <= _LONGEST:
            text = plain(cell)
            commas |= _comma_evidence(text)
            orders |= _order_evidence(text)
            doubt.see_text(text)
    order = _agreed(orders)
    if order is not None and doubt.is_founded:
        return Notation(_agreed(commas), None, order)
    return Notation(_agreed(commas), order)


def needs_decimal_comma(text: str) -> bool:
    """Return whether `text` is one number in German and another in English, such as 1.234."""
    digits = _NOT_NUMBER.sub("", text)
    return bool(re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits))


def needs_day_first(text: str) -> bool:
    """Return whether `text` is a date that has two readings: 03/04/2018."""
    found = _SLASHED.match(text)
    if found is None:
        return False
    first = int(found[1])
    second = int(found[2])
    return first != second and max(first, second) <= 12


class _Doubt:
    """The trace that a spreadsheet leaves which took the days of a column for its months.

    What could be read the wrong way became a date, what could not stayed text: so all dates lie
    before the 13th of a month, and no text does. One cell that breaks the pattern clears the
    column.
    """

    def __init__(self) -> None:
        self.has_dates = False
        self.has_texts = False
        self.is_broken = False

    @property
    def is_founded(self) -> bool:
        """Whether the column shows that trace."""
        return self.has_dates and self.has_texts and not self.is_broken

    def see_day(self, cell: date | datetime) -> None:
        """Take a real date into account."""
        self.has_dates = self.has_dates or cell.day != cell.month
        self.is_broken = self.is_broken or cell.day > 12

    def see_text(self, text: str) -> None:
        """Take a text into account."""
        found = _SLASHED.match(text)
        if found is None:
            return
        self.has_texts = True
        may_be_either = max(int(found[1]), int(found[2])) <= 12
        self.is_broken = self.is_broken or may_be_either


def _comma_evidence(text: str) -> set[bool]:
    is_date_or_time = (
        ":" in text or _SLASHED.match(text) or _DOTTED.match(text)
    )
    if is_date_or_time:
        return set()
    if without_cents := _NO_CENTS.search(text):
        return {without_cents[1] == ","}
    found = _NUMBER.search(text)
    if found is None:
        return set()
    digits = _NOT_NUMBER.sub("", found[0]).rstrip(".,")
    last_mark = max(digits.rfind("."), digits.rfind(","))
    if last_mark < 0 or needs_decimal_comma(digits):
        return set()
    is_comma = digits[last_mark] == ","
    marks_groups = digits.count(digits[last_mark]) > 1
    return {is_comma != marks_groups}


def _order_evidence(text: str) -> set[bool]:
    found = _SLASHED.match(text)
    if found is None:
        return set()
    first_is_day = int(found[1]) > 12
    second_is_day = int(found[2]) > 12
    return {first_is_day} if first_is_day != second_is_day else set()


def _agreed(evidence: set[bool]) -> bool | None:
    return evidence.pop() if len(evidence) == 1 else None
