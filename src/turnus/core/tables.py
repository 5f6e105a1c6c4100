"""The one shape in which rows enter and leave: headings, and rows that are read lazily, once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

Cell = str | int | float | Decimal | bool | date | datetime | time | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of cells; `number` is the row's number as the spreadsheet shows it (the heading usually is row 1)."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet: its name, its headings, made distinct, and its rows, to be read once."""

    name: str
    headings: tuple[str, ...]
    rows: Iterable[Row]
    #: How many rows there are if that is known without reading them.
    row_count: int | None = None
