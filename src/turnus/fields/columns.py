"""The columns of records by name: what is asked of a record, what changes, what is blank."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, TypedDict

from django.db.models import Field, Model

from turnus.core.fields import Value
from turnus.core.fields.cells import Json
from turnus.fields.catalog import Catalog
from turnus.history.tracked import StoredRow
from turnus.kit.errors import UserError

#: What is asked of a record: field key -> value; None empties the field, what is absent stays.
FieldValues = Mapping[str, Value | None]
#: The stored columns of one record, to read; `StoredRow` to change them.
StoredColumns = Mapping[str, Any]


class RecordChanges(TypedDict, total=False):
    """The columns of any record that a change sets; those that are absent stay."""

    owner_id: int
    visibility: str
    labels: list[int]
    custom: dict[str, Json]
    created_at: datetime
    trashed_at: datetime | None
    trashed_by_id: int | None


def blank_columns(model: type[Model]) -> StoredRow:
    """Return what a new row holds by default; columns that must be filled are absent."""
    columns: StoredRow = {}
    for field in model._meta.concrete_fields:  # noqa: SLF001 (Django documents it)
        if field.blank or field.has_default():
            columns[field.attname] = _default(field)
    return columns


def refuse_missing(values: FieldValues, fields: Catalog) -> None:
    """Refuse a new record without a value for a required custom field."""
    for field in fields.own:
        is_required = field.is_custom and field.is_required
        if is_required and values.get(field.key) in (None, "", ()):
            raise UserError("field.required", field=field.name("en"))


def _default(field: "Field[object, object]") -> object:
    default = field.get_default()
    return default.value if isinstance(default, Enum) else default
