"""The stored form of a plan: rows and new contacts as JSON objects with named fields."""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import NotRequired, TypedDict, cast

from django.db.models import DateField, DateTimeField

from turnus.core.fields import FieldKind
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.records import RecordKind
from turnus.fields.builtin import BUILTIN
from turnus.history.cells import cell_changes
from turnus.history.tracked import tracked
from turnus.imports.plan import (
    ContactRef,
    Effect,
    EffectKind,
    NewContact,
    PlannedRow,
    Verdict,
)
from turnus.imports.planned_columns import PlannedColumns
from turnus.kit.errors import UserError


class RefJson(TypedDict):
    """A `ContactRef` as it is stored."""

    id: int | None
    number: int | None


class IssueJson(TypedDict):
    """An `Issue` as it is stored with its row."""

    code: str
    severity: str
    column: str | None
    params: dict[str, str | int]


class EffectJson(TypedDict):
    """An `Effect` as it is stored."""

    do: str
    subscription: int
    number: int
    deal: int | None
    price_e4: int


class RowJson(TypedDict):
    """A `PlannedRow` as it is stored; what is empty is absent."""

    number: int
    verdict: str
    issues: NotRequired[list[IssueJson]]
    columns: NotRequired[dict[str, object]]
    organization: NotRequired[RefJson]
    person: NotRequired[RefJson]
    record_id: NotRequired[int]
    changes: NotRequired[dict[str, list[object]]]
    added: NotRequired[dict[str, object]]
    is_stamped: NotRequired[bool]
    effect: NotRequired[EffectJson]


class ContactJson(TypedDict):
    """A `NewContact` as it is stored with the block that creates it."""

    columns: dict[str, object]
    organization: RefJson | None


#: New contacts of a block by kind of record.
ContactsJson = dict[str, list[ContactJson]]


def pack(rows: Iterable[PlannedRow]) -> bytes:
    """Return rows as compressed JSON."""
    return pack_json([_row_to_json(row) for row in rows])


def pack_json(rows: Sequence[RowJson]) -> bytes:
    """Return rows that are JSON already as `pack` stores them."""
    text = json.dumps(rows, default=_to_text, separators=(",", ":"))
    return zlib.compress(text.encode(), 1)


def unpack(packed: bytes | memoryview) -> list[PlannedRow]:
    """Return the rows that `pack` stored; refuses anything else with `import.plan_damaged`."""
    try:
        return [_row_from_json(stored) for stored in unpack_json(packed)]
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise UserError("import.plan_damaged") from error


def unpack_json(packed: bytes | memoryview) -> list[RowJson]:
    """Return the rows that `pack` stored, as JSON; ValueError if they are damaged."""
    try:
        rows: list[RowJson] = json.loads(zlib.decompress(bytes(packed)))
    except zlib.error as error:
        raise ValueError from error
    return rows


def contacts_to_json(
    new: Mapping[RecordKind, Iterable[NewContact]],
) -> ContactsJson:
    """Return new contacts as they are stored with a block."""
    stored: ContactsJson = {}
    for kind, contacts in new.items():
        if contacts:
            stored[str(kind)] = list(map(_contact_to_json, contacts))
    return stored


def contacts_from_json(
    stored: ContactsJson, kind: RecordKind
) -> list[NewContact]:
    """Return the new contacts of one kind that a block stores."""
    return [_contact_from_json(contact) for contact in stored.get(kind, ())]


def _row_to_json(row: PlannedRow) -> RowJson:
    optional = {
        "issues": [_issue_to_json(issue) for issue in row.issues],
        "columns": row.columns,
        "organization": _ref_to_json(row.organization),
        "person": _ref_to_json(row.person),
        "record_id": row.record_id,
        "changes": row.changes,
        "added": row.added,
        "is_stamped": row.is_stamped,
        "effect": _effect_to_json(row.effect),
    }
    filled = {name: value for name, value in optional.items() if value}
    return cast(
        "RowJson", {"number": row.number, "verdict": row.verdict, **filled}
    )


