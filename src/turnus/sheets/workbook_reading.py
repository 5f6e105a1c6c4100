"""Reading XLSX, XLSM and XLS workbooks; checked against bombs and passwords before anything is unpacked."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from turnus.core.tables import Cell, Row
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import IN_MEMORY, MAX_CELL, MAX_RATIO, MAX_SHARED, MAX_UNPACKED
from turnus.sheets.streaming import stream_rows

_PACKAGE = "EncryptedPackage".encode("utf-16-le")


def sheets_of(path: Path, *, is_zip: bool) -> tuple[str, tuple[str, ...]]:
    """Return the format (`xlsx` or `xls`) and the names of the sheets that hold cells."""
    if is_zip:
        _check_archive(path)
    elif _is_protected(path):
        raise SheetError("sheet.password")
    workbook = _open(path)
    names = tuple(sheet.name for sheet in workbook.sheets_metadata if "WorkSheet" in str(sheet.typ))
    if not names:
        raise SheetError("sheet.empty")
    return ("xlsx" if is_zip else "xls"), names


def rows(path: Path, sheets: tuple[str, ...], sheet: str | None) -> tuple[str, Iterator[Row], int | None]:
    """Return the sheet's name, its rows that are not blank, and how many there are at the most, if known."""
    if sheet is not None and sheet not in sheets:
        raise SheetError("sheet.no_such_sheet", sheet=sheet)
    if zipfile.is_zipfile(path) and (_largest_part(path) > IN_MEMORY or _has_error_cells(path)):
        name = sheet or sheets[0]
        return name, stream_rows(path, name), None
    workbook = _open(path)
    for name in [sheet] if sheet else sheets:
        table = workbook.get_sheet_by_name(name)
        if table.height or sheet:
            _refuse_merged_headings(table)
            return name, _rows(table), table.height
    raise SheetError("sheet.empty")


def _rows(table: Any) -> Iterator[Row]:
    start = (table.start or (0, 0))[0]
    for number, cells in enumerate(table.iter_rows(), 1 if start == 0 else start + 1):
        if any(cell != "" for cell in cells):
            yield Row(number, [_cell(cell, number) for cell in cells])


def _cell(cell: Any, row: int) -> Cell:
    if isinstance(cell, str):
        if len(cell) > MAX_CELL:
            raise SheetError("sheet.cell_too_long", row=row, limit=MAX_CELL)
        return cell or None
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 2**53 else cell
    return cell if isinstance(cell, bool | int | date | datetime | time) else str(cell)


def _refuse_merged_headings(table: Any) -> None:
    first = (table.start or (0, 0))[0]
    merged = table.merged_cell_ranges or []
    across = [(start, end) for start, end in merged if start[0] == first and end[1] > start[1]]
    if across:
        start, end = across[0]
        raise SheetError("sheet.merged_headings", first=_column(start[1]), last=_column(end[1]), row=start[0] + 1)


def _column(number: int) -> str:
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _open(path: Path) -> Any:
    try:
        return CalamineWorkbook.from_path(str(path))
    except (CalamineError, OSError, ValueError) as error:
        raise SheetError("sheet.broken", reason=str(error)[:200]) from None


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        raise SheetError("sheet.truncated") from None
    unpacked = sum(part.file_size for part in parts)
    packed = max(path.stat().st_size, 1)
    if unpacked > MAX_UNPACKED or (unpacked > 50 * 1024**2 and unpacked / packed > MAX_RATIO):
        raise SheetError("sheet.bomb", megabytes=unpacked // 1024**2)
    shared = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
    if shared > MAX_SHARED:
        raise SheetError("sheet.bomb", megabytes=shared // 1024**2)
    if not any(part.filename.endswith("workbook.xml") for part in parts):
        raise SheetError("sheet.not_a_table", format="ZIP")


def _largest_part(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        return max((part.file_size for part in archive.infolist()), default=0)


def _has_error_cells(path: Path) -> bool:
    """Say whether a sheet holds error cells (#REF! ...): the fast reader would take them for empty ones."""
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            if not part.startswith("xl/worksheets/"):
                continue
            with archive.open(part) as xml:
                tail = b""
                for block in iter(lambda: xml.read(1024 * 1024), b""):
                    if b't="e"' in tail + block:
                        return True
                    tail = block[-8:]
    return False


def _is_protected(path: Path) -> bool:
    """Say whether an OLE container holds an encrypted workbook: the name of that stream stands in its directory."""
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1024 * 1024), b""):
            if _PACKAGE in block:
                return True
    return False
