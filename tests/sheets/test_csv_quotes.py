"""Quotes, separators and lines of CSV files: as many rows as a person sees, each as it is."""

from pathlib import Path
from time import perf_counter

import pytest

from tests.sheets.files import noted, opened
from turnus.sheets.errors import SheetError

HEADING = "Titel;Firma;Wert;Notiz\n"


def lines(*numbers: int) -> str:
    return "".join(
        f"D{number};F{number};{number}00;n{number}\n" for number in numbers
    )


STRAY = {
    "last cell, to the end of the file": (
        'D4;F4;400;"call back\n',
        "",
        '"call back',
    ),
    "amid the row": ('D4;"F4;400;n4\n', "", "n4"),
    "up to a cell in quotes": (
        'D4;F4;400;"call back\n',
        'D7;"F 7";700;n7\n',
        '"call back',
    ),
    "up to a cell in quotes with a separator": (
        'D4;F4;400;"call back\n',
        'D7;"F; 7";700;n7\n',
        '"call back',
    ),
    "up to empty quotes and the end": (
        'D4;F4;400;"call back\n',
        'D7;"";700;n7\n',
        '"call back',
    ),
}


@pytest.mark.parametrize("name", STRAY)
def test_a_quote_that_never_closes_swallows_no_rows(
    tmp_path: Path, name: str
) -> None:
    line, below, last = STRAY[name]
    rows = list(
        opened(
            tmp_path / "a.csv",
            HEADING
            + lines(1, 2, 3)
            + line
            + lines(5, 6)
            + (below or lines(7)),
        ).rows
    )
    assert [row.cells[0] for row in rows] == [
        "D1",
        "D2",
        "D3",
        "D4",
        "D5",
        "D6",
        "D7",
    ]
    assert rows[3].cells[3] == last
    assert noted(rows) == {5: [("row.quote_unclosed", "warning")]}
    assert rows[3].issues[0].params == {"line": 5}


def test_a_quote_that_closes_in_a_later_row_by_mistake_swallows_none(
    tmp_path: Path,
) -> None:
    text = (
        HEADING
        + lines(1)
        + 'D2;F2;200;"call back\n'
        + lines(3, 4)
        + 'D5;F5;500;Rohr 12"\n'
        + lines(6)
    )
    rows = list(opened(tmp_path / "a.csv", text).rows)
    assert [row.cells[0] for row in rows] == [
        "D1",
        "D2",
        "D3",
        "D4",
        "D5",
        "D6",
    ]
    assert noted(rows) == {3: [("row.quote_unclosed", "problem")]}


@pytest.mark.parametrize(
    "heading",
    [
        '"Titel;Firma;Wert;Notiz\n',
        'Titel;"Firma;Wert;Notiz\n',
        'Titel;Firma;Wert;"Notiz\n',
    ],
)
def test_a_quote_that_opens_in_the_headings_leaves_headings_and_rows(
    tmp_path: Path, heading: str
) -> None:
    table = opened(tmp_path / "a.csv", heading + lines(1, 2, 3))
    assert table.headings == ("Titel", "Firma", "Wert", "Notiz")
    assert [row.cells[0] for row in table.rows] == ["D1", "D2", "D3"]


IN_ORDER = {
    "lines in a cell": ('D;F;1;"a\nb\n\nc"\n', ["D", "F", "1", "a\nb\n\nc"]),
    "an address with separators": (
        'D;"Hauptstr. 1\n20095 Hamburg; Hof 2; Tor\nDeutschland";1;n\n',
        ["D", "Hauptstr. 1\n20095 Hamburg; Hof 2; Tor\nDeutschland", "1", "n"],
    ),
    "doubled quotes": ('D;"19"" rack";1;n\n', ["D", '19" rack', "1", "n"]),
    "inch signs": ('D;12" Rohr;1;13"\n', ["D", '12" Rohr', "1", '13"']),
    "text behind the quote": (
        'D;"Müller" GmbH;1;"sagt "ja" dazu"\n',
        ["D", '"Müller" GmbH', "1", 'sagt "ja" dazu'],
    ),
    "a separator in such a text": (
        'D;"Müller; "Sohn" AG";1;n\n',
        ["D", 'Müller; "Sohn" AG', "1", "n"],
    ),
    "such a text on two lines": (
        'D;F;1;"sagt "ja" und\ngeht"\n',
        ["D", "F", "1", 'sagt "ja" und\ngeht'],
    ),
}


