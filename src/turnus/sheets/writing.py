"""Writing tables to XLSX and CSV, row by row in flat memory; text never becomes a formula.

The XLSX writer is our own because export is at the heart of the product: it is five times as fast
as the general library, which stays the measure in the benchmark.
"""

import csv
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from xml.sax.saxutils import escape

from turnus.core.cut_texts import cut
from turnus.core.tables import Cell
from turnus.sheets import xlsx_parts as parts
from turnus.sheets.errors import SheetError

#: The most rows of a sheet; more go on in a further sheet under the same headings.
MAX_ROWS = 1_048_576
#: Letters that one cell holds.
MAX_TEXT = 32_767
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet's wall clock has no zone)
#: Days before this one are no numbers that spreadsheet programs agree on.
_FIRST_DAY = date(1900, 3, 1)
#: Letters that XML cannot hold or changes, and texts that look like escapes of such letters.
_ESCAPED = re.compile(
    "[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)"
)
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
#: Texts that begin like a formula and are phone numbers or numbers: they are harmless, and other
#: programs want them unchanged.
_HARMLESS = re.compile(r"[+-][ \u00a0]?[\d(][\d ()/.\u00a0-]*")
#: Digits that a spreadsheet keeps, and decimals of stored values; more come from a division.
_EXACT_DIGITS = 15
_STORED_DECIMALS = 6


class Writer(Protocol):
    """A file that takes headings and rows; a context manager completes it, or deletes it."""

    #: Numbers of the rows with a text that no cell of the format holds: it is cut, and says so.
    cut_rows: list[int]

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def write_row(self, cells: Sequence[Cell]) -> None:
        """Write one row of typed cells."""


def writer(
    path: Path,
    headings: Sequence[str],
    *,
    sheet: str = "Deals",
    delimiter: str = ",",
) -> Writer:
    """Return the writer that the name of `path` asks for: `.xlsx` or `.csv`."""
    if path.suffix.lower() == ".csv":
        return CsvWriter(path, headings, delimiter=delimiter)
    if path.suffix.lower() == ".xlsx":
        return XlsxWriter(path, headings, sheet=sheet)
    raise SheetError("sheet.unknown_ending", ending=path.suffix or path.name)


class CsvWriter:
    """CSV in UTF-8 with a byte order mark, so that spreadsheet programs read the letters right."""

    def __init__(
        self, path: Path, headings: Sequence[str], *, delimiter: str
    ) -> None:
        self.path = path
        self.cut_rows: list[int] = []
        self.file = path.open("w", encoding="utf-8-sig", newline="")
        self.rows = csv.writer(self.file, delimiter=delimiter)
        self.decimal_comma = delimiter == ";"
        self.write_row(headings)

    def write_row(self, cells: Sequence[Cell]) -> None:
        self.rows.writerow([self._text(cell) for cell in cells])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.file.close()
        if kind and self.path.is_file():  # not a pipe
            self.path.unlink()

    def _text(self, cell: Cell) -> str:
        if cell is None:
            return ""
        if isinstance(cell, str):
            return _guarded(cell)
        if isinstance(cell, datetime):
            return f"{cell:%Y-%m-%d %H:%M:%S}"
        if not isinstance(cell, Decimal | float):
            return str(cell)
        text = (
            f"{cell:f}"
            if isinstance(cell, Decimal) or self.decimal_comma
            else str(cell)
        )
        # Three decimals could as well be thousands; a fourth says which they are.
        text = f"{text}0" if text[-4:-3] == "." else text
        return text.replace(".", ",") if self.decimal_comma else text


