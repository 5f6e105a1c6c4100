"""The stored plan: what will happen to each row, written once by the check and carried out unchanged by the import."""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from django.db.models import DateField, DateTimeField

from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.records import RecordKind
from turnus.history.cells import CellChange, differences
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError

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


#: A contact of a row: an existing record's id, the number of a new one in the plan, or None.
@dataclass(frozen=True, slots=True)
class ContactRef:
    """Which contact a row hangs on: `id` of an existing one, else `number` of one that the plan creates."""

    id: int | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a new won deal does to a subscription that is here.

    `book`: it books term `number`, which `deal` booked when the plan was made (None: none did). `end`, `reduce`: it ends the subscription
    with what is paid, or takes `price_e4` off its price from term `number` on.
    """

    do: str
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
    #: Columns to write, in the database's names; moments and days as objects.
    columns: dict[str, Any] = field(default_factory=dict)
    organization: ContactRef | None = None
    person: ContactRef | None = None
    #: For updates: the record, and what its columns held when the plan was made (cell -> [before, after]).
    record_id: int | None = None
    changes: dict[str, CellChange] = field(default_factory=dict)
    #: Columns given for a contact that stands here already or in an earlier row: added to it, of a deal to its person.
    added: dict[str, Any] = field(default_factory=dict)
    #: Won or lost without a given day: stamped with the moment of the import.
    is_stamped: bool = False
    #: Of a deal, the plan of the subscription that it begins if it comes in as a new won one; known only while the plan is made.
    begins_plan: int | None = None
    #: Names by its ID a won deal that stays won; known only while the plan is made.
    is_repeat: bool = False
    #: The file gives the won or lost time that belongs to the row's status; known only while the plan is made.
    is_dated: bool = False
    #: What a new deal does to a subscription besides, as was answered.
    effect: Effect | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found beside the planned rows, in the form in which it is stored with the import."""

    totals: Mapping[str, Any]
    questions: Sequence[Mapping[str, Any]]
    #: How the file was read, and its columns with values that fill no field.
    reading: Mapping[str, Any]
    left_out: Sequence[Mapping[str, Any]]


def become_update(row: PlannedRow, before: Mapping[str, Any]) -> None:
    """Turn a planned row into an update of the record whose columns are `before`; contacts of the file replace its own."""
    row.record_id = before["id"]
    for column, ref in (("organization_id", row.organization), ("person_id", row.person)):
        if ref is not None and ref.id is not None:
            row.columns[column] = ref.id
    row.columns.pop("created_at", None)
    row.changes = differences(before, row.columns)
    is_linked = all(ref is None or ref.id is not None for ref in (row.organization, row.person))
    row.verdict = (
        Verdict.SAME if is_linked and not row.changes and not row.added else Verdict.UPDATE
    )


def pack(rows: Sequence[PlannedRow]) -> bytes:
    """Return rows as compressed JSON."""
    return zlib.compress(
        json.dumps([_written(row) for row in rows], default=_text, separators=(",", ":")).encode(),
        1,
    )


def unpack(packed: bytes | memoryview) -> list[PlannedRow]:
    """Return the rows that `pack` wrote; refuses with `import.plan_damaged` what it did not write."""
    try:
        return [_read(written) for written in json.loads(zlib.decompress(bytes(packed)))]
    except (zlib.error, ValueError, TypeError, AttributeError) as error:
        raise UserError("import.plan_damaged") from error


def count(rows: Iterable[PlannedRow]) -> dict[str, int]:
    """Return how many rows have each verdict, and how many have warnings."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.verdict] = counts.get(row.verdict, 0) + 1
        if has_note(row):
            counts["warning"] = counts.get("warning", 0) + 1
    return counts


#: Rows of which something goes in, or is in already.
_TAKEN = frozenset({Verdict.NEW, Verdict.UPDATE, Verdict.PART, Verdict.SAME})


#: What says no more than the verdict of its row.
_SAID_BY_VERDICT = frozenset({IssueCode.SUBSCRIPTION_HERE})


def notes_of(row: PlannedRow) -> list[Issue]:
    """Return what a person should know of a row that goes in, or is here."""
    if row.verdict not in _TAKEN:
        return []
    return [one for one in row.issues if one.code not in _SAID_BY_VERDICT]


def has_note(row: PlannedRow) -> bool:
    """Return whether a row goes in, or is here, with something that a person should know of it."""
    return bool(notes_of(row))


def _text(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    message = f"no JSON for {value!r}"
    raise TypeError(message)


def _written(row: PlannedRow) -> list[Any]:
    issues = [[one.code, one.severity, one.column, dict(one.params)] for one in row.issues]
    return [
        row.number,
        row.verdict,
        issues,
        row.columns,
        _ref(row.organization),
        _ref(row.person),
        row.record_id,
        row.changes,
        int(row.is_stamped),
        row.added,
        None if row.effect is None else asdict(row.effect),
    ]


def with_days_read(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored columns with days and moments in place of the text that JSON has for them."""
    readers = _readers()
    return {
        name: readers[name](stored) if stored and name in readers else stored
        for name, stored in columns.items()
    }


@cache
def _readers() -> Mapping[str, Callable[[str], date]]:
    """Return how each column that holds days or moments is read, of any kind of record."""
    readers: dict[str, Callable[[str], date]] = {"booked_until": date.fromisoformat}
    for kind in RecordKind:
        for name, column in tracked(kind).columns().items():
            if isinstance(column, DateTimeField):
                readers[name] = datetime.fromisoformat
            elif isinstance(column, DateField):
                readers[name] = date.fromisoformat
    return readers


def _ref(ref: ContactRef | None) -> list[int | None] | None:
    return None if ref is None else [ref.id, ref.number]


def _read(written: list[Any]) -> PlannedRow:
    (
        number,
        verdict,
        issues,
        columns,
        organization,
        person,
        record_id,
        changes,
        is_stamped,
        *later,
    ) = written
    # Plans of earlier versions have none of these.
    added, effect = [*later, None, None][:2]
    columns = with_days_read(columns)
    return PlannedRow(
        number,
        Verdict(verdict),
        [
            Issue(IssueCode(code), Severity(severity), number, column, params)
            for code, severity, column, params in issues
        ],
        columns,
        None if organization is None else ContactRef(*organization),
        None if person is None else ContactRef(*person),
        record_id,
        changes,
        added or {},
        bool(is_stamped),
        effect=Effect(**effect) if effect else None,
    )
