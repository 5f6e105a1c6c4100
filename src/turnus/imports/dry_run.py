"""A plan that is made in memory and never stored: what `--dry-run` shows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from turnus.core.issues import Issue
from turnus.imports.models import Import, PlanBlock
from turnus.imports.plan import Outcome, PlannedRow, pack
from turnus.imports.preparing import note_block, set_failure, set_outcome


class Keeper(Protocol):
    """Where a check puts its plan; `imports.actions` stores it."""

    def start_check(self, of: Import, *, at: datetime) -> None:
        """Throw away an earlier plan."""

    def store_block(
        self,
        of: Import,
        *,
        number: int,
        rows: Sequence[PlannedRow],
        counts: Mapping[str, int],
        contacts: Mapping[str, Any],
        known: Mapping[str, Sequence[int]],
        seen: int,
    ) -> None:
        """Keep one block, and how far the check has come."""

    def add_notes(self, of: Import, *, number: int, notes: Mapping[int, Iterable[Issue]]) -> int:
        """Add notes to rows of an earlier block; return how many of them had none before."""

    def finish_check(self, of: Import, *, outcome: Outcome) -> None:
        """Mark the plan complete."""

    def fail_check(self, of: Import, *, code: str, params: Mapping[str, Any]) -> None:
        """Keep what is wrong with the file as a whole."""


class MemoryKeeper:
    """Keeps the blocks of one plan in memory."""

    def __init__(self) -> None:
        #: Called with how many rows the check has seen, and how many there are.
        self.draw: Callable[[int, int], None] = _draw_nothing
        self.blocks: list[PlanBlock] = []

    def start_check(self, of: Import, *, at: datetime) -> None:
        """Throw away an earlier plan."""
        self.blocks = []
        of.checked_at = at

    def store_block(
        self,
        of: Import,
        *,
        number: int,
        rows: Sequence[PlannedRow],
        counts: Mapping[str, int],
        contacts: Mapping[str, Any],  # noqa: ARG002 (nothing will be carried out)
        known: Mapping[str, Sequence[int]],  # noqa: ARG002
        seen: int,
    ) -> None:
        """Keep one block."""
        self.blocks.append(PlanBlock(of=of, number=number, counts=dict(counts), rows=pack(rows)))
        self.draw(min(seen, of.row_count or seen), of.row_count or seen)

    def add_notes(self, of: Import, *, number: int, notes: Mapping[int, Iterable[Issue]]) -> int:  # noqa: ARG002
        """Add notes to rows of an earlier block; return how many of them had none before."""
        return note_block(self.blocks[number], notes)

    def finish_check(self, of: Import, *, outcome: Outcome) -> None:
        """Mark the plan complete."""
        set_outcome(of, outcome)

    def fail_check(self, of: Import, *, code: str, params: Mapping[str, Any]) -> None:
        """Keep what is wrong with the file as a whole."""
        self.blocks = []
        set_failure(of, code=code, params=params)


def _draw_nothing(_done: int, _total: int) -> None:
    """Stay silent."""
