"""Text and spreadsheet cells -> values, kind by kind; compiled once per column, then called per cell."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Protocol

from turnus.core.fields.dates import DAYS_TO_1904, from_serial, parse_moment, parse_time
from turnus.core.fields.errors import ParseError
from turnus.core.fields.kinds import CHOICE_KINDS, LINK_KINDS, SET_KINDS
from turnus.core.fields.kinds import FieldKind as K
from turnus.core.fields.notation import Notation
from turnus.core.fields.numbers import in_range, parse_number, split_currency
from turnus.core.fields.points import parse_points
from turnus.core.fields.values import Address, DateSpan, TimeSpan, Value
from turnus.core.issues import IssueCode
from turnus.core.money import Money
from turnus.core.tables import Cell, FormattedNumber, UnreadCell

__all__ = ["Choices", "ParseError", "parse", "parser_for"]

#: Longest text by kind; source: reference 2.1.
MAX_LENGTH = {K.LARGE_TEXT: 65_000}
_SHORT = 255
#: Between the two ends of a span: " – ", " - ", " bis ", " to ".
_SPAN_MARKS = (" – ", " — ", " - ", " bis ", " to ", "–")
_MONEY_PLACES = 4


#: Classes of cells whose values are remembered. Not bool, for True equals 1; not moments, which are read faster than found.
_REMEMBERED = frozenset({str, int, float})
_MOST_REMEMBERED = 50_000


class Choices(Protocol):
    """Knows the words of choices: options, users, stages, labels, statuses ... of one field."""

    def find(self, word: str) -> int | str | None:
        """Return the stored form of the choice that people call `word` in either language, None if unknown."""

    def name(self, stored: int | str) -> str:
        """Return what people call a stored choice."""


Parser = Callable[[Cell], Value | None]


def parse(
    kind: K, cell: Cell, *, notation: Notation, choices: Choices | None = None, currency: str = ""
) -> Value | None:
    """Return the value in one cell, None for an empty one; raises ParseError. For a column use `parser_for`."""
    return parser_for(kind, notation=notation, choices=choices, currency=currency)(cell)


def parser_for(kind: K, *, notation: Notation, choices: Choices | None = None, currency: str = "") -> Parser:
    """Return the function that reads cells of `kind`.

    `choices` is needed for kinds that name something; `currency` is what an amount without a currency of its own is in.
    Texts and numbers repeat in columns, so what they were read as is remembered.
    """
    read = _reader(kind, notation, choices, currency)
    known: dict[str | int | float, Value | None] = {}

    def parsed(cell: Cell) -> Value | None:
        if cell.__class__ not in _REMEMBERED:
            return None if cell is None else read(_readable(cell, kind))
        if cell in known:
            return known[cell]  # type: ignore[index]  # a text or a number
        if len(known) > _MOST_REMEMBERED:
            known.clear()
        value = None if isinstance(cell, str) and not cell.strip() else read(cell)
        known[cell] = value  # type: ignore[index]  # as above
        return value

    return parsed


def _readable(cell: Cell, kind: K) -> Cell:
    """Return the cell as the readers of kinds know it; raises ParseError where nothing in it can be read."""
    if isinstance(cell, UnreadCell):
        raise ParseError(cell.code, text=cell.text)
    if not isinstance(cell, FormattedNumber):
        return cell
    if cell.counts_from_1904 and kind in _DATED:
        return float(cell.number) + DAYS_TO_1904
    return cell.number


def _reader(kind: K, notation: Notation, choices: Choices | None, currency: str) -> Parser:
    if kind in CHOICE_KINDS or kind in LINK_KINDS:
        return lambda cell: _choice(cell, choices)
    if kind in SET_KINDS:
        return lambda cell: _choices_in(_text(cell), choices)
    if kind in _DATED:
        return lambda cell: _DATED[kind](cell, notation)
    if kind in _NUMERIC:
        return lambda cell: _NUMERIC[kind](cell, notation, currency)
    if kind is K.ADDRESS:
        return lambda cell: Address(_limited(_text(cell), K.TEXT))
    if kind in {K.EMAILS, K.PHONES}:
        return lambda cell: parse_points(_text(cell), is_email=kind is K.EMAILS)
    return lambda cell: _limited(_text(cell), kind)


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return str(cell).strip()


def _limited(text: str, kind: K) -> str:
    limit = MAX_LENGTH.get(kind, _SHORT)
    if len(text) > limit:
        raise ParseError(IssueCode.TOO_LONG, length=len(text), limit=limit)
    return text


def _choice(cell: Cell, choices: Choices | None) -> int | str:
    word = _text(cell)
    found = choices.find(word) if choices else None
    if found is None:
        raise ParseError(IssueCode.OPTION_UNKNOWN, text=word)
    return found


def _choices_in(text: str, choices: Choices | None) -> tuple[int, ...]:
    parts = [part for part in text.split(",") if part.strip()]
    found = set()
    while parts:
        # A word may have commas of its own: the longest beginning that is known is one.
        ends = range(len(parts), 0, -1)
        end = next((one for one in ends if choices and choices.find(_word(parts[:one])) is not None), 1)
        found.add(int(_choice(_word(parts[:end]), choices)))
        parts = parts[end:]
    return tuple(sorted(found))


def _word(parts: list[str]) -> str:
    return ",".join(parts).strip()


def _number(cell: Cell, notation: Notation, _currency: str = "") -> Decimal:
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        return in_range(Decimal(str(cell)), str(cell)).quantize(Decimal("0.000001")).normalize() + 0
    return parse_number(_text(cell), decimal_comma=notation.decimal_comma).quantize(Decimal("0.000001")).normalize() + 0


def _money(cell: Cell, notation: Notation, currency: str) -> Money:
    if isinstance(cell, str):
        number, named = split_currency(cell)
        return Money.of(parse_number(number, decimal_comma=notation.decimal_comma), named or currency)
    return Money.of(_number(cell, notation), currency)


def _percent(cell: Cell, notation: Notation, _currency: str) -> int:
    text = _text(cell).removesuffix("%").strip() if isinstance(cell, str) else cell
    number = _number(text, notation)
    if not 0 <= number <= 100 or number != int(number):
        raise ParseError(IssueCode.OUT_OF_RANGE, text=str(cell))
    return int(number)


def _id(cell: Cell, notation: Notation, _currency: str) -> int:
    number = _number(cell, notation)
    if number <= 0 or number != int(number):
        raise ParseError(IssueCode.NUMBER_INVALID, text=str(cell))
    return int(number)


def _moment(cell: Cell, notation: Notation) -> date | datetime:
    if isinstance(cell, datetime):
        return cell.date() if cell.tzinfo is None and cell.time() == time() else cell
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return from_serial(cell, str(cell))
    return parse_moment(_text(cell), day_first=notation.day_first)


def _day(cell: Cell, notation: Notation) -> date:
    moment = _moment(cell, notation)
    return moment.date() if isinstance(moment, datetime) else moment


def _time(cell: Cell, _notation: Notation) -> time:
    if isinstance(cell, datetime | time):
        return (cell.time() if isinstance(cell, datetime) else cell).replace(microsecond=0)
    return parse_time(_text(cell))


def _date_span(cell: Cell, notation: Notation) -> DateSpan:
    start, end = (_day(part, notation) for part in _two_parts(cell))
    if end < start:
        raise ParseError(IssueCode.DATE_INVALID, text=_text(cell))
    return DateSpan(start, end)


def _time_span(cell: Cell, notation: Notation) -> TimeSpan:
    start, end = (_time(part, notation) for part in _two_parts(cell))
    return TimeSpan(start, end)


def _two_parts(cell: Cell) -> tuple[Cell, Cell]:
    if isinstance(cell, str):
        for mark in _SPAN_MARKS:
            start, found, end = cell.partition(mark)
            if found and end.strip():
                return start.strip(), end.strip()
    return cell, cell


_DATED: Mapping[K, Callable[[Cell, Notation], Any]] = {
    K.DATE: _day,
    K.MOMENT: _moment,
    K.DATE_RANGE: _date_span,
    K.TIME: _time,
    K.TIME_RANGE: _time_span,
}
_NUMERIC: Mapping[K, Callable[[Cell, Notation, str], Any]] = {
    K.NUMBER: _number,
    K.MONEY: _money,
    K.PERCENT: _percent,
    K.ID: _id,
}
