"""Cells that hold nothing: words for nothing, failed formulas, and very long texts."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.core.test_cells import K, Known, read
from turnus.core.fields import (
    FieldKind,
    Notation,
    ParseError,
    parse,
    text_of,
)
from turnus.core.issues import IssueCode
from turnus.core.tables import UnreadCell


@pytest.mark.parametrize(
    "word",
    [
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#UNKNOWN!",
        "#GETTING_DATA",
        "#ÜBERLAUF!",
        "#KALK!",
        "#NV",
        "#WERT!",
        "#BEZUG!",
        "#ZAHL!",
        "#NAME?",
        "#NULL!",
        "#DIV/0!",
        "Err:502",
        "Err:522",
        "Fehler:502",
        "#ERROR!",
        "#####",
        "########",
        "#N/A",
        " #REF! ",
        "#VALUE!\u200b",
    ],
)
@pytest.mark.parametrize("kind", FieldKind)
def test_a_failed_formula_is_a_problem_in_every_kind_of_field(
    kind: FieldKind, word: str
) -> None:
    assert read(kind, word) == (None, "problem ERROR_CELL")


_NOTHING = [
    "NULL",
    "null",
    "(leer)",
    "(blank)",
    "None",
    "nan",
    "N/A",
    "n/a",
    "k. A.",
    "-",
    "–",
    "undefined",
    "keine",
    "nil",
]


@pytest.mark.parametrize("word", _NOTHING)
@pytest.mark.parametrize(
    "kind",
    [
        K.MONEY,
        K.DATE,
        K.MOMENT,
        K.PHONES,
        K.EMAILS,
        K.PERSON,
        K.OPTION,
        K.OPTIONS,
        K.STATUS,
        K.NUMBER,
        K.TIME,
    ],
)
def test_a_word_for_nothing_is_blank_with_a_note(
    kind: FieldKind, word: str
) -> None:
    assert read(kind, word, choices=Known()) == (None, "EMPTY_WORD")


@pytest.mark.parametrize("word", _NOTHING)
def test_a_word_for_nothing_is_no_name(word: str) -> None:
    assert read(K.TEXT, word, is_name=True) == (None, "EMPTY_WORD")


@pytest.mark.parametrize(
    "word",
    [
        "Null",
        "NULL GmbH",
        "Nan",
        "#1 Consulting",
        "Fehler & Söhne",
        "Err AG",
        "Keiner Verlag",
        "None of Us Ltd",
    ],
)
def test_names_that_look_like_nothing_stay(word: str) -> None:
    assert read(K.TEXT, word, is_name=True) == (word, "")


def test_a_free_text_may_say_that_there_is_nothing_but_a_program_does_not_mean_it() -> (
    None
):
    assert read(K.TEXT, "keine") == ("keine", "")
    assert read(K.LARGE_TEXT, "-") == ("-", "")
    assert read(K.TEXT, "NULL") == (None, "EMPTY_WORD")


def test_an_option_may_be_called_like_nothing() -> None:
    assert read(K.OPTION, "keine", choices=Known(keine="7")) == ("7", "")
    assert read(K.OPTION, "kei\u200bne", choices=Known(keine="7")) == ("7", "")


@pytest.mark.parametrize("kind", FieldKind)
@pytest.mark.parametrize(
    "blank", ["", "  ", "\u00a0", "\u200b", "\ufeff \u00ad"]
)
def test_a_cell_that_shows_nothing_is_blank(
    kind: FieldKind, blank: str
) -> None:
    assert read(kind, blank) == (None, "")


_LONGEST_CELL = 131_072
_SHAPES = [
    "1",
    "1 ",
    "1.",
    "a",
    "a ",
    "a,",
    "1,",
    "(",
    "-",
    " ",
    "1/",
    "€",
    "1'234",
    "#",
    "E+1",
    "\u200b",
    "ä",
    "1:00 ",
    "\n",
    ", ;",
    "+1 (",
    "12.12.18 - ",
    "Mo., ",
]


@pytest.mark.parametrize("kind", FieldKind)
def test_a_cell_as_long_as_cells_can_be_is_read_at_once(
    kind: FieldKind,
) -> None:
    cells = [
        (shape * _LONGEST_CELL)[:_LONGEST_CELL] + end
        for shape in _SHAPES
        for end in ("", " x y")
    ]
    began = datetime.now(UTC)
    found = [read(kind, cell, choices=Known(a="1")) for cell in cells]
    # About 1 ms each where the time grows with the length; minutes where it grows with its square.
    assert datetime.now(UTC) - began < timedelta(seconds=0.1 * len(cells))
    assert all(
        value is None or len(str(value)) <= 2 * _LONGEST_CELL
        for value, _note in found
    )


def test_a_cell_that_cannot_be_read_shows_what_stands_there() -> None:
    assert (
        text_of(UnreadCell(IssueCode.FORMULA_WITHOUT_RESULT, "=A1+1"))
        == "=A1+1"
    )


def test_a_message_shows_the_beginning_of_a_long_text() -> None:
    with pytest.raises(ParseError) as error:
        parse(K.MONEY, "9" * 4000 + " x y", notation=Notation())
    assert len(str(error.value.params["text"])) == 100
