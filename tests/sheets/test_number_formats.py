"""Number formats: what a person reads in a cell whose number says less."""

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from tests.sheets.workbook_files import inline, row, sheet, workbook
from turnus.core.issues import IssueCode
from turnus.core.tables import Cell, FormattedNumber, UnreadCell
from turnus.sheets.reading import inspect, read


def shown(path: Path, code: str, number: str, properties: str = "") -> Cell:
    cell = f'<c s="1"><v>{number}</v></c>'
    workbook(
        path,
        sheet(row(inline("Wert")) + row(cell)),
        formats=[code],
        properties=properties,
    )
    return next(iter(read(inspect(path)).rows)).cells[0]


def percent(number: str) -> FormattedNumber:
    return FormattedNumber(Decimal(number), is_percent=True)


def money(number: str, currency: str, suffix: str = "") -> FormattedNumber:
    return FormattedNumber(Decimal(number), currency=currency, suffix=suffix)


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "0",
        "0.00",
        "#,##0",
        "#,##0.00",
        "0.00E+00",
        "# ?/?",
        "@",
        "#,##0;[Red]-#,##0",
        "#,##0.00_);[Red](#,##0.00)",
        '_-* #,##0.00_-;-* #,##0.00_-;_-* "-"??_-;_-@_-',
        "[Blue]0",
        '"Tod" 0',
        '0 "Stück"',
        '0.0,"k"',
        '0.00,,"M"',
        '0.0"%"',
        "0.0\\%",
        "# ##0",
        "#\\ ##0.00",
        "[>=1000]0;0",
        ";;;",
        "[$-407]#,##0.00",
        '0 "Std."',
        "Standard",
    ],
)
def test_an_ordinary_number_stays_one(tmp_path: Path, code: str) -> None:
    assert shown(tmp_path / "a.xlsx", code, "1250") == 1250
    assert shown(tmp_path / "a.xlsx", code, "-12.5") == -12.5


@pytest.mark.parametrize(
    ("code", "number", "expected"),
    [
        ('"-"0', "5", -5),
        ("-0.00", "5.5", -5.5),
        ('"-"#,##0;"-"#,##0', "5", -5),
        ('0;"-"0', "-5", -5),
        ('_-* #,##0_-;-* #,##0_-;_-* "-"??_-', "0", 0),
        ('"INV-"0', "5", "INV-5"),
        ('"KD"000', "12", "KD012"),
        ('"Euro "0', "12", 12),
        ('"CHF"0', "12", money("12", "CHF")),
        ("0%", "0.5", percent("0.5")),
        ("0%", "1", percent("1")),
        ("0.00%", "0.005", percent("0.005")),
        ("[Green]0%;[Red]-0%", "-0.25", percent("-0.25")),
        ("0.0\\ %", "0.07", percent("0.07")),
        ("[=1]0;0%", "1", 1),
        ("[=1]0;0%", "0.5", percent("0.5")),
        ("[$CHF] #,##0.00", "1200.5", money("1200.5", "CHF")),
        ("[$$-409]#,##0.00", "1200.5", money("1200.5", "USD")),
        ("[$$-C09]#,##0.00", "1200.5", money("1200.5", "AUD")),
        ("[$$-en-CA]#,##0.00", "1200.5", money("1200.5", "CAD")),
        ('"£"#,##0.00', "1200.5", money("1200.5", "GBP")),
        ("£#,##0.00", "1200.5", money("1200.5", "GBP")),
        ("#,##0.00 [$€-407]", "1200.5", money("1200.5", "EUR")),
        (
            '_-* #,##0.00\\ "€"_-;-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-',
            "0",
            money("0", "EUR"),
        ),
        ('#,##0.00 "CHF"', "5", money("5", "CHF")),
        ("CHF #,##0.00", "5", money("5", "CHF")),
        ("[$SFr.-807] #,##0.00", "5", money("5", "CHF")),
        ("#,##0.00 [$kr-41D]", "5", money("5", "SEK")),
        ("#,##0.00 [$kr-414]", "5", money("5", "NOK")),
        ('#,##0 "kr"', "5", money("5", "kr")),
        ("[$¥-804]#,##0", "5", money("5", "CNY")),
        ("[$¥-411]#,##0", "5", money("5", "JPY")),
        ("[$$-zz]0", "5", money("5", "$ (zz)")),
        ('0.0"k"', "12.5", FormattedNumber(Decimal("12.5"), suffix="k")),
        ('0.0 "Mio. €"', "12.5", money("12.5", "EUR", "Mio.")),
        ('#,##0 "T€"', "12", money("12", "EUR", "T")),
        ('#,##0 "TEUR"', "12", money("12", "EUR", "T")),
        ('#,##0.0, "T€"', "12500", money("12500", "EUR")),
        ("00000", "1067", FormattedNumber(Decimal(1067), least_digits=5)),
        ("00000", "12345", 12345),
        ("000", "-7", FormattedNumber(Decimal(-7), least_digits=3)),
    ],
)
def test_a_format_says_more_than_the_digits(
    tmp_path: Path, code: str, number: str, expected: Cell
) -> None:
    assert shown(tmp_path / "a.xlsx", code, number) == expected


