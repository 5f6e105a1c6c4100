"""A plan that is made in memory and never stored: what `--dry-run` shows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from turnus.core.issues import Issue
from turnus.core.records import RecordKind
from turnus.imports.models import Import, PlanBlock
from turnus.imports.plan import NewContact, Outcome, PlannedRow
from turnus.imports.plan_storage import pack
from turnus.imports.preparing import note_block, set_failure, set_outcome


@dataclass(frozen=True, slots=True)
class CheckedBlock:
    """A block of rows that the check has planned."""

    number: int
    rows: Sequence[PlannedRow]
    #: Verdict -> how many rows have it; see `imports.plan.count`.
    counts: Mapping[str, int]
    #: The contacts that the rows bring.
    contacts: Mapping[RecordKind, Sequence[NewContact]]
    #: What existed like the new rows and contacts: kind of record -> ids.
    known: Mapping[str, Sequence[int]]

    @property
    def last_row(self) -> int:
        """The number of the last row in the file."""
        return self.rows[-1].number


class Keeper(Protocol):
    """Where a check puts its plan; `imports.actions` stores it."""

    def start_check(self, of: Import, *, at: datetime) -> None:
        """Throw away an earlier plan."""

    def store_block(self, of: Import, block: CheckedBlock) -> None:
        """Keep one block, and how far the check has come."""

    def add_notes(
        self, of: Import, *, number: int, notes: Mapping[int, Iterable[Issue]]
    ) -> int:
        """Add notes to rows of an earlier block; return how many of them had none before."""

    def finish_check(self, of: Import, *, outcome: Outcome) -> None:
        """Mark the plan complete."""

    def fail_check(
        self, of: Import, *, code: str, params: Mapping[str, object]
    ) -> None:
        """Keep what is wrong with the file as a whole."""


class MemoryKeeper:
    """The blocks of one plan, in memory."""

    def __init__(self) -> None:
        #: Called with how many rows the check has seen, and how many there are.
        self.draw: Callable[[int, int], None] = _draw_nothing
        self.blocks: list[PlanBlock] = []

    def start_check(self, of: Import, *, at: datetime) -> None:
        """Throw away an earlier plan."""
        self.blocks = []
        of.checked_at = at

    def store_block(self, of: Import, block: CheckedBlock) -> None:
        """Keep one block, without the contacts: nothing will be carried out."""
        counts = dict(block.counts)
        stored = PlanBlock(
            of=of, number=block.number, counts=counts, rows=pack(block.rows)
        )
        self.blocks.append(stored)
        row_count = of.row_count or block.last_row
        self.draw(min(block.last_row, row_count), row_count)

    def add_notes(
        self,
        of: Import,  # noqa: ARG002 (the keeper has it)
        *,
        number: int,
        notes: Mapping[int, Iterable[Issue]],
    ) -> int:
        """Add notes to rows of an earlier block; return how many of them had none before."""
        return note_block(self.blocks[number], notes)

    def finish_check(self, of: Import, *, outcome: Outcome) -> None:
        """Mark the plan complete."""
        set_outcome(of, outcome)

    def fail_check(
        self, of: Import, *, code: str, params: Mapping[str, object]
    ) -> None:
        """Keep what is wrong with the file as a whole."""
        self.blocks = []
        set_failure(of, code=code, params=params)


def _draw_nothing(_done: int, _total: int) -> None:
    """Stay silent."""