class XlsxWriter:
    """XLSX with typed cells; each sheet with a frozen bold heading row and a filter.

    Columns are as wide as their headings, or as `widths` says where that is more.
    """

    def __init__(
        self,
        path: Path,
        headings: Sequence[str],
        *,
        sheet: str,
        widths: Sequence[int] = (),
    ) -> None:
        self.path = path
        self.cut_rows: list[int] = []
        self.archive = zipfile.ZipFile(
            path, "w", zipfile.ZIP_DEFLATED, compresslevel=1, allowZip64=True
        )
        self.sheets: list[str] = []
        self._begin(headings, sheet, widths)

    def next_sheet(
        self,
        headings: Sequence[str],
        *,
        sheet: str,
        widths: Sequence[int] = (),
    ) -> None:
        """Let the following rows stand in a sheet of their own."""
        self._close_sheet()
        self._begin(headings, sheet, widths)

    def write_row(self, cells: Sequence[Cell]) -> None:
        if self.row == MAX_ROWS:
            self._close_sheet()
            self._open_sheet()
        self.row += 1
        self.buffer.append(
            "<row>" + "".join([self._cell(cell) for cell in cells]) + "</row>"
        )
        if len(self.buffer) >= 500:
            self._flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._close_sheet()
            for name, text in parts.package(self.sheets).items():
                self.archive.writestr(name, text)
        finally:
            self.archive.close()
            if kind and self.path.is_file():  # not a pipe
                self.path.unlink()

    def _begin(
        self, headings: Sequence[str], sheet: str, widths: Sequence[int]
    ) -> None:
        self.headings = list(headings)
        self.opened = 0
        wanted = [*widths, *[0] * (len(headings) - len(widths))]
        self.widths = [
            max(len(name), width)
            for name, width in zip(headings, wanted, strict=True)
        ]
        self.name = re.sub(r"[\[\]:*?/\\]", " ", sheet)[:28] or "Sheet"
        self._open_sheet()

    def _open_sheet(self) -> None:
        self.opened += 1
        name = self.name
        if self.opened > 1:
            name = f"{name} {self.opened}"
        self.sheets.append(name)
        self.part = self.archive.open(
            f"xl/worksheets/sheet{len(self.sheets)}.xml", "w", force_zip64=True
        )
        self.buffer = [parts.sheet_head(self.widths)]
        self.row = 1
        cells = "".join(
            f'<c t="inlineStr" s="1"><is><t>{escape(_clean(name))}</t></is></c>'
            for name in self.headings
        )
        self.buffer.append(f"<row>{cells}</row>")

    def _close_sheet(self) -> None:
        self.buffer.append(parts.sheet_tail(len(self.headings), self.row))
        self._flush()
        self.part.close()

    def _flush(self) -> None:
        self.part.write("".join(self.buffer).encode())
        self.buffer.clear()

    def _cell(self, cell: Cell) -> str:
        if cell is None or cell == "":
            return "<c/>"
        if isinstance(cell, str):
            return self._text_cell(cell)
        if isinstance(cell, bool):
            return f'<c t="b"><v>{int(cell)}</v></c>'
        if isinstance(cell, int | float):
            return f"<c><v>{cell!r}</v></c>"
        if isinstance(cell, Decimal):
            return (
                self._text_cell(f"{cell:f}")
                if _is_too_exact(cell)
                else f'<c s="4"><v>{cell:f}</v></c>'
            )
        return _moment_cell(cell)

    def _text_cell(self, text: str) -> str:
        if len(text) > MAX_TEXT:
            text = cut(text, MAX_TEXT)
            self.cut_rows.append(self.row)
        return _text_cell(text)


def _guarded(text: str) -> str:
    """Return a text that no program takes for a formula; reading removes the apostrophe."""
    if not text.lstrip("'").startswith(_FORMULA_MARKS) or _HARMLESS.fullmatch(
        text
    ):
        return text
    return "'" + text


def _is_too_exact(number: Decimal) -> bool:
    """Return whether a spreadsheet would round a number that somebody gave."""
    _, digits, exponent = number.as_tuple()
    is_given = isinstance(exponent, int) and exponent >= -_STORED_DECIMALS
    return is_given and len(digits) > _EXACT_DIGITS


def _moment_cell(cell: Cell) -> str:
    if (
        isinstance(cell, date)
        and date(cell.year, cell.month, cell.day) < _FIRST_DAY
    ):
        return _text_cell(str(cell))
    if isinstance(cell, datetime):
        return f'<c s="2"><v>{_serial(cell)!r}</v></c>'
    if isinstance(cell, date):
        return f'<c s="3"><v>{(cell - _EPOCH.date()).days}</v></c>'
    if isinstance(cell, time):
        return f'<c s="5"><v>{_day_part(cell)!r}</v></c>'
    message = f"{cell!r} is read from files, never written"
    raise TypeError(message)


def _text_cell(text: str) -> str:
    is_plain = text.isascii() and text.isprintable()
    has_marks = "&" in text or "<" in text or "_x" in text
    safe = text
    if has_marks or not is_plain:
        safe = escape(_clean(text))
    keep = ""
    if safe != safe.strip() or "\n" in safe:
        keep = ' xml:space="preserve"'
    return f'<c t="inlineStr"><is><t{keep}>{safe}</t></is></c>'


def _clean(text: str) -> str:
    """Return a text of letters that XML can hold: others as `_x000D_`, as programs do."""
    return _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _serial(moment: datetime) -> float:
    return (moment.replace(tzinfo=None) - _EPOCH).total_seconds() / 86_400


def _day_part(at: time) -> float:
    return (at.hour * 3600 + at.minute * 60 + at.second) / 86_400
