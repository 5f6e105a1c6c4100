"""What a report declares about itself; pages, files and commands show any report by it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from turnus.accounts.viewer import Viewer
from turnus.core.calendar import DateRange
from turnus.core.filters import Node
from turnus.core.money import Rates
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog
from turnus.reports.cards import Card
from turnus.reports.charts import Chart
from turnus.reports.shape import (
    Column,
    Group,
    Line,
    OpenedFigure,
    Params,
    Report,
    Words,
)

SourceT = TypeVar("SourceT")
SourceT_co = TypeVar("SourceT_co", covariant=True)


class Parameter(StrEnum):
    """What may be asked of a report besides the filter, which every report takes."""

    DAYS = "days"
    PERIOD = "period"
    SPLIT = "split"
    MEASURE = "measure"
    CURRENCY = "currency"
    KNOWN_ON = "known_on"


class LoadsSource(Protocol[SourceT_co]):
    """Makes what a report is computed from; loads lazily."""

    def __call__(
        self, viewer: Viewer, params: Params, fields: Catalog, *, rates: Rates
    ) -> SourceT_co:
        """Return the source of the report that `viewer` asks for."""


def _no_split(_fields: Catalog) -> Sequence[str]:
    return ()


def _nothing_before(_source: object, _report: Report) -> None:
    return None


def _no_cards(
    _report: Report, _before: Line | None, _language: str
) -> list[Card]:
    return []


def _no_chart(_report: Report) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition(Generic[SourceT]):
    """A report: what it is called, what may be asked of it, how it is computed and shown.

    Figures are opened by `parts`, or are lists of records: then `records` returns their filter.
    """

    #: In addresses and commands; the name of its module.
    name: str
    title: Words
    #: What it is called among the other reports, where the title is too long.
    tab: Words
    #: In one or two sentences, what it shows and how to read it.
    help: Words
    #: Its place among the reports.
    position: int
    #: The records that its filters are about.
    record_kind: RecordKind
    parameters: frozenset[Parameter]
    source: LoadsSource[SourceT]
    report: Callable[[SourceT], Report]
    #: The field paths that it can be split by.
    splits: Callable[[Catalog], Sequence[str]] = _no_split
    #: It is about what is still to come, not about what has happened.
    is_ahead: bool = False
    #: The cells of a column are shaded by their rate.
    is_heated: bool = False
    parts: Callable[[SourceT, Column, Line], tuple[Group, ...]] | None = None
    #: Code of a group of parts -> what it is called, where a figure has several.
    group_words: Mapping[str, Words] = field(default_factory=dict)
    #: Code of a column -> how its figures are made of their groups, if not by dividing two.
    rules: Mapping[str, Words] = field(default_factory=dict)
    #: Days None: what lies beyond the days asked for.
    records: Callable[[Params, DateRange | None, Column], Node] | None = None
    #: The line that the cards compare the last line or the totals with.
    before: Callable[[SourceT, Report], Line | None] = _nothing_before
    cards: Callable[[Report, Line | None, str], list[Card]] = _no_cards
    chart: Callable[[Report], Chart | None] = _no_chart

    def takes(self, parameter: Parameter) -> bool:
        """Return whether the report listens to a parameter."""
        return parameter in self.parameters

    def opened(
        self,
        source: SourceT,
        report: Report,
        *,
        code: str,
        start: date,
        part: str | None = None,
    ) -> OpenedFigure | None:
        """Return what the figure `code` of the line that begins on `start` is made of.

        `part` is the line's part of the split, None the whole period. None if there is no such
        figure, or none that can be opened.
        """
        index = report.index_of(code)
        line = _line_at(report, start, part)
        if index is None or line is None or self.parts is None:
            return None
        column = report.columns[index]
        if not column.has_parts:
            return None
        groups = self.parts(source, column, line)
        rule = self.rules.get(code, "")
        return OpenedFigure(
            column, line, line.cells[index], groups, self.group_words, rule
        )


#: A report whose source only itself knows.
AnyDefinition: TypeAlias = "Definition[Any]"


def _line_at(report: Report, start: date, part: str | None) -> Line | None:
    for line in report.lines:
        if line.days.start == start and line.part == part:
            return line
    return None
