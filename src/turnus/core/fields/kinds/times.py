"""Times of day and ranges of them."""

from dataclasses import dataclass
from datetime import time

from turnus.core.fields.days import time_in, times_in
from turnus.core.fields.kind_names import FieldKind
from turnus.core.fields.kinds.kind import FileForm, Kind, PairKind
from turnus.core.fields.notation import Notation
from turnus.core.fields.notes import Notes
from turnus.core.fields.operators import Comparison
from turnus.core.fields.rules import CellRules, Choices
from turnus.core.fields.values import TimeSpan
from turnus.core.tables import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeKind(Kind[time, str]):
    """A time of day."""

    comparison: Comparison = Comparison.TIME

    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> time:
        """Return the time in a cell."""
        return time_in(cell)

    def show(
        self, value: time, notation: Notation, choices: Choices | None
    ) -> str:
        """Return the time with its seconds."""
        return f"{value:%H:%M:%S}"

    def cell(self, value: time, form: FileForm) -> Cell:
        """Return the time."""
        return value

    def store(self, value: time) -> str:
        """Return the time as 09:30:00."""
        return value.isoformat("seconds")

    def load(self, stored: str) -> time:
        """Return the time written as 09:30:00."""
        return time.fromisoformat(stored)

    def is_comparable(self, value: object) -> bool:
        """Return whether times compare with `value`."""
        return _is_time(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRangeKind(PairKind[TimeSpan, str, str]):
    """From one time of day to another; an end before the start is the next morning."""

    comparison: Comparison = Comparison.TIME
    suffix: str = "_until"

    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> TimeSpan:
        """Return the range in a cell."""
        return times_in(cell)

    def show(
        self, value: TimeSpan, notation: Notation, choices: Choices | None
    ) -> str:
        """Return both times with a dash between them."""
        return f"{value.start:%H:%M:%S} – {value.end:%H:%M:%S}"

    def split(self, value: TimeSpan) -> tuple[str, str]:
        """Return start and end."""
        return value.start.isoformat("seconds"), value.end.isoformat("seconds")

    def join(self, first: str, second: str | None) -> TimeSpan:
        """Return the range; without an end it is one moment."""
        start = time.fromisoformat(first)
        return TimeSpan(start, time.fromisoformat(second) if second else start)

    def is_comparable(self, value: object) -> bool:
        """Return whether ranges compare with `value`, by their start."""
        return _is_time(value)


def _is_time(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        time.fromisoformat(value)
    except ValueError:
        return False
    return True


KINDS = (
    TimeKind(name=FieldKind.TIME, is_custom=True),
    TimeRangeKind(name=FieldKind.TIME_RANGE, is_custom=True),
)
