"""The shape of every report of deals over time."""

from dataclasses import dataclass, field
from datetime import date

from turnus.core.calendar import DateRange, Period
from turnus.core.filters import EVERYTHING, Node


@dataclass(frozen=True, slots=True)
class Params:
    """What is asked: the days, the period of a row, what splits a row into segments, which deals."""

    days: DateRange
    period: Period = Period.MONTH
    #: A field path (`owner`, `custom.<key>` ...), `first_or_repeat`, or empty for no split.
    segment: str = ""
    tree: Node = EVERYTHING


@dataclass(frozen=True, slots=True)
class Figure:
    """How many deals, and their value in ten-thousandths of the company's currency by the rates of their days."""

    count: int = 0
    value_e4: int = 0

    def __add__(self, other: "Figure") -> "Figure":
        return Figure(self.count + other.count, self.value_e4 + other.value_e4)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of each row: its stored value (None where the field is empty) and its name."""

    key: str | int | None
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One period with its figures, in the order of the report's segments."""

    start: date
    figures: tuple[Figure, ...]

    @property
    def total(self) -> Figure:
        """The sum of the line."""
        return sum(self.figures, Figure())


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its lines and segments; amounts that have no rate are counted apart and not valued."""

    params: Params
    currency: str
    segments: tuple[Segment, ...]
    lines: tuple[Line, ...]
    #: Currency -> (count, value in ten-thousandths) of deals that could not be converted.
    without_rate: dict[str, Figure] = field(default_factory=dict)
    #: Of each segment, the open deals whose day is missing or lies outside the days asked for; empty in other reports.
    beyond: tuple[Figure, ...] = ()

    @property
    def totals(self) -> tuple[Figure, ...]:
        """The sum of each segment over all periods, and beyond them: all open deals are open now."""
        rows = [line.figures for line in self.lines]
        if self.beyond:
            rows.append(self.beyond)
        sums = [Figure()] * len(self.segments)
        for row in rows:
            sums = [total + figure for total, figure in zip(sums, row, strict=True)]
        return tuple(sums)

    @property
    def total(self) -> Figure:
        """The sum of everything valued."""
        return sum(self.totals, Figure())
