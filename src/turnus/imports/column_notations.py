"""What headings and neighbors say of cells: currencies, phone labels, several values in one."""

import re
from collections.abc import Mapping, Sequence

from turnus.core.fields import (
    LABEL_WORDS,
    Noted,
    NotingParser,
    ParseError,
    Value,
    text_of,
)
from turnus.core.fields.currencies import currency_of
from turnus.core.folding import fold
from turnus.core.issues import IssueCode
from turnus.core.mapping import heading_key, without_unit
from turnus.core.money import Money
from turnus.core.tables import Cell

#: What stands between several values of one cell in exports of Google Contacts.
_SEVERAL = ":::"
_NUMBERED_VALUE = re.compile(r"(?P<name>.+ \d+) - value")
_LABELS = ("type", "label")
_OTHER = "other"
_KNOWN_LABELS = frozenset(
    fold(word) for words in LABEL_WORDS.values() for word in words
)


def heading_currency(heading: str) -> str | None:
    """Return the code or sign of a currency in a heading such as `Betrag (CHF)`, else None."""
    _name, unit = without_unit(heading)
    return currency_of(unit) if unit else None


def in_unknown_currency(read: NotingParser, currency: str) -> NotingParser:
    """Return a reader that refuses amounts in the heading's unknown currency: it is asked about."""

    def read_amount(cell: Cell) -> Value | Noted | None:
        value = read(cell)
        money = value.value if isinstance(value, Noted) else value
        if isinstance(money, Money) and not money.currency:
            raise ParseError(IssueCode.CURRENCY_UNKNOWN, text=currency)
        return value

    return read_amount


def of_several(read: NotingParser) -> NotingParser:
    """Return a reader of emails or phones that also splits them as Google Contacts writes them."""

    def read_points(cell: Cell) -> Value | Noted | None:
        if isinstance(cell, str) and _SEVERAL in cell:
            return read(cell.replace(_SEVERAL, ";"))
        return read(cell)

    return read_points


def label_columns(
    headings: Sequence[str], columns: Sequence[str | None]
) -> Mapping[int, int]:
    """Return by column (`Phone 1 - Value`) the one with its labels (`Phone 1 - Type`), if free."""
    free: dict[str, int] = {}
    for index, heading in enumerate(headings):
        if columns[index] is None:
            free[heading_key(heading)] = index
    found: dict[int, int] = {}
    for index, heading in enumerate(headings):
        numbered = _NUMBERED_VALUE.fullmatch(heading_key(heading))
        if numbered is None or columns[index] is None:
            continue
        for word in _LABELS:
            label_heading = f"{numbered['name']} - {word}"
            if label_heading in free:
                found[index] = free[label_heading]
                break
    return found


def labeled(cell: Cell, label: Cell) -> Cell:
    """Return a cell of emails or phones with the label from its label column after each value.

    Google marks the usual one with an asterisk. A label of its own, such as fax, becomes `other`.
    """
    word = text_of(label).strip("* ") if label is not None else ""
    if not word or cell is None:
        return cell
    if fold(word) not in _KNOWN_LABELS:
        word = _OTHER
    parts = re.split(rf"{_SEVERAL}|;", text_of(cell))
    return ";".join(
        f"{part.strip()} ({word})" for part in parts if part.strip()
    )
