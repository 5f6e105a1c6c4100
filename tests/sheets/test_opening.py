"""A process of its own reads a file: with the same result, within bounds, and reported."""

import ast
import os
import pickle
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlwt

from tests.architecture.source import modules, name_of, nodes
from tests.sheets.workbook_files import inline, merged, row, sheet, workbook
from turnus.core.tables import ReadingChoices
from turnus.sheets import opening, wire
from turnus.sheets.bounds import Bounds
from turnus.sheets.errors import SheetError
from turnus.sheets.opening import open_table
from turnus.sheets.reading import inspect, read

ENOUGH = Bounds(memory_bytes=1024**3, opening_seconds=20, seconds=60)


@pytest.fixture(autouse=True)
def _files_read_here() -> None:
    """Take the place of the fixture by which all other tests read files in their own process."""


def every_kind_of_cell(path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(
        [
            "Text",
            "Zahl",
            "Tag",
            "Zeit",
            "Anteil",
            "Preis",
            "Nummer",
            "Ja",
            "Fehler",
            "Formel",
        ]
    )
    for number in range(200):
        page.append(
            [
                "Größe 🎉",
                1.5,
                datetime(2018, 10, 1),
                time(9, 30),
                0.5,
                1200.5,
                1067,
                True,
                "#N/A",
                "=A1",
            ]
        )
        formats = {"E": "0%", "F": "[$CHF] #,##0.00", "G": "00000"}
        for column, code in formats.items():
            page[f"{column}{number + 2}"].number_format = code
    page.row_dimensions[150].hidden = True
    book.create_sheet("Zwei").append(["x"])
    book.save(path)


def merged_cells(path: Path) -> None:
    rows = row(inline("A"), inline("B")) + row(inline("1"), inline("2")) * 3
    numbered = "".join(
        f'<row r="{number}">{part}'
        for number, part in enumerate(rows.split("<row>")[1:], 1)
    )
    workbook(path, sheet(numbered, behind=merged("A2:B3")))


def old_workbook(path: Path) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("Deals")
    for number, values in enumerate(
        [["Status", "Wert"], ["Gewonnen", 99], ["Verloren", 1.5]]
    ):
        for column, value in enumerate(values):
            page.write(number, column, value)
    book.save(str(path))


def odd_csv(path: Path) -> None:
    lines = [
        "Name;Wert;Ort",
        *["Müller;1,5;Köln"] * 700,
        "kurz;1",
        'offen";"x;1;2',
        "Summe;1050;",
        "lang;1;2;3",
    ]
    path.write_bytes("\r\n".join(lines).encode("cp1252"))


FILES = [every_kind_of_cell, merged_cells, old_workbook, odd_csv]


@pytest.mark.parametrize("make", FILES)
def test_another_process_reads_what_this_one_reads(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "file"
    make(path)
    source, table = open_table(path)
    here = inspect(path)
    table_here = read(here)
    assert list(table.rows) == list(table_here.rows)
    assert (table.name, table.headings, table.row_count) == (
        table_here.name,
        table_here.headings,
        table_here.row_count,
    )
    assert table.reading == table_here.reading
    assert (source.format, source.sheets, source.delimiter) == (
        here.format,
        here.sheets,
        here.delimiter,
    )


def test_choices_reach_the_other_process(tmp_path: Path) -> None:
    every_kind_of_cell(tmp_path / "two.xlsx")
    _, table = open_table(tmp_path / "two.xlsx", ReadingChoices(sheet="Zwei"))
    assert table.headings == ("x",)


def test_a_refusal_in_the_other_process_is_one_here(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"%PDF-1.7")
    with pytest.raises(SheetError, match=r"sheet.not_a_table\(format='PDF'\)"):
        open_table(tmp_path / "a.xlsx")


def test_a_file_that_is_gone_is_named_as_people_know_it(
    tmp_path: Path,
) -> None:
    with pytest.raises(
        SheetError, match=r"sheet.not_opened\(file='deals.xlsx'"
    ):
        open_table(tmp_path / "3f9a", name="deals.xlsx")


def large(path: Path) -> None:
    """A workbook of few bytes with many different texts: its archive is small, its rows are not."""
    texts = "".join(
        f"<si><t>{'x' * 10_000}{number}</t></si>" for number in range(3_000)
    )
    rows = row(inline("Kopf")) + "".join(
        row(f'<c t="s"><v>{number}</v></c>') for number in range(3_000)
    )
    workbook(path, sheet(rows), texts=texts)


@pytest.mark.parametrize(
    ("bounds", "refusal"),
    [
        (
            replace(ENOUGH, memory_bytes=50 * 1024**2),
            r"too_much_memory\(file='large.xlsx', megabytes=50\)",
        ),
        (
            replace(ENOUGH, opening_seconds=0),
            r"takes_too_long\(file='large.xlsx'\)",
        ),
    ],
    ids=["memory", "time"],
)
def test_a_file_that_takes_too_much_is_refused_by_name(
    tmp_path: Path, bounds: Bounds, refusal: str
) -> None:
    large(tmp_path / "large.xlsx")
    with pytest.raises(SheetError, match=refusal):
        list(open_table(tmp_path / "large.xlsx", bounds=bounds)[1].rows)


def test_far_more_text_than_rows_is_refused_before_it_fills_the_memory_of_who_asked(
    tmp_path: Path,
) -> None:
    (tmp_path / "wide.csv").write_text(
        "a;b\n" + f"{'x' * 50_000};{'y' * 50_000}\n" * 60
    )
    bounds = replace(ENOUGH, sent_bytes=1_000_000)
    with pytest.raises(SheetError, match=r"too_much_text\(file='wide.csv'\)"):
        list(open_table(tmp_path / "wide.csv", bounds=bounds)[1].rows)


@pytest.fixture
def reader(tmp_path: Path) -> opening._Reader:
    odd_csv(tmp_path / "deals.csv")
    return opening._Reader(
        tmp_path / "deals.csv", ReadingChoices(), ENOUGH, "deals.csv"
    )


def test_a_reader_that_is_killed_is_a_refusal(reader: opening._Reader) -> None:
    reader._process.send_signal(signal.SIGKILL)
    with pytest.raises(SheetError, match=r"reader_died\(file='deals.csv'\)"):
        while True:
            reader.next_message(20)


def test_a_reader_that_stands_still_is_given_up(
    reader: opening._Reader,
) -> None:
    reader._process.send_signal(signal.SIGSTOP)
    with pytest.raises(SheetError, match=r"takes_too_long"):
        while True:
            reader.next_message(0.05)
    assert reader._process.returncode is not None


def test_a_reader_ends_once_its_rows_are_dropped(tmp_path: Path) -> None:
    odd_csv(tmp_path / "deals.csv")
    # A worker that drove a browser before has its driver as a child.
    others = children()
    _, table = open_table(tmp_path / "deals.csv")
    rows = iter(table.rows)
    next(rows)
    readers = set(children()) - set(others)
    assert len(readers) == 1
    del table, rows
    assert not readers & set(children())


def children() -> list[str]:
    """Numbers of the processes that this one has started and that are still there."""
    listed = [
        task.read_text().split()
        for task in Path("/proc/self/task").glob("*/children")
    ]
    return [number for numbers in listed for number in numbers]


def test_a_reader_knows_no_secrets(
    reader: opening._Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://turnus:geheim@db/turnus")
    second = opening._Reader(Path("x"), ReadingChoices(), ENOUGH, "x")
    environment = Path(f"/proc/{second._process.pid}/environ").read_bytes()
    assert b"geheim" not in environment
    assert {
        one.partition(b"=")[0] for one in environment.split(b"\0") if one
    } <= {
        b"PATH",
        b"LD_LIBRARY_PATH",
        b"PYTHONHOME",
        b"PYTHONPATH",
    }
    second.end()
    reader.end()


class Harmful:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, ("true",)


def test_a_reader_can_send_values_only() -> None:
    with pytest.raises(pickle.UnpicklingError, match="system"):
        wire.unpacked(pickle.dumps(Harmful()))


def test_files_are_opened_in_no_other_way() -> None:
    outside = [path for path in modules() if path.parent.name != "sheets"]
    taken = {
        (name_of(path), alias.name)
        for path in outside
        for node in nodes(path, ast.ImportFrom)
        if (node.module or "").startswith("turnus.sheets")
        for alias in node.names
    }
    assert ("src/turnus/imports/files.py", "open_table") in taken
    assert not {
        (path, name)
        for path, name in taken
        if name in {"inspect", "read", "reading", "csv_reading"}
    }
