"""Merged cells: each has the value that a person sees in it, and the row says so."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.tables import Cell, Row
from turnus.sheets.columns import column_index, column_letters
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import MAX_COLUMNS

_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")


@dataclass(frozen=True, slots=True, order=True)
class MergedRange:
    """Cells that are shown as one: spreadsheet rows, columns from 0, both ends included."""

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


def refuse_merged_headings(merges: Iterable[MergedRange], row: int) -> None:
    """Raise SheetError if headings in a row are merged: nobody can tell whose they are."""
    for merged in merges:
        if merged.covers(row) and merged.is_across:
            raise _merged_headings(merged, row)


def whole_headings(
    merges: Sequence[MergedRange], above: Iterable[Row], row: Row
) -> Row:
    """Return the row of headings with those that begin in a row above it, merged downwards."""
    values: dict[tuple[int, int], Cell] = {}
    for other in above:
        for column, cell in enumerate(other.cells):
            values[other.number, column] = cell
    cells = list(row.cells)
    for merged in merges:
        if merged.top < row.number <= merged.bottom and not merged.is_across:
            _put(cells, merged.left, values.get((merged.top, merged.left)))
    return replace(row, cells=cells)


class MergedCells:
    """The merged ranges of a sheet, and their values, learned as the rows go by."""

    def __init__(self, merges: Sequence[MergedRange]) -> None:
        self._merges = merges
        self._values: dict[MergedRange, Cell] = {}

    def learned(self, rows: Iterable[Row]) -> Iterable[Row]:
        """Return the same rows; the value of each range is remembered as its first row goes by.

        So it stays known where that row is left out later, be it hidden or a line of totals.
        """
        return self._learned(rows) if self._merges else rows

    def filled(
        self, rows: Iterable[Row], *, heading_row: int, headings: Sequence[str]
    ) -> Iterable[Row]:
        """Return the rows below the headings, with values for merged cells and an issue.

        Rows that are blank except for merged ranges look like parts of a higher row and are not
        among `rows`. Raises SheetError where a heading is merged with cells of a row that has
        others.
        """
        return (
            self._filled(rows, heading_row, headings) if self._merges else rows
        )

    def _learned(self, rows: Iterable[Row]) -> Iterator[Row]:
        beginning = defaultdict(list)
        for merged in self._merges:
            beginning[merged.top].append(merged)
        for row in rows:
            for merged in beginning.get(row.number, ()):
                self._values[merged] = (
                    row.cells[merged.left]
                    if merged.left < len(row.cells)
                    else None
                )
            yield row

    def _filled(
        self, rows: Iterable[Row], heading_row: int, headings: Sequence[str]
    ) -> Iterator[Row]:
        waiting = sorted(
            (merged for merged in self._merges if merged.bottom > heading_row),
            reverse=True,
        )
        reached: list[MergedRange] = []
        for row in rows:
            while waiting and waiting[-1].top <= row.number:
                reached.append(waiting.pop())
            reached = [
                merged for merged in reached if merged.bottom >= row.number
            ]
            if len(reached) > MAX_COLUMNS:
                raise SheetError("sheet.broken", reason="mergeCells")
            if any(merged.top <= heading_row for merged in reached):
                raise _merged_headings(reached[0], heading_row)
            yield self._with_values(row, reached, headings) if reached else row

    def _with_values(
        self, row: Row, reached: Iterable[MergedRange], headings: Sequence[str]
    ) -> Row:
        cells = list(row.cells)
        columns: list[int] = []
        for merged in reached:
            value = self._values.get(merged)
            if value is None:
                continue
            first = (
                merged.left + 1 if merged.top == row.number else merged.left
            )
            for column in range(first, min(merged.right + 1, len(headings))):
                _put(cells, column, value)
                columns.append(column)
        if not columns:
            return row
        issue = Issue(
            IssueCode.CELL_MERGED,
            Severity.WARNING,
            row=row.number,
            column=headings[min(columns)],
        )
        return replace(row, cells=cells, issues=(*row.issues, issue))


def _put(cells: list[Cell], column: int, cell: Cell) -> None:
    cells.extend([None] * (column + 1 - len(cells)))
    cells[column] = cell


def _merged_headings(merged: MergedRange, row: int) -> SheetError:
    first = column_letters(merged.left + 1)
    last = column_letters(merged.right + 1)
    return SheetError("sheet.merged_headings", first=first, last=last, row=row)
