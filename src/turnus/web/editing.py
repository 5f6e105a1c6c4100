"""Changing one field of a record from a form, whatever the kind of record."""

from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from turnus.contacts.actions import create_contact, restore_contacts, trash_contacts, update_contacts
from turnus.core.fields import FieldKind, Value
from turnus.core.records import RecordKind
from turnus.fields.field import Field
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.actions import restore_subscriptions, trash_subscriptions, update_subscriptions
from turnus.sales.actions import restore_deals, trash_deals, update_deals
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import Inputs
from turnus.web.language import language_of

_CONTACTS = {FieldKind.PERSON: RecordKind.PERSON, FieldKind.ORGANISATION: RecordKind.ORGANISATION}


def change_field(request: SignedInRequest, kind: RecordKind, record: Any, field: Field, posted: QueryDict) -> None:
    """Give one field of one record the posted value; refuses a blank value of a required field."""
    if not field.is_editable:
        raise UserError("access.denied", permission="edit")
    inputs = Inputs(request.user, request.company, language_of(request))
    held = record.custom.get(field.storage_key) if field.is_custom else getattr(record, f"{field.key}_id", None)
    value = inputs.read(field, posted, held=held)
    if value is None and field.is_required:
        raise UserError("field.required", field=field.name(inputs.language))
    update_records(request, kind, type(record).objects.filter(pk=record.pk), {field.key: value})


def update_records(
    request: SignedInRequest,
    kind: RecordKind,
    records: QuerySet[Any],
    values: dict[str, Value | None],
    run: Run | None = None,
) -> int:
    """Change records of any kind."""
    if kind is RecordKind.DEAL:
        return update_deals(deals=records, by=request.user, at=request.at, values=values, run=run)
    if kind is RecordKind.SUBSCRIPTION:
        return update_subscriptions(subscriptions=records, by=request.user, at=request.at, values=values, run=run)
    return update_contacts(kind, records=records, by=request.user, at=request.at, values=values, run=run)


def trash_records(request: SignedInRequest, kind: RecordKind, records: QuerySet[Any], run: Run | None = None) -> int:
    """Move records of any kind to the trash."""
    if kind is RecordKind.DEAL:
        return trash_deals(deals=records, by=request.user, at=request.at, run=run)
    if kind is RecordKind.SUBSCRIPTION:
        return trash_subscriptions(subscriptions=records, by=request.user, at=request.at, run=run)
    return trash_contacts(kind, records=records, by=request.user, at=request.at, run=run)


def restore_records(request: SignedInRequest, kind: RecordKind, records: QuerySet[Any]) -> int:
    """Take records of any kind out of the trash."""
    if kind is RecordKind.DEAL:
        return restore_deals(deals=records, by=request.user, at=request.at)
    if kind is RecordKind.SUBSCRIPTION:
        return restore_subscriptions(subscriptions=records, by=request.user, at=request.at)
    return restore_contacts(kind, records=records, by=request.user, at=request.at)


def contact_named(
    request: SignedInRequest, kind: FieldKind, name: str, values: dict[str, Value | None] | None = None
) -> int:
    """Return the contact that a typed name means; a new one is created where there is none."""
    inputs = Inputs(request.user, request.company, language_of(request))
    try:
        return inputs.contact(kind, name)
    except UserError:
        given: dict[str, Value | None] = {"name": name, **(values or {})}
        return int(create_contact(_CONTACTS[kind], by=request.user, at=request.at, values=given).pk)