def _row_from_json(stored: RowJson) -> PlannedRow:
    number = stored["number"]
    return PlannedRow(
        number=number,
        verdict=Verdict(stored["verdict"]),
        issues=[
            _issue_from_json(issue, number)
            for issue in stored.get("issues", ())
        ],
        columns=_columns_from_json(stored.get("columns")),
        organization=_ref_from_json(stored.get("organization")),
        person=_ref_from_json(stored.get("person")),
        record_id=stored.get("record_id"),
        changes=cell_changes(stored.get("changes")),
        added=_columns_from_json(stored.get("added")),
        is_stamped=stored.get("is_stamped", False),
        effect=_effect_from_json(stored.get("effect")),
    )


def _issue_to_json(issue: Issue) -> IssueJson:
    return {
        "code": issue.code,
        "severity": issue.severity,
        "column": issue.column,
        "params": dict(issue.params),
    }


def _issue_from_json(stored: IssueJson, row: int) -> Issue:
    code = IssueCode(stored["code"])
    severity = Severity(stored["severity"])
    return Issue(code, severity, row, stored["column"], stored["params"])


def _ref_to_json(ref: ContactRef | None) -> RefJson | None:
    return None if ref is None else {"id": ref.id, "number": ref.number}


def _ref_from_json(stored: RefJson | None) -> ContactRef | None:
    return (
        None if stored is None else ContactRef(stored["id"], stored["number"])
    )


def _effect_to_json(effect: Effect | None) -> EffectJson | None:
    if effect is None:
        return None
    return EffectJson(
        do=effect.do,
        subscription=effect.subscription,
        number=effect.number,
        deal=effect.deal,
        price_e4=effect.price_e4,
    )


def _effect_from_json(stored: EffectJson | None) -> Effect | None:
    if stored is None:
        return None
    return Effect(
        do=EffectKind(stored["do"]),
        subscription=stored["subscription"],
        number=stored["number"],
        deal=stored["deal"],
        price_e4=stored["price_e4"],
    )


def _contact_to_json(contact: NewContact) -> ContactJson:
    columns = {
        name: _json_value(value) for name, value in contact.columns.items()
    }
    return ContactJson(
        columns=columns, organization=_ref_to_json(contact.organization)
    )


def _contact_from_json(stored: ContactJson) -> NewContact:
    columns = _columns_from_json(stored["columns"])
    return NewContact(columns, _ref_from_json(stored["organization"]))


def _json_value(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _to_text(value: object) -> str:
    if isinstance(value, date):  # a moment is a day as well
        return value.isoformat()
    message = f"no JSON for {value!r}"
    raise TypeError(message)


def _columns_from_json(stored: Mapping[str, object] | None) -> PlannedColumns:
    """Return columns with days and moments in place of the text that JSON has for them."""
    if not stored:
        return {}
    readers = _readers()
    columns = dict(stored)
    for name in columns.keys() & readers.keys():
        text = columns[name]
        if text:
            columns[name] = readers[name](cast("str", text))
    return cast("PlannedColumns", columns)


@cache
def _readers() -> Mapping[str, Callable[[str], date]]:
    """Return how each column that holds days or moments is read, of any kind of record."""
    # No field and no column of a subscription: its terms come of it.
    readers: dict[str, Callable[[str], date]] = {
        "booked_until": date.fromisoformat
    }
    for kind in RecordKind:
        for field in BUILTIN[kind]:  # also those that only files have
            if field.kind is FieldKind.MOMENT:
                readers[field.column] = datetime.fromisoformat
            elif field.kind is FieldKind.DATE:
                readers[field.column] = date.fromisoformat
        for name, column in tracked(kind).columns().items():
            if isinstance(column, DateTimeField):
                readers[name] = datetime.fromisoformat
            elif isinstance(column, DateField):
                readers[name] = date.fromisoformat
    return readers
