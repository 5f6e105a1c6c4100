"""What is in a cell of a file, and the value or note that it becomes: amounts, phones."""

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from turnus.core.cut_texts import cut
from turnus.core.fields import (
    CellRules,
    ContactPoint,
    DateRules,
    FieldKind,
    Notation,
    Noted,
    ParseError,
    guess_notation,
    parse,
    parse_points,
    reader_for,
)
from turnus.core.issues import IssueCode
from turnus.core.money import Money
from turnus.core.tables import Cell, FormattedNumber, UnreadCell

K = FieldKind
BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 27)
PAST = DateRules(BERLIN, TODAY, years_ahead=0)
PLANNED = DateRules(BERLIN, TODAY, years_ahead=20)
START = DateRules(BERLIN, TODAY, years_ahead=2)


class Known:
    """Currencies or options by their words."""

    def __init__(self, **words: str) -> None:
        self.words = words

    def find(self, word: str) -> str | None:
        return self.words.get(word.casefold())

    def name(self, stored: int | str) -> str:
        return str(stored)


def read(kind: FieldKind, cell: Cell, **rules: Any) -> tuple[Any, str]:
    """Return the value of a cell and its note, or None and the code of what is wrong."""
    rules.setdefault("notation", Notation())
    try:
        found = reader_for(kind, CellRules(**rules))(cell)
    except ParseError as error:
        return None, f"problem {error.code.name}"
    if isinstance(found, Noted):
        return found.value, " ".join(note.code.name for note in found.notes)
    return found, ""


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("100,00-", "-100", "EUR"),
        ("1.234,56-", "-1234.56", "EUR"),
        ("(1.234,56)", "-1234.56", "EUR"),
        ("-1.000,00 €", "-1000", "EUR"),
        ("− 1.000,00 €", "-1000", "EUR"),
        ("–100,00", "-100", "EUR"),
        ("1.234,-- €", "1234", "EUR"),
        ("1.234,– €", "1234", "EUR"),
        ("- €", "0", "EUR"),
        ("EUR -500,00", "-500", "EUR"),
        ("1'234,50", "1234.5", "EUR"),
        ("CHF 1’234.50-", "-1234.5", "CHF"),
        ("Fr. 250.–", "250", "CHF"),
        ("₹ 2,50,000.00", "250000", "INR"),
        ("R$ 2.500,00", "2500", "BRL"),
        ("CA$ 2,500.00", "2500", "CAD"),
        ("2.500,00 EUR", "2500", "EUR"),
        ("A$ 5", "5", "AUD"),
        ("HK$5", "5", "HKD"),
        ("US$ 1,234.50", "1234.5", "USD"),
        ("$1,234.50", "1234.5", "USD"),
        ("1 234,50 €", "1234.5", "EUR"),
        ("1\u202f234,50\u00a0€", "1234.5", "EUR"),
        ("5,-- EUR", "5", "EUR"),
        ("EUR 5,--", "5", "EUR"),
        ("5.-", "5", "EUR"),
        ("(€ 5)", "-5", "EUR"),
        ("(5) €", "-5", "EUR"),
        ("-€5", "-5", "EUR"),
        ("€-5", "-5", "EUR"),
        ("5- €", "-5", "EUR"),
        ("+5", "5", "EUR"),
        ("100 zł", "100", "PLN"),
        ("100 Kč", "100", "CZK"),
        ("₺100", "100", "TRY"),
        ("100 ₽", "100", "RUB"),
        ("100 元", "100", "CNY"),
        ("100 Euro", "100", "EUR"),
        ("１００，５０", "100.5", "EUR"),
        ("\ufeff100\u200b", "100", "EUR"),
        ("1\u00ad00", "100", "EUR"),
        ("\u200e-490\u200f", "-490", "EUR"),
        ("CHF –", "0", "CHF"),
        ("10,00,000", "1000000", "EUR"),
        ("100 DM", "100", "DEM"),
        ("1 234.567", "1234.567", "EUR"),
        ("1.234,–", "1234", "EUR"),
    ],
)
def test_an_amount_is_what_a_person_reads(
    text: str, amount: str, currency: str
) -> None:
    assert parse(
        K.MONEY, text, notation=Notation(), currency="EUR"
    ) == Money.of(amount, currency)


