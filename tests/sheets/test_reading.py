"""Reading files: every usual kind, and every unusual one with a clear message."""

import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from turnus.core.tables import ReadingChoices, Table
from turnus.sheets.errors import SheetError
from turnus.sheets.reading import inspect, read
from turnus.sheets.writing import writer

HEADINGS = [
    "Deal - Status",
    "Deal - Wert",
    "Deal - Gewonnen am",
    "Deal - Organisation",
]
ROWS = [
    ["Gewonnen", 1234.5, datetime(2018, 10, 1, 9, 30), "Größer & Söhne"],
    ["Won", 99, datetime(2018, 10, 2), "=HYPERLINK(1)"],
]


def workbook(path: Path, change: Callable[[Any], None] | None = None) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [HEADINGS, *ROWS]:
        sheet.append(row)
    sheet["D3"].data_type = "s"
    if change:
        change(book)
    book.save(path)
    return path


def opened(path: Path, sheet: str | None = None) -> Table:
    return read(inspect(path, ReadingChoices(sheet=sheet)))


def cells(path: Path) -> list[list[Any]]:
    return [list(row.cells) for row in opened(path).rows]


def test_a_workbook_gives_typed_cells(tmp_path: Path) -> None:
    path = workbook(tmp_path / "deals.xlsx")
    assert opened(path).headings == tuple(HEADINGS)
    assert cells(path) == [
        ["Gewonnen", 1234.5, datetime(2018, 10, 1, 9, 30), "Größer & Söhne"],
        ["Won", 99, datetime(2018, 10, 2), "=HYPERLINK(1)"],
    ]


def test_our_own_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own.xlsx"
    with writer(path, ["a", "b", "c", "d"]) as file:
        file.write_row([True, time(9, 30), Decimal("1.5"), None])
    assert cells(path) == [[True, time(9, 30), 1.5, None]]


def test_an_old_workbook_is_read(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Deals")
    for row, values in enumerate([HEADINGS[:2], ["Gewonnen", 99]]):
        for column, value in enumerate(values):
            sheet.write(row, column, value)
    book.save(str(tmp_path / "deals.xls"))
    assert cells(tmp_path / "deals.xls") == [["Gewonnen", 99]]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "mac-roman"],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_csv_of_any_usual_make_is_read(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = tmp_path / "deals.csv"
    lines = [
        ["Status", "Organisation"],
        ["Gewonnen", "Größer Bäckerei äöü ÄÖÜ é"],
        ["Verloren", "Müller"],
    ]
    path.write_bytes(
        "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)
    )
    assert [opened(path).headings, *cells(path)] == [
        tuple(lines[0]),
        lines[1],
        lines[2],
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sep=;\na;b\n1;2\n", [["1", "2"]]),
        ('a,b\n"x\ny",2\n', [["x\ny", "2"]]),
        ("a,b\n1\n", [["1", None]]),
        ("\n\na,b\n1,2\n", [["1", "2"]]),
        ("a,b\n'=1,'-5\n", [["=1", "-5"]]),
        ("a,b\n1\0,2\n", [["1", "2"]]),
    ],
    ids=[
        "sep line",
        "quoted newline",
        "short row",
        "blank lines first",
        "guards taken off",
        "nul bytes",
    ],
)
def test_odd_but_readable_csv(
    tmp_path: Path, text: str, expected: list[list[str]]
) -> None:
    (tmp_path / "odd.csv").write_bytes(text.encode())
    assert cells(tmp_path / "odd.csv") == expected


def test_row_numbers_are_those_of_the_spreadsheet(tmp_path: Path) -> None:
    (tmp_path / "gaps.csv").write_text("a,b\n1,2\n\n3,4\n")
    assert [row.number for row in opened(tmp_path / "gaps.csv").rows] == [2, 4]


def test_duplicate_and_empty_headings_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "twice.csv").write_text("Wert,Wert,,x\n1,2,3,4\n")
    assert opened(tmp_path / "twice.csv").headings == (
        "Wert",
        "Wert (2)",
        "(3)",
        "x",
    )


def _merge(book: Any) -> None:
    book.active.merge_cells("A1:B1")


