"""Field kinds: how values of each kind are read, shown, stored and filtered."""

from turnus.core.fields.addresses import ADDRESS_PARTS, composed
from turnus.core.fields.cells import cell_keys, from_cells, to_cells
from turnus.core.fields.kind_names import FieldKind
from turnus.core.fields.kinds import (
    CHOICE_KINDS,
    CUSTOM_KINDS,
    DATE_KINDS,
    KINDS,
    LINK_KINDS,
    NUMBER_KINDS,
    SET_KINDS,
    TEXT_KINDS,
    TIME_KINDS,
    AnyKind,
    FileForm,
    Kind,
    operators_of,
)
from turnus.core.fields.notation import Notation, guess_notation
from turnus.core.fields.notes import Note, Noted
from turnus.core.fields.operators import Comparison, Operator
from turnus.core.fields.parsing import (
    CellRules,
    Choices,
    NotingParser,
    ParseError,
    Parser,
    parse,
    parser_for,
    reader_for,
)
from turnus.core.fields.points import (
    LABEL_WORDS,
    joined_points,
    parse_points,
    point_key,
)
from turnus.core.fields.showing import show
from turnus.core.fields.texts import text_of
from turnus.core.fields.values import (
    Address,
    ContactPoint,
    DateSpan,
    TimeSpan,
    Value,
)
from turnus.core.fields.years import DateRules

__all__ = [
    "ADDRESS_PARTS",
    "CHOICE_KINDS",
    "CUSTOM_KINDS",
    "DATE_KINDS",
    "KINDS",
    "LABEL_WORDS",
    "LINK_KINDS",
    "NUMBER_KINDS",
    "SET_KINDS",
    "TEXT_KINDS",
    "TIME_KINDS",
    "Address",
    "AnyKind",
    "CellRules",
    "Choices",
    "Comparison",
    "ContactPoint",
    "DateRules",
    "DateSpan",
    "FieldKind",
    "FileForm",
    "Kind",
    "Notation",
    "Note",
    "Noted",
    "NotingParser",
    "Operator",
    "ParseError",
    "Parser",
    "TimeSpan",
    "Value",
    "cell_keys",
    "composed",
    "from_cells",
    "guess_notation",
    "joined_points",
    "operators_of",
    "parse",
    "parse_points",
    "parser_for",
    "point_key",
    "reader_for",
    "show",
    "text_of",
    "to_cells",
]
