"""What became of each row of a file of won deals: read, left out for a reason, or not to be read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from turnus.core.issues import Issue, IssueCode

#: A person can see that these rows are rightly left out; all other reasons leave something unread.
PLAIN_REASONS = frozenset({"not_won", "later", "twice", "answered", "empty"})
#: Columns whose cells decide whether and what a row counts; in others a text is not readable.
_DECIDING = frozenset({"won_at", "value", "status", "currency"})


@dataclass(frozen=True, slots=True)
class RowRemark:
    """One thing to be told about rows; `code` has its sentence, with `params` of the first of the rows.

    `column` is the heading, empty for the row as a whole. `rows` are numbers as the spreadsheet shows them.
    """

    code: str
    column: str
    params: Mapping[str, str | int]
    rows: Sequence[int]


@dataclass(slots=True)
class _Gathered:
    """Rows by what is told of them, in the order in which it came up."""

    params: dict[tuple[str, str], Mapping[str, str | int]] = field(default_factory=dict)
    rows: dict[tuple[str, str], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(
        self, code: str, column: str, params: Mapping[str, str | int], row: int
    ) -> None:
        """Tell something of one more row."""
        key = (code, column)
        self.params.setdefault(key, params)
        if self.rows[key][-1:] != [row]:
            self.rows[key].append(row)

    def remarks(self) -> tuple[RowRemark, ...]:
        """Return everything that is told."""
        return tuple(
            RowRemark(*key, self.params[key], tuple(rows))
            for key, rows in self.rows.items()
        )


class RowOutcomes:
    """Takes down what became of each row; `paths` leads from a heading to its field."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        self.paths = paths
        self.skipped: dict[str, list[int]] = defaultdict(list)
        self._unreadable = _Gathered()
        self._notes = _Gathered()

    @property
    def unreadable_count(self) -> int:
        """How many rows were left out although nobody can see that this is right."""
        return sum(
            len(rows)
            for reason, rows in self.skipped.items()
            if reason not in PLAIN_REASONS
        )

    def skip(self, row: int, reason: str) -> None:
        """Leave a row out for one of the plain reasons."""
        self.skipped[reason].append(row)

    def lacks(self, row: int, reason: str) -> None:
        """Leave out a row that lacks what no deal can do without."""
        self.skipped[reason].append(row)
        self._unreadable.add(f"history.{reason}", "", {}, row)

    def refuse(self, row: int, issues: Sequence[Issue]) -> None:
        """Leave out an unreadable row, or waits for an answer, for these issues."""
        self.skipped[self._reason(issues)].append(row)
        for one in issues:
            self._unreadable.add(str(one.code), one.column or "", one.params, row)

    def note(self, row: int, issues: Iterable[Issue]) -> None:
        """Keep what is to be known of a row that is read."""
        for one in issues:
            self._notes.add(str(one.code), one.column or "", one.params, row)

    def note_code(
        self, row: int, code: str, column: str, params: Mapping[str, str | int]
    ) -> None:
        """Keep what is to be known of a row beside the issues of its cells, such as a blank taken for a value."""
        self._notes.add(code, column, params, row)

    def unreadable(self) -> tuple[RowRemark, ...]:
        """Return what is wrong with the rows that cannot be read."""
        return self._unreadable.remarks()

    def notes(self) -> tuple[RowRemark, ...]:
        """Return what is to be known of the rows that were read."""
        return self._notes.remarks()

    def _reason(self, issues: Sequence[Issue]) -> str:
        first = issues[0]
        if not first.column:
            return "hidden" if first.code is IssueCode.ROW_HIDDEN else "unreadable_row"
        path = self.paths.get(first.column, "")
        return f"unreadable_{path}" if path in _DECIDING else "unreadable_text"
