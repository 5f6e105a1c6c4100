"""Values of fields <-> columns of records, and the folded copies that text search compares."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

from turnus.core.fields import (
    KINDS,
    FieldKind,
    Value,
    cell_keys,
    from_cells,
    to_cells,
)
from turnus.core.folding import fold
from turnus.core.money import Money
from turnus.fields.field import Field
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError


def column_of(field: Field) -> str:
    """Return the attribute name of a built-in field's column: `title`, `owner_id`."""
    return f"{field.column}_id" if KINDS[field.kind].is_reference else field.column


def put(
    columns: dict[str, Any], field: Field, value: Any, row: Mapping[str, Any]
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


def refuse_unstorable(field: Field, value: Any) -> None:
    """Refuse what a built-in column cannot hold: a missing value, or too long a text."""
    column: Any = tracked(field.record).model._meta.get_field(field.column)  # noqa: SLF001 (Django documents _meta)
    is_needed = (
        not column.null and not column.blank and not KINDS[field.kind].is_blank_stored
    )
    if value is None and is_needed:
        raise UserError("field.required", field=_name(field))
    longest = getattr(column, "max_length", None)
    if isinstance(value, str) and longest is not None and len(value) > longest:
        raise UserError(
            "text.too_long", field=_name(field), length=len(value), limit=longest
        )


def _name(field: Field) -> str:
    return field.name((get_language() or "en")[:2])


def _put_cells(
    columns: dict[str, Any], field: Field, value: Any, row: Mapping[str, Any]
) -> None:
    held = columns.get("custom")
    if held is None:
        held = columns["custom"] = dict(row.get("custom") or {})
    cells = to_cells(field.kind, field.storage_key, value)
    if field.kind is FieldKind.ADDRESS and cells.get(field.storage_key) == held.get(
        field.storage_key
    ):
        held.update(cells)  # the same text: what is known of its parts stays true
        return
    for key in cell_keys(field.kind, field.storage_key):
        held.pop(key, None)
    held.update(cells)


def merged_cells(held: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells of a `custom` column with those of a file over them.

    The parts of an address go with its text.
    """
    stale = {f"{key}_parts" for key, text in given.items() if held.get(key) != text}
    return {key: cell for key, cell in held.items() if key not in stale} | dict(given)


def value_of(field: Field, row: Mapping[str, Any]) -> Value | None:
    """Return the field's value from a row of columns; None if empty."""
    if field.is_custom:
        return from_cells(field.kind, field.storage_key, row.get("custom") or {})
    stored = row.get(column_of(field))
    if stored is None or stored in ("", []):
        return None
    if field.kind is FieldKind.MONEY:
        return Money(stored, row["currency"])
    value: Value = KINDS[field.kind].from_column(stored)
    return value


def folded_cells(
    row: Mapping[str, Any], text_columns: tuple[str, ...]
) -> dict[str, str]:
    """Return the `folded` column of a row: its texts and those in `custom`, without empty ones."""
    folded = {
        name: fold(_text(held)) for name in text_columns if (held := row.get(name))
    }
    for key, value in (row.get("custom") or {}).items():
        if isinstance(value, str) and "_" not in key:
            folded[key] = fold(value)
    return {key: text for key, text in folded.items() if text} if folded else folded


def _text(value: Any) -> str:
    return (
        ", ".join(point["value"] for point in value)
        if isinstance(value, list)
        else str(value)
    )
