"""How numbers in cells of a workbook are read: by their format, compiled once per cell style."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from turnus.core.issues import IssueCode
from turnus.core.tables import Cell, FormattedNumber, UnreadCell
from turnus.sheets.errors import SheetError
from turnus.sheets.number_formats import NumberFormat, Section, number_format
from turnus.sheets.serials import moment_cell
from turnus.sheets.written_out import written_out

#: Reads the number of a cell, as the file writes it.
NumberReader = Callable[[str], Cell]
#: What a cell style says about numbers: the number of its format, and its code if the file has one.
Style = tuple[int, str | None]
#: Digits of the number of a style, a format or a column: none has as many.
_LONGEST_NUMBER = 9
#: Digits of a whole number that any program stores exactly.
_EXACT_DIGITS = 15
#: Beyond this many digits a text is no number that anybody typed.
_MOST_DIGITS = 40


def whole_number(text: str) -> int | None:
    """Return the number that an attribute gives, None where it gives none that can be meant."""
    is_number = (
        text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER
    )
    return int(text) if is_number else None


def plain_number(text: str) -> Cell:
    """Return a number whose format says nothing more; whole numbers as int."""
    if text.isdecimal() and len(text) <= _MOST_DIGITS:
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return UnreadCell(IssueCode.NUMBER_INVALID, text[:100])
    if (
        number - number != 0
    ):  # NaN and infinity, as some programs write them for errors
        return UnreadCell(IssueCode.ERROR_CELL, text[:100])
    return (
        int(number) if number.is_integer() and abs(number) < 2**53 else number
    )


def number_reader(
    number_format: NumberFormat, *, is_1904: bool
) -> NumberReader:
    """Return what reads numbers of a format."""
    if number_format.is_plain and not is_1904:
        return plain_number
    only = number_format.sections[0]
    if only.is_moment and len(number_format.sections) == 1:
        return _moment_reader(only, is_1904=is_1904)

    def read(text: str) -> Cell:
        number = plain_number(text)
        if not isinstance(number, int | float):
            return number
        section = number_format.section_for(number)
        if section.is_moment:
            return moment_cell(float(number), section, is_1904=is_1904)
        if section.is_negated and number > 0:
            number = -number
        if section.is_written_out and (
            shown := written_out(number, section.pieces)
        ):
            return shown
        return _formatted(number, section, is_1904=is_1904)

    return read


def _moment_reader(section: Section, *, is_1904: bool) -> NumberReader:
    def read(text: str) -> Cell:
        try:
            return moment_cell(float(text), section, is_1904=is_1904)
        except ValueError:
            return UnreadCell(IssueCode.NUMBER_INVALID, text[:100])

    return read


class NumberReaders(dict[str | None, NumberReader]):
    """The readers of cell styles by number, each created when the first cell needs it.

    Raises SheetError for a number that no style has: what the cell shows cannot be told.
    """

    def __init__(self, styles: Sequence[Style], *, is_1904: bool) -> None:
        super().__init__()
        self._styles = styles
        self._is_1904 = is_1904

    def __missing__(self, style: str | None) -> NumberReader:
        # A cell without a style has the first one.
        if not self._styles:
            # The workbook says nothing about its styles: any of them is a plain one.
            return plain_number
        number = whole_number(style or "0")
        if number is None or number >= len(self._styles):
            raise SheetError("sheet.broken", reason=f"style {style}"[:100])
        shown_as = number_format(*self._styles[number])
        reader = self[style] = number_reader(shown_as, is_1904=self._is_1904)
        return reader


def _formatted(number: float, section: Section, *, is_1904: bool) -> Cell:
    has_hidden_zeros = section.least_digits > len(str(int(abs(number))))
    says_more = (
        section.is_percent
        or section.currency
        or section.multiple
        or has_hidden_zeros
    )
    if not says_more and not is_1904:
        return number
    return FormattedNumber(
        Decimal(str(number)),
        is_percent=section.is_percent,
        currency=section.currency,
        least_digits=section.least_digits,
        suffix=section.multiple,
        counts_from_1904=is_1904,
    )
