"""Adding, changing and deleting custom fields with their options, and labels."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from turnus.accounts.access import Permission, require
from turnus.accounts.models import User
from turnus.core.fields import KINDS, FieldKind, cell_keys
from turnus.core.folding import fold
from turnus.core.records import RecordKind
from turnus.fields.catalog import as_field
from turnus.fields.changing import change_each
from turnus.fields.columns import StoredColumns
from turnus.fields.models import CustomField, FieldOption, Label
from turnus.fields.queries import (
    ids_with_label,
    ids_with_option,
    ids_with_value,
)
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.history.tracked import StoredRow, tracked
from turnus.jobs.actions import enqueue
from turnus.kit.errors import UserError
from turnus.kit.json_columns import create_json_index, drop_json_index
from turnus.kit.lines import named, one_line
from turnus.kit.sql import is_sqlite, take_turns

_LONGEST_DESCRIPTION = 1_000


@transaction.atomic
def create_field(
    *,
    by: User,
    at: datetime,
    record: RecordKind,
    kind: FieldKind,
    name: str,
    options: Sequence[str] = (),
) -> CustomField:
    """Add a custom field at the end; kinds with options need at least one."""
    require(by, Permission.CUSTOM_FIELDS)
    abilities = KINDS[kind]
    if not abilities.is_custom:
        raise UserError("field.kind_unknown", kind=str(kind))
    field = CustomField.objects.create(
        record_kind=str(record),
        key=secrets.token_hex(20),
        name=_free_name(record, name),
        kind=str(kind),
        position=CustomField.objects.filter(record_kind=str(record)).count(),
        created_at=at,
    )
    if abilities.has_options:
        if not [word for word in options if word.strip()]:
            raise UserError("field.options_missing")
        for word in options:
            if word.strip():
                _add_option(field, word)
    if is_sqlite():
        index_field(field)
    elif abilities.is_indexed:
        # Not in this transaction: making it would let everybody wait who writes.
        enqueue("fields.index", at=at, by_id=by.pk, field_id=field.pk)
    return field


def index_fields() -> None:
    """Index all custom fields that lists can sort by: a restored database has their values only."""
    for field in CustomField.objects.all():
        index_field(field)


def index_field(field: CustomField) -> None:
    """Index a field if lists can sort by it; no matter how far an earlier attempt came."""
    abilities = KINDS[FieldKind(field.kind)]
    if abilities.is_indexed:
        model = tracked(RecordKind(field.record_kind)).model
        create_json_index(model, field.key, is_integer=abilities.is_integer)


@transaction.atomic
def update_field(
    *,
    field: CustomField,
    by: User,
    name: str,
    description: str,
    is_required: bool,
) -> None:
    """Rename a field, describe it, make it required or optional."""
    require(by, Permission.CUSTOM_FIELDS)
    field.name = _free_name(
        RecordKind(field.record_kind), name, other_than=field
    )
    field.description = one_line(
        description, field="description", longest=_LONGEST_DESCRIPTION
    )
    field.is_required = is_required
    field.save(update_fields=["name", "description", "is_required"])


@transaction.atomic
def order_fields(*, by: User, record: RecordKind, ids: Sequence[int]) -> None:
    """Put the custom fields of a kind of record in the order of `ids`."""
    require(by, Permission.CUSTOM_FIELDS)
    fields = CustomField.objects.filter(record_kind=str(record))
    for position, pk in enumerate(ids):
        fields.filter(pk=pk).update(position=position)


@transaction.atomic
def delete_field(*, field: CustomField, by: User, at: datetime) -> int:
    """Delete a field with its values, which stay in the history; return how many there were."""
    require(by, Permission.CUSTOM_FIELDS)
    record = RecordKind(field.record_kind)
    kind = tracked(record)
    keys = cell_keys(FieldKind(field.kind), field.key)
    run = start_run(
        kind=Run.Kind.FIELD_CHANGE, by_id=by.pk, at=at, title=field.name
    )

    def without_value(row: StoredColumns) -> StoredRow:
        rest = {
            key: cell for key, cell in row["custom"].items() if key not in keys
        }
        return {"custom": rest}

    ids = ids_with_value(field)
    count = change_each(kind, ids, without_value, by=by, at=at, run=run)
    # Saved filters name the field by its key: this is where its name can still be found.
    move_run(
        run=run,
        state=Run.State.DONE,
        at=at,
        totals={"updated": count, "deleted_field": field.key},
    )
    if is_sqlite():
        drop_json_index(kind.model, field.key)
    elif KINDS[FieldKind(field.kind)].is_indexed:
        enqueue(
            "fields.drop_index",
            at=at,
            by_id=by.pk,
            record_kind=field.record_kind,
            key=field.key,
        )
    field.delete()
    return count


@transaction.atomic
def add_option(*, field: CustomField, by: User, name: str) -> FieldOption:
    """Add a choice at the end of a field's list."""
    require(by, Permission.CUSTOM_FIELDS)
    return _add_option(field, name)


