"""Text and spreadsheet cells -> values, by kind; made once per column, called per cell."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from turnus.core.fields.choosing import choice_in, choices_in, currency_in, found_in
from turnus.core.fields.days import day_in, days_in, moment_in, time_in, times_in
from turnus.core.fields.errors import ParseError
from turnus.core.fields.figures import id_in, money_in, number_in, percent_in
from turnus.core.fields.kinds import CHOICE_KINDS, LINK_KINDS, SET_KINDS
from turnus.core.fields.kinds import FieldKind as K
from turnus.core.fields.letters import visible
from turnus.core.fields.notation import Notation
from turnus.core.fields.notes import Note, Noted, Notes
from turnus.core.fields.points import points_in
from turnus.core.fields.rules import CellRules, Choices
from turnus.core.fields.texts import address_in, phone_in, text_in, text_of
from turnus.core.fields.values import Value
from turnus.core.fields.words import (
    is_error_word,
    is_programs_blank,
    is_word_for_nothing,
)
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
_Reader = Callable[[Cell, CellRules, Notes], Any]
_Read = TypeVar("_Read")

#: Classes of cells whose values are remembered. Not bool, for True equals 1; not moments, which are
#: read faster than found.
_REMEMBERED = frozenset({str, int, float})
_MOST_REMEMBERED = 50_000
#: Longer texts hardly repeat; keeping them would cost more than reading them again.
_LONGEST_REMEMBERED = 300
#: Notes that say that something was left out: where nobody reads notes, it must be an error.
_LEFT_OUT = frozenset({IssueCode.PHONE_INVALID})
_FREE_TEXTS = frozenset({K.TEXT, K.LARGE_TEXT, K.AUTOCOMPLETE, K.ADDRESS})


def parse(
    kind: K,
    cell: Cell,
    *,
    notation: Notation,
    choices: Choices | None = None,
    currency: str = "",
    dates: DateRules | None = None,
) -> Value | None:
    """Return the value in one cell, None if empty; raises ParseError. For columns: `parser_for`."""
    return parser_for(
        kind, notation=notation, choices=choices, currency=currency, dates=dates
    )(cell)


def parser_for(
    kind: K,
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

    def read(cell: Cell) -> Value | None:
        if isinstance(cell, str) and not visible(cell):
            return None
        notes = Notes()
        value = _value(kind, cell, rules, notes)
        left_out = next((note for note in notes.found if note.code in _LEFT_OUT), None)
        if left_out is not None:
            raise ParseError(left_out.code, **left_out.params)
        return value

    return _remembering(read)


def reader_for(kind: K, rules: CellRules) -> NotingParser:
    """Return the function that reads cells of a file as values of `kind`, with notes.

    A failed formula raises ParseError even where any text would do; a word for nothing counts as
    blank, with a note.
    """

    def read(cell: Cell) -> Value | Noted | None:
        if isinstance(cell, str):
            text = visible(cell)
            if not text:
                return None
            if is_error_word(text):
                raise ParseError(IssueCode.ERROR_CELL, text=text)
            if _says_nothing(kind, text, rules):
                return Noted(None, (Note(IssueCode.EMPTY_WORD, {"text": text}),))
        notes = Notes()
        return notes.beside(_value(kind, cell, rules, notes))

    return _remembering(read)


def _remembering(
    read: Callable[[Cell], _Read | None],
) -> Callable[[Cell], _Read | None]:
    """Return `read` with a memory, for texts and numbers repeat in columns."""
    known: dict[Any, _Read | None] = {}

    def remembered(cell: Cell) -> _Read | None:
        if cell.__class__ not in _REMEMBERED:
            return None if cell is None else read(cell)
        if cell in known:
            return known[cell]
        value = read(cell)
        if isinstance(cell, str) and len(cell) > _LONGEST_REMEMBERED:
            return value
        if len(known) > _MOST_REMEMBERED:
            known.clear()
        known[cell] = value
        return value

    return remembered


def _says_nothing(kind: K, text: str, rules: CellRules) -> bool:
    """Return whether a text that is no value says that there is none.

    Choices may be called so ("keine"), and a free text may mean it; a program's word for nothing is
    never meant.
    """
    if kind in _FREE_TEXTS and not rules.is_name:
        return is_programs_blank(text)
    if not is_word_for_nothing(text):
        return False
    if kind in SET_KINDS or kind in CHOICE_KINDS or kind in LINK_KINDS:
        return found_in(text, rules.choices) is None
    return True


def _value(kind: K, cell: Cell, rules: CellRules, notes: Notes) -> Value | None:
    if isinstance(cell, UnreadCell):
        raise ParseError(cell.code, text=cell.text)
    value: Value | None = _READERS[kind](cell, rules, notes)
    return value


def _choice(cell: Cell, rules: CellRules, _notes: Notes) -> int | str:
    return choice_in(cell, rules.choices)


def _choices(cell: Cell, rules: CellRules, _notes: Notes) -> tuple[int, ...]:
    return choices_in(cell, rules.choices)


def _points(kind: K) -> _Reader:
    is_email = kind is K.EMAILS
    return lambda cell, rules, notes: points_in(
        text_of(cell), notes, label=rules.label, is_email=is_email
    )


def _texts(kind: K) -> _Reader:
    return lambda cell, _rules, notes: text_in(cell, kind, notes)


_READERS: Mapping[K, _Reader] = {
    **dict.fromkeys((*CHOICE_KINDS, *LINK_KINDS), _choice),
    K.CURRENCY: lambda cell, rules, _notes: currency_in(cell, rules.choices),
    **dict.fromkeys(SET_KINDS, _choices),
    **{kind: _points(kind) for kind in (K.EMAILS, K.PHONES)},
    **{kind: _texts(kind) for kind in (K.TEXT, K.LARGE_TEXT, K.AUTOCOMPLETE)},
    K.ADDRESS: lambda cell, _rules, _notes: address_in(cell),
    K.PHONE: lambda cell, _rules, notes: phone_in(cell, notes),
    K.NUMBER: number_in,
    K.MONEY: money_in,
    K.PERCENT: percent_in,
    K.ID: id_in,
    K.DATE: day_in,
    K.MOMENT: moment_in,
    K.DATE_RANGE: days_in,
    K.TIME: lambda cell, _rules, _notes: time_in(cell),
    K.TIME_RANGE: lambda cell, _rules, _notes: times_in(cell),
}