@pytest.mark.parametrize(
    "text",
    [
        "100,00 S",
        "100,00 H",
        "100 EUR netto",
        "2,5 T€",
        "2,5 Mio",
        "2,5 Mio. €",
        "3 TEUR",
        "€ 5 EUR",
        "-(5)",
        "-5-",
        "+5-",
        "(5",
        "5)",
        "1 23",
        "12 34",
        "1,234,--",
        "1.234.–",
        "U-S 5",
        "1.234,56 -",
        "100 – €",
        "50 %",
        "5 EUR/Monat",
        "€",
        "EUR",
        "()",
        "-- €",
        "1.234,-50",
        "100²x",
        "1e400",
        "12 Monate",
        "1,23,45",
    ],
)
def test_what_leaves_an_amount_open_is_a_problem(text: str) -> None:
    assert read(K.MONEY, text, currency="EUR") == (
        None,
        "problem NUMBER_INVALID",
    )


@pytest.mark.parametrize("text", ["2 500,00 kr", "Kr 5", "Rs. 5"])
def test_a_sign_of_several_currencies_is_asked_about(text: str) -> None:
    assert read(K.MONEY, text, currency="EUR") == (
        None,
        "problem CURRENCY_UNKNOWN",
    )
    currencies = Known(eur="EUR", kr="SEK", **{"rs.": "INR"})
    value, note = read(K.MONEY, text, currency="EUR", currencies=currencies)
    assert (value.currency, note) == ("INR" if "Rs" in text else "SEK", "")


def test_a_currency_that_is_not_set_up_is_asked_about() -> None:
    assert read(K.MONEY, "R$ 5", currencies=Known(eur="EUR")) == (
        None,
        "problem CURRENCY_UNKNOWN",
    )
    assert read(K.MONEY, "5 €", currencies=Known(eur="EUR")) == (
        Money.of(5, "EUR"),
        "",
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("EUR", "EUR"),
        ("€", "EUR"),
        ("Euro", "EUR"),
        ("Fr.", "CHF"),
        ("kr", None),
        ("$", None),
        ("x" * 300, None),
    ],
)
def test_a_column_of_currencies_may_hold_signs(
    text: str, code: str | None
) -> None:
    value, note = read(K.CURRENCY, text, choices=Known(eur="EUR", chf="CHF"))
    assert (value, note) == (code, "" if code else "problem OPTION_UNKNOWN")


@pytest.mark.parametrize(
    ("texts", "decimal_comma"),
    [
        (["Fr. 1.50"], False),
        (["Fr. 250.–"], False),
        (["1.234,–"], True),
        (["2,50,000.00"], False),
        (["CHF 1'234,50"], True),
        (["1.234", "250.–"], False),
        (["€ 1.234"], None),
        (["100,00-"], True),
        (["(1.234,56)"], True),
        (["x" * 100 + "1,5"], None),
    ],
)
def test_signs_beside_a_number_prove_nothing_wrong(
    texts: list[str], decimal_comma: bool | None
) -> None:
    assert guess_notation(texts).decimal_comma is decimal_comma