@transaction.atomic
def rename_option(*, option: FieldOption, by: User, name: str) -> None:
    """Rename a choice; records that hold it show the new name."""
    require(by, Permission.CUSTOM_FIELDS)
    option.name = _free_option(option.field, name, other_than=option)
    option.save(update_fields=["name"])


@transaction.atomic
def order_options(*, field: CustomField, by: User, ids: Sequence[int]) -> None:
    """Put the choices of a field in the order of `ids`."""
    require(by, Permission.CUSTOM_FIELDS)
    for position, pk in enumerate(ids):
        field.options.filter(pk=pk).update(position=position)


@transaction.atomic
def delete_option(*, option: FieldOption, by: User, at: datetime) -> int:
    """Delete a choice and take it out of the records that hold it; return how many did."""
    require(by, Permission.CUSTOM_FIELDS)
    field = as_field(option.field)
    key = field.storage_key
    run = start_run(
        kind=Run.Kind.FIELD_CHANGE,
        by_id=by.pk,
        at=at,
        title=f"{field.name('en')}: {option.name}",
    )

    def without_option(row: StoredColumns) -> StoredRow:
        custom = dict(row["custom"])
        stored = custom.pop(key, None)
        if isinstance(stored, list):
            rest = [choice for choice in stored if choice != option.pk]
            if rest:
                custom[key] = rest
        return {"custom": custom}

    ids = ids_with_option(option)
    kind = tracked(field.record)
    count = change_each(kind, ids, without_option, by=by, at=at, run=run)
    move_run(run=run, state=Run.State.DONE, at=at, totals={"updated": count})
    option.delete()
    return count


@transaction.atomic
def save_label(
    *,
    by: User,
    record: RecordKind,
    name: str,
    color: str,
    label: Label | None = None,
) -> Label:
    """Create a label, at the end, or change one."""
    require(by, Permission.CUSTOM_FIELDS)
    name = named(name)
    take_turns("fields.label")
    own_id = label.pk if label else 0
    others = Label.objects.filter(record_kind=str(record)).exclude(pk=own_id)
    _refuse_taken(name, others.values_list("name", flat=True))
    label = label or Label(record_kind=str(record), position=others.count())
    label.name = name
    label.color = color
    if label.pk:
        label.save(update_fields=("name", "color"))
    else:
        label.save()
    return label


@transaction.atomic
def delete_label(*, label: Label, by: User, at: datetime) -> int:
    """Delete a label and take it off the records that carry it; return how many did."""
    require(by, Permission.CUSTOM_FIELDS)
    run = start_run(
        kind=Run.Kind.FIELD_CHANGE, by_id=by.pk, at=at, title=label.name
    )

    def without_label(row: StoredColumns) -> StoredRow:
        return {"labels": [pk for pk in row["labels"] if pk != label.pk]}

    ids = ids_with_label(label)
    kind = tracked(label.record_kind)
    count = change_each(kind, ids, without_label, by=by, at=at, run=run)
    move_run(run=run, state=Run.State.DONE, at=at, totals={"updated": count})
    label.delete()
    return count


def _add_option(field: CustomField, name: str) -> FieldOption:
    position = field.options.count()
    free_name = _free_option(field, name)
    return FieldOption.objects.create(
        field=field, name=free_name, position=position
    )


def _free_option(
    field: CustomField, name: str, other_than: FieldOption | None = None
) -> str:
    name = named(name)
    take_turns(f"fields.option.{field.pk}")
    own_id = other_than.pk if other_than else 0
    others = field.options.exclude(pk=own_id)
    _refuse_taken(name, others.values_list("name", flat=True))
    return name


def _free_name(
    record: RecordKind, name: str, other_than: CustomField | None = None
) -> str:
    """Return the name tidied; two fields of one name could not be told apart in a file."""
    name = named(name)
    take_turns("fields.field")
    own_id = other_than.pk if other_than else 0
    others = CustomField.objects.filter(record_kind=str(record)).exclude(
        pk=own_id
    )
    _refuse_taken(name, others.values_list("name", flat=True))
    return name


def _refuse_taken(name: str, taken: Iterable[str]) -> None:
    if fold(name) in {fold(other) for other in taken}:
        raise UserError("name.taken", name=name)
