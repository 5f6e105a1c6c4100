"""Written files: texts, days and numbers come back exactly, and nothing in them runs."""

import csv
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from turnus.core.cut_texts import is_cut
from turnus.core.tables import Cell
from turnus.sheets.reading import inspect, read
from turnus.sheets.writing import MAX_TEXT, writer

AS_THEY_ARE = [
    "+49 170 1234567",
    "+1 (030) 12/34-5.6",
    "-5",
    "-5.00",
    "+49-170",
    "(030) 123",
    "'0170 1",
    "'Quote Q",
    "a=b",
    "0049",
]
GUARDED = [
    "=1+1",
    "@Home Ltd",
    "-Minus Max",
    "+1-800-FLOWERS",
    "+49 170 ext. 5",
    "--5",
    "-",
    "+",
    "'=x",
    "''=x",
    "'+49 1",
    "\tx",
    "\rx",
    "=",
    "+5+cmd",
]
TEXTS = [
    *AS_THEY_ARE,
    *GUARDED,
    "a\r\nb",
    "a\rb",
    "_x000D_",
    "a _x0041_ b",
    "bell \x07 and \x0b",
    "  x ",
    "a\nb",
    "<&>",
    '"',
    "ﬁ 🎉",
]


def written(path: Path, *cells: Cell) -> list[Cell]:
    """Write one row and return it as it reads; a number beside it keeps it from being totals."""
    with writer(path, [f"h{number}" for number in range(len(cells))]) as file:
        file.write_row(cells)
    [row] = read(inspect(path)).rows
    return list(row.cells)


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_texts_come_back_as_they_were(tmp_path: Path, ending: str) -> None:
    # A workbook knows one kind of line end and no control characters.
    in_workbooks = [
        re.sub("[\x07\x0b]", "", re.sub("\r\n?", "\n", text)) for text in TEXTS
    ]
    assert written(tmp_path / f"a.{ending}", *TEXTS) == (
        in_workbooks if ending == "xlsx" else TEXTS
    )


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_can_run_in_a_csv_file_and_phones_leave_as_they_came(
    tmp_path: Path, text: str
) -> None:
    written(tmp_path / "a.csv", "x", text)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        [_, [_, cell]] = csv.reader(file)
    assert cell == (f"'{text}" if text in GUARDED else text)


def test_days_that_spreadsheets_disagree_on_are_written_as_text(
    tmp_path: Path,
) -> None:
    assert written(
        tmp_path / "a.xlsx", date(1899, 5, 1), date(1900, 2, 28)
    ) == [
        "1899-05-01",
        "1900-02-28",
    ]
    assert written(
        tmp_path / "a.xlsx", date(1900, 3, 1), date(9999, 12, 31)
    ) == [
        date(1900, 3, 1),
        date(9999, 12, 31),
    ]


def test_amounts_of_more_digits_than_a_spreadsheet_keeps_are_written_as_text(
    tmp_path: Path,
) -> None:
    cells = written(
        tmp_path / "a.xlsx",
        Decimal("9999999999999.9999"),
        Decimal("99999999999.9999"),
    )
    assert cells == ["9999999999999.9999", 99999999999.9999]


def test_midnight_is_written_with_its_time(tmp_path: Path) -> None:
    written(tmp_path / "a.xlsx", datetime(2018, 11, 14), date(2018, 11, 14))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    assert ["hh:mm" in cell.number_format for cell in sheet[2]] == [
        True,
        False,
    ]
    assert written(tmp_path / "a.csv", datetime(2018, 11, 14), "x") == [
        "2018-11-14 00:00:00",
        "x",
    ]


@pytest.mark.parametrize("length", [MAX_TEXT, MAX_TEXT + 1, 65_000])
def test_a_text_longer_than_a_cell_is_cut_and_says_so(
    tmp_path: Path, length: int
) -> None:
    text = "Ä" * length
    with writer(tmp_path / "a.xlsx", ["a", "b"]) as file:
        file.write_row(["x", "short"])
        file.write_row(["y", text])
    cell = list(read(inspect(tmp_path / "a.xlsx")).rows)[1].cells[1]
    assert isinstance(cell, str)
    assert (len(cell) <= MAX_TEXT, cell == text, is_cut(cell)) == (
        True,
        length == MAX_TEXT,
        length > MAX_TEXT,
    )
    assert file.cut_rows == ([3] if length > MAX_TEXT else [])


def test_csv_holds_any_text_whole(tmp_path: Path) -> None:
    assert written(tmp_path / "a.csv", "Ä" * 65_000, "x") == [
        "Ä" * 65_000,
        "x",
    ]