@pytest.mark.parametrize("name", IN_ORDER)
def test_quotes_that_a_person_understands_stay_as_they_are(
    tmp_path: Path, name: str
) -> None:
    line, cells = IN_ORDER[name]
    rows = list(
        opened(tmp_path / "a.csv", HEADING + lines(1) + line + lines(3)).rows
    )
    assert [list(row.cells) for row in rows][1] == cells
    assert (len(rows), noted(rows)) == (3, {})


def test_a_file_cut_within_quotes_is_a_problem_of_its_last_row(
    tmp_path: Path,
) -> None:
    rows = list(
        opened(
            tmp_path / "a.csv",
            HEADING + lines(1, 2) + 'D3;F3;300;"first line\nsecond li',
        ).rows
    )
    assert (len(rows), noted(rows)) == (
        3,
        {4: [("row.quote_unclosed", "problem")]},
    )


def test_many_stray_quotes_take_no_longer_than_many_rows(
    tmp_path: Path,
) -> None:
    text = HEADING + "".join(f'D{number};F;1;"n\n' for number in range(30_000))
    start = perf_counter()
    assert sum(1 for _ in opened(tmp_path / "a.csv", text).rows) == 30_000
    assert perf_counter() - start < 20


def test_one_line_of_quotes_takes_no_time(tmp_path: Path) -> None:
    start = perf_counter()
    assert (
        len(
            list(
                opened(
                    tmp_path / "a.csv", HEADING + '"a"";' * 90_000 + "\n"
                ).rows
            )
        )
        == 1
    )
    assert perf_counter() - start < 20


CUT = {
    "the last line, without its end": (
        "D3;F3;3",
        {4: [("row.cut", "problem")]},
    ),
    "a line": ("D3;F3;3\n" + lines(4), {4: [("row.short", "warning")]}),
    "lines, as spreadsheets leave blank cells out": (
        "D3;F3\nD4;F4",
        {4: [("row.short", "warning")], 5: [("row.short", "warning")]},
    ),
    "none: a last line without its end": ("D3;F3;300;n3", {}),
    "none: blank cells too many": ("D3;F3;300;n3;;\n", {}),
    "none: one cell too many": (
        "D3;F3;300;n;3\n",
        {4: [("row.long", "problem")]},
    ),
}


@pytest.mark.parametrize("name", CUT)
def test_rows_that_are_shorter_or_longer_than_the_headings_are_noted(
    tmp_path: Path, name: str
) -> None:
    below, issues = CUT[name]
    rows = list(opened(tmp_path / "a.csv", HEADING + lines(1, 2) + below).rows)
    assert noted(rows) == issues
    assert {len(row.cells) for row in rows} == {4}


def test_columns_without_a_heading_that_most_rows_fill_are_columns(
    tmp_path: Path,
) -> None:
    table = opened(tmp_path / "a.csv", "Titel;Firma\nA;B;C\nD;E;F\nG;H\n")
    assert table.headings == ("Titel", "Firma", "(3)")
    assert [list(row.cells) for row in table.rows] == [
        ["A", "B", "C"],
        ["D", "E", "F"],
        ["G", "H", None],
    ]


def test_a_line_that_names_the_delimiter_is_no_row_of_the_spreadsheet(
    tmp_path: Path,
) -> None:
    table = opened(
        tmp_path / "a.csv",
        "sep=|\n" + HEADING.replace(";", "|") + "D;x|F|1|n\n",
    )
    assert [(row.number, row.cells[0]) for row in table.rows] == [(2, "D;x")]
    assert (table.reading.heading_row, table.reading.delimiter) == (1, "|")


def test_quotes_behind_a_separator_and_a_blank_open_a_cell(
    tmp_path: Path,
) -> None:
    text = (
        'Titel, Firma, Wert, Notiz\nD1, "Müller, Sohn", 1, "a\nb"\n'
        'D2, "F", 2, "stray\nD3, F, 3, x\n'
    )
    rows = list(opened(tmp_path / "a.csv", text).rows)
    assert [list(row.cells) for row in rows] == [
        ["D1", "Müller, Sohn", "1", "a\nb"],
        ["D2", "F", "2", '"stray'],
        ["D3", "F", "3", "x"],
    ]
    assert noted(rows) == {3: [("row.quote_unclosed", "warning")]}


def test_a_delimiter_can_be_chosen(tmp_path: Path) -> None:
    assert opened(
        tmp_path / "a.csv", "a|b;c\n1|2;3\n", delimiter=";"
    ).headings == (
        "a|b",
        "c",
    )
    with pytest.raises(SheetError, match="delimiter_unknown"):
        opened(tmp_path / "a.csv", HEADING, delimiter="ab")
