"""Law: a value shown in a language reads back as the same value, for every kind of field."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnus.core.fields import (
    Address,
    CellRules,
    ContactPoint,
    DateSpan,
    FieldKind,
    Notation,
    Noted,
    TimeSpan,
    parse,
    reader_for,
    show,
)
from turnus.core.fields.letters import visible
from turnus.core.fields.words import is_error_word, is_word_for_nothing
from turnus.core.money import Money

K = FieldKind
NOTATIONS = {
    "de": Notation(decimal_comma=True, day_first=True),
    "en": Notation(decimal_comma=False, day_first=True),
}
#: Words of choices as people choose them, with commas, dashes and numbers in them.
WORDS = (
    "jährlich",
    "zweimal monatlich",
    "Ja, sofort",
    "Ja",
    "sofort, später",
    "A – B",
    "2018",
    "#1",
)


class Choices:
    """Finds and names the words by their place."""

    def find(self, word: str) -> int | None:
        return WORDS.index(word) + 1 if word in WORDS else None

    def name(self, stored: int | str) -> str:
        return WORDS[int(stored) - 1]


letters = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")
)


def says_something(text: str) -> bool:
    """Return whether a text is one in a file too: error values and words for nothing are not."""
    shown = visible(text)
    return (
        bool(shown)
        and not is_error_word(shown)
        and not is_word_for_nothing(shown)
    )


texts = (
    st.text(letters, min_size=1, max_size=60)
    .map(str.strip)
    .filter(says_something)
)
days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
moments = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)).map(
    lambda at: at.replace(microsecond=0)
)
times = st.times().map(lambda at: at.replace(microsecond=0))
numbers = st.decimals(-(10**11), 10**11, places=6).map(
    lambda one: one.normalize() + 0
)
amounts = st.builds(
    Money.of,
    st.decimals(-(10**11), 10**11, places=4),
    st.sampled_from(["EUR", "USD", "JPY", "KWD"]),
)
choices = st.integers(1, len(WORDS))
#: Sets whose words cannot be read in two ways; `Ja` and `sofort, später` side by side could.
sets = st.sets(st.sampled_from([1, 2, 3, 6, 7, 8]), min_size=1).map(
    lambda found: tuple(sorted(found))
)
PHONES = (
    "+49 40 1234",
    "040/123456-0",
    "(030) 123 456 DW 12",
    "0171 1234567 (nur abends)",
    "4711",
)
phones = st.lists(st.sampled_from(PHONES), min_size=1, unique=True)


def without_notes(read: Any) -> Any:
    return read.value if isinstance(read, Noted) else read


def points_of(*values: str) -> tuple[ContactPoint, ...]:
    return tuple(ContactPoint(value) for value in values)


VALUES: dict[FieldKind, st.SearchStrategy[Any]] = {
    **dict.fromkeys((K.TEXT, K.LARGE_TEXT, K.AUTOCOMPLETE), texts),
    K.PHONE: st.sampled_from(PHONES),
    **dict.fromkeys(
        (
            K.OPTION,
            K.USER,
            K.PERSON,
            K.ORGANIZATION,
            K.STATUS,
            K.STAGE,
            K.PIPELINE,
            K.VISIBILITY,
            K.CURRENCY,
            K.TEAM,
            K.SEQUENCE,
            K.PLAN,
            K.SUBSCRIPTION_STATE,
            K.RENEWAL_WAY,
            K.SUBSCRIPTION_ENTRY,
        ),
        choices,
    ),
    **dict.fromkeys((K.OPTIONS, K.LABELS), sets),
    K.NUMBER: numbers,
    K.MONEY: amounts,
    K.DATE: days,
    K.MOMENT: moments.map(
        lambda at: at if at.time() != datetime.min.time() else at.date()
    ),
    K.TIME: times,
    K.DATE_RANGE: st.tuples(days, days).map(
        lambda pair: DateSpan(min(pair), max(pair))
    ),
    K.TIME_RANGE: st.builds(TimeSpan, times, times),
    K.ADDRESS: texts.map(Address),
    K.ID: st.integers(1, 10**9),
    K.PERCENT: st.integers(0, 100),
    K.EMAILS: st.lists(
        st.sampled_from(["a@b.de", "c+d@e.example"]), min_size=1, unique=True
    ).map(lambda one: points_of(*one)),
    K.PHONES: phones.map(lambda one: points_of(*one)),
}


def test_every_kind_is_tried() -> None:
    assert VALUES.keys() == set(FieldKind)


@pytest.mark.parametrize("language", NOTATIONS)
@pytest.mark.parametrize("kind", FieldKind)
def test_a_value_that_was_shown_reads_back_as_itself(
    kind: FieldKind, language: str
) -> None:
    notation = NOTATIONS[language]
    read_cell = reader_for(kind, CellRules(notation, choices=Choices()))

    @settings(max_examples=30, deadline=None, derandomize=True, database=None)
    @given(VALUES[kind])
    def law(value: Any) -> None:
        shown = show(kind, value, notation=notation, choices=Choices())
        assert (
            parse(kind, shown, notation=notation, choices=Choices()) == value
        )
        assert without_notes(read_cell(shown)) == value

    law()


@pytest.mark.parametrize(
    ("words", "stored"),
    [
        ("Ja, sofort", (3,)),
        ("Ja, sofort, jährlich", (1, 3)),
        ("jährlich, Ja", (1, 4)),
        ("Ja, Ja, sofort, Ja", (3, 4)),
        ("sofort, später, A – B", (5, 6)),
    ],
)
def test_a_comma_inside_a_word_divides_nothing(
    words: str, stored: tuple[int, ...]
) -> None:
    assert (
        parse(K.OPTIONS, words, notation=NOTATIONS["de"], choices=Choices())
        == stored
    )


def test_numbers_keep_their_places() -> None:
    assert (
        show(K.NUMBER, Decimal("0.000001"), notation=NOTATIONS["de"])
        == "0,000001"
    )
