"""Rows that are hidden, and columns and files that broke on their way: nothing is lost unseen."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tests.detection.files.test_command import ENGLISH, GERMAN
from tests.detection.files.test_reading import (
    MONTHS,
    detected,
    twelve,
    written,
)
from turnus.cli.main import main


def hiding(folder: Path) -> Path:
    """A workbook of twelve copies for each of two customers; a filter hides the second one."""
    book = openpyxl.Workbook()
    lines = [
        *twelve(),
        *([*line[:4], "Isar AG", line[5]] for line in twelve()),
    ]
    for line in [GERMAN, *lines]:
        book.active.append(
            [float(cell) if cell == "100" else cell for cell in line]
        )
    for number in range(14, 26):
        book.active.row_dimensions[number].hidden = True
    path = folder / "deals.xlsx"
    book.save(path)
    return path


def test_rows_that_the_spreadsheet_hides_wait_for_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = hiding(tmp_path)
    assert main(["renew", str(path), "--dry-run"]) == 1
    assert detected(path)[0] == 1
    told = capsys.readouterr().err
    assert "The spreadsheet hides this row. (rows 14, 15" in told
    assert "--hidden read / --hidden leave-out" in told


@pytest.mark.parametrize(
    ("word", "count", "told"),
    [("read", 2, "read as you chose"), ("leave-out", 1, "skipped as you")],
)
def test_a_choice_about_hidden_rows_is_obeyed_and_shown(
    word: str,
    count: int,
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, found = detected(hiding(tmp_path), "--hidden", word)
    assert (
        code,
        len(found["chains"]),
        len(found["reading"]["hidden_rows"]),
    ) == (
        0,
        count,
        12,
    )
    assert f"The spreadsheet hides 12, {told}" in capsys.readouterr().out


def half_swapped(folder: Path) -> Path:
    """Days written month first; a day-first spreadsheet made dates of those up to the 12th."""
    book = openpyxl.Workbook()
    book.active.append(ENGLISH)
    for month, day in [(1, 5), (1, 14), (2, 3), (2, 20), (3, 9), (3, 28)]:
        won = date(2018, day, month) if day <= 12 else f"{month}/{day}/2018"
        book.active.append(["Consulting", "Won", 100, "EUR", "Swap GmbH", won])
    path = folder / "swapped.xlsx"
    book.save(path)
    return path


def test_a_column_of_dates_that_was_half_converted_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = half_swapped(tmp_path)
    assert detected(path)[0] == 1
    told = capsys.readouterr().err
    assert "(rows 2, 4, 6)" in told
    assert "It could be 1 May 2018 or 5 Jan 2018." in told


def test_an_answer_puts_a_half_converted_column_right(tmp_path: Path) -> None:
    out = tmp_path / "book.xlsx"
    code, _found = detected(
        half_swapped(tmp_path), "--month-first", "--xlsx", str(out)
    )
    months = openpyxl.load_workbook(out)["Months"].iter_rows(
        min_row=2, values_only=True
    )
    assert (code, next(months)[0].date()) == (0, date(2018, 1, 1))


def test_a_row_that_was_cut_off_is_not_taken_for_one_that_is_not_won(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        f"Hosting,Slash GmbH,100,EUR,2018-{month:02}-05,won"
        for month in MONTHS
    ]
    text = "\n".join(
        [
            "Title,Organization,Value,Currency,Won time,Status",
            *lines,
            "Hosting,Slash Gm",
        ]
    )
    code, _found = detected(written(tmp_path, text))
    assert code == 1
    assert "(row 13)" in capsys.readouterr().err
