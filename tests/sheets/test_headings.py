"""Headings: the row that a person sees them in, and their names without signs that nobody sees."""

from pathlib import Path

import openpyxl
import pytest

from tests.sheets.files import opened
from turnus.core.tables import ReadingChoices
from turnus.sheets.errors import SheetError
from turnus.sheets.reading import inspect, read

TABLE = (
    "Titel;Organisation;Wert;Status\nA;Org 1;100;gewonnen\nB;Org 2;200;offen\n"
)
TITLES = {
    "a title, a date and a blank line": (
        "Bericht: Gewonnene Deals;;;\nErstellt am;27.11.2026;;\n;;;\n"
    ),
    "a title": "Bericht\n",
    "a title with commas": "Bericht, erstellt am 27.11.2026, von Ada\n\n",
    "groups of columns": ";Kunde;;Deal\n",
    "a title in every cell, as merged cells give it": "Bericht;Bericht;Bericht;Bericht\n",
}


@pytest.mark.parametrize("name", TITLES)
def test_title_lines_are_passed_over(tmp_path: Path, name: str) -> None:
    table = opened(tmp_path / "a.csv", TITLES[name] + TABLE)
    assert table.headings == ("Titel", "Organisation", "Wert", "Status")
    assert [row.cells[0] for row in table.rows] == ["A", "B"]
    above = TITLES[name].count("\n")
    assert table.reading.heading_row == above + 1
    assert table.reading.rows_above == sum(
        bool(line.strip(";")) for line in TITLES[name].splitlines()
    )


def test_title_lines_of_a_workbook_are_passed_over(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["Bericht"],
        [],
        ["Titel", "Wert", "Status"],
        ["A", 100, "won"],
        ["B", 200, "won"],
    ):
        book.active.append(row)  # type: ignore[union-attr]  # a new workbook has a sheet
    book.save(tmp_path / "a.xlsx")
    table = read(inspect(tmp_path / "a.xlsx"))
    assert table.headings == ("Titel", "Wert", "Status")
    assert [(row.number, row.cells[0]) for row in table.rows] == [
        (4, "A"),
        (5, "B"),
    ]
    assert (table.reading.heading_row, table.reading.rows_above) == (3, 1)


def test_a_merged_title_is_passed_over_and_merged_headings_are_refused(
    tmp_path: Path,
) -> None:
    for merged, is_refused in (("A1:C1", False), ("A2:B2", True)):
        book = openpyxl.Workbook()
        for row in (
            ["Bericht"],
            ["Titel", "Wert", "Status"],
            ["A", 100, "won"],
            ["B", 200, "won"],
        ):
            book.active.append(row)  # type: ignore[union-attr]  # a new workbook has a sheet
        book.active.merge_cells(merged)  # type: ignore[union-attr]  # as above
        book.save(tmp_path / "a.xlsx")
        if is_refused:
            with pytest.raises(SheetError, match="merged_headings"):
                read(
                    inspect(tmp_path / "a.xlsx", ReadingChoices(heading_row=2))
                )
            continue
        table = read(inspect(tmp_path / "a.xlsx"))
        assert (table.headings, table.reading.heading_row) == (
            ("Titel", "Wert", "Status"),
            2,
        )


ORDINARY = {
    "one column": ("Name\nAnna\nBert\n", ("Name",)),
    "one row": (
        "Titel;Organisation;Wert\nA;B;1\n",
        ("Titel", "Organisation", "Wert"),
    ),
    "headings alone": ("Titel;Organisation\n", ("Titel", "Organisation")),
    "words nobody knows": (
        "foo;bar;baz\nx;y;z\nx;y;z\n",
        ("foo", "bar", "baz"),
    ),
    "two columns": ("Name;Firma\nAnna;X\nBert;Y\n", ("Name", "Firma")),
    "a first row with more cells": (
        "Name;Firma\nAnna;X;z\nBert;Y\nCarl;Z\n",
        ("Name", "Firma"),
    ),
    "rows with more cells": (
        "Name;Firma\nAnna;X;z\nBert;Y;z\n",
        ("Name", "Firma", "(3)"),
    ),
    "rows with far more cells": (
        "Name\nAnna;12;01.01.2026\nBert;13;02.01.2026\n",
        ("Name", "(2)", "(3)"),
    ),
    "rows that fill few of many columns": (
        "a;b;c;d;e;f\n1;;;;;\n2;;;;;\n",
        ("a", "b", "c", "d", "e", "f"),
    ),
    "years": ("Kunde;2024;2025\nA;1;2\nB;3;4\n", ("Kunde", "2024", "2025")),
    "a blank heading": (
        "Titel;;Wert\nA;x;1\nB;y;2\n",
        ("Titel", "(2)", "Wert"),
    ),
    "blank lines above": ("\n\nTitel;Wert\nA;1\n", ("Titel", "Wert")),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_file_keeps_its_first_row(
    tmp_path: Path, name: str
) -> None:
    text, headings = ORDINARY[name]
    table = opened(tmp_path / "a.csv", text)
    assert (table.headings, table.reading.rows_above) == (headings, 0)


def test_the_heading_row_can_be_chosen(tmp_path: Path) -> None:
    table = opened(tmp_path / "a.csv", "x;y;z;w\n" + TABLE, heading_row=2)
    assert (table.headings[0], table.reading.rows_above) == ("Titel", 1)
    assert [row.cells[0] for row in table.rows] == ["A", "B"]
    assert (
        opened(
            tmp_path / "a.csv", "Bericht\n" + TABLE, heading_row=1
        ).headings[0]
        == "Bericht"
    )
    with pytest.raises(SheetError, match="no_heading_row"):
        opened(tmp_path / "a.csv", TABLE, heading_row=99)


INVISIBLE = {
    "a byte order mark twice": "\ufeff\ufeffTitel;Won time\nA;1\n",
    "one before a quote": '\ufeff\ufeff"Titel";"Won time"\nA;1\n',
    "blanks and signs that nobody sees": "Ti\u200btel\u00ad;\u2060Won\u00a0\u202ftime\ufeff\nA;1\n",
    "a stray quote": 'Ti"tel;Won time"\nA;1\n',
    "a line break": 'Titel;"Won\ntime"\nA;1\n',
}


@pytest.mark.parametrize("name", INVISIBLE)
def test_headings_are_what_a_person_reads(tmp_path: Path, name: str) -> None:
    assert opened(tmp_path / "a.csv", INVISIBLE[name]).headings == (
        "Titel",
        "Won time",
    )


def test_quotes_that_belong_to_a_heading_stay(tmp_path: Path) -> None:
    assert opened(
        tmp_path / "a.csv", 'Wert "netto";Titel\n1;A\n'
    ).headings == (
        'Wert "netto"',
        "Titel",
    )
