"""XLS workbooks: the old binary format follows the same rules as XLSX."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlwt

from turnus.core.issues import IssueCode
from turnus.core.tables import (
    Cell,
    FormattedNumber,
    ReadingChoices,
    Table,
    UnreadCell,
)
from turnus.sheets.errors import SheetError
from turnus.sheets.reading import inspect, read


def opened(path: Path, **choices: Any) -> Table:
    return read(inspect(path, ReadingChoices(**choices)))


def workbook(path: Path, fill: Callable[[Any, Any], None]) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Deals")
    for column, heading in enumerate(["Titel", "Wert", "Gewonnen am"]):
        sheet.write(0, column, heading)
    fill(book, sheet)
    book.save(str(path))
    return path


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (99, "General", 99),
        (99.5, "#,##0.00", 99.5),
        (0.5, "0%", FormattedNumber(Decimal("0.5"), is_percent=True)),
        (
            1200.5,
            "[$CHF] #,##0.00",
            FormattedNumber(Decimal("1200.5"), currency="CHF"),
        ),
        (1067, "00000", FormattedNumber(Decimal(1067), least_digits=5)),
        (43418, "dd.mm.yyyy", date(2018, 11, 14)),
        (43418.5, "dd.mm.yyyy hh:mm", datetime(2018, 11, 14, 12)),
        (0.5, "hh:mm", time(12)),
        (0, "dd.mm.yyyy", UnreadCell(IssueCode.DATE_INVALID, "00.01.1900")),
        (12.5, '0.0"k"', FormattedNumber(Decimal("12.5"), suffix="k")),
        ("a\r\nb\x07", "General", "a\nb"),
        ("_x000D_", "General", "_x000D_"),
        (True, "General", True),
        ("", "General", None),
        (5, "@", 5),
    ],
)
def test_cells_are_what_a_person_sees(
    tmp_path: Path, value: object, code: str, expected: Cell
) -> None:
    style = xlwt.easyxf(num_format_str=code)

    def fill(_book: Any, sheet: Any) -> None:
        sheet.write(1, 0, "a")
        sheet.write(1, 1, value, style)

    assert (
        next(iter(opened(workbook(tmp_path / "a.xls", fill)).rows)).cells[1]
        == expected
    )


def test_an_error_cell_is_an_error(tmp_path: Path) -> None:
    def fill(_book: Any, sheet: Any) -> None:
        sheet.row(1).set_cell_error(0, "#REF!")

    path = workbook(tmp_path / "a.xls", fill)
    assert next(iter(opened(path).rows)).cells[0] == UnreadCell(
        IssueCode.ERROR_CELL, "#REF!"
    )


def test_merged_and_hidden_cells_say_so(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        for number in (1, 2, 3, 5):
            sheet.write(number, 0, f"Deal {number}")
        sheet.write_merge(1, 2, 1, 1, 100)
        sheet.row(3).hidden = True
        sheet.col(2).hidden = True
        book.add_sheet("More").write(0, 0, "x")
        book.add_sheet("Blank").visibility = 1

    table = opened(workbook(tmp_path / "a.xls", fill))
    rows = list(table.rows)
    assert [(row.number, row.cells[1]) for row in rows] == [
        (2, 100),
        (3, 100),
        (4, None),
        (6, None),
    ]
    assert [[str(issue.code) for issue in row.issues] for row in rows] == [
        [],
        ["row.cell_merged"],
        ["row.hidden"],
        [],
    ]
    reading = table.reading
    assert (reading.hidden_rows, reading.hidden_columns) == (
        [4],
        ("Gewonnen am",),
    )
    assert (reading.other_sheets, reading.hidden_sheets, table.row_count) == (
        ("More",),
        ("Blank",),
        5,
    )


def test_a_workbook_of_an_old_mac_counts_from_1904(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        book.dates_1904 = True
        sheet.write(1, 1, 42070)
        sheet.write(1, 2, 42070, xlwt.easyxf(num_format_str="yyyy-mm-dd"))

    row = next(iter(opened(workbook(tmp_path / "a.xls", fill)).rows))
    assert list(row.cells[1:]) == [
        FormattedNumber(Decimal(42070), counts_from_1904=True),
        date(2019, 3, 8),
    ]


@pytest.mark.parametrize("at", [0.2, 0.5, 0.8])
def test_a_damaged_workbook_is_refused_or_read(
    tmp_path: Path, at: float
) -> None:
    def fill(_book: Any, sheet: Any) -> None:
        for number in range(1, 300):
            sheet.write(number, 0, f"Deal {number}")

    path = workbook(tmp_path / "a.xls", fill)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * at)])
    with pytest.raises(SheetError):
        list(opened(path).rows)


@pytest.mark.parametrize("sheet", ["Deals", None])
def test_the_first_visible_sheet_is_read(
    tmp_path: Path, sheet: str | None
) -> None:
    def fill(book: Any, first: Any) -> None:
        first.visibility = 1
        book.add_sheet("Shown").write(0, 0, "b")
        book.active_sheet = 1

    table = opened(workbook(tmp_path / "a.xls", fill), sheet=sheet)
    assert table.name == (sheet or "Shown")
