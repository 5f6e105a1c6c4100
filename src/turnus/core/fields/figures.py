"""Cells -> numbers, amounts, per cents and numbers of records."""

from decimal import Decimal
from typing import TypeGuard

from turnus.core.fields.currencies import currency_of, is_code
from turnus.core.fields.errors import ParseError
from turnus.core.fields.letters import plain, shown_number
from turnus.core.fields.notes import Notes
from turnus.core.fields.numbers import (
    Amount,
    in_range,
    parse_amount,
    parse_number,
)
from turnus.core.fields.rules import CellRules
from turnus.core.fields.texts import text_of
from turnus.core.issues import IssueCode
from turnus.core.money import E4, Money
from turnus.core.tables import Cell, FormattedNumber

#: Numbers are stored as millionths. What lies below is the noise of binary fractions, if it comes
#: from a spreadsheet.
_MILLIONTH = Decimal("0.000001")
#: Letters behind a number that say how many times it is meant, where the format does not reckon it
#: itself.
_SCALES = frozenset(
    {
        "k",
        "t",
        "m",
        "b",
        "g",
        "tsd",
        "tsd.",
        "mio",
        "mio.",
        "mrd",
        "mrd.",
        "mn",
        "bn",
        "mm",
    }
)
_PER_CENT = "%"


def number_in(cell: Cell, rules: CellRules, notes: Notes) -> Decimal:
    """Return the number in a cell as a person sees it: 25 for 25 %, which is noted."""
    if isinstance(cell, FormattedNumber):
        return _settled(_seen(cell, notes), shown_number(cell), notes)
    if is_number(cell):
        return _millionths(Decimal(str(cell)), str(cell))
    text = plain(text_of(cell))
    number = text.removesuffix(_PER_CENT)
    if number != text:
        notes.add(IssueCode.NUMBER_SHOWN, text=text)
    return _settled(
        parse_number(number, decimal_comma=rules.notation.decimal_comma),
        text,
        notes,
    )


def money_in(cell: Cell, rules: CellRules, notes: Notes) -> Money:
    """Return the amount in a cell, in its own currency, else in that of `rules`, if any."""
    if isinstance(cell, str):
        amount = parse_amount(cell, decimal_comma=rules.notation.decimal_comma)
    elif isinstance(cell, FormattedNumber):
        amount = _amount_of(cell, notes)
    elif is_number(cell):
        amount = Amount(_millionths(Decimal(str(cell)), str(cell)))
    else:
        raise ParseError(IssueCode.NUMBER_INVALID, text=text_of(cell))
    scaled = amount.number * E4
    if scaled != scaled.to_integral_value():
        notes.add(IssueCode.AMOUNT_ROUNDED, text=text_of(cell))
    return Money.of(amount.number, _currency(amount.currency, rules))


def percent_in(cell: Cell, rules: CellRules, notes: Notes) -> int:
    """Return a whole number from 0 to 100; a cell formatted as percent counts by what it shows."""
    if isinstance(cell, FormattedNumber):
        number = _millionths(_shown_value(cell), shown_number(cell))
    elif isinstance(cell, str):
        text = plain(cell).removesuffix(_PER_CENT)
        number = parse_number(text, decimal_comma=rules.notation.decimal_comma)
    else:
        number = number_in(cell, rules, notes)
    if not 0 <= number <= 100:
        raise ParseError(IssueCode.OUT_OF_RANGE, text=text_of(cell))
    return _whole(number, cell)


def id_in(cell: Cell, rules: CellRules, notes: Notes) -> int:
    """Return the number of a record: whole and above 0."""
    number = number_in(cell, rules, notes)
    if number <= 0 or number != int(number):
        raise ParseError(IssueCode.NUMBER_INVALID, text=text_of(cell))
    return int(number)


def is_number(cell: Cell) -> TypeGuard[int | float | Decimal]:
    """Return whether a cell is a number; yes and no are none."""
    is_bool = isinstance(cell, bool)
    return isinstance(cell, int | float | Decimal) and not is_bool


def _millionths(number: Decimal, text: str) -> Decimal:
    """Return a number as it is stored, without the noise that binary fractions have."""
    return in_range(number, text).quantize(_MILLIONTH).normalize() + 0


def _settled(number: Decimal, text: str, notes: Notes) -> Decimal:
    """Return a number as it is stored; notes it if it has more decimals than that."""
    stored = _millionths(number, text)
    if stored != number:
        notes.add(IssueCode.AMOUNT_ROUNDED, text=text)
    return stored


def _seen(cell: FormattedNumber, notes: Notes) -> Decimal:
    """Return the number that a format shows; refuse one that may stand for thousands of it."""
    if _is_scale(cell.suffix):
        raise ParseError(IssueCode.NUMBER_INVALID, text=shown_number(cell))
    if cell.is_percent or cell.suffix.strip() or cell.currency:
        notes.add(IssueCode.NUMBER_SHOWN, text=shown_number(cell))
    number = in_range(_shown_value(cell), shown_number(cell))
    return number.quantize(_MILLIONTH)


def _shown_value(cell: FormattedNumber) -> Decimal:
    return cell.number * 100 if cell.is_percent else cell.number


def _amount_of(cell: FormattedNumber, notes: Notes) -> Amount:
    text = shown_number(cell)
    if cell.is_percent or _is_scale(cell.suffix):
        raise ParseError(IssueCode.NUMBER_INVALID, text=text)
    if cell.suffix.strip():
        notes.add(IssueCode.NUMBER_SHOWN, text=text)
    # A word in a format that is no currency of ours is one all the same to whoever sees the cell.
    currency = currency_of(cell.currency) or cell.currency
    return Amount(_millionths(cell.number, text), currency)


def _is_scale(suffix: str) -> bool:
    """Return whether letters of the format, such as k, say that the number is a multiple."""
    words = suffix.casefold().replace("€", " ").replace("$", " ").split()
    return any(word in _SCALES for word in words)


def _currency(named: str, rules: CellRules) -> str:
    """Return the currency that an amount names, else the usual one; raises CURRENCY_UNKNOWN."""
    if not named:
        return rules.currency
    if rules.currencies is None:
        if is_code(named):
            return named
        raise ParseError(IssueCode.CURRENCY_UNKNOWN, text=named)
    found = rules.currencies.find(named)
    if found is None:
        raise ParseError(IssueCode.CURRENCY_UNKNOWN, text=named)
    return str(found)


def _whole(number: Decimal, cell: Cell) -> int:
    if number != int(number):
        raise ParseError(IssueCode.NUMBER_NOT_WHOLE, text=text_of(cell))
    return int(number)
