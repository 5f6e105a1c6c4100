"""Reading and showing values."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnus.core.fields import (
    Address,
    ContactPoint,
    DateSpan,
    FieldKind,
    Notation,
    ParseError,
    TimeSpan,
    Value,
    cell_keys,
    from_cells,
    guess_notation,
    operators_of,
    parse,
    parser_for,
    show,
    to_cells,
)
from turnus.core.fields.notation import needs_day_first
from turnus.core.fields.operators import Operator
from turnus.core.issues import IssueCode
from turnus.core.money import Money

K = FieldKind
GERMAN, ENGLISH, UNKNOWN = (
    Notation(decimal_comma=True, day_first=True),
    Notation(False, False),
    Notation(),
)


class Plans:
    """Choices of a test."""

    names = {1: "jährlich", 2: "monatlich"}

    def find(self, word: str) -> int | None:
        return {name: key for key, name in self.names.items()}.get(word)

    def name(self, stored: int | str) -> str:
        if isinstance(stored, str):
            return stored  # labels of contact points are their own words
        return self.names[stored]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("14.11.2018", "2018-11-14"),
        ("2018-11-14", "2018-11-14"),
        ("14/11/2018", "2018-11-14"),
        ("11/14/2018", "2018-11-14"),
        (43418, "2018-11-14"),
        ("43418", "2018-11-14"),
        ("14. November 2018", "2018-11-14"),
        ("Nov 14, 2018", "2018-11-14"),
        ("14 Dez. 2018", "2018-12-14"),
        ("1.3.18", "2018-03-01"),
        ("05/05/2018", "2018-05-05"),
        (date(2018, 1, 2), "2018-01-02"),
        ("14.11.2018 09:30", "2018-11-14T09:30:00"),
        ("2018-11-14 9:30:15 pm", "2018-11-14T21:30:15"),
        (43418.5, "2018-11-14T12:00:00"),
        (datetime(2018, 10, 1, 9, 30), "2018-10-01T09:30:00"),
        (datetime(2018, 10, 1), "2018-10-01T00:00:00"),
        (date(2018, 10, 1), "2018-10-01"),
    ],
)
def test_days_and_moments_are_read_as_people_write_them(
    text: object, day: str
) -> None:
    assert parse(K.MOMENT, text, notation=UNKNOWN).isoformat() == day  # type: ignore[arg-type, union-attr]


@pytest.mark.parametrize(
    "text",
    [
        "31.02.2018",
        "abc",
        "14. Brumaire 2018",
        "99999999",
        12,
        "12/2018",
        "14.11.2018 25:00",
    ],
)
def test_what_is_no_day_is_an_error(text: object) -> None:
    with pytest.raises(ParseError) as error:
        parse(K.MOMENT, text, notation=GERMAN)  # type: ignore[arg-type]
    assert error.value.code is IssueCode.DATE_INVALID


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (K.MOMENT, "14.11.1385"),
        (K.MOMENT, "9999-12-31"),
        (K.MOMENT, "2200-01-01"),
        (K.DATE, date(18, 11, 14)),
    ],
)
def test_a_day_that_nobody_means_is_too_far_away(
    kind: FieldKind, text: object
) -> None:
    with pytest.raises(ParseError) as error:
        parse(kind, text, notation=GERMAN)  # type: ignore[arg-type]
    assert error.value.code is IssueCode.DATE_TOO_FAR


def test_a_company_may_have_been_founded_long_ago() -> None:
    assert parse(K.DATE, "14.11.1385", notation=GERMAN) == date(1385, 11, 14)


@pytest.mark.parametrize(
    ("notation", "expected"),
    [
        (Notation(day_first=True), "2018-04-03"),
        (Notation(day_first=False), "2018-03-04"),
    ],
)
def test_an_ambiguous_day_follows_the_notation(
    notation: Notation, expected: str
) -> None:
    assert (
        parse(K.DATE, "03/04/2018", notation=notation).isoformat() == expected
    )  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "text"), [(K.DATE, "03/04/2018"), (K.MONEY, "1.234")]
)
def test_what_has_two_readings_is_never_guessed(
    kind: FieldKind, text: str
) -> None:
    with pytest.raises(ParseError) as error:
        parse(kind, text, notation=UNKNOWN, currency="EUR")
    assert error.value.code in {
        IssueCode.DATE_AMBIGUOUS,
        IssueCode.NUMBER_AMBIGUOUS,
    }


@pytest.mark.parametrize(
    ("text", "notation", "amount", "currency"),
    [
        ("1.234,50 €", UNKNOWN, "1234.5", "EUR"),
        ("$1,234.50", UNKNOWN, "1234.5", "USD"),
        ("CHF 1'234.50", UNKNOWN, "1234.5", "CHF"),
        ("490", UNKNOWN, "490", "EUR"),
        ("-490", UNKNOWN, "-490", "EUR"),
        (-490, UNKNOWN, "-490", "EUR"),
        (99.5, UNKNOWN, "99.5", "EUR"),
        ("1.234", GERMAN, "1234", "EUR"),
        ("1.234", ENGLISH, "1.234", "EUR"),
        ("1 234,5", UNKNOWN, "1234.5", "EUR"),
    ],
)
def test_amounts_are_read_with_their_currency(
    text: object, notation: Notation, amount: str, currency: str
) -> None:
    assert parse(K.MONEY, text, notation=notation, currency="EUR") == Money.of(
        amount, currency
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("abc", IssueCode.NUMBER_INVALID),
        ("1e400", IssueCode.NUMBER_INVALID),
        ("12,34,5", IssueCode.NUMBER_INVALID),
        (float("inf"), IssueCode.NUMBER_INVALID),
        (10.0**13, IssueCode.OUT_OF_RANGE),
        ("9" * 13, IssueCode.OUT_OF_RANGE),
    ],
)
def test_what_is_no_number_is_an_error(text: object, code: IssueCode) -> None:
    with pytest.raises(ParseError) as error:
        parse(K.NUMBER, text, notation=GERMAN)  # type: ignore[arg-type]
    assert error.value.code is code


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (K.TEXT, "x" * 256, IssueCode.TOO_LONG),
        (K.PHONES, "1" * 256, IssueCode.TOO_LONG),
        (K.OPTION, "wöchentlich", IssueCode.OPTION_UNKNOWN),
        (K.PERCENT, 101, IssueCode.OUT_OF_RANGE),
        (K.ID, "0", IssueCode.NUMBER_INVALID),
        (K.TIME, "25:00", IssueCode.TIME_INVALID),
        (K.TIME, "spät", IssueCode.TIME_INVALID),
        (K.DATE_RANGE, "2.1.2018 - 1.1.2018", IssueCode.DATE_INVALID),
        (K.EMAILS, "no address", IssueCode.EMAIL_INVALID),
    ],
)
def test_each_kind_says_what_is_wrong(
    kind: FieldKind, text: object, code: IssueCode
) -> None:
    with pytest.raises(ParseError) as error:
        parse(kind, text, notation=GERMAN, choices=Plans())  # type: ignore[arg-type]
    assert error.value.code is code


_TIMES = st.times().map(lambda at: at.replace(microsecond=0))
_DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
_NUMBERS = st.decimals(-(10**9), 10**9, places=4)
_LABELS = st.sampled_from(["work", "home", "mobile", "other"])
_POINTS = st.builds(
    ContactPoint,
    st.sampled_from(
        ["a@b.de", "c@d.de", "e@f.de", "g@h.de(mobil)", "i@j.de(Work)"]
    ),
    _LABELS,
)
_PHONES = st.builds(
    ContactPoint,
    st.sampled_from(["+49 40 123456", "0171/1234567", "040 1234-0 (DW 12)"]),
    _LABELS,
)
VALUES = st.one_of(
    st.tuples(st.just(K.NUMBER), _NUMBERS.map(lambda n: n.normalize() + 0)),
    st.tuples(st.just(K.MONEY), _NUMBERS.map(lambda n: Money.of(n, "CHF"))),
    st.tuples(st.just(K.DATE), _DAYS),
    st.tuples(st.just(K.TIME), _TIMES),
    st.tuples(
        st.just(K.DATE_RANGE),
        st.tuples(_DAYS, _DAYS).map(
            lambda pair: DateSpan(min(pair), max(pair))
        ),
    ),
    st.tuples(st.just(K.TIME_RANGE), st.builds(TimeSpan, _TIMES, _TIMES)),
    st.tuples(st.just(K.OPTION), st.sampled_from([1, 2])),
    st.tuples(st.just(K.OPTIONS), st.sampled_from([(1,), (2,), (1, 2)])),
    st.tuples(st.just(K.PERCENT), st.integers(0, 100)),
    st.tuples(st.just(K.TEXT), st.sampled_from(["Ärzte", "=1+1", "a, b"])),
    st.tuples(
        st.just(K.ADDRESS),
        st.builds(Address, st.sampled_from(["Elbchaussee 1, Hamburg"])),
    ),
    st.tuples(
        st.just(K.EMAILS),
        st.lists(_POINTS, min_size=1, unique_by=lambda point: point.value).map(
            tuple
        ),
    ),
    st.tuples(
        st.just(K.PHONES),
        st.lists(_PHONES, min_size=1, unique_by=lambda point: point.value).map(
            tuple
        ),
    ),
)


@given(VALUES, st.sampled_from([GERMAN, ENGLISH]))
def test_a_value_that_was_shown_reads_back(
    pair: tuple[FieldKind, Value], notation: Notation
) -> None:
    kind, value = pair
    shown = show(kind, value, notation=notation, choices=Plans())
    assert parse(kind, shown, notation=notation, choices=Plans()) == value


@given(VALUES)
def test_a_value_that_was_stored_comes_back(
    pair: tuple[FieldKind, Value],
) -> None:
    kind, value = pair
    if kind in {K.EMAILS, K.PHONES, K.PERCENT}:
        return
    cells = to_cells(kind, "key", value)
    assert set(cells) <= set(cell_keys(kind, "key"))
    assert from_cells(kind, "key", cells) == value


def test_an_empty_value_is_an_absent_cell() -> None:
    assert to_cells(K.TEXT, "key", "") == to_cells(K.OPTIONS, "key", ()) == {}
    assert from_cells(K.DATE, "key", {}) is None
    assert show(K.DATE, None, notation=GERMAN) == ""


def test_moments_are_shown_with_their_time() -> None:
    assert (
        show(K.MOMENT, datetime(2018, 11, 14, 9, 30), notation=GERMAN)
        == "14.11.2018 09:30:00"
    )
    assert show(K.MOMENT, date(2018, 11, 14), notation=ENGLISH) == "2018-11-14"
    assert show(K.STAGE, 3, notation=GERMAN) == "3"
    assert (
        show(K.PHONES, (ContactPoint("+49 40 1"),), notation=GERMAN)
        == "+49 40 1"
    )


def test_a_parser_remembers_texts_and_takes_cells() -> None:
    read = parser_for(K.OPTIONS, notation=GERMAN, choices=Plans())
    assert [
        read("jährlich, monatlich"),
        read("jährlich, monatlich"),
        read(None),
        read("  "),
    ] == [
        (1, 2),
        (1, 2),
        None,
        None,
    ]
    many = parser_for(K.TEXT, notation=GERMAN)
    assert [many(str(number)) for number in range(50_005)][-1] == "50004"
    assert many(3.0) == "3"
    assert many(datetime(2018, 1, 1)) == "2018-01-01 00:00:00"
    assert parse(K.TIME, datetime(2018, 1, 1, 9, 30), notation=GERMAN) == time(
        9, 30
    )
    assert parse(K.DATE_RANGE, date(2018, 1, 1), notation=GERMAN) == DateSpan(
        date(2018, 1, 1), date(2018, 1, 1)
    )
    assert parse(K.PERCENT, "50 %", notation=GERMAN) == 50
    assert parse(K.NUMBER, Decimal("1.5"), notation=GERMAN) == Decimal("1.5")


@pytest.mark.parametrize(
    ("texts", "decimal_comma", "day_first"),
    [
        (["1.234", "99,50"], True, None),
        (["1,234", "99.50"], False, None),
        (["1.234"], None, None),
        (["1.234.567"], True, None),
        (["99,5", "99.5"], None, None),
        (["03/04/2018", "14/11/2018"], None, True),
        (["11/14/2018"], None, False),
        (["03/04/2018"], None, None),
        (["14.11.2018", "9:30"], None, None),
        (["1.234,50"], True, None),
        ([], None, None),
    ],
)
def test_a_columns_notation_is_what_its_texts_prove(
    texts: list[str], decimal_comma: bool | None, day_first: bool | None
) -> None:
    assert guess_notation(texts) == Notation(decimal_comma, day_first)


def test_words_and_times_of_day_prove_nothing_of_a_notation() -> None:
    assert guess_notation(["auf Anfrage", "9:30", ""]) == Notation()


def test_unknown_parts_of_a_notation_are_filled_in() -> None:
    assert UNKNOWN.or_else(GERMAN) == GERMAN
    assert ENGLISH.or_else(GERMAN) == ENGLISH
    assert needs_day_first("03/04/2018")
    assert not needs_day_first("14/11/2018")
    assert not needs_day_first("3/03/2018")
    assert not needs_day_first("November 2018")


@pytest.mark.parametrize("kind", FieldKind)
def test_a_filter_asks_every_kind_whether_it_is_empty_last(
    kind: FieldKind,
) -> None:
    operators = operators_of(kind)
    assert operators[-2:] == (Operator.IS_EMPTY, Operator.IS_NOT_EMPTY)
    assert len(operators) == len(set(operators)) > 2


def test_a_range_of_one_day_or_moment_may_be_written_once() -> None:
    assert parse(K.DATE_RANGE, "1.1.2018", notation=GERMAN) == DateSpan(
        date(2018, 1, 1), date(2018, 1, 1)
    )
    assert parse(K.TIME_RANGE, "9:30", notation=GERMAN) == TimeSpan(
        time(9, 30), time(9, 30)
    )


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_a_text_has_one_kind_of_line_end_whatever_program_wrote_it(
    ending: str,
) -> None:
    assert (
        parse(K.LARGE_TEXT, f"Hosting{ending}January", notation=UNKNOWN)
        == "Hosting\nJanuary"
    )


def test_an_unknown_word_in_a_list_of_choices_is_named() -> None:
    notation = Notation()
    both = parse(
        K.OPTIONS, "monatlich, jährlich", notation=notation, choices=Plans()
    )
    assert both == (1, 2)
    with pytest.raises(ParseError) as refusal:
        parse(
            K.OPTIONS, "jährlich, täglich", notation=notation, choices=Plans()
        )
    assert refusal.value.code is IssueCode.OPTION_UNKNOWN
    assert refusal.value.params == {"text": "täglich"}
