"""Renewals of `turnus renew` in a workbook: days, numbers and formats stay what they are."""

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from tests.detection.files.test_command import GERMAN, sheet
from tests.detection.files.test_renew_command import eleven, renew
from tests.imports.test_imports import sheet as workbook
from turnus.cli.main import main
from turnus.sheets.reading import inspect, read


def test_a_workbook_becomes_one_with_days_as_days(tmp_path: Path) -> None:
    given = [
        [*line[:2], 100, *line[3:5], datetime.fromisoformat(line[5])]
        for line in eleven()
    ]
    out = renew(workbook(tmp_path / "deals.xlsx", given, GERMAN))
    (_, row) = openpyxl.load_workbook(out).active.iter_rows(values_only=True)
    assert (row[2], row[5], row[4]) == (
        100,
        datetime(2018, 12, 10),
        "Elbe GmbH",
    )


def test_texts_of_a_csv_file_become_days_and_numbers_in_a_workbook(
    tmp_path: Path,
) -> None:
    out = tmp_path / "renewals.xlsx"
    renew(sheet(tmp_path, eleven()), "-o", str(out))
    (_, row) = openpyxl.load_workbook(out).active.iter_rows(values_only=True)
    assert (row[2], row[5]) == (100, datetime(2018, 12, 10))


def formatted(folder: Path) -> Path:
    """Copies whose currency, and the digits of a number, stand in the format of the cell."""
    book = openpyxl.Workbook()
    book.active.append(
        [
            "Titel",
            "Organisation",
            "Wert",
            "Status",
            "Gewonnen am",
            "Kundennummer",
        ]
    )
    for month in range(1, 12):
        book.active.append(
            [
                "Wartung",
                "Elbe GmbH",
                1200.5,
                "Gewonnen",
                datetime(2018, month, 10),
                1067,
            ]
        )
        row = book.active.max_row
        book.active.cell(row, 3).number_format = '"CHF" #,##0.00'
        book.active.cell(row, 6).number_format = "00000"
    path = folder / "formatted.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize("name", ["renewals.xlsx", "renewals.csv"])
def test_what_the_format_of_a_cell_says_is_not_lost(
    name: str, tmp_path: Path
) -> None:
    out = tmp_path / name
    assert (
        main(
            [
                "renew",
                str(formatted(tmp_path)),
                "--as-of",
                "2018-12-01",
                "-o",
                str(out),
            ]
        )
        == 0
    )
    table = read(inspect(out))
    (row,) = table.rows
    cells = dict(zip(table.headings, row.cells, strict=True))
    assert (str(cells["Wert"]), str(cells["Kundennummer"])) == (
        "1200.5 CHF",
        "01067",
    )
