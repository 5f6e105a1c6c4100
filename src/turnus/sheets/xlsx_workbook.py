"""What an XLSX workbook tells besides its rows: sheets, styles, texts, merged and hidden cells."""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Self
from xml.etree.ElementTree import Element

from turnus.sheets.cell_styles import NumberReaders, Style, whole_number
from turnus.sheets.cell_texts import shared_texts
from turnus.sheets.errors import SheetError
from turnus.sheets.merged_cells import MergedRange, parse_range
from turnus.sheets.workbook_parts import Growing, Parts

_SCAN = 256 * 1024
#: Parts of a sheet up to its merged cells: each of some twenty kinds may stand there a few times.
_MOST_PARTS = 1_000
_TRUE = frozenset({"1", "true", "on"})


@dataclass(frozen=True, slots=True)
class SheetPart:
    """One sheet of a workbook, and the part its rows lie in."""

    name: str
    part: str
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """What a sheet says around its rows."""

    merges: tuple[MergedRange, ...]
    #: First and last of columns that are hidden, counted from 0.
    hidden_columns: tuple[tuple[int, int], ...]
    #: Number of the last row as the sheet gives it, None if it does not.
    last_row: int | None


class Workbook:
    """An open workbook."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._main = _main_part(parts)
        self._relations = parts.relations(self._main)
        tree = parts.whole(self._main)
        self.sheets = tuple(self._sheets(tree))
        properties = _first(tree, "workbookPr")
        calculation = _first(tree, "calcPr")
        #: Whether days are counted from 1904, as the old Excel for Mac did.
        self.is_1904 = is_true(properties, "date1904")
        #: Whether the program that wrote the file left it to others to work out the formulas.
        self.is_uncalculated = is_true(calculation, "fullCalcOnLoad")

    def reopened(self, parts: Parts) -> Self:
        """Return the same workbook in an archive that was opened again; what was read is kept."""
        same = copy(self)
        same.parts = parts
        return same

    @cached_property
    def texts(self) -> list[str]:
        """The texts that cells refer to by number."""
        for kind, part in self._relations.values():
            if kind == "sharedStrings" and part in self.parts:
                with self.parts.open(part) as xml:
                    return shared_texts(xml)
        return []

    @cached_property
    def number_readers(self) -> NumberReaders:
        """How numbers are read by the style of their cell."""
        return NumberReaders(self._styles(), is_1904=self.is_1904)

    def layout(self, sheet: SheetPart) -> Layout:
        """Return what a sheet says before and after its rows."""
        merges = (
            tuple(self._merges(sheet)) if self._mentions_merges(sheet) else ()
        )
        with self.parts.open(sheet.part) as xml:
            part = Growing(xml)
            while (root := part.grow()) is not None:
                if child_of_sheet(root, "sheetData") is not None:
                    return Layout(
                        merges, tuple(_hidden_columns(root)), _last_row(root)
                    )
        return Layout(merges, (), None)

    def _sheets(self, tree: Element) -> Iterator[SheetPart]:
        for sheet in _first(tree, "sheets") or ():
            key = next(
                (
                    value
                    for name, value in sheet.items()
                    if name.endswith("}id")
                ),
                "",
            )
            kind, part = self._relations.get(key, ("", ""))
            if kind == "worksheet":
                yield SheetPart(
                    sheet.get("name", ""),
                    part,
                    sheet.get("state", "visible") != "visible",
                )

    def _styles(self) -> Sequence[Style]:
        for kind, part in self._relations.values():
            if kind == "styles" and part in self.parts:
                return _cell_styles(self.parts.whole(part))
        return ()

    def _mentions_merges(self, sheet: SheetPart) -> bool:
        """Return whether the sheet may have merged cells.

        They come after all rows, and few sheets have to be read to their end for them.
        """
        word = b"mergeCell"
        with self.parts.open(sheet.part) as xml:
            tail = b""
            while block := xml.read(_SCAN):
                if word in tail + block[: len(word)] or word in block:
                    return True
                # Other encodings than UTF-8 write letters in other ways.
                if b"\0" in block:
                    return True
                tail = block[-len(word) :]
        return False

    def _merges(self, sheet: SheetPart) -> Iterator[MergedRange]:
        with self.parts.open(sheet.part) as xml:
            part = Growing(xml)
            while (root := part.grow()) is not None:
                rows = child_of_sheet(root, "sheetData")
                merged = child_of_sheet(root, "mergeCells")
                if rows is not None:
                    part.forget(rows, len(rows[:-1]))
                if merged is not None and root[-1] is not merged:
                    break
            part.skip()
        if merged is None:
            return
        for element in merged:
            found = parse_range(element.get("ref", ""))
            if found:
                yield found


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace, which differs between kinds of XLSX."""
    return element.tag.rpartition("}")[2]


def child(element: Element, name: str) -> Element | None:
    """Return the first element of a name right below another."""
    for each in element:
        if local_name(each) == name:
            return each
    return None


def child_of_sheet(root: Element, name: str) -> Element | None:
    """Return the first part of a sheet with a name; raises SheetError for far too many parts."""
    if len(root) > _MOST_PARTS:
        raise SheetError("sheet.broken", reason=local_name(root[-1])[:100])
    return child(root, name)


def is_true(element: Element | None, name: str) -> bool:
    """Return whether an attribute says yes."""
    return element is not None and element.get(name) in _TRUE


def _main_part(parts: Parts) -> str:
    for kind, part in parts.relations("").values():
        if kind == "officeDocument":
            return part
    return "xl/workbook.xml"


def _first(tree: Element, name: str) -> Element | None:
    for element in tree.iter():
        if local_name(element) == name:
            return element
    return None


def _cell_styles(tree: Element) -> list[Style]:
    codes: dict[str, str] = {}
    for own in child(tree, "numFmts") or ():
        codes[own.get("numFmtId", "")] = own.get("formatCode", "")
    styles: list[Style] = []
    for style in child(tree, "cellXfs") or ():
        number = style.get("numFmtId", "0")
        styles.append((whole_number(number) or 0, codes.get(number)))
    return styles


def _hidden_columns(root: Element) -> Iterator[tuple[int, int]]:
    for column in child(root, "cols") or ():
        first = whole_number(column.get("min", ""))
        last = whole_number(column.get("max", ""))
        if first is None or last is None:
            continue
        is_narrow = column.get("width") == "0"
        if is_narrow or is_true(column, "hidden"):
            yield first - 1, last - 1


def _last_row(root: Element) -> int | None:
    dimension = child(root, "dimension")
    extent = (
        parse_range(dimension.get("ref", ""))
        if dimension is not None
        else None
    )
    return extent.bottom if extent else None
