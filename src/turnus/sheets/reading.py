"""Reading files into tables: what a file is follows from its bytes, never from its name."""

from dataclasses import dataclass, field
from pathlib import Path

from turnus.core.tables import ReadingChoices, Row, Table
from turnus.sheets import csv_reading, workbook_reading
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import MAX_COLUMNS

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Beginnings of files that people upload by mistake.
_OTHERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"{\\rtf": "RTF",
    b"\x1f\x8b": "gzip",
}


@dataclass(frozen=True, slots=True)
class Source:
    """What a file holds: its format, its sheets (one nameless sheet for CSV), how it is written."""

    path: Path
    #: `csv`, `xlsx` or `xls`.
    format: str
    sheets: tuple[str, ...]
    encoding: str = ""
    delimiter: str = ""
    #: What a person chose about reading it.
    choices: ReadingChoices = field(default_factory=ReadingChoices)


def inspect(path: Path, choices: ReadingChoices | None = None) -> Source:
    """Return what the file is; raises SheetError where it is nothing that can be read."""
    choices = choices or ReadingChoices()
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\0 \t\r\n"):
        raise SheetError("sheet.empty")
    if head.startswith((_ZIP, _OLE)):
        format_, sheets = workbook_reading.sheets_of(path, is_zip=head.startswith(_ZIP))
        return Source(path, format_, sheets, choices=choices)
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            raise SheetError("sheet.not_a_table", format=name)
    if head.lstrip().lower().startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        raise SheetError("sheet.not_a_table", format="HTML/XML")
    encoding, delimiter = csv_reading.sniff(path)
    return Source(path, "csv", ("",), encoding, delimiter, choices)


def read(source: Source) -> Table:
    """Return the table of the chosen sheet (else of the first with data), rows lazy, to be read once.

    The first row that is not blank holds the headings. Raises SheetError, also while rows are being read.
    """
    sheet = source.choices.sheet
    if source.format == "csv":
        rows = csv_reading.rows(source.path, source.encoding, source.delimiter)
        count = None
    else:
        sheet, rows, count = workbook_reading.rows(source.path, source.sheets, sheet)
    first = next(rows, None)
    if first is None:
        raise SheetError("sheet.empty")
    headings = _headings(first)
    width = len(headings)
    return Table(sheet or "", headings, (_fitted(row, width) for row in rows), None if count is None else count - 1)


def _headings(row: Row) -> tuple[str, ...]:
    cells = [str(cell).strip() if cell is not None else "" for cell in row.cells]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MAX_COLUMNS:
        raise SheetError("sheet.too_many_columns", count=len(cells), limit=MAX_COLUMNS)
    seen: dict[str, int] = {}
    headings = []
    for number, cell in enumerate(cells, 1):
        name = cell or f"({number})"
        seen[name] = seen.get(name, 0) + 1
        headings.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(headings)


def _fitted(row: Row, width: int) -> Row:
    cells = list(row.cells[:width])
    if any(cell not in (None, "") for cell in row.cells[width:]):
        raise SheetError("sheet.ragged", row=row.number, expected=width, found=len(row.cells))
    return Row(row.number, cells + [None] * (width - len(cells)))