@pytest.mark.parametrize(
    ("kind", "cell", "value", "note"),
    [
        (K.PERCENT, FormattedNumber(Decimal("0.5"), is_percent=True), 50, ""),
        (K.PERCENT, FormattedNumber(Decimal(1), is_percent=True), 100, ""),
        (K.PERCENT, FormattedNumber(Decimal("0.07"), is_percent=True), 7, ""),
        (K.PERCENT, 1, 1, ""),
        (K.PERCENT, "1 %", 1, ""),
        (K.PERCENT, "50％", 50, ""),
        (
            K.PERCENT,
            FormattedNumber(Decimal("0.005"), is_percent=True),
            None,
            "problem NUMBER_NOT_WHOLE",
        ),
        (K.PERCENT, "0,5 %", None, "problem NUMBER_NOT_WHOLE"),
        (
            K.PERCENT,
            FormattedNumber(Decimal(2), is_percent=True),
            None,
            "problem OUT_OF_RANGE",
        ),
        (K.PERCENT, FormattedNumber(Decimal(50), suffix=" Punkte"), 50, ""),
        (
            K.NUMBER,
            FormattedNumber(Decimal("0.25"), is_percent=True),
            Decimal(25),
            "NUMBER_SHOWN",
        ),
        (K.NUMBER, "25 %", Decimal(25), "NUMBER_SHOWN"),
        (
            K.NUMBER,
            FormattedNumber(Decimal(12), suffix=" Monate"),
            Decimal(12),
            "NUMBER_SHOWN",
        ),
        (
            K.NUMBER,
            FormattedNumber(Decimal(1067), least_digits=5),
            Decimal(1067),
            "",
        ),
        (
            K.NUMBER,
            FormattedNumber(Decimal("12.5"), suffix="k"),
            None,
            "problem NUMBER_INVALID",
        ),
        (K.NUMBER, "0,12345678", Decimal("0.123457"), "AMOUNT_ROUNDED"),
        (K.NUMBER, 1 / 3, Decimal("0.333333"), ""),
        (K.NUMBER, True, None, "problem NUMBER_INVALID"),
        (K.NUMBER, "5 €", None, "problem NUMBER_INVALID"),
        (
            K.MONEY,
            FormattedNumber(Decimal("1200.5"), currency="CHF"),
            Money.of("1200.5", "CHF"),
            "",
        ),
        (
            K.MONEY,
            FormattedNumber(Decimal("1200.5"), currency="£"),
            Money.of("1200.5", "GBP"),
            "",
        ),
        (
            K.MONEY,
            FormattedNumber(Decimal(5), currency="kr"),
            None,
            "problem CURRENCY_UNKNOWN",
        ),
        (
            K.MONEY,
            FormattedNumber(Decimal(5), currency="Gulden"),
            None,
            "problem CURRENCY_UNKNOWN",
        ),
        (
            K.MONEY,
            FormattedNumber(Decimal("12.5"), suffix="k"),
            None,
            "problem NUMBER_INVALID",
        ),
        (
            K.MONEY,
            FormattedNumber(Decimal("2.5"), suffix=" Mio. €"),
            None,
            "problem NUMBER_INVALID",
        ),
        (
            K.MONEY,
            FormattedNumber(Decimal(5), suffix="/Monat"),
            Money.of(5, "EUR"),
            "NUMBER_SHOWN",
        ),
        (
            K.MONEY,
            FormattedNumber(Decimal("0.5"), is_percent=True),
            None,
            "problem NUMBER_INVALID",
        ),
        (K.MONEY, "0,12345", Money.of("0.1235", "EUR"), "AMOUNT_ROUNDED"),
        (K.MONEY, 0.1 + 0.2, Money.of("0.3", "EUR"), ""),
        (K.MONEY, True, None, "problem NUMBER_INVALID"),
        (
            K.MONEY,
            FormattedNumber(Decimal(-5), currency="EUR"),
            Money.of(-5, "EUR"),
            "",
        ),
        (K.ID, 1, 1, ""),
        (K.ID, FormattedNumber(Decimal(7), least_digits=5), 7, ""),
        (K.TEXT, FormattedNumber(Decimal(1067), least_digits=5), "01067", ""),
        (K.TEXT, FormattedNumber(Decimal("0.5"), is_percent=True), "50 %", ""),
        (K.TEXT, FormattedNumber(Decimal("-12.50"), suffix="k"), "-12.5k", ""),
        (K.TEXT, FormattedNumber(Decimal(5), currency="CHF"), "5 CHF", ""),
        (
            K.PHONE,
            FormattedNumber(Decimal(401234567), least_digits=10),
            "0401234567",
            "",
        ),
        (
            K.DATE,
            FormattedNumber(Decimal(20181114), least_digits=8),
            date(2018, 11, 14),
            "",
        ),
        (
            K.DATE,
            FormattedNumber(Decimal("0.5"), is_percent=True),
            None,
            "problem DATE_INVALID",
        ),
        (
            K.DATE,
            FormattedNumber(Decimal(42070), counts_from_1904=True),
            date(2019, 3, 8),
            "",
        ),
        (
            K.NUMBER,
            FormattedNumber(Decimal(42070), counts_from_1904=True),
            Decimal(42070),
            "",
        ),
        (
            K.TEXT,
            FormattedNumber(Decimal(42070), counts_from_1904=True),
            "42070",
            "",
        ),
        (K.TEXT, "Hosting\r\nJanuar\x07", "Hosting\nJanuar", ""),
        (K.LARGE_TEXT, cut("x" * 33_000, 32_000), None, "problem TEXT_CUT"),
        (
            K.TEXT,
            UnreadCell(IssueCode.FORMULA_WITHOUT_RESULT, "=A1"),
            None,
            "problem FORMULA_WITHOUT_RESULT",
        ),
        (
            K.MONEY,
            UnreadCell(IssueCode.ERROR_CELL, "#REF!"),
            None,
            "problem ERROR_CELL",
        ),
    ],
)
def test_the_format_of_a_cell_says_what_its_number_is(
    kind: FieldKind, cell: Cell, value: Any, note: str
) -> None:
    assert read(kind, cell, currency="EUR") == (value, note)


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("+49 40 123456", ["+49 40 123456"]),
        ("040/1234-0, 0171 1234567", ["040/1234-0", "0171 1234567"]),
        ("4711", ["4711"]),
        ("040 1234 DW 12", ["040 1234 DW 12"]),
        ("040 1234 ext. 5", ["040 1234 ext. 5"]),
        ("Tel. 040 123456", ["Tel. 040 123456"]),
        ("040 123456\n0171 1234567", ["040 123456", "0171 1234567"]),
        ("01.23.45.67.89", ["01.23.45.67.89"]),
        ("\u202a+49 40 123456\u202c", ["+49 40 123456"]),
        ("(040) 123 456", ["(040) 123 456"]),
        ("'0170 1", ["'0170 1"]),
        (491701234567, ["491701234567"]),
    ],
)
def test_phones_are_kept_as_they_were_typed(
    text: Cell, phones: list[str]
) -> None:
    assert read(K.PHONES, text) == (
        tuple(ContactPoint(one) for one in phones),
        "",
    )


