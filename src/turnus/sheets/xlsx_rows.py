"""The rows of an XLSX sheet, typed cell by cell while the sheet streams out of the archive."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from xml.etree.ElementTree import Element

from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.tables import Cell, Row, UnreadCell
from turnus.sheets.cell_texts import decoded, joined
from turnus.sheets.columns import column_index
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import GRID_COLUMNS, GRID_ROWS, MAX_CELL
from turnus.sheets.workbook_parts import Growing
from turnus.sheets.xlsx_workbook import (
    SheetPart,
    Workbook,
    child_of_sheet,
    is_true,
)

_DIGITS = "0123456789"


def xlsx_rows(workbook: Workbook, sheet: SheetPart) -> Iterator[Row]:
    """Yield the rows of a sheet that are not blank, as they are; an issue tells the hidden ones."""
    reader = _RowReader(workbook)
    for element in _row_elements(workbook, sheet):
        row = reader.row(element)
        if row.cells:
            yield row


def _row_elements(workbook: Workbook, sheet: SheetPart) -> Iterator[Element]:
    """Yield each row of a sheet once it is complete; memory is that of a few hundred rows."""
    with workbook.parts.open(sheet.part) as xml:
        part = Growing(xml)
        rows: Element | None = None
        while (root := part.grow()) is not None:
            rows = (
                rows if rows is not None else child_of_sheet(root, "sheetData")
            )
            if rows is None:
                continue
            if root[-1] is not rows:
                yield from rows
                part.skip()
                return
            ready = rows[:-1]
            yield from ready
            part.forget(rows, len(ready))
        yield from rows if rows is not None else ()


class _Columns(dict[str, int]):
    """The columns that letters name, worked out once."""

    def __missing__(self, letters: str) -> int:
        is_column = (
            letters.isascii() and letters.isalpha() and len(letters) <= 3
        )
        column = column_index(letters.upper()) if is_column else GRID_COLUMNS
        if column >= GRID_COLUMNS:
            raise SheetError("sheet.broken", reason=letters[:20])
        self[letters] = column
        return column


class _RowReader:
    """A reader of the elements of rows; the workbook says what the cells refer to."""

    def __init__(self, workbook: Workbook) -> None:
        self.workbook = workbook
        self.number_readers = workbook.number_readers
        self.columns = _Columns()
        self.number = 0
        self.cell_tag = self.value_tag = self.text_tag = self.formula_tag = ""
        #: How a cell's content is read, by the cell's type and the content's tag; no type means a
        #: number.
        self.readers: dict[
            tuple[str | None, str], Callable[[Element, Element], Cell]
        ] = {}

    def row(self, element: Element) -> Row:
        """Return the row that an element holds; without cells if it is blank."""
        if not self.readers:
            self._learn_tags(element)
        self.number = self._row_number(element)
        columns = self.columns
        readers = self.readers
        cells: list[Cell] = []
        column = -1
        for cell in element:
            reference = cell.get("r")
            column = (
                columns[reference.rstrip(_DIGITS)] if reference else column + 1
            )
            if not len(cell):
                continue
            content = cell[0]
            read = (
                readers.get((cell.get("t"), content.tag))
                if len(cell) == 1
                else None
            )
            value = read(cell, content) if read else self._unusual_cell(cell)
            if value is None or value == "":
                continue
            if column == len(cells):
                cells.append(value)
            else:
                cells.extend([None] * (column + 1 - len(cells)))
                if cells[column] is not None:
                    raise SheetError(
                        "sheet.broken", reason=f"{reference} twice"
                    )
                cells[column] = value
        if not is_true(element, "hidden"):
            return Row(self.number, cells)
        hidden = Issue(IssueCode.ROW_HIDDEN, Severity.WARNING, row=self.number)
        return Row(self.number, cells, (hidden,))

    def _learn_tags(self, row: Element) -> None:
        """Take the namespace of the elements from a row: it differs between the kinds of XLSX."""
        namespace = row.tag.removesuffix("row")
        self.cell_tag = f"{namespace}c"
        self.formula_tag = f"{namespace}f"
        self.value_tag = f"{namespace}v"
        self.text_tag = f"{namespace}is"
        by_type = {
            None: self._number,
            "n": self._number,
            "s": self._shared_text,
            "str": self._result_text,
            "b": self._truth,
            "e": self._error,
            "d": self._iso_moment,
        }
        self.readers = {
            (kind, self.value_tag): reader for kind, reader in by_type.items()
        }
        self.readers["inlineStr", self.text_tag] = self._inline_text

    def _row_number(self, row: Element) -> int:
        """Return the number of a row: later ones have larger ones, or two would have the same."""
        text = row.get("r")
        number = self.number + 1
        if text is not None:
            number = _row_number_in(text)
        if not self.number < number <= GRID_ROWS:
            raise SheetError(
                "sheet.broken", reason=f"row {text or number}"[:100]
            )
        return number

    def _unusual_cell(self, cell: Element) -> Cell:
        """Return the value of a cell that has a formula or the like, or is of an unknown type."""
        if cell.tag != self.cell_tag:
            return None
        text = cell.find(self.text_tag)
        if text is not None:
            return self._inline_text(cell, text)
        value = cell.find(self.value_tag)
        formula = cell.find(self.formula_tag)
        if formula is not None and not self._is_calculated(cell, value):
            return UnreadCell(
                IssueCode.FORMULA_WITHOUT_RESULT,
                f"={formula.text or '…'}"[:200],
            )
        if value is None:
            return None
        read = self.readers.get(
            (cell.get("t"), self.value_tag), self._result_text
        )
        return read(cell, value)

    def _is_calculated(self, cell: Element, value: Element | None) -> bool:
        """Return whether the result of a formula is stored; an empty text is one as well.

        Some programs write 0 or an empty text for each result, and mark the formulas as not
        computed yet.
        """
        if value is None:
            return False
        if self.workbook.is_uncalculated and value.text in {None, "", "0"}:
            return False
        return bool(value.text) or cell.get("t") == "str"

    def _number(self, cell: Element, content: Element) -> Cell:
        text = content.text
        read = self.number_readers[cell.get("s")]
        return read(text) if text else None

    def _shared_text(self, _cell: Element, content: Element) -> Cell:
        try:
            index = int(content.text or "")
            text = self.workbook.texts[index] if index >= 0 else None
        except (ValueError, IndexError):
            raise SheetError(
                "sheet.broken", reason=f"sharedStrings {content.text}"[:100]
            ) from None
        if text is None:
            raise SheetError(
                "sheet.broken", reason=f"sharedStrings {index}"[:100]
            )
        if len(text) > MAX_CELL:
            raise SheetError(
                "sheet.cell_too_long", row=self.number, limit=MAX_CELL
            )
        return text

    def _inline_text(self, _cell: Element, content: Element) -> Cell:
        is_one_run = len(content) == 1 and not len(content[0])
        text = content[0].text or "" if is_one_run else joined(content)
        return self._text(text)

    def _result_text(self, _cell: Element, content: Element) -> Cell:
        return self._text(content.text or "")

    def _text(self, text: str) -> str:
        if len(text) > MAX_CELL:
            raise SheetError(
                "sheet.cell_too_long", row=self.number, limit=MAX_CELL
            )
        # Most texts are short and plain: only the others need a closer look.
        return (
            text if text.isprintable() and "_x" not in text else decoded(text)
        )

    def _truth(self, _cell: Element, content: Element) -> Cell:
        return (content.text or "").strip() in {"1", "true"}

    def _error(self, _cell: Element, content: Element) -> Cell:
        return UnreadCell(IssueCode.ERROR_CELL, (content.text or "#")[:100])

    def _iso_moment(self, _cell: Element, content: Element) -> Cell:
        """Return a moment that is written in letters; one with a zone stays the text it is."""
        text = content.text or ""
        for read in (
            date.fromisoformat,
            datetime.fromisoformat,
            time.fromisoformat,
        ):
            try:
                moment: date | time = read(text)
            except ValueError:
                continue
            has_zone = (
                isinstance(moment, datetime | time)
                and moment.tzinfo is not None
            )
            return text if has_zone else moment
        return self._text(text)


def _row_number_in(text: str) -> int:
    """Return the number of a row as a workbook writes it; 0 for what is none."""
    is_number = text.isascii() and text.isdecimal()
    if not is_number or len(text) > len(str(GRID_ROWS)):
        return 0
    return int(text)
