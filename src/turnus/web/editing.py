"""Changing one field of a record from a form, whatever the kind of record."""

from django.http import QueryDict

from turnus.contacts.actions import create_contact
from turnus.core.fields import LINK_KINDS, FieldKind, Value
from turnus.core.records import RecordKind
from turnus.fields.actions_seen import update_as_seen
from turnus.fields.field import RECORD_NAMES, Field
from turnus.fields.models import Record
from turnus.kit.errors import UserError
from turnus.web.edit_conflicts import SEEN
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import Inputs
from turnus.web.language import language_of


def change_field(
    request: SignedInRequest,
    kind: RecordKind,
    record: Record,
    field: Field,
    posted: QueryDict,
) -> None:
    """Give one field of one record the posted value; refuses a blank value of a required field.

    Raises UserError `field.changed_meanwhile` where somebody else changed the field in between.
    """
    if field.record is not kind:
        raise UserError(
            "field.linked",
            field=field.name(language_of(request)),
            record=RECORD_NAMES[field.record][language_of(request)],
        )
    if not field.is_editable:
        raise UserError("access.denied", permission="edit")
    inputs = Inputs(request.user, request.company, language_of(request))
    held = (
        record.custom.get(field.storage_key)
        if field.is_custom
        else getattr(record, f"{field.key}_id", None)
    )
    value = inputs.read(field, posted, held=held)
    if field.kind in LINK_KINDS and value is not None and value == held:
        return  # also a contact that the person may not see, and could not choose anew
    if value is None and field.is_required:
        raise UserError("field.required", field=field.name(inputs.language))
    # A cell says it in its address, for it has no form of its own.
    seen = {field.key: posted.get(SEEN) or request.GET.get(SEEN, "")}
    update_as_seen(
        kind,
        pk=record.pk,
        by=request.user,
        at=request.at,
        values={field.key: value},
        seen=seen,
    )


def contact_named(
    request: SignedInRequest,
    kind: FieldKind,
    name: str,
    values: dict[str, Value | None] | None = None,
) -> int:
    """Return the contact that a typed name means; a new one is created where there is none."""
    inputs = Inputs(request.user, request.company, language_of(request))
    try:
        return inputs.contact(kind, name)
    except UserError:
        columns: dict[str, Value | None] = {"name": name, **(values or {})}
        return int(
            create_contact(
                RecordKind(str(kind)), by=request.user, at=request.at, values=columns
            ).pk
        )
