"""Changing one field of a record from a form, whatever the kind of record."""

from collections.abc import Mapping

from turnus.contacts.actions import create_contact
from turnus.core.fields import LINK_KINDS, FieldKind, Value
from turnus.core.records import RecordKind
from turnus.fields.actions_seen import update_as_seen
from turnus.fields.field import RECORD_NAMES, Field
from turnus.fields.models import Record
from turnus.kit.errors import UserError
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import inputs_of
from turnus.web.language import language_of


def refuse_uneditable(
    request: SignedInRequest, kind: RecordKind, field: Field
) -> None:
    """Refuse a field that the page of such a record shows, but cannot change."""
    language = language_of(request)
    if field.record is not kind:
        raise UserError(
            "field.linked",
            field=field.name(language),
            record=RECORD_NAMES[field.record][language],
        )
    if not field.is_editable:
        raise UserError("access.denied", permission="edit")


def present_contact(record: Record, field: Field) -> int | None:
    """Return the contact that a record has in a field; None for other kinds of fields."""
    if field.kind not in LINK_KINDS:
        return None
    columns = vars(record)
    if field.is_custom:
        contact_id: int | None = columns["custom"].get(field.storage_key)
    else:
        contact_id = columns.get(f"{field.key}_id")
    return contact_id


def change_field(
    request: SignedInRequest,
    record: Record,
    field: Field,
    value: Value | None,
    *,
    seen: str,
) -> None:
    """Give one field of a record a value; refuses a blank value of a required field.

    Raises UserError `field.changed_meanwhile` where somebody else changed the field since the form
    was drawn, which says by `seen` what it showed.
    """
    if value is not None and value == present_contact(record, field):
        return  # also a contact that the person may not see, and could not choose anew
    if value is None and field.is_required:
        raise UserError(
            "field.required", field=field.name(language_of(request))
        )
    update_as_seen(
        field.record,
        pk=record.pk,
        by=request.user,
        at=request.at,
        values={field.key: value},
        seen={field.key: seen},
    )


def contact_named(
    request: SignedInRequest,
    kind: FieldKind,
    name: str,
    values: Mapping[str, Value | None] | None = None,
) -> int:
    """Return the contact that a typed name means; a new one is created where there is none."""
    inputs = inputs_of(request)
    try:
        return inputs.contact(kind, name)
    except UserError:
        contact = create_contact(
            RecordKind(str(kind)),
            by=request.user,
            at=request.at,
            values={"name": name, **(values or {})},
        )
        return int(contact.pk)
