"""The plan: what will happen to each row, made once by the check and carried out unchanged.

How it is stored: `imports.plan_storage`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from turnus.core.issues import Issue, IssueCode
from turnus.fields.columns import StoredColumns
from turnus.history.cells import CellChange, differences
from turnus.imports.planned_columns import PlannedColumns

#: Rows of one block: one step of the import, 100 to 200 milliseconds.
BLOCK_ROWS = 2_000


class Verdict(StrEnum):
    """What will happen to a row."""

    NEW = "new"
    UPDATE = "update"
    #: It names a record that already looks like this.
    SAME = "same"
    #: A step of the subscription above it, which goes in with it.
    PART = "part"
    SKIP = "skip"
    QUESTION = "question"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class ContactRef:
    """Which contact a row is about: the `id` of an existing one, else its `number` in the plan."""

    id: int | None = None
    number: int | None = None

    @property
    def is_new(self) -> bool:
        """Whether the plan creates the contact."""
        return self.id is None


@dataclass(slots=True)
class NewContact:
    """A contact that the plan creates, with the organization of a person."""

    columns: PlannedColumns
    organization: ContactRef | None = None


class EffectKind(StrEnum):
    """What a new won deal does to a subscription."""

    #: It books a term.
    BOOK = "book"
    #: It ends the subscription with what is paid.
    END = "end"
    #: It takes an amount off the price.
    REDUCE = "reduce"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a new won deal does to an existing subscription.

    `number` is the term that it books, or the first one whose price is reduced by `price_e4`.
    `deal` booked the term when the plan was made; None: no deal did.
    """

    do: EffectKind
    subscription: int
    number: int
    deal: int | None = None
    price_e4: int = 0


@dataclass(slots=True)
class PlannedRow:
    """One row of the file with its verdict."""

    number: int
    verdict: Verdict
    issues: list[Issue] = field(default_factory=list)
    columns: PlannedColumns = field(default_factory=PlannedColumns)
    organization: ContactRef | None = None
    person: ContactRef | None = None
    #: Of an update: the record, and how its cells change from what they held at the check.
    record_id: int | None = None
    changes: dict[str, CellChange] = field(default_factory=dict)
    #: Added to a contact that exists already or comes with an earlier row; of a deal, its person.
    added: PlannedColumns = field(default_factory=PlannedColumns)
    #: Won or lost on no day that the file gives: stamped with the moment of the import.
    is_stamped: bool = False
    #: What a new deal does to a subscription besides, as was answered.
    effect: Effect | None = None

    # Known only while the plan is made; not stored.
    #: The plan of the subscription that a deal begins if it comes in as a new won one.
    begins_plan: int | None = None
    #: Names by its ID a won deal that stays won.
    is_repeat: bool = False
    #: The file gives the won or lost time that belongs to the row's status.
    is_dated: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found besides the planned rows, as it is stored with the import."""

    row_count: int
    totals: Mapping[str, object]
    questions: Sequence[Mapping[str, object]]
    #: How the file was read, and its columns with values that fill no field.
    reading: Mapping[str, object]
    left_out: Sequence[Mapping[str, str]]


def become_update(row: PlannedRow, before: StoredColumns) -> None:
    """Turn a planned row into an update of the record with the columns `before`.

    Contacts that the file names replace its own.
    """
    row.record_id = before["id"]
    if row.organization is not None and row.organization.id is not None:
        row.columns["organization_id"] = row.organization.id
    if row.person is not None and row.person.id is not None:
        row.columns["person_id"] = row.person.id
    row.columns.pop("created_at", None)
    row.changes = differences(before, row.columns)
    links_new = any(
        ref is not None and ref.is_new
        for ref in (row.organization, row.person)
    )
    is_same = not (links_new or row.changes or row.added)
    row.verdict = Verdict.SAME if is_same else Verdict.UPDATE


def count(rows: Iterable[PlannedRow]) -> dict[str, int]:
    """Return how many rows have each verdict, and how many have warnings."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.verdict] = counts.get(row.verdict, 0) + 1
        if has_note(row):
            counts["warning"] = counts.get("warning", 0) + 1
    return counts


#: Rows of which something goes in, or is in already.
_GOES_IN = frozenset({Verdict.NEW, Verdict.UPDATE, Verdict.PART, Verdict.SAME})
#: What says no more than the verdict of its row.
_IMPLIED_BY_VERDICT = frozenset({IssueCode.SUBSCRIPTION_HERE})


def notes_of(row: PlannedRow) -> list[Issue]:
    """Return what a person should know of a row that goes in, or is in already."""
    if row.verdict not in _GOES_IN:
        return []
    return [
        issue for issue in row.issues if issue.code not in _IMPLIED_BY_VERDICT
    ]


def has_note(row: PlannedRow) -> bool:
    """Return whether a row goes in, or is in already, with something that a person should know."""
    return bool(notes_of(row))
