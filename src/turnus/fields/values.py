"""Values of fields <-> columns of records, and the folded copies that text search compares."""

from collections.abc import Mapping, Sequence
from typing import cast

from django.db.models import Field as Column
from django.utils.translation import get_language

from turnus.core.fields import KINDS, Value, cell_keys, from_cells, to_cells
from turnus.core.fields.values import ColumnValue, Json, PointJson
from turnus.core.folding import fold
from turnus.core.money import Money
from turnus.fields.columns import StoredColumns
from turnus.fields.field import Field
from turnus.history.tracked import StoredRow, tracked
from turnus.kit.errors import UserError

Cells = Mapping[str, Json]


def column_of(field: Field) -> str:
    """Return the attribute name of a built-in field's column: `title`, `owner_id`."""
    return (
        f"{field.column}_id"
        if KINDS[field.kind].is_reference
        else field.column
    )


def put(
    columns: StoredRow, field: Field, value: Value | None, row: StoredColumns
) -> None:
    """Add to `columns` what changes when `field` becomes `value`; `row` has the present columns.

    Rules that span columns (a stage brings its pipeline, a status its stamps) belong to the package
    of the record.
    """
    if field.is_custom:
        _put_cells(columns, field, value, row)
        return
    refuse_unstorable(field, value)
    if isinstance(value, Money):
        columns[field.column] = value.amount_e4
        columns["currency"] = value.currency
        return
    columns[column_of(field)] = KINDS[field.kind].to_column(value)


def refuse_unstorable(field: Field, value: Value | None) -> None:
    """Refuse what a built-in column cannot hold: a missing value, or too long a text."""
    column = _column(field)
    if value is None and not _may_be_blank(field, column):
        raise UserError("field.required", field=_name(field))
    longest: int | None = getattr(column, "max_length", None)
    if not isinstance(value, str) or longest is None:
        return
    if len(value) > longest:
        raise UserError(
            "text.too_long",
            field=_name(field),
            length=len(value),
            limit=longest,
        )


def _column(field: Field) -> "Column[object, object]":
    options = tracked(field.record).model._meta  # noqa: SLF001 (Django documents it)
    return cast("Column[object, object]", options.get_field(field.column))


def _may_be_blank(field: Field, column: "Column[object, object]") -> bool:
    return column.null or column.blank or KINDS[field.kind].is_blank_stored


def _name(field: Field) -> str:
    language = get_language() or "en"
    return field.name(language[:2])


def _put_cells(
    columns: StoredRow, field: Field, value: Value | None, row: StoredColumns
) -> None:
    own_key = field.storage_key
    if columns.get("custom") is None:
        columns["custom"] = dict(row.get("custom") or {})
    custom: dict[str, Json] = columns["custom"]
    cells = to_cells(field.kind, own_key, value)
    is_same = cells.get(own_key) == custom.get(own_key)
    if is_same and KINDS[field.kind].keeps_second_part:
        custom.update(
            cells
        )  # what is known of the parts of an address stays true
        return
    for key in cell_keys(field.kind, own_key):
        custom.pop(key, None)
    custom.update(cells)


def merged_cells(present: Cells, incoming: Cells) -> dict[str, Json]:
    """Return the cells of a `custom` column with those of a file over them.

    The parts of an address go with its text.
    """
    merged = dict(present)
    for key, cell in incoming.items():
        if present.get(key) != cell:
            merged.pop(f"{key}_parts", None)
    merged.update(incoming)
    return merged


def value_of(field: Field, row: StoredColumns) -> Value | None:
    """Return the field's value from a row of columns; None if empty."""
    if field.is_custom:
        return from_cells(
            field.kind, field.storage_key, row.get("custom") or {}
        )
    stored: ColumnValue | None = row.get(column_of(field))
    if stored is None or stored in ("", []):
        return None
    kind = KINDS[field.kind]
    if kind.has_currency:
        return Money(cast("int", stored), row["currency"])
    return kind.from_column(stored)


def folded_cells(
    row: StoredColumns, text_columns: tuple[str, ...]
) -> dict[str, str]:
    """Return the `folded` column of a row: its texts and those in `custom`, without empty ones."""
    folded: dict[str, str] = {}
    for name in text_columns:
        stored: str | Sequence[PointJson] | None = row.get(name)
        if stored and (text := fold(_text(stored))):
            folded[name] = text
    custom: Cells = row.get("custom") or {}
    for key, cell in custom.items():
        is_own_key = "_" not in key  # a second part is no text to search in
        if not is_own_key or not isinstance(cell, str):
            continue
        text = fold(cell)
        if text:
            folded[key] = text
    return folded


def _text(stored: str | Sequence[PointJson]) -> str:
    if isinstance(stored, list):
        return ", ".join(point["value"] for point in stored)
    return str(stored)
