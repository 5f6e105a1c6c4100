"""Creating, changing and trashing organizations and persons."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.contacts.billing import Billing
from turnus.contacts.models import Organization, Person
from turnus.contacts.rules import settle
from turnus.core.fields import Value
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.fields.changing import change_each, present_ids, refuse_strangers, trashed_ids
from turnus.history.actions import record_created
from turnus.history.models import Event, Run
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError
from turnus.kit.sql import insert_rows, reserve_ids, take_turns, update_rows

Contact = Organization | Person
_MODELS: dict[RecordKind, type[Any]] = {
    RecordKind.ORGANIZATION: Organization,
    RecordKind.PERSON: Person,
}


@transaction.atomic
def create_contact(
    kind: RecordKind, *, by: User, at: datetime, values: Mapping[str, Value | None]
) -> Contact:
    """Create an organization or person from field values; the owner is `by` unless given."""
    fields = catalog(kind)
    _check_required(values, fields)
    columns = {"owner_id": by.pk, **settle(values, {}, fields)}
    columns |= tracked(kind).derive({"name": columns["name"], **columns})
    created: Contact = _MODELS[kind].objects.create(
        creator=by, created_at=at, updated_at=at, **columns
    )
    record_created(kind, [created.pk], by_id=by.pk, at=at)
    return created


@transaction.atomic
def update_contacts(
    kind: RecordKind,
    *,
    records: QuerySet[Any],
    by: User,
    at: datetime,
    values: Mapping[str, Value | None],
    run: Run | None = None,
) -> int:
    """Give the fields of all `records` (organizations or persons) new values; return how many changed.

    Refused where an organization would bill with itself, be it over others.
    """
    refuse_strangers(records, by)
    if values.get("bills_with") is not None:
        take_turns("contacts.billing")
    fields, ids = catalog(kind), present_ids(records)
    _refuse_circles(ids, values.get("bills_with"))
    rule = partial(_settled, values, fields)
    return change_each(tracked(kind), ids, rule, by=by, at=at, run=run)


@transaction.atomic
def trash_contacts(
    kind: RecordKind, *, records: QuerySet[Any], by: User, at: datetime, run: Run | None = None
) -> int:
    """Move organizations or persons to the trash; refused for those that deals hang on, or that others bill with."""
    refuse_strangers(records, by)
    # Locked first: a deal that somebody gives to the contact meanwhile waits, and finds it in the trash.
    ids = present_ids(records)
    for model, column in tracked(kind).links:
        code = _KEEPING.get((model._meta.model_name, column))  # noqa: SLF001 (Django documents _meta)
        if code and _others(model, column, records).exists():
            raise UserError(code)
    rule = {"trashed_at": at, "trashed_by_id": by.pk}
    return change_each(
        tracked(kind),
        ids,
        lambda _row: rule,
        by=by,
        at=at,
        run=run,
        action=Event.Action.TRASHED,
    )


@transaction.atomic
def restore_contacts(kind: RecordKind, *, records: QuerySet[Any], by: User, at: datetime) -> int:
    """Take organizations or persons out of the trash."""
    refuse_strangers(records, by)
    rule = {"trashed_at": None, "trashed_by_id": None}
    ids = trashed_ids(records)
    return change_each(
        tracked(kind), ids, lambda _row: rule, by=by, at=at, action=Event.Action.RESTORED
    )


def insert_contacts(
    kind: RecordKind,
    *,
    rows: Sequence[Mapping[str, Any]],
    by: User,
    at: datetime,
    run: Run | None = None,
) -> range:
    """Insert settled rows (columns as `contacts.rules.settle` gives them) by the fast lane; return their ids.

    For the caller's transaction. All rows have the same columns; owner, creator and times are filled in.
    """
    if not rows:
        return range(0)
    derive = tracked(kind).derive
    model = _MODELS[kind]
    ids = reserve_ids(model, len(rows))
    common = {
        "owner_id": by.pk,
        "visibility": "everyone",
        "labels": [],
        "custom": {},
        "creator_id": by.pk,
        "created_at": at,
        "updated_at": at,
    }
    blank: dict[str, Any] = (
        _BLANK_ORGANIZATION if kind is RecordKind.ORGANIZATION else _BLANK_PERSON
    )
    names = [
        "id",
        *sorted(common | blank | {"name": "", "name_folded": "", "name_key": "", "folded": {}}),
    ]
    whole = ({**common, **blank, **row, "id": one} for one, row in zip(ids, rows, strict=True))
    picked = itemgetter(*names)
    insert_rows(model, names, (picked(row | derive(row)) for row in whole))
    record_created(kind, ids, by_id=by.pk, at=at, run=run)
    return ids


def write_contacts(kind: RecordKind, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Set columns of organizations or persons by the fast lane, the id last in each row: the one way in which changes are stored.

    For the caller's transaction; history is written by whoever calls (`history.actions.write_changes`).
    """
    update_rows(_MODELS[kind], columns, rows)


#: Which records keep a contact out of the trash, and what is then said.
_KEEPING: Mapping[tuple[str | None, str], str] = {
    ("deal", "organization_id"): "contact.has_deals",
    ("deal", "person_id"): "contact.has_deals",
    ("organization", "bills_with_id"): "contact.bills_others",
}


def _others(model: type[Any], column: str, records: QuerySet[Any]) -> QuerySet[Any]:
    """Return the rows of `model` that hang on `records`, are not in the trash and do not go there with them."""
    hanging: QuerySet[Any] = model._default_manager.filter(  # noqa: SLF001
        **{f"{column}__in": records, "trashed_at__isnull": True}
    )
    return hanging.exclude(pk__in=records.values("pk")) if model is records.model else hanging


def _refuse_circles(ids: Sequence[int], parent: Any) -> None:
    if parent is not None:
        billing = Billing.load()
        for one in ids:
            if billing.closes(one, parent):
                raise UserError("contact.bills_with_itself")


_BLANK_ORGANIZATION: dict[str, Any] = {"address": "", "country": "", "bills_with_id": None}
_BLANK_PERSON: dict[str, Any] = {
    "first_name": "",
    "last_name": "",
    "emails": [],
    "phones": [],
    "organization_id": None,
}


def _settled(
    values: Mapping[str, Value | None], fields: Any, row: Mapping[str, Any]
) -> Mapping[str, Any]:
    return settle(values, row, fields)


def _check_required(values: Mapping[str, Value | None], fields: Any) -> None:
    for field in fields.own:
        if field.is_custom and field.is_required and values.get(field.key) in (None, "", ()):
            raise UserError("field.required", field=field.name("en"))