@pytest.mark.parametrize(
    "text",
    [
        "4,91702E+11",
        "4.917E+11",
        "4917E8",
        "siehe Notiz",
        "siehe Notiz 2018",
        "123",
        "14.11.2018",
        "2018-11-14",
        "x",
        "12345678901234567890123",
        "DE89 3704 0044 0532 0130 00",
    ],
)
def test_what_no_phone_can_be_is_left_out_with_a_note(text: str) -> None:
    assert read(K.PHONES, text) == (None, "PHONE_INVALID")
    assert read(K.PHONE, text) == (None, "PHONE_INVALID")
    with pytest.raises(ParseError):
        parse(K.PHONES, text, notation=Notation())


def test_what_a_person_types_as_a_phone_must_be_one() -> None:
    assert parse_points("040 123456", is_email=False) == (
        ContactPoint("040 123456"),
    )
    assert parse_points(" ; ", is_email=False) == ()
    assert (
        parse_points("040 123456)", is_email=False)[0].value == "040 123456)"
    )
    with pytest.raises(ParseError) as error:
        parse_points("040 123456, keine", is_email=False)
    assert error.value.params == {"text": "keine"}


def test_the_good_phones_of_a_cell_stay() -> None:
    assert read(K.PHONES, "040 123456, 4,91702E+11") == (
        (ContactPoint("040 123456"),),
        "PHONE_INVALID",
    )


def test_a_number_that_a_spreadsheet_shortened_is_noted_in_texts() -> None:
    assert read(K.TEXT, "1,20000E+15") == ("1,20000E+15", "DIGITS_LOST")
    assert read(K.TEXT, "1E10") == ("1E10", "")


def test_a_cell_with_thousands_of_addresses_is_refused() -> None:
    with pytest.raises(ParseError) as refusal:
        parse_points("a@b.de, " * 600, is_email=True)
    assert refusal.value.code is IssueCode.TOO_LONG
