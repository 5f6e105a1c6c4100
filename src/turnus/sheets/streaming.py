"""Reading the rows of a very large XLSX sheet in flat memory: the XML is parsed as it streams out of the archive.

Three times slower than the fast reader, which would hold the whole sheet in memory. Shared strings are kept, as every row may
need them.
"""

import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from posixpath import join, normpath
from typing import Any
from xml.parsers import expat

from turnus.core.tables import Cell, Row
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import MAX_CELL

_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 (wall clock)
#: Built-in number formats that show days or times.
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_BLOCK = 1024 * 1024


def stream_rows(path: Path, sheet: str) -> Iterator[Row]:
    """Yield the rows of `sheet` that are not blank."""
    with zipfile.ZipFile(path) as archive:
        try:
            book = _Workbook(archive)
            part = book.part_of(sheet)
            parser = _Sheet(book)
            with archive.open(part) as xml:
                yield from parser.rows(lambda: xml.read(_BLOCK))
        except (KeyError, zipfile.BadZipFile, expat.ExpatError, EOFError) as error:
            raise SheetError("sheet.broken", reason=str(error)[:200]) from None


class _Workbook:
    """What cells refer to: shared strings, which styles are dates, where the sheets lie."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.epoch = _EPOCHS[False]
        self.names: dict[str, str] = {}
        self._parse("xl/workbook.xml", self._workbook)
        self.targets: dict[str, str] = {}
        self._parse("xl/_rels/workbook.xml.rels", self._relation)
        self.strings = self._shared_strings()
        self.is_date = self._date_styles()

    def part_of(self, sheet: str) -> str:
        target = self.targets[self.names[sheet]]
        return target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))

    def _parse(self, part: str, start: Callable[[str, dict[str, str]], Any]) -> None:
        parser = expat.ParserCreate(namespace_separator=None)
        parser.StartElementHandler = start
        parser.EntityDeclHandler = _no_entities
        with self.archive.open(part) as xml:
            for block in iter(lambda: xml.read(_BLOCK), b""):
                parser.Parse(block)
        parser.Parse(b"", True)

    def _workbook(self, tag: str, given: dict[str, str]) -> None:
        if tag.endswith("sheet") and "name" in given:
            self.names[given["name"]] = given.get("r:id", "")
        elif tag.endswith("workbookPr"):
            self.epoch = _EPOCHS[given.get("date1904") in {"1", "true"}]

    def _relation(self, _tag: str, given: dict[str, str]) -> None:
        if "Id" in given:
            self.targets[given["Id"]] = given["Target"]

    def _shared_strings(self) -> list[str]:
        if "xl/sharedStrings.xml" not in self.archive.namelist():
            return []
        strings: list[str] = []
        pieces: list[str] = []
        inside = [False, False]  # a text, a phonetic hint

        def start(tag: str, _given: dict[str, str]) -> None:
            inside[0] = tag == "t"
            inside[1] = inside[1] or tag == "rPh"
            if tag == "si":
                pieces.clear()

        def end(tag: str) -> None:
            inside[0] = False
            if tag == "rPh":
                inside[1] = False
            elif tag == "si":
                strings.append("".join(pieces))

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.EntityDeclHandler = _no_entities
        parser.CharacterDataHandler = lambda text: pieces.append(text) if inside[0] and not inside[1] else None
        with self.archive.open("xl/sharedStrings.xml") as xml:
            for block in iter(lambda: xml.read(_BLOCK), b""):
                parser.Parse(block)
        return strings

    def _date_styles(self) -> list[bool]:
        if "xl/styles.xml" not in self.archive.namelist():
            return []
        custom: dict[str, str] = {}
        styles: list[bool] = []
        in_cells = [False]

        def start(tag: str, given: dict[str, str]) -> None:
            if tag == "numFmt":
                custom[given["numFmtId"]] = given["formatCode"]
            elif tag in {"cellXfs", "cellStyleXfs"}:
                in_cells[0] = tag == "cellXfs"
            elif tag == "xf" and in_cells[0]:
                number = given.get("numFmtId", "0")
                styles.append(int(number) in _DATE_FORMATS or _shows_date(custom.get(number, "")))

        self._parse("xl/styles.xml", start)
        return styles


def _no_entities(*_declared: Any) -> None:
    """Refuse XML entities: no spreadsheet program writes them, only bombs have them."""
    raise SheetError("sheet.broken", reason="XML entities")


def _shows_date(code: str) -> bool:
    plain = ""
    quoted = False
    for letter in code.lower():
        quoted ^= letter == '"'
        plain += "" if quoted else letter
    plain = plain.split(";")[0].split("]")[-1]
    return any(letter in plain for letter in "dyh") or "mm" in plain


class _Sheet:
    """Collects cells while the XML goes by."""

    def __init__(self, book: _Workbook) -> None:
        self.book = book
        self.ready: list[Row] = []
        self.number = 0
        self.cells: list[Cell] = []
        self.kind = self.style = ""
        self.column = 0
        self.text: list[str] = []
        self.reading = False

    def rows(self, read: Callable[[], bytes]) -> Iterator[Row]:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = _no_entities
        for block in iter(read, b""):
            parser.Parse(block)
            yield from self.ready
            self.ready.clear()
        parser.Parse(b"", True)
        yield from self.ready

    def _start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "c":
            self.kind, self.style = given.get("t", "n"), given.get("s", "")
            self.column = _column_of(given["r"]) if "r" in given else len(self.cells)
            self.text.clear()
        elif tag in {"v", "t"}:
            self.reading = True
        elif tag == "row":
            self.number = int(given.get("r", self.number + 1))
            self.cells = []

    def _characters(self, text: str) -> None:
        if self.reading:
            self.text.append(text)
            if len(self.text) > 1000 and sum(map(len, self.text)) > MAX_CELL:
                raise SheetError("sheet.cell_too_long", row=self.number, limit=MAX_CELL)

    def _end(self, tag: str) -> None:
        if tag in {"v", "t"}:
            self.reading = False
        elif tag == "c" and self.text:
            self.cells.extend([None] * (self.column + 1 - len(self.cells)))
            self.cells[self.column] = self._value("".join(self.text))
        elif tag == "row" and any(cell not in (None, "") for cell in self.cells):
            self.ready.append(Row(self.number, self.cells))

    def _value(self, text: str) -> Cell:
        if len(text) > MAX_CELL:
            raise SheetError("sheet.cell_too_long", row=self.number, limit=MAX_CELL)
        if self.kind == "s":
            return self.book.strings[int(text)] or None
        if self.kind == "b":
            return text == "1"
        if self.kind == "d":
            return datetime.fromisoformat(text)
        return self._number(text) if self.kind == "n" else text

    def _number(self, text: str) -> Cell:
        number = float(text)
        if self.style and int(self.style) < len(self.book.is_date) and self.book.is_date[int(self.style)]:
            moment = self.book.epoch + timedelta(seconds=round(number * 86_400))
            return moment.time() if number < 1 else moment
        return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _column_of(reference: str) -> int:
    number = 0
    for letter in reference:
        if letter.isdigit():
            break
        number = number * 26 + ord(letter) - 64
    return number - 1
