"""XLS workbooks, the binary ones of Excel 97 to 2003: what their cells show.

Whether a formula has been worked out cannot be told: a result is always stored.
"""

from collections.abc import Iterator
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Protocol

import xlrd

from turnus.core.cut_texts import without_controls
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.tables import Cell, Row, UnreadCell
from turnus.sheets.cell_styles import NumberReaders
from turnus.sheets.errors import SheetError
from turnus.sheets.merged_cells import MergedRange

#: Other documents in such a container, by their streams: the refusal, and the format it names.
_OTHER_STREAMS = {
    "EncryptedPackage": ("sheet.password", ""),
    "WordDocument": ("sheet.not_a_table", "DOC"),
    "PowerPoint Document": ("sheet.not_a_table", "PPT"),
    "__substg1.0_": ("sheet.not_a_table", "MSG"),
}
_BLOCK = 1024 * 1024


class _LibraryCell(Protocol):
    """A cell as the library gives it: kind, value, and the place of its style."""

    ctype: int
    value: str | float
    xf_index: int


class XlsWorkbook:
    """An XLS workbook, read into memory: its sheets hold 65,536 rows at the most."""

    def __init__(self, path: Path) -> None:
        try:
            self._book = xlrd.open_workbook(
                str(path),
                logfile=StringIO(),
                formatting_info=True,
                ragged_rows=True,
            )
        # The library fails in any way over what is no workbook.
        except Exception as error:  # noqa: BLE001
            if "encrypted" in str(error):
                raise SheetError("sheet.password") from None
            raise _other_document(path) or error from None
        self.names: tuple[str, ...] = tuple(self._book.sheet_names())

    def is_hidden(self, name: str) -> bool:
        """Return whether the spreadsheet hides a sheet."""
        return bool(self._book.sheet_by_name(name).visibility)

    def last_row(self, name: str) -> int:
        """Return the number of the last row of a sheet."""
        return int(self._book.sheet_by_name(name).nrows)

    def merges(self, name: str) -> tuple[MergedRange, ...]:
        """Return the merged ranges of a sheet."""
        ranges = self._book.sheet_by_name(name).merged_cells
        return tuple(
            MergedRange(top + 1, left, bottom, right - 1)
            for top, bottom, left, right in ranges
        )

    def hidden_columns(self, name: str) -> tuple[tuple[int, int], ...]:
        """Return first and last of columns that are hidden, counted from 0."""
        columns = self._book.sheet_by_name(name).colinfo_map
        return tuple(
            (column, column)
            for column, layout in columns.items()
            if layout.hidden or layout.width == 0
        )

    def rows(self, name: str) -> Iterator[Row]:
        """Yield the rows of a sheet that are not blank, as they are; an issue tells the hidden."""
        sheet = self._book.sheet_by_name(name)
        for index in range(sheet.nrows):
            cells = [self._cell(cell) for cell in sheet.row(index)]
            if all(cell is None or cell == "" for cell in cells):
                continue
            layout = sheet.rowinfo_map.get(index)
            number = index + 1
            if layout is None or not layout.hidden:
                yield Row(number, cells)
                continue
            hidden = Issue(IssueCode.ROW_HIDDEN, Severity.WARNING, row=number)
            yield Row(number, cells, (hidden,))

    @cached_property
    def _number_readers(self) -> NumberReaders:
        # The library adds what it takes the built-in formats for; the file's own are in the list.
        codes = {
            own.format_key: own.format_str for own in self._book.format_list
        }
        styles = [
            (style.format_key, codes.get(style.format_key))
            for style in self._book.xf_list
        ]
        return NumberReaders(styles, is_1904=self._book.datemode == 1)

    def _cell(self, cell: _LibraryCell) -> Cell:
        if cell.ctype == xlrd.XL_CELL_TEXT:
            return without_controls(str(cell.value)) or None
        if cell.ctype in {xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE}:
            read = self._number_readers[str(cell.xf_index)]
            return read(repr(cell.value))
        if cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        if cell.ctype == xlrd.XL_CELL_ERROR:
            return UnreadCell(
                IssueCode.ERROR_CELL,
                xlrd.error_text_from_code.get(cell.value, "#"),
            )
        return None


def _other_document(path: Path) -> SheetError | None:
    """Return the refusal of another document in the same kind of container; None if unknown."""
    with path.open("rb") as file:
        before = b""
        while block := file.read(_BLOCK):
            for stream, (code, format_) in _OTHER_STREAMS.items():
                if stream.encode("utf-16-le") in before + block:
                    return SheetError(code, format=format_)
            before = block[-100:]
    return None