@pytest.mark.parametrize(
    ("code", "number", "expected"),
    [
        ('"0"#', "30123", "030123"),
        ("\\0#", "30123", "030123"),
        ('"+49 "0', "401234567", "+49 401234567"),
        ("000\\-00\\-0000", "123456789", "123-45-6789"),
        ("(000) 000-0000", "3015550123", "(301) 555-0123"),
        ("00000-0000", "1067", "00000-1067"),
        ('"Nr. 7/"000', "12", "Nr. 7/012"),
        ('0",000"', "12", "12,000"),
        ('"ja";;"nein"', "1", "ja"),
        ('"ja";;"nein"', "0", "nein"),
        ('[=1]"won";[=2]"lost";"open"', "2", "lost"),
        ('"0"0.00', "5.25", 5.25),
    ],
)
def test_digits_and_words_that_the_format_adds_are_read(
    tmp_path: Path, code: str, number: str, expected: Cell
) -> None:
    assert shown(tmp_path / "a.xlsx", code, number) == expected


@pytest.mark.parametrize(
    ("code", "number", "expected"),
    [
        ("dd.mm.yyyy", "43418", date(2018, 11, 14)),
        ("DD.MM.YYYY", "43418", date(2018, 11, 14)),
        ("[$-407]d. mmmm yyyy;@", "43418", date(2018, 11, 14)),
        ("[Red]d.m.yy", "43418", date(2018, 11, 14)),
        ("mmm\\-yy", "43405", date(2018, 11, 1)),
        ("m/d", "43418", date(2018, 11, 14)),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "43418", date(2018, 11, 14)),
        ('"am "dd.mm.yyyy', "43418", date(2018, 11, 14)),
        ("dd.mm.yyyy", "43418.5", datetime(2018, 11, 14, 12)),
        ("dd.mm.yyyy hh:mm", "43418", datetime(2018, 11, 14)),
        ("yyyy-mm-dd h:mm AM/PM", "43418.75", datetime(2018, 11, 14, 18)),
        ("hh:mm", "0.395833333333333", time(9, 30)),
        ("hh:mm", "43418.395833333336", datetime(2018, 11, 14, 9, 30)),
        ("mm:ss.0", "0.00104166666666667", time(0, 1, 30)),
        ("[h]:mm", "0.5", time(12)),
        ("[h]:mm", "1.5", "36:00"),
        ("[mm]:ss", "1.00001157407407", "24:00:01"),
        ("dd.mm.yyyy", "61", date(1900, 3, 1)),
        ("dd.mm.yyyy", "2958465", date(9999, 12, 31)),
    ],
)
def test_days_and_times_are_known_by_their_format(
    tmp_path: Path, code: str, number: str, expected: Cell
) -> None:
    assert shown(tmp_path / "a.xlsx", code, number) == expected
    assert type(shown(tmp_path / "a.xlsx", code, number)) is type(expected)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "00.01.1900"),
        ("0.5", "00.01.1900"),
        ("1", "01.01.1900"),
        ("59", "28.02.1900"),
        ("60", "29.02.1900"),
        ("-1", "#####"),
        ("2958466", "#####"),
        ("1e300", "#####"),
    ],
)
def test_days_that_mean_no_day_are_no_dates(
    tmp_path: Path, number: str, text: str
) -> None:
    assert shown(tmp_path / "a.xlsx", "dd.mm.yyyy", number) == UnreadCell(
        IssueCode.DATE_INVALID, text
    )


MAC = '<workbookPr date1904="1"/>'


@pytest.mark.parametrize(
    ("code", "number", "expected"),
    [
        ("yyyy-mm-dd", "42070", date(2019, 3, 8)),
        ("yyyy-mm-dd", "0", UnreadCell(IssueCode.DATE_INVALID, "01.01.1904")),
        ("yyyy-mm-dd", "1", date(1904, 1, 2)),
        ("yyyy-mm-dd", "2957004", UnreadCell(IssueCode.DATE_INVALID, "#####")),
        ("hh:mm", "0.5", time(12)),
        (
            "General",
            "42070",
            FormattedNumber(Decimal(42070), counts_from_1904=True),
        ),
    ],
)
def test_workbooks_that_count_from_1904_keep_their_days(
    tmp_path: Path, code: str, number: str, expected: Cell
) -> None:
    assert shown(tmp_path / "a.xlsx", code, number, MAC) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("12345678901234567890", 12345678901234567890),
        ("4.91702E+11", 491702000000),
        ("NaN", UnreadCell(IssueCode.ERROR_CELL, "NaN")),
        ("INF", UnreadCell(IssueCode.ERROR_CELL, "INF")),
        ("1,5", UnreadCell(IssueCode.NUMBER_INVALID, "1,5")),
        ("-3", -3),
        ("1e999", UnreadCell(IssueCode.ERROR_CELL, "1e999")),
    ],
)
def test_numbers_are_what_is_stored(
    tmp_path: Path, number: str, expected: Cell
) -> None:
    assert shown(tmp_path / "a.xlsx", "General", number) == expected


@pytest.mark.parametrize(
    ("built_in", "number", "expected"),
    [
        (0, "5", 5),
        (4, "5.5", 5.5),
        (9, "0.5", percent("0.5")),
        (10, "0.5", percent("0.5")),
        (14, "43418", date(2018, 11, 14)),
        (20, "0.5", time(12)),
        (22, "43418.5", datetime(2018, 11, 14, 12)),
        (44, "5", 5),
        (46, "1.5", "36:00"),
        (49, "5", 5),
        (57, "43418", date(2018, 11, 14)),
    ],
)
def test_built_in_formats_are_known_by_their_number(
    tmp_path: Path, built_in: int, number: str, expected: Cell
) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        sheet(row(inline("Wert")) + row(f'<c s="1"><v>{number}</v></c>')),
        built_in=built_in,
    )
    assert next(iter(read(inspect(path)).rows)).cells[0] == expected
