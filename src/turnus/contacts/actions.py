"""Creating, changing and trashing organizations and persons."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import cast

from django.db import transaction
from django.db.models import Model, Q, QuerySet

from turnus.accounts.models import User
from turnus.contacts.billing import Billing
from turnus.contacts.changes import ContactChanges
from turnus.contacts.models import Organization, Person
from turnus.contacts.rules import settle
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog, catalog
from turnus.fields.changing import (
    change_each,
    present_ids,
    refuse_strangers,
    trashed_ids,
)
from turnus.fields.columns import (
    FieldValues,
    RecordChanges,
    StoredColumns,
    blank_columns,
    refuse_missing,
)
from turnus.history.actions import lock_records, record_created
from turnus.history.models import Event, Run
from turnus.history.tracked import Link, tracked
from turnus.kit.errors import UserError
from turnus.kit.sql import insert_rows, reserve_ids, take_turns, update_rows

Contact = Organization | Person
Contacts = QuerySet[Organization] | QuerySet[Person]
_MODELS: Mapping[RecordKind, type[Organization] | type[Person]] = {
    RecordKind.ORGANIZATION: Organization,
    RecordKind.PERSON: Person,
}
#: What keeps a contact out of the trash, by table and column, and the code of the refusal.
_KEEPING: Mapping[tuple[str | None, str], str] = {
    ("deal", "organization_id"): "contact.has_deals",
    ("deal", "person_id"): "contact.has_deals",
    ("organization", "bills_with_id"): "contact.bills_others",
}


@transaction.atomic
def create_contact(
    kind: RecordKind, *, by: User, at: datetime, values: FieldValues
) -> Contact:
    """Create an organization or person from field values; `by` owns it unless they say who."""
    fields = catalog(kind)
    refuse_missing(values, fields)
    parent_id = cast("int | None", values.get("bills_with"))
    if parent_id is not None:
        _lock_parent(parent_id)
    columns = {"owner_id": by.pk, **settle(values, {}, fields)}
    columns |= tracked(kind).derive(columns)
    contact: Contact = _MODELS[kind].objects.create(
        creator=by, created_at=at, updated_at=at, **columns
    )
    record_created(kind, [contact.pk], by_id=by.pk, at=at)
    return contact


@transaction.atomic
def update_contacts(
    kind: RecordKind,
    *,
    records: Contacts,
    by: User,
    at: datetime,
    values: FieldValues,
    run: Run | None = None,
) -> int:
    """Give the fields of all `records` new values; return how many changed.

    Refused where an organization would be billed with itself, be it by way of others, or with one
    in the trash.
    """
    refuse_strangers(records, by)
    parent_id = cast("int | None", values.get("bills_with"))
    if parent_id is not None:
        take_turns("contacts.billing")
        _lock_parent(parent_id, children=records)
    fields = catalog(kind)
    ids = present_ids(records)
    if parent_id is not None:
        _refuse_circles(ids, parent_id)
    rule = partial(_changes, values, fields)
    return change_each(tracked(kind), ids, rule, by=by, at=at, run=run)


@transaction.atomic
def trash_contacts(
    kind: RecordKind,
    *,
    records: Contacts,
    by: User,
    at: datetime,
    run: Run | None = None,
) -> int:
    """Move organizations or persons to the trash.

    Refused for those that have deals, or with which others are billed.
    """
    refuse_strangers(records, by)
    # Locked first: a deal that is given to the contact meanwhile waits, and finds it in the trash.
    ids = present_ids(records)
    for link in tracked(kind).links:
        table = link.model._meta.model_name  # noqa: SLF001 (Django documents it)
        code = _KEEPING.get((table, link.column))
        if code and _others(link, records).exists():
            raise UserError(code)
    changes = RecordChanges(trashed_at=at, trashed_by_id=by.pk)
    trashed = Event.Action.TRASHED
    return change_each(
        tracked(kind),
        ids,
        lambda _row: changes,
        by=by,
        at=at,
        run=run,
        action=trashed,
    )


@transaction.atomic
def restore_contacts(
    kind: RecordKind, *, records: Contacts, by: User, at: datetime
) -> int:
    """Take organizations or persons out of the trash.

    Refused for an organization whose payer stays there.
    """
    refuse_strangers(records, by)
    if kind is RecordKind.ORGANIZATION:
        refuse_trashed_payers(cast("QuerySet[Organization]", records))
    ids = trashed_ids(records)
    changes = RecordChanges(trashed_at=None, trashed_by_id=None)
    restored = Event.Action.RESTORED
    return change_each(
        tracked(kind), ids, lambda _row: changes, by=by, at=at, action=restored
    )


def refuse_trashed_payers(records: QuerySet[Organization]) -> None:
    """Refuse to restore organizations that are billed with one that stays in the trash.

    The payers are locked with them, as everybody locks in order of the ids: they do not go to the
    trash meanwhile. For the caller's transaction.
    """
    trashed = records.filter(trashed_at__isnull=False)
    returning = trashed.order_by().values("pk")
    payers = Organization.objects.filter(billed_here__in=returning).order_by()
    is_returning = Q(pk__in=returning)
    is_payer = Q(pk__in=payers.values("pk"))
    lock_records(Organization.objects.filter(is_returning | is_payer))
    trashed_payers = payers.filter(trashed_at__isnull=False)
    if trashed_payers.exclude(is_returning).exists():
        raise UserError("contact.payer_trashed")


def insert_contacts(
    kind: RecordKind,
    *,
    rows: Sequence[StoredColumns],
    by: User,
    at: datetime,
    run: Run | None = None,
) -> Sequence[int]:
    """Insert contacts by the fast lane, from columns as `settle` gives them; return their ids.

    For the caller's transaction. Columns that a row does not name are blank.
    """
    if not rows:
        return []
    table = tracked(kind)
    ids = reserve_ids(table.model, len(rows))
    common = {
        **blank_columns(table.model),
        "owner_id": by.pk,
        "creator_id": by.pk,
        "created_at": at,
        "updated_at": at,
    }
    names = list(table.columns())
    in_order = itemgetter(*names)

    def stored() -> Iterable[tuple[object, ...]]:
        for record_id, row in zip(ids, rows, strict=True):
            columns = {**common, **row, "id": record_id}
            yield in_order(columns | table.derive(columns))

    insert_rows(table.model, names, stored())
    record_created(kind, ids, by_id=by.pk, at=at, run=run)
    return ids


def write_contacts(
    kind: RecordKind, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Set columns of organizations or persons by the fast lane, the id last in each row.

    All changes of contacts are stored here. For the caller's transaction; whoever calls writes the
    history (`history.actions.write_changes`).
    """
    update_rows(_MODELS[kind], columns, rows)


