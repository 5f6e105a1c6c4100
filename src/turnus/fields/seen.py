"""What a form showed of a record, as a short mark that is compared again when it is saved."""

import json
from collections.abc import Mapping

from django.utils.crypto import salted_hmac

from turnus.core.fields import KINDS, cell_keys
from turnus.fields.columns import StoredColumns
from turnus.fields.field import Field
from turnus.fields.values import column_of
from turnus.history.cells import cell_of, to_cell

#: Fields whose change takes others with it: a pipeline brings its first stage, a closed deal its
#: moment.
_CELLS: Mapping[str, tuple[str, ...]] = {
    "pipeline": ("pipeline_id", "stage_id"),
    "won_at": ("status", "won_at"),
    "lost_at": ("status", "lost_at"),
}
_LENGTH = 20


def cells_of(field: Field) -> tuple[str, ...]:
    """Return the cells, named as the history names them, that hold what the field shows."""
    if field.is_custom:
        return tuple(
            f"custom.{key}" for key in cell_keys(field.kind, field.storage_key)
        )
    if KINDS[field.kind].has_currency:
        return (field.column, "currency")
    return _CELLS.get(field.key, (column_of(field),))


def mark(field: Field, row: StoredColumns) -> str:
    """Return the mark of a field of a record with these columns."""
    values = {cell: cell_of(row, cell) for cell in cells_of(field)}
    return mark_of(values, of=row["id"])


def mark_of(values: Mapping[str, object], *, of: int) -> str:
    """Return the mark of values of the row with the id `of`: the same in every process.

    Keyed, and another one for each row: a value may be the number of a contact that the person does
    not see, which trying all numbers would find, and which two deals with equal marks would share.
    """
    cells = {name: to_cell(value) for name, value in values.items()}
    text = f"{of}:{json.dumps(cells, sort_keys=True)}"
    keyed = salted_hmac("turnus.fields.seen", text, algorithm="sha256")
    return keyed.hexdigest()[:_LENGTH]
