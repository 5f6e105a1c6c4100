"""Reading XLSX, XLSM and XLS workbooks; checked against bombs and passwords before anything is unpacked."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from turnus.core.tables import Cell, Row
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import MAX_CELL
from turnus.sheets.merged_cells import MergedRange
from turnus.sheets.workbook_parts import check_archive, opened
from turnus.sheets.xlsx_rows import xlsx_rows
from turnus.sheets.xlsx_workbook import SheetPart, Workbook

_PACKAGE = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Sheet:
    """An open sheet: its rows that are not blank, to be read once, and what stands around them."""

    name: str
    rows: Iterator[Row]
    #: Number of the last row as the workbook gives it, None if it does not.
    last_row: int | None = None
    merges: tuple[MergedRange, ...] = ()
    #: First and last of columns that are hidden, counted from 0.
    hidden_columns: tuple[tuple[int, int], ...] = ()
    #: Names of the other sheets that hold cells, and of all sheets that are hidden.
    other_sheets: tuple[str, ...] = ()
    hidden_sheets: tuple[str, ...] = ()

    def hidden_among(self, headings: tuple[str, ...]) -> tuple[str, ...]:
        """Return the headings of columns that the spreadsheet hides."""
        return tuple(
            heading
            for column, heading in enumerate(headings)
            if any(first <= column <= last for first, last in self.hidden_columns)
        )


def sheets_of(path: Path, *, is_zip: bool) -> tuple[str, tuple[str, ...]]:
    """Return the format (`xlsx` or `xls`) and the names of its sheets of cells."""
    if is_zip:
        check_archive(path)
        with opened(path) as parts:
            names = tuple(sheet.name for sheet in Workbook(parts).sheets)
    elif _is_protected(path):
        raise SheetError("sheet.password")
    else:
        names = tuple(sheet.name for sheet in _open(path).sheets_metadata if "WorkSheet" in str(sheet.typ))
    if not names:
        raise SheetError("sheet.empty")
    return ("xlsx" if is_zip else "xls"), names


def open_sheet(path: Path, sheets: tuple[str, ...], sheet: str | None) -> Sheet:
    """Return the chosen sheet, else the first visible one that holds cells, else the first hidden one that does."""
    if sheet is not None and sheet not in sheets:
        raise SheetError("sheet.no_such_sheet", sheet=sheet)
    return _open_xlsx(path, sheet) if zipfile.is_zipfile(path) else _open_xls(path, sheet)


def _open_xlsx(path: Path, name: str | None) -> Sheet:
    with opened(path) as parts:
        workbook = Workbook(parts)
        visible_first = sorted(workbook.sheets, key=lambda sheet: sheet.is_hidden)
        with_cells = [sheet for sheet in visible_first if any(True for _row in xlsx_rows(workbook, sheet))]
        chosen = next((sheet for sheet in visible_first if sheet.name == name), None) or next(iter(with_cells), None)
        if chosen is None:
            raise SheetError("sheet.empty")
        layout = workbook.layout(chosen)
    return Sheet(
        chosen.name,
        _xlsx_rows(path, chosen),
        last_row=layout.last_row,
        merges=layout.merges,
        hidden_columns=layout.hidden_columns,
        other_sheets=tuple(sheet.name for sheet in workbook.sheets if sheet in with_cells and sheet != chosen),
        hidden_sheets=tuple(sheet.name for sheet in workbook.sheets if sheet.is_hidden),
    )


def _xlsx_rows(path: Path, sheet: SheetPart) -> Iterator[Row]:
    with opened(path) as parts:
        yield from xlsx_rows(Workbook(parts), sheet)


def _open_xls(path: Path, name: str | None) -> Sheet:
    workbook = _open(path)
    sheets = [sheet for sheet in workbook.sheets_metadata if "WorkSheet" in str(sheet.typ)]
    visible_first = sorted(sheets, key=_is_hidden)
    tables = {sheet.name: workbook.get_sheet_by_name(sheet.name) for sheet in visible_first}
    with_cells = [sheet for sheet, table in tables.items() if table.height]
    chosen = name or next(iter(with_cells), None)
    if chosen is None:
        raise SheetError("sheet.empty")
    table = tables[chosen]
    return Sheet(
        chosen,
        _xls_rows(table),
        last_row=table.total_height,
        merges=tuple(
            MergedRange(top + 1, left, bottom + 1, right)
            for (top, left), (bottom, right) in table.merged_cell_ranges or ()
        ),
        other_sheets=tuple(sheet for sheet in with_cells if sheet != chosen),
        hidden_sheets=tuple(sheet.name for sheet in sheets if _is_hidden(sheet)),
    )


def _is_hidden(sheet: Any) -> bool:
    return "Visible" not in str(sheet.visible)


def _xls_rows(table: Any) -> Iterator[Row]:
    start_row, start_column = table.start or (0, 0)
    for number, cells in enumerate(table.iter_rows(), start_row + 1):
        if any(cell != "" for cell in cells):
            yield Row(number, [None] * start_column + [_xls_cell(cell, number) for cell in cells])


def _xls_cell(cell: Any, row: int) -> Cell:
    if isinstance(cell, str):
        if len(cell) > MAX_CELL:
            raise SheetError("sheet.cell_too_long", row=row, limit=MAX_CELL)
        return cell or None
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 2**53 else cell
    return cell if isinstance(cell, bool | int | date | datetime | time) else str(cell)


def _open(path: Path) -> Any:
    try:
        return CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError) as error:
        raise SheetError("sheet.broken", reason=str(error)[:200]) from None


def _is_protected(path: Path) -> bool:
    """Return whether an OLE container holds an encrypted workbook: the name of that stream stands in its directory."""
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1024 * 1024), b""):
            if _PACKAGE in block:
                return True
    return False