def _zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 60_000_000)


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda path: path.write_bytes(b""), "sheet.empty"),
    "only spaces": (lambda path: path.write_bytes(b"  \n\n"), "sheet.empty"),
    "pdf": (
        lambda path: path.write_bytes(b"%PDF-1.4 ..."),
        "sheet.not_a_table",
    ),
    "html": (
        lambda path: path.write_bytes(b"\xef\xbb\xbf <table><tr>"),
        "sheet.html_table",
    ),
    "other zip": (
        lambda path: zipfile.ZipFile(path, "w").writestr("a.txt", "x"),
        "sheet.archive",
    ),
    "truncated": (
        lambda path: path.write_bytes(workbook(path).read_bytes()[:2000]),
        "sheet.truncated",
    ),
    "password": (
        lambda path: path.write_bytes(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + "EncryptedPackage".encode("utf-16-le")
        ),
        "sheet.password",
    ),
    "damaged ole": (
        lambda path: path.write_bytes(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
        ),
        "sheet.broken",
    ),
    "bomb": (_zip_bomb, "sheet.bomb"),
    "merged headings": (
        lambda path: workbook(path, _merge),
        "sheet.merged_headings",
    ),
    "huge cell": (
        lambda path: path.write_bytes(b"a,b\n" + b"x" * 1_000_000),
        "sheet.cell_too_long",
    ),
    "too many columns": (
        lambda path: path.write_text(",".join(map(str, range(600))) + "\n1\n"),
        "sheet.too_many_columns",
    ),
    "json": (lambda path: path.write_text('[{"Titel": "A"}]'), "sheet.json"),
    "excel 2003": (
        lambda path: path.write_text(
            '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>'
        ),
        "sheet.xml_spreadsheet",
    ),
    "other xml": (
        lambda path: path.write_text('<?xml version="1.0"?><deals/>'),
        "sheet.not_a_table",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_a_clear_message(tmp_path: Path, name: str) -> None:
    make, code = BAD[name]
    make(tmp_path / "bad.xlsx")
    with pytest.raises(SheetError) as error:
        cells(tmp_path / "bad.xlsx")
    assert error.value.code == code


def test_a_sheet_can_be_chosen_and_must_exist(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "two.xlsx",
        lambda book: book.create_sheet("Zwei").append(["x"]),
    )
    assert inspect(path).sheets == ("Sheet", "Zwei")
    assert opened(path, "Zwei").headings == ("x",)
    with pytest.raises(SheetError):
        opened(path, "Drei")


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_what_was_written_reads_back_as_text_never_as_a_formula(
    tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"out.{ending}"
    texts = [
        "=1+1",
        "+49",
        "-x",
        "@x",
        "'=x",
        "a & <b>",
        "  x ",
        "Ärzte\n2",
        "🎉",
    ]
    with writer(path, [f"h{number}" for number in range(len(texts))]) as file:
        file.write_row(texts)
    assert cells(path) == [texts]
    if ending == "xlsx":
        sheet = openpyxl.load_workbook(path).active
        assert sheet is not None
        assert [cell.data_type for cell in sheet[2]][0] != "f"


def test_written_cells_keep_their_types(tmp_path: Path) -> None:
    row = [
        5,
        1.5,
        Decimal("99.50"),
        date(2018, 11, 14),
        datetime(2018, 11, 14, 9, 30),
        None,
        True,
    ]
    with writer(tmp_path / "typed.xlsx", list("abcdefg")) as file:
        file.write_row(row)
    assert cells(tmp_path / "typed.xlsx") == [
        [
            5,
            1.5,
            99.5,
            date(2018, 11, 14),
            datetime(2018, 11, 14, 9, 30),
            None,
            True,
        ]
    ]
    with writer(
        tmp_path / "typed.csv", list("abcdefg"), delimiter=";"
    ) as file:
        file.write_row(row)
    assert cells(tmp_path / "typed.csv")[0][2:5] == [
        "99,50",
        "2018-11-14",
        "2018-11-14 09:30:00",
    ]


def test_a_failed_file_leaves_nothing_behind(tmp_path: Path) -> None:
    for ending in ("xlsx", "csv"):
        path = tmp_path / f"broken.{ending}"
        with pytest.raises(RuntimeError), writer(path, ["a"]) as file:
            file.write_row(["x"])
            raise RuntimeError
        assert not path.exists()
    with pytest.raises(SheetError):
        writer(tmp_path / "x.pdf", ["a"])


def test_more_rows_than_a_sheet_holds_go_on_in_a_further_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("turnus.sheets.writing.MAX_ROWS", 3)
    with writer(tmp_path / "long.xlsx", ["n"]) as file:
        for number in range(5):
            file.write_row([number])
    book = openpyxl.load_workbook(tmp_path / "long.xlsx")
    assert [sheet.max_row for sheet in book] == [3, 3, 2]
