"""A row as far as it is read: its values by field, and what is wrong with them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from turnus.core.fields import Value
from turnus.core.fields.notes import Noted
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.tables import Cell
from turnus.fields.choices import KnownChoices
from turnus.fields.field import Field


@dataclass(slots=True)
class ReadRow:
    """A row as values by field path.

    It is waiting while a question is open, skipped when an answer says so.
    """

    number: int
    values: dict[str, Value | None] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    is_empty: bool = True
    is_waiting: bool = False
    is_skipped: bool = False

    def add(
        self,
        code: IssueCode,
        severity: Severity,
        column: str | None,
        **params: str | int,
    ) -> None:
        """Note an issue of the row."""
        self.issues.append(Issue(code, severity, self.number, column, params))

    @property
    def has_problem(self) -> bool:
        """Whether the row cannot go in."""
        return any(issue.severity is Severity.PROBLEM for issue in self.issues)


@dataclass(frozen=True, slots=True)
class ColumnReader:
    """One mapped column.

    `path` leads to its field, `target` names the part as well where it fills only a part.
    """

    index: int
    heading: str
    path: str
    target: str
    field: Field
    read: Callable[[Cell], Value | Noted | None]
    choices: KnownChoices | None = None
    #: Filled beside other columns into one value: lines of an address, the currency of an amount.
    part: str = ""
