"""Opening sheets of XLSX, XLSM and XLS workbooks, checked against bombs before unpacking."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from turnus.core.tables import Row
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import MAX_SHEETS
from turnus.sheets.merged_cells import MergedRange
from turnus.sheets.workbook_parts import check_archive, opened
from turnus.sheets.xlsx_rows import xlsx_rows
from turnus.sheets.xlsx_workbook import SheetPart, Workbook

if TYPE_CHECKING:
    from turnus.sheets.xls_workbook import XlsWorkbook


@dataclass(frozen=True, slots=True)
class OpenSheet:
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

    def hidden_among(self, headings: Sequence[str]) -> tuple[str, ...]:
        """Return the headings of columns that the spreadsheet hides."""
        return tuple(
            heading
            for column, heading in enumerate(headings)
            if self._is_hidden(column)
        )

    def _is_hidden(self, column: int) -> bool:
        return any(
            first <= column <= last for first, last in self.hidden_columns
        )


def sheets_of(path: Path, *, is_zip: bool) -> tuple[str, tuple[str, ...]]:
    """Return the format (`xlsx` or `xls`) and the names of its sheets of cells."""
    if is_zip:
        check_archive(path)
        with opened(path) as parts:
            names = tuple(sheet.name for sheet in Workbook(parts).sheets)
    else:
        names = _old_workbook(path).names
    if not names:
        raise SheetError("sheet.empty")
    if len(names) > MAX_SHEETS:
        raise SheetError(
            "sheet.too_many_sheets", count=len(names), limit=MAX_SHEETS
        )
    return ("xlsx" if is_zip else "xls"), names


def open_sheet(
    path: Path, sheets: Sequence[str], sheet: str | None, *, is_zip: bool
) -> OpenSheet:
    """Return the chosen sheet, else the first visible one with cells, else the first hidden one."""
    if sheet is not None and sheet not in sheets:
        raise SheetError("sheet.no_such_sheet", sheet=sheet)
    return _open_xlsx(path, sheet) if is_zip else _open_xls(path, sheet)


def _open_xlsx(path: Path, chosen: str | None) -> OpenSheet:
    with opened(path) as parts:
        workbook = Workbook(parts)
        by_name = {sheet.name: sheet for sheet in workbook.sheets}
        with_cells = [
            name
            for name, sheet in by_name.items()
            if _has_rows(xlsx_rows(workbook, sheet))
        ]
        hidden = [name for name, sheet in by_name.items() if sheet.is_hidden]
        name = chosen or _first_visible(with_cells, hidden)
        layout = workbook.layout(by_name[name])
    return OpenSheet(
        name,
        _streamed(path, workbook, by_name[name]),
        last_row=layout.last_row,
        merges=layout.merges,
        hidden_columns=layout.hidden_columns,
        other_sheets=tuple(other for other in with_cells if other != name),
        hidden_sheets=tuple(hidden),
    )


def _streamed(
    path: Path, workbook: Workbook, sheet: SheetPart
) -> Iterator[Row]:
    with opened(path) as parts:
        yield from xlsx_rows(workbook.reopened(parts), sheet)


def _open_xls(path: Path, chosen: str | None) -> OpenSheet:
    workbook = _old_workbook(path)
    with_cells = [
        name for name in workbook.names if _has_rows(workbook.rows(name))
    ]
    hidden = [name for name in workbook.names if workbook.is_hidden(name)]
    name = chosen or _first_visible(with_cells, hidden)
    return OpenSheet(
        name,
        workbook.rows(name),
        last_row=workbook.last_row(name),
        merges=workbook.merges(name),
        hidden_columns=workbook.hidden_columns(name),
        other_sheets=tuple(other for other in with_cells if other != name),
        hidden_sheets=tuple(hidden),
    )


def _old_workbook(path: Path) -> "XlsWorkbook":
    # Few files need it: its library takes as long to load as a small file to read.
    from turnus.sheets.xls_workbook import XlsWorkbook

    return XlsWorkbook(path)


def _has_rows(rows: Iterator[Row]) -> bool:
    return next(rows, None) is not None


def _first_visible(with_cells: Sequence[str], hidden: Sequence[str]) -> str:
    """Return the first visible sheet with cells, else a hidden one; raises SheetError if none."""
    visible = [name for name in with_cells if name not in hidden]
    if not with_cells:
        raise SheetError("sheet.empty")
    return visible[0] if visible else with_cells[0]
