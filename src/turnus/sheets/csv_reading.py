"""Reading CSV files of any usual encoding and delimiter."""

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from charset_normalizer import from_bytes

from turnus.core.tables import Cell, Row
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import MAX_CELL

_DELIMITERS = ",;\t|"
_SAMPLE = 256 * 1024
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
#: Our own files put an apostrophe before texts that a spreadsheet program would take for a formula.
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")


def sniff(path: Path) -> tuple[str, str]:
    """Return the encoding and the delimiter of a CSV file, from its beginning and a look through it."""
    encoding = _encoding(path)
    return encoding, _delimiter(path, encoding)


def rows(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    """Yield the rows that are not blank; their numbers count records as a spreadsheet program would show them."""
    csv.field_size_limit(MAX_CELL)
    with path.open(encoding=encoding, errors="strict", newline="") as file:
        reader = csv.reader(_without_nul(file), delimiter=delimiter)
        try:
            for number, cells in enumerate(reader, 1):
                if number == 1 and cells and cells[0].lower().startswith("sep="):
                    continue
                if any(cells):
                    yield Row(number, [_cell(text) for text in cells])
        except csv.Error:
            raise SheetError("sheet.cell_too_long", row=reader.line_num, limit=MAX_CELL) from None
        except UnicodeDecodeError:
            raise SheetError("sheet.encoding", row=reader.line_num, encoding=encoding) from None


def _cell(text: str) -> Cell:
    return text[1:] if text[:1] == "'" and text.lstrip("'").startswith(_FORMULA_MARKS) else text


def _without_nul(lines: Iterator[str]) -> Iterator[str]:
    """Yield lines in bounded pieces, without NUL bytes, which the csv module refuses."""
    read = lines.readline  # type: ignore[attr-defined]  # a text file
    while line := read(4 * MAX_CELL):
        if len(line) >= 4 * MAX_CELL:
            raise csv.Error
        yield line.replace("\0", "") if "\0" in line else line


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
        for bom, name in _BOMS:
            if sample.startswith(bom):
                return name
        if sample[1:200:2].count(0) > len(sample[:200]) // 3:
            return "utf-16-le"
        if _is_utf8(sample) and all(_is_utf8(block) for block in iter(lambda: file.read(_SAMPLE), b"")):
            return "utf-8"
    return _one_byte(sample)


def _is_utf8(block: bytes) -> bool:
    """Say whether a block could be UTF-8; letters cut at its ends are no evidence against it."""
    start = next((i for i, byte in enumerate(block[:4]) if byte & 0xC0 != 0x80), 0)
    try:
        block[start:].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start + start >= len(block) - 3 and error.reason == "unexpected end of data"
    return True


def _one_byte(sample: bytes) -> str:
    """Tell Windows-1252 from MacRoman: by far the usual one is Windows-1252, also where Latin-1 is meant."""
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        best = from_bytes(sample).best()
        return best.encoding if best else "latin-1"
    odd = sum(text.count(letter) for letter in "ŠšŸ€†‡…‰")
    usual = sum(text.count(letter) for letter in "äöüÄÖÜßéèáàñçøåÉ")
    mac = sample.decode("mac-roman")
    mac_usual = sum(mac.count(letter) for letter in "äöüÄÖÜßéèáàñçøåÉ")
    return "mac-roman" if mac_usual > usual + odd else "cp1252"


def _delimiter(path: Path, encoding: str) -> str:
    try:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            first = file.readline(MAX_CELL)
            if first.lower().startswith("sep=") and len(first.strip()) == 5:
                return first.strip()[-1]
            lines = [first, *islice(iter(lambda: file.readline(MAX_CELL), ""), 50)]
    except UnicodeError:
        raise SheetError("sheet.encoding", row=1, encoding=encoding) from None
    counts = {mark: _columns(lines, mark) for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: counts[mark])


def _columns(lines: list[str], mark: str) -> tuple[int, int]:
    """Return in how many lines the mark makes the usual number of columns (more than one), and that number."""
    try:
        widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=mark) if any(cells))
    except csv.Error:
        return 0, 0
    widths.pop(1, None)
    if not widths:
        return 0, 0
    width, lines_of_it = widths.most_common(1)[0]
    return lines_of_it, width
