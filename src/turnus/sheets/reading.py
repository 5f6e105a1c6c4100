"""Reading files into tables: what a file is follows from its bytes, never from its name."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.tables import Cell, FileReading, ReadingChoices, Row, Table
from turnus.sheets import csv_reading
from turnus.sheets.csv_reading import Dialect
from turnus.sheets.damages import damages_named, rows_with_damages_named
from turnus.sheets.errors import SheetError
from turnus.sheets.headings import heading_index, headings_of
from turnus.sheets.merged_cells import (
    MergedCells,
    refuse_merged_headings,
    whole_headings,
)
from turnus.sheets.other_formats import HEAD_BYTES, refuse_other_formats
from turnus.sheets.totals import Totals, TotalsKind
from turnus.sheets.workbook_reading import OpenSheet, open_sheet, sheets_of

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Rows with content that tell where the headings are, how wide the table is, and a usual row.
_LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class FileSource:
    """What a file holds: its format, its sheets (one nameless sheet for CSV), how it is written."""

    path: Path
    #: `csv`, `xlsx` or `xls`.
    format: str
    sheets: tuple[str, ...]
    encoding: str = ""
    delimiter: str = ""
    #: What a person chose about reading it.
    choices: ReadingChoices = field(default_factory=ReadingChoices)
    #: How a CSV file is written; None for workbooks.
    dialect: Dialect | None = None


@dataclass(frozen=True, slots=True)
class _Parts:
    """The rows of a sheet, told apart: what stands above the headings is no part of the table."""

    above: Sequence[Row]
    headings: Row
    #: The first rows below the headings, and all of them, to be read once.
    first: Sequence[Row]
    rows: Iterable[Row]


def inspect(path: Path, choices: ReadingChoices | None = None) -> FileSource:
    """Return what the file is; raises SheetError where it is nothing that can be read."""
    choices = choices or ReadingChoices()
    with damages_named():
        return _inspected(path, choices)


def read(source: FileSource) -> Table:
    """Return the table of the chosen sheet (else the first with data), rows lazy, read once.

    Its headings are the first row that is not blank, after any title lines, or the row a person
    chose. `Table.reading` is complete once all rows are read. Raises SheetError, also while rows
    are being read.
    """
    with damages_named():
        table = _table(source)
    return replace(table, rows=rows_with_damages_named(table.rows))


def _inspected(path: Path, choices: ReadingChoices) -> FileSource:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.strip(b"\0 \t\r\n"):
        raise SheetError("sheet.empty")
    is_zip = head.startswith(_ZIP)
    if is_zip or head.startswith(_OLE):
        format_, sheets = sheets_of(path, is_zip=is_zip)
        return FileSource(path, format_, sheets, choices=choices)
    refuse_other_formats(head)
    dialect = csv_reading.sniff(path, choices)
    return FileSource(
        path,
        format="csv",
        sheets=("",),
        encoding=dialect.encoding.name,
        delimiter=dialect.delimiter,
        choices=choices,
        dialect=dialect,
    )


def _table(source: FileSource) -> Table:
    sheet = _opened(source)
    parts = _told_apart(sheet.rows, source.choices.heading_row)
    heading_row = parts.headings.number
    refuse_merged_headings(sheet.merges, heading_row)
    is_csv = source.dialect is not None
    heading_cells = whole_headings(sheet.merges, parts.above, parts.headings)
    headings = headings_of(heading_cells, parts.first, is_csv=is_csv)
    reading = _reading_of(source, sheet, parts, headings)
    width = len(headings)

    sample = _Fitting(width, is_csv=is_csv)
    first_rows = [sample.row(row) for row in parts.first]
    totals = Totals(first_rows)
    fitting = _Fitting(width, is_csv=is_csv)
    merged = MergedCells(sheet.merges)
    rows = parts.rows if is_csv else merged.learned(parts.rows)
    rows = map(fitting.row, rows)
    if not is_csv:
        rows = _shown(rows, reading, source.choices)
    # Before merged cells are filled: a word that is merged over several columns is one word.
    rows = _without_totals(rows, totals, reading, source.choices)
    if sheet.merges:
        rows = merged.filled(rows, heading_row=heading_row, headings=headings)
    row_count = None
    if sheet.last_row is not None:
        row_count = max(sheet.last_row - heading_row, 0)
    return Table(sheet.name, headings, rows, row_count, reading)


def _opened(source: FileSource) -> OpenSheet:
    if source.dialect:
        return OpenSheet("", csv_reading.rows(source.path, source.dialect))
    is_zip = source.format == "xlsx"
    return open_sheet(
        source.path, source.sheets, source.choices.sheet, is_zip=is_zip
    )


def _reading_of(
    source: FileSource,
    sheet: OpenSheet,
    parts: _Parts,
    headings: Sequence[str],
) -> FileReading:
    reading = FileReading(
        heading_row=parts.headings.number,
        rows_above=len(parts.above),
        other_sheets=sheet.other_sheets,
        hidden_sheets=sheet.hidden_sheets,
        hidden_columns=sheet.hidden_among(headings),
    )
    if source.dialect:
        encoding = source.dialect.encoding
        reading.encoding = source.encoding
        reading.delimiter = source.delimiter
        reading.encoding_samples = encoding.samples
        reading.is_encoding_doubtful = encoding.is_doubtful
    return reading


def _told_apart(rows: Iterator[Row], chosen: int | None) -> _Parts:
    """Return the headings, and what is above and below; raises SheetError if there is nothing."""
    if chosen is not None:
        above: list[Row] = []
        for row in rows:
            if row.number == chosen:
                first = list(islice(rows, _LOOKED_AT))
                return _Parts(above, row, first, chain(first, rows))
            above.append(row)
        raise SheetError("sheet.no_heading_row", row=chosen)
    first = list(islice(rows, _LOOKED_AT))
    if not first:
        raise SheetError("sheet.empty")
    index = heading_index(first)
    below = first[index + 1 :]
    return _Parts(first[:index], first[index], below, chain(below, rows))


def _shown(
    rows: Iterable[Row], reading: FileReading, choices: ReadingChoices
) -> Iterator[Row]:
    """Yield the rows and note the numbers of hidden ones, which are skipped if a person says so."""
    for row in rows:
        if row.issues and _is_hidden(row):
            reading.hidden_rows.append(row.number)
            if choices.reads_hidden_rows is False:
                continue
        yield row


def _is_hidden(row: Row) -> bool:
    return any(issue.code is IssueCode.ROW_HIDDEN for issue in row.issues)


class _Fitting:
    """Rows made as wide as the headings, with notes where rows of a CSV file are not."""

    def __init__(self, width: int, *, is_csv: bool) -> None:
        self.width = width
        self.is_csv = is_csv
        self.has_short_rows = False

    def row(self, row: Row) -> Row:
        """Return the row with a cell for each heading."""
        count = len(row.cells)
        if count == self.width:
            return row
        if count < self.width:
            return self._filled_up(row)
        cells = row.cells[: self.width]
        surplus = row.cells[self.width :]
        if all(cell is None or cell == "" for cell in surplus):
            return Row(row.number, cells, row.issues)
        params = {"found": count, "expected": self.width}
        issue = Issue(IssueCode.ROW_LONG, row=row.number, params=params)
        return Row(row.number, cells, (*row.issues, issue))

    def _filled_up(self, row: Row) -> Row:
        missing_count = self.width - len(row.cells)
        blank: list[Cell] = [None] * missing_count
        issues = self._noted(row) if self.is_csv else row.issues
        return Row(row.number, [*row.cells, *blank], issues)

    def _noted(self, row: Row) -> tuple[Issue, ...]:
        """Return the issue of a short row: cut, if it alone is short and the last; else short."""
        others = tuple(
            issue
            for issue in row.issues
            if issue.code is not IssueCode.ROW_CUT
        )
        is_cut = len(others) < len(row.issues) and not self.has_short_rows
        self.has_short_rows = True
        code = IssueCode.ROW_CUT if is_cut else IssueCode.ROW_SHORT
        severity = Severity.PROBLEM if is_cut else Severity.WARNING
        params = {"found": len(row.cells), "expected": self.width}
        return (*others, Issue(code, severity, row=row.number, params=params))


def _without_totals(
    rows: Iterable[Row],
    totals: Totals,
    reading: FileReading,
    choices: ReadingChoices,
) -> Iterator[Row]:
    """Yield the rows except lines of totals, which `reading` notes, unless a person wants all."""
    for row in rows:
        kind = totals.kind_of(row)
        if kind is TotalsKind.TOTAL:
            reading.total_rows.append(row.number)
            if not choices.reads_totals:
                continue
        elif kind is TotalsKind.DOUBTFUL and choices.reads_totals is None:
            issue = Issue(
                IssueCode.ROW_TOTAL, Severity.WARNING, row=row.number
            )
            row = replace(row, issues=(*row.issues, issue))  # noqa: PLW2901 (the row with its note)
        yield row
