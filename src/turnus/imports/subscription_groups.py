"""Which rows of a file belong to one subscription: its own, and those of what happened to it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from turnus.core.issues import Severity
from turnus.core.tables import Row
from turnus.imports.read_row import ColumnReader, ReadRow
from turnus.imports.subscription_cells import is_complete

#: What stands in the entry column of a row that is a subscription itself.
_SUBSCRIPTION = "subscription"


@dataclass(slots=True)
class SubscriptionGroup:
    """A subscription's row and the rows of what happened to it: they go in together or not."""

    head: ReadRow
    steps: list[ReadRow] = field(default_factory=list)

    @property
    def rows(self) -> list[ReadRow]:
        """All rows, in the order of the file."""
        return [self.head, *self.steps]

    @property
    def complete_steps(self) -> list[ReadRow]:
        """The steps that say what happened, and when."""
        return [
            row
            for row in self.steps
            if not row.is_skipped and is_complete(row)
        ]


class SubscriptionGroups:
    """The subscriptions of a file, told apart by the column that says what each row is."""

    def __init__(self, columns: Iterable[ColumnReader]) -> None:
        #: None: every row is a subscription.
        self.entry: ColumnReader | None = None
        for column in columns:
            if column.path == "entry":
                self.entry = column
                break

    def begins(self, row: Row) -> bool:
        """Return whether a row may be the first of a subscription."""
        if self.entry is None:
            return True
        cell = row.cells[self.entry.index]
        is_blank = not str(cell or "").strip()
        choices = self.entry.choices
        if is_blank or choices is None:
            return is_blank
        return choices.find(str(cell)) == _SUBSCRIPTION

    def groups_of(
        self, rows: Sequence[ReadRow]
    ) -> Iterator[SubscriptionGroup]:
        """Yield the subscriptions; steps above the first one are in none."""
        group: SubscriptionGroup | None = None
        for row in rows:
            if row.is_empty:
                continue
            if not self._is_step(row):
                if group is not None:
                    yield group
                group = SubscriptionGroup(row)
            elif group is not None:
                group.steps.append(row)
        if group is not None:
            yield group

    def _is_step(self, row: ReadRow) -> bool:
        """Return whether a row belongs to the one above it.

        Also if nobody can read what it is, so that nothing gets lost.
        """
        if row.values.get("entry") not in (None, _SUBSCRIPTION):
            return True
        if self.entry is None:
            return False
        wrong = [
            issue
            for issue in row.issues
            if issue.severity is not Severity.WARNING
        ]
        return any(issue.column == self.entry.heading for issue in wrong)
