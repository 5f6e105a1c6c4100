"""Merged cells: every cell of a merged range has the value that a person sees in it, and the row says so."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.tables import Cell, Row
from turnus.sheets.errors import SheetError
from turnus.sheets.xlsx_parts import column_letters

_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")


@dataclass(frozen=True, slots=True, order=True)
class MergedRange:
    """Cells that are shown as one: rows as the spreadsheet numbers them, columns counted from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    def covers(self, row: int) -> bool:
        """Return whether the range has cells in a row."""
        return self.top <= row <= self.bottom

    @property
    def is_across(self) -> bool:
        """Whether the range spans several columns."""
        return self.right > self.left


def parse_range(text: str) -> MergedRange | None:
    """Return the range that `B2:C4` means, None for anything else.

    >>> parse_range("B2:C4")
    MergedRange(top=2, left=1, bottom=4, right=2)
    """
    found = _RANGE.fullmatch(text)
    if not found:
        return None
    columns = sorted((column_index(found[1]), column_index(found[3])))
    rows = sorted((int(found[2]), int(found[4])))
    return MergedRange(rows[0], columns[0], rows[1], columns[1])


def column_index(letters: str) -> int:
    """Return which column letters name, counted from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def refuse_merged_headings(merges: Iterable[MergedRange], row: int) -> None:
    """Raise SheetError if headings in a row are merged with each other: whose they are cannot be told."""
    for merged in merges:
        if merged.covers(row) and merged.is_across:
            raise _merged_headings(merged, row)


def whole_headings(merges: Sequence[MergedRange], above: Iterable[Row], row: Row) -> Row:
    """Return the row of headings with those that begin in a row above it, merged downwards."""
    values = {(other.number, column): cell for other in above for column, cell in enumerate(other.cells)}
    cells = list(row.cells)
    for merged in merges:
        if merged.top < row.number <= merged.bottom and not merged.is_across:
            _put(cells, merged.left, values.get((merged.top, merged.left)))
    return replace(row, cells=cells)


def filled(
    rows: Iterable[Row], merges: Sequence[MergedRange], *, heading_row: int, headings: Sequence[str]
) -> Iterator[Row]:
    """Yield the rows below the headings; cells of merged ranges have the value of the range, and one issue says so.

    Rows that are blank but for merged ranges are parts of a higher row to a person and not among `rows`.
    Raises SheetError where a heading is merged with cells of a row that has others.
    """
    waiting = sorted((merged for merged in merges if merged.bottom > heading_row), reverse=True)
    current: list[_Reached] = []
    for row in rows:
        while waiting and waiting[-1].top <= row.number:
            current.append(_Reached(waiting.pop()))
        current = [reached for reached in current if reached.merged.bottom >= row.number]
        if not current:
            yield row
            continue
        if any(reached.merged.top <= heading_row for reached in current):
            raise _merged_headings(current[0].merged, heading_row)
        yield _filled(row, current, headings)


@dataclass(slots=True)
class _Reached:
    """A range that the rows have come to, and its value as soon as its first row was there."""

    merged: MergedRange
    value: Cell = None


def _filled(row: Row, current: Iterable[_Reached], headings: Sequence[str]) -> Row:
    cells = list(row.cells)
    columns: list[int] = []
    for reached in current:
        merged = reached.merged
        if merged.top == row.number and merged.left < len(cells):
            reached.value = cells[merged.left]
        if reached.value is None:
            continue
        first = merged.left + 1 if merged.top == row.number else merged.left
        for column in range(first, min(merged.right + 1, len(headings))):
            _put(cells, column, reached.value)
            columns.append(column)
    if not columns:
        return row
    heading = headings[min(columns)]
    issue = Issue(IssueCode.CELL_MERGED, Severity.WARNING, row=row.number, column=heading)
    return replace(row, cells=cells, issues=(*row.issues, issue))


def _put(cells: list[Cell], column: int, cell: Cell) -> None:
    cells.extend([None] * (column + 1 - len(cells)))
    cells[column] = cell


def _merged_headings(merged: MergedRange, row: int) -> SheetError:
    first, last = column_letters(merged.left + 1), column_letters(merged.right + 1)
    return SheetError("sheet.merged_headings", first=first, last=last, row=row)