def _others(link: Link, records: Contacts) -> QuerySet[Model]:
    """Return the rows that hang on `records`, outside the trash, and do not go there with them."""
    rows = link.model._default_manager.all()  # noqa: SLF001 (Django documents it)
    hanging = rows.filter(
        **{f"{link.column}__in": records}, trashed_at__isnull=True
    )
    if link.model is records.model:
        return hanging.exclude(pk__in=records.values("pk"))
    return hanging


def _lock_parent(parent_id: int, *, children: Contacts | None = None) -> None:
    """Lock an organization that others are to be billed with, so that it stays out of the trash.

    Its `children` are locked with it, as everybody locks in order of the ids. Refused if it is in
    the trash.
    """
    wanted = Q(pk=parent_id)
    if children is not None:
        wanted |= Q(pk__in=children.order_by().values("pk"))
    lock_records(Organization.objects.filter(wanted))
    if not Organization.objects.present().filter(pk=parent_id).exists():
        raise UserError("contact.unknown")


def _refuse_circles(ids: Sequence[int], parent: int) -> None:
    billing = Billing.load()
    if any(billing.closes(organization, parent) for organization in ids):
        raise UserError("contact.bills_with_itself")


def _changes(
    values: FieldValues, fields: Catalog, row: StoredColumns
) -> ContactChanges:
    return settle(values, row, fields)
