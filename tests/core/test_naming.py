"""Whether two names mean the same contact: German first, invisible letters aside."""

import sys
from unicodedata import category

import pytest

from turnus.core.folding import fold, visible_letters
from turnus.core.naming import (
    KEY_LENGTH,
    Likeness,
    closest,
    likeness,
    name_key,
    spelling,
)

SAME = [
    ("Müller", "Mueller"),
    ("MÜLLER", "müller"),
    ("Mu\u0308ller", "Müller"),
    ("Weiß", "WEISS"),
    ("Łódź", "Lodz"),
    ("Café", "Cafe"),
    ("Sørensen", "Sorensen"),
    ("A & B", "A und B"),
    ("A + B", "A and B"),
    ("Geist—Meyer", "Geist−Meyer"),
    ("ＡＢＣ１", "abc1"),
    ("ﬁrst", "first"),
    ("e.K.", "e. K."),
    ("Ghost\u200bAG", "GhostAG"),
    ("Ghost\u2800AG", "Ghost AG"),
    ("Ghost AG.", "Ghost AG"),
    ("A_B", "A B"),
]
OTHER = [
    ("Müller", "Muller"),
    ("Böll", "Boll"),
    ("Kärcher", "Karcher"),
    ("AB", "A B"),
    ("Maß", "Mas"),
    ("Иванов Й", "Иванов И"),
    ("ガ", "カ"),
    ("???", "!!!"),
    ("Elbe 1", "Elbe 2"),
    ("A", ""),
    ("Jürgen", "Jurgen"),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=ascii)
def test_another_spelling_has_the_same_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), OTHER, ids=ascii)
def test_another_name_has_another_key(one: str, other: str) -> None:
    assert likeness(one, other) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Müller", "Müller", Likeness.WRITTEN),
        ("Müller", "MÜLLER\u200b", Likeness.SPELLED),
        ("Müller", "Mu\u0308ller", Likeness.SPELLED),
        ("Müller", "Mueller", Likeness.TAKEN),
        ("Weiß", "Weiss", Likeness.TAKEN),
        ("A-B", "A–B", Likeness.TAKEN),
    ],
    ids=ascii,
)
def test_names_are_alike_by_degrees(
    one: str, other: str, expected: Likeness
) -> None:
    assert likeness(one, other) is expected


def test_the_closest_are_meant_in_their_order() -> None:
    names = ["Muller", "Mueller", "müller", "MÜLLER"]
    assert closest("Müller", names, str) == ["müller", "MÜLLER"]
    assert closest("Mueller", ["Müller", "Muller", "Mueller-"], str) == [
        "Müller",
        "Mueller-",
    ]
    assert closest("Meier", names, str) == []


@pytest.mark.parametrize(
    "sign",
    "\u200b\ufeff\u00ad\u2060\u200e\u200f\u202a\u2066\ufe0f\u034f\u3164\x07",
    ids=ascii,
)
def test_nobody_sees_it_and_nothing_depends_on_it(sign: str) -> None:
    text = f"Är{sign}zte"
    assert (
        visible_letters(text),
        fold(text),
        spelling(text),
        name_key(text),
    ) == (
        "Ärzte",
        "arzte",
        "ärzte",
        "aerzte",
    )


def test_no_format_character_of_unicode_is_seen() -> None:
    letters = map(chr, range(sys.maxunicode + 1))
    assert not [
        ascii(letter)
        for letter in letters
        if category(letter) == "Cf" and visible_letters(letter)
    ]


def test_a_key_fits_its_column() -> None:
    assert len(name_key("&" * 255)) == KEY_LENGTH


def test_who_is_written_alike_is_meant_before_all_others() -> None:
    assert closest(
        "Müller", ["Mueller", "MÜLLER", "Müller", "Müller"], str
    ) == [
        "Müller",
        "Müller",
    ]
