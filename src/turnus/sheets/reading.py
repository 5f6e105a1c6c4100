"""Reading files into tables: what a file is follows from its bytes, never from its name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from turnus.core.issues import IssueCode
from turnus.core.tables import Cell, FormattedNumber, Reading, ReadingChoices, Row, Table, UnreadCell
from turnus.sheets import csv_reading
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import MAX_COLUMNS
from turnus.sheets.merged_cells import filled, refuse_merged_headings
from turnus.sheets.workbook_reading import Sheet, open_sheet, sheets_of

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
        format_, sheets = sheets_of(path, is_zip=head.startswith(_ZIP))
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
    sheet = _open(source)
    first = next(sheet.rows, None)
    if first is None:
        raise SheetError("sheet.empty")
    refuse_merged_headings(sheet.merges, first.number)
    headings = _headings(first)
    reading = Reading(
        encoding=source.encoding,
        delimiter=source.delimiter,
        heading_row=first.number,
        other_sheets=sheet.other_sheets,
        hidden_sheets=sheet.hidden_sheets,
        hidden_columns=sheet.hidden_among(headings),
    )
    rows = filled(sheet.rows, sheet.merges, heading_row=first.number, headings=headings)
    rows = _shown(rows, reading, source.choices)
    row_count = None if sheet.last_row is None else max(sheet.last_row - first.number, 0)
    return Table(sheet.name, headings, (_fitted(row, len(headings)) for row in rows), row_count, reading)


def _open(source: Source) -> Sheet:
    if source.format == "csv":
        return Sheet("", csv_reading.rows(source.path, source.encoding, source.delimiter))
    return open_sheet(source.path, source.sheets, source.choices.sheet)


def _shown(rows: Iterable[Row], reading: Reading, choices: ReadingChoices) -> Iterator[Row]:
    """Yield the rows, without those that the spreadsheet hides if a person said so; list their numbers."""
    for row in rows:
        is_hidden = row.issues and any(issue.code is IssueCode.ROW_HIDDEN for issue in row.issues)
        if is_hidden:
            reading.hidden_rows.append(row.number)
            if choices.reads_hidden_rows is False:
                continue
        yield row


def _headings(row: Row) -> tuple[str, ...]:
    cells = [_heading(cell) for cell in row.cells]
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


def _heading(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, UnreadCell):
        return cell.text.strip()
    return str(cell.number if isinstance(cell, FormattedNumber) else cell).strip()


def _fitted(row: Row, width: int) -> Row:
    if len(row.cells) == width:
        return row
    cells = list(row.cells[:width])
    if any(cell not in (None, "") for cell in row.cells[width:]):
        raise SheetError("sheet.ragged", row=row.number, expected=width, found=len(row.cells))
    return Row(row.number, cells + [None] * (width - len(cells)), row.issues)
