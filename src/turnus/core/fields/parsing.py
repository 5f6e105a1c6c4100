"""Text and spreadsheet cells -> values, by kind; made once per column, called per cell."""

from collections.abc import Callable
from typing import TypeVar

from turnus.core.fields.errors import ParseError
from turnus.core.fields.kind_names import FieldKind
from turnus.core.fields.kinds import KINDS, AnyKind
from turnus.core.fields.letters import visible
from turnus.core.fields.notation import Notation
from turnus.core.fields.notes import Note, Noted, Notes
from turnus.core.fields.rules import CellRules, Choices
from turnus.core.fields.values import Value
from turnus.core.fields.words import is_error_word
from turnus.core.fields.years import DateRules
from turnus.core.issues import IssueCode
from turnus.core.tables import Cell, UnreadCell

__all__ = [
    "CellRules",
    "Choices",
    "NotingParser",
    "ParseError",
    "Parser",
    "parse",
    "parser_for",
    "reader_for",
]

Parser = Callable[[Cell], Value | None]
NotingParser = Callable[[Cell], Value | Noted | None]
_Read = TypeVar("_Read")

#: Classes of cells whose values are remembered. Not bool, for True equals 1; not moments, which are
#: read faster than found.
_REMEMBERED = frozenset({str, int, float})
_MOST_REMEMBERED = 50_000
#: Longer texts hardly repeat; keeping them would cost more than reading them again.
_LONGEST_REMEMBERED = 300
#: Notes that say that something was left out: where nobody reads notes, it must be an error.
_LEFT_OUT = frozenset({IssueCode.PHONE_INVALID})


def parse(
    kind: FieldKind,
    cell: Cell,
    *,
    notation: Notation,
    choices: Choices | None = None,
    currency: str = "",
    dates: DateRules | None = None,
) -> Value | None:
    """Return the value in one cell, None if empty; raises ParseError. For columns: `parser_for`."""
    return parser_for(
        kind,
        notation=notation,
        choices=choices,
        currency=currency,
        dates=dates,
    )(cell)


def parser_for(
    kind: FieldKind,
    *,
    notation: Notation,
    choices: Choices | None = None,
    currency: str = "",
    dates: DateRules | None = None,
) -> Parser:
    """Return the function that reads what a person typed as a value of `kind`, without notes.

    `choices` is needed for kinds that name something; `currency` is what an amount without a
    currency of its own is in. What would be left out with a note is an error here.
    """
    rules = CellRules(notation, choices, currency, dates=dates or DateRules())
    chosen = KINDS[kind]

    def read(cell: Cell) -> Value | None:
        if isinstance(cell, str) and not visible(cell):
            return None
        notes = Notes()
        value = _value(chosen, cell, rules, notes)
        left_out = next(
            (note for note in notes.found if note.code in _LEFT_OUT), None
        )
        if left_out is not None:
            raise ParseError(left_out.code, **left_out.params)
        return value

    return _remembering(read)


def reader_for(kind: FieldKind, rules: CellRules) -> NotingParser:
    """Return the function that reads cells of a file as values of `kind`, with notes.

    A failed formula raises ParseError even where any text would do; a word for nothing counts as
    blank, with a note.
    """
    chosen = KINDS[kind]

    def read(cell: Cell) -> Value | Noted | None:
        if isinstance(cell, str):
            text = visible(cell)
            if not text:
                return None
            if is_error_word(text):
                raise ParseError(IssueCode.ERROR_CELL, text=text)
            if chosen.means_nothing(text, rules):
                return Noted(
                    None, (Note(IssueCode.EMPTY_WORD, {"text": text}),)
                )
        notes = Notes()
        return notes.beside(_value(chosen, cell, rules, notes))

    return _remembering(read)


def _remembering(
    read: Callable[[Cell], _Read | None],
) -> Callable[[Cell], _Read | None]:
    """Return `read` with a memory, for texts and numbers repeat in columns."""
    values: dict[Cell, _Read | None] = {}

    def remembered(cell: Cell) -> _Read | None:
        if cell.__class__ not in _REMEMBERED:
            return None if cell is None else read(cell)
        if cell in values:
            return values[cell]
        value = read(cell)
        if isinstance(cell, str) and len(cell) > _LONGEST_REMEMBERED:
            return value
        if len(values) > _MOST_REMEMBERED:
            values.clear()
        values[cell] = value
        return value

    return remembered


def _value(
    kind: AnyKind, cell: Cell, rules: CellRules, notes: Notes
) -> Value | None:
    if isinstance(cell, UnreadCell):
        raise ParseError(cell.code, text=cell.text)
    return kind.read(cell, rules, notes)
