"""What became of each row of a file of won deals: read, skipped with a reason, unreadable."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from turnus.core.issues import Issue, IssueCode

#: A person can see that these rows are rightly skipped; other reasons leave rows unread.
PLAIN_REASONS = frozenset({"not_won", "later", "twice", "answered", "empty"})
#: Columns that decide whether and what a row counts; in others a text is unreadable.
_DECIDING = frozenset({"won_at", "value", "status", "currency"})


@dataclass(frozen=True, slots=True)
class RowRemark:
    """A remark on rows; `code` has its sentence, with `params` of the first row.

    `column` is the heading, empty for the whole row. `rows` are the spreadsheet's numbers.
    """

    code: str
    column: str
    params: Mapping[str, str | int]
    rows: Sequence[int]


@dataclass(slots=True)
class _Remarks:
    """Rows by the remark about them, in the order in which remarks came up."""

    params: dict[tuple[str, str], Mapping[str, str | int]] = field(
        default_factory=dict
    )
    rows: dict[tuple[str, str], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(
        self, code: str, column: str, params: Mapping[str, str | int], row: int
    ) -> None:
        """Add a row to a remark."""
        key = (code, column)
        self.params.setdefault(key, params)
        if self.rows[key][-1:] != [row]:
            self.rows[key].append(row)

    def remarks(self) -> tuple[RowRemark, ...]:
        """Return all remarks."""
        return tuple(
            RowRemark(*key, self.params[key], tuple(rows))
            for key, rows in self.rows.items()
        )


class RowOutcomes:
    """Records what became of each row; `paths` leads from a heading to its field."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        self.paths = paths
        self.skipped: dict[str, list[int]] = defaultdict(list)
        self._unreadable = _Remarks()
        self._notes = _Remarks()

    @property
    def unreadable_count(self) -> int:
        """How many rows were skipped for a reason that leaves something unread."""
        return sum(
            len(rows)
            for reason, rows in self.skipped.items()
            if reason not in PLAIN_REASONS
        )

    def skip(self, row: int, reason: str) -> None:
        """Skip a row for one of the plain reasons."""
        self.skipped[reason].append(row)

    def lacks(self, row: int, reason: str) -> None:
        """Skip a row that lacks a required cell."""
        self.skipped[reason].append(row)
        self._unreadable.add(f"history.{reason}", "", {}, row)

    def refuse(self, row: int, issues: Sequence[Issue]) -> None:
        """Skip a row that is unreadable, or waits for an answer, for these issues."""
        self.skipped[self._reason(issues)].append(row)
        for one in issues:
            self._unreadable.add(
                str(one.code), one.column or "", one.params, row
            )

    def note(self, row: int, issues: Iterable[Issue]) -> None:
        """Add remarks on a row that is read."""
        for one in issues:
            self._notes.add(str(one.code), one.column or "", one.params, row)

    def note_code(
        self, row: int, code: str, column: str, params: Mapping[str, str | int]
    ) -> None:
        """Add a remark on a row apart from its cells' issues, such as a blank taken for a value."""
        self._notes.add(code, column, params, row)

    def unreadable(self) -> tuple[RowRemark, ...]:
        """Return what is wrong with the unreadable rows."""
        return self._unreadable.remarks()

    def notes(self) -> tuple[RowRemark, ...]:
        """Return the remarks on the rows that were read."""
        return self._notes.remarks()

    def _reason(self, issues: Sequence[Issue]) -> str:
        first = issues[0]
        if not first.column:
            return (
                "hidden"
                if first.code is IssueCode.ROW_HIDDEN
                else "unreadable_row"
            )
        path = self.paths.get(first.column, "")
        return f"unreadable_{path}" if path in _DECIDING else "unreadable_text"
