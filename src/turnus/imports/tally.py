"""The totals of a check: rows by verdict, new contacts, notes by kind with their first rows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from turnus.core.issues import Issue, Severity
from turnus.core.records import RecordKind
from turnus.imports.plan import NewContact, PlannedRow, Verdict, notes_of

#: Row numbers that are kept of each kind of note; more than these nobody reads.
_FIRST_ROWS = 5


@dataclass(slots=True)
class NoteCount:
    """How many rows carry a kind of note, and the first of them."""

    #: What fills the sentence of one of them, as an example.
    params: Mapping[str, str | int]
    count: int = 0
    rows: list[int] = field(default_factory=list)

    def add(self, row: int) -> None:
        """Count one more row."""
        self.count += 1
        if len(self.rows) < _FIRST_ROWS or row < self.rows[-1]:
            self.rows = sorted([*self.rows, row])[:_FIRST_ROWS]


class Tally:
    """The sums over the planned blocks of one check."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.notes: dict[str, NoteCount] = {}

    @property
    def row_count(self) -> int:
        """How many rows were planned."""
        return sum(self.counts[verdict] for verdict in Verdict)

    def add(
        self,
        planned: Sequence[PlannedRow],
        counts: Mapping[str, int],
        new: Mapping[RecordKind, Sequence[NewContact]],
    ) -> None:
        """Add a block: its rows, how many have each verdict, the contacts that it brings."""
        self.counts.update(counts)
        for kind, contacts in new.items():
            self.counts[f"new_{kind}"] += len(contacts)
        for row in planned:
            self._note(row.number, notes_of(row))

    def add_late(
        self, notes: Mapping[int, Iterable[Issue]], rows_noted: int
    ) -> None:
        """Add notes of an earlier block; `rows_noted` of its rows had none until now."""
        self.counts["warning"] += rows_noted
        for number, issues in notes.items():
            self._note(number, issues)

    def totals(self) -> dict[str, object]:
        """Return the totals as they are stored."""
        notes = {}
        for code, note in sorted(self.notes.items()):
            notes[code] = {
                "count": note.count,
                "rows": note.rows,
                "params": dict(note.params),
            }
        return {**self.counts, "rows": self.row_count, "notes": notes}

    def _note(self, row: int, issues: Iterable[Issue]) -> None:
        warnings = [
            issue for issue in issues if issue.severity is Severity.WARNING
        ]
        notes = {str(issue.code): issue for issue in warnings}
        for code, issue in notes.items():
            self.notes.setdefault(code, NoteCount(issue.params)).add(row)
