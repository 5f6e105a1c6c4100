"""A report's table as its page shows it: cells as texts, each with where it opens."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.http import QueryDict

from turnus.core.calendar import DateRange
from turnus.core.filters import to_json
from turnus.reports.shape import Cell, Column, Line, Report, Unit
from turnus.reports.words import (
    BEYOND,
    cell_text,
    cell_value,
    line_name,
    part_name,
)
from turnus.web.reports.asking import AskedReport

#: What of an address only says which figure is opened, or how.
_OF_FIGURE = frozenset({"figure", "at", "part", "file"})
_DARKEST = 10


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell: its text, where it opens (or nothing), and how dark it is (or nothing)."""

    text: str
    address: str = ""
    heat: str = ""


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of the table."""

    name: str
    cells: list[ShownCell]
    part: str = ""
    is_part: bool = False
    is_provisional: bool = False
    #: Currencies that are in none of its figures.
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """Columns that stand beside each other under one heading."""

    heading: str
    width: int


@dataclass(frozen=True, slots=True)
class ShownTable:
    """The table; groups are empty where no heading stands above several columns."""

    groups: list[ColumnGroup]
    headings: list[str]
    #: What the field that splits lines is called; empty without.
    split: str
    lines: list[ShownLine]
    totals: list[ShownCell]


def table_of(
    report: Report, asked: AskedReport, query: QueryDict, language: str
) -> ShownTable:
    """Return the table of a report."""
    drawing = _TableDrawing(report, asked, query, language)
    return ShownTable(
        groups=_groups(report.columns),
        headings=[str(column.heading) for column in report.columns],
        split=asked.fields.name(asked.params.split, language)
        if report.is_split
        else "",
        lines=drawing.lines(),
        totals=drawing.totals(),
    )


def query_of_report(query: QueryDict) -> dict[str, str]:
    """Return what of an address is about the report, not about one of its figures."""
    return {
        key: str(value)
        for key, value in query.items()
        if key not in _OF_FIGURE
    }


def _groups(columns: Sequence[Column]) -> list[ColumnGroup]:
    groups: list[ColumnGroup] = []
    for column in columns:
        if groups and groups[-1].heading == column.group:
            groups[-1] = ColumnGroup(column.group, groups[-1].width + 1)
        elif column.group:
            groups.append(ColumnGroup(column.group, 1))
    return groups


@dataclass(frozen=True, slots=True)
class _TableDrawing:
    """A report on its way to the page."""

    report: Report
    asked: AskedReport
    query: QueryDict
    language: str

    def lines(self) -> list[ShownLine]:
        lines = [self._line(line) for line in self.report.lines]
        if self.report.beyond:
            cells = [
                self._opened_as_list(None, *pair)
                for pair in self._pairs(self.report.beyond)
            ]
            lines.append(ShownLine(str(BEYOND), cells))
        return lines

    def totals(self) -> list[ShownCell]:
        return [
            ShownCell(self._text(self.report.totals, *pair))
            for pair in self._pairs(self.report.totals)
        ]

    def _pairs(self, cells: Sequence[Cell]) -> list[tuple[Column, Cell]]:
        return (
            list(zip(self.report.columns, cells, strict=True)) if cells else []
        )

    def _line(self, line: Line) -> ShownLine:
        if self.asked.definition.records is None:
            cells = [
                self._opened_as_parts(line, *pair)
                for pair in self._pairs(line.cells)
            ]
        else:
            cells = [
                self._opened_as_list(line, *pair)
                for pair in self._pairs(line.cells)
            ]
        return ShownLine(
            line_name(self.report, line, self.language),
            cells,
            part_name(line),
            is_part=line.part is not None,
            is_provisional=line.is_provisional,
            without=line.without,
        )

    def _opened_as_parts(
        self, line: Line, column: Column, cell: Cell
    ) -> ShownCell:
        text = cell_text(cell, column.unit, self.language)
        address = ""
        if column.has_parts and _has_parts_to_show(column, cell):
            part = {} if line.part is None else {"part": line.part}
            figure = {"figure": column.code, "at": line.days.start.isoformat()}
            address = f"parts/?{urlencode({**query_of_report(self.query), **figure, **part})}"
        is_heated = (
            column.unit is Unit.RATE and self.asked.definition.is_heated
        )
        return ShownCell(
            text, address, _heat(cell_value(cell)) if is_heated else ""
        )

    def _opened_as_list(
        self, line: Line | None, column: Column, cell: Cell
    ) -> ShownCell:
        cells = self.report.beyond if line is None else line.cells
        text = self._text(cells, column, cell)
        if not self._counts(cells, column):
            return ShownCell(text)
        return ShownCell(
            text, self._list(None if line is None else line.days, column)
        )

    def _text(self, cells: Sequence[Cell], column: Column, cell: Cell) -> str:
        shown = cell if self._counts(cells, column) else None
        return cell_text(shown, column.unit, self.language)

    def _counts(self, cells: Sequence[Cell], column: Column) -> bool:
        """Return whether a column has anything to show."""
        return not column.counted_by or bool(
            self.report.cell(cells, column.counted_by)
        )

    def _list(self, days: DateRange | None, column: Column) -> str:
        """Return the address of the list of the records that a figure is made of."""
        assert self.asked.definition.records is not None  # noqa: S101 (asked in `_line`)
        tree = self.asked.definition.records(self.report.params, days, column)
        where = json.dumps(to_json(tree), separators=(",", ":"))
        return f"/{self.asked.definition.record_kind}s/?{urlencode({'where': where})}"


def _has_parts_to_show(column: Column, cell: Cell) -> bool:
    """Return whether there is something to open: a rate of 0 has parts, an amount of 0 has none."""
    if column.unit in {Unit.RATE, Unit.RATIO}:
        return cell is not None
    return bool(cell_value(cell))


def _heat(rate: Decimal | int | None) -> str:
    """Return how dark a cell is, 0 to 10: a class, because the page may hold no styles."""
    if rate is None:
        return ""
    return str(min(max(round(rate * _DARKEST), 0), _DARKEST))
