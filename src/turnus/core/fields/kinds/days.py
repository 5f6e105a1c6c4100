"""Days, moments and ranges of days."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from turnus.core.calendar import is_reckonable
from turnus.core.fields.days import day_in, days_in, moment_in
from turnus.core.fields.kind_names import FieldKind
from turnus.core.fields.kinds.kind import FileForm, Kind, PairKind
from turnus.core.fields.notation import Notation
from turnus.core.fields.notes import Notes
from turnus.core.fields.operators import Comparison
from turnus.core.fields.rules import CellRules, Choices
from turnus.core.fields.values import DateSpan
from turnus.core.tables import Cell

#: A day as filters write it. `date.fromisoformat` alone also reads weeks and days without hyphens.
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LENGTH_OF_DAY = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DayKind(Kind[date, str]):
    """A day."""

    comparison: Comparison = Comparison.DAY

    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> date:
        """Return the day in a cell."""
        return day_in(cell, rules, notes)

    def show(
        self, value: date, notation: Notation, choices: Choices | None
    ) -> str:
        """Return the day as `notation` writes it."""
        return _shown(value, notation)

    def cell(self, value: date, form: FileForm) -> Cell:
        """Return the day."""
        return value

    def store(self, value: date) -> str:
        """Return the day as 2018-11-14."""
        return value.isoformat()

    def load(self, stored: str) -> date:
        """Return the day written as 2018-11-14."""
        return date.fromisoformat(stored)

    def is_comparable(self, value: object) -> bool:
        """Return whether days compare with `value`."""
        return _is_day(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentKind(Kind[date, str]):
    """A moment, or a day whose time nobody knows."""

    comparison: Comparison = Comparison.MOMENT
    is_past: bool = True

    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> date:
        """Return the moment in a cell."""
        return moment_in(cell, rules, notes)

    def show(
        self, value: date, notation: Notation, choices: Choices | None
    ) -> str:
        """Return day and time as `notation` writes them."""
        if not isinstance(value, datetime):
            return _shown(value, notation)
        return f"{_shown(value.date(), notation)} {value:%H:%M:%S}"

    def cell(self, value: date, form: FileForm) -> Cell:
        """Return the moment as clocks of the company show it: spreadsheets know no zones."""
        if not isinstance(value, datetime):
            return value
        return value.astimezone(form.zone).replace(tzinfo=None, microsecond=0)

    def is_comparable(self, value: object) -> bool:
        """Return whether moments compare with `value`, by its day."""
        if not isinstance(value, str):
            return False
        day = value[:_LENGTH_OF_DAY]
        return _is_day(day) and is_reckonable(date.fromisoformat(day))


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRangeKind(PairKind[DateSpan, str, str]):
    """From one day to another, both included."""

    comparison: Comparison = Comparison.DAY
    suffix: str = "_until"

    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> DateSpan:
        """Return the range in a cell."""
        return days_in(cell, rules, notes)

    def show(
        self, value: DateSpan, notation: Notation, choices: Choices | None
    ) -> str:
        """Return both days with a dash between them."""
        return (
            f"{_shown(value.start, notation)} – {_shown(value.end, notation)}"
        )

    def split(self, value: DateSpan) -> tuple[str, str]:
        """Return first and last day."""
        return value.start.isoformat(), value.end.isoformat()

    def join(self, first: str, second: str | None) -> DateSpan:
        """Return the range; without an end it is one day."""
        start = date.fromisoformat(first)
        return DateSpan(start, date.fromisoformat(second) if second else start)

    def is_comparable(self, value: object) -> bool:
        """Return whether ranges compare with `value`, by their first day."""
        return _is_day(value)


def _shown(day: date, notation: Notation) -> str:
    return f"{day:%d.%m.%Y}" if notation.decimal_comma else day.isoformat()


def _is_day(value: object) -> bool:
    """Return whether `value` is a day written as 2018-11-14."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


KINDS = (
    DayKind(name=FieldKind.DATE, is_custom=True, is_indexed=True),
    MomentKind(name=FieldKind.MOMENT),
    DayRangeKind(name=FieldKind.DATE_RANGE, is_custom=True),
)
