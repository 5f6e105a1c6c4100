"""Saving what a form changed, unless somebody else changed the same meanwhile."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Model

from turnus.accounts.models import User
from turnus.core.fields import Value
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.fields.changing import refuse_strangers
from turnus.fields.columns import FieldValues, StoredColumns
from turnus.fields.field import Field
from turnus.fields.queries import records_of
from turnus.fields.record_actions import actions_of
from turnus.fields.seen import mark, mark_of
from turnus.fields.values import put
from turnus.history.actions import locked_rows
from turnus.history.cells import cell_of
from turnus.history.tracked import StoredRow, tracked
from turnus.kit.errors import UserError
from turnus.kit.sql import take_turns

T = TypeVar("T")


@transaction.atomic
def update_as_seen(
    kind: RecordKind,
    *,
    pk: int,
    by: User,
    at: datetime,
    values: FieldValues,
    seen: Mapping[str, str],
) -> int:
    """Give fields of a record new values if they are still as they were seen.

    Return 1 if the record changed, else 0.

    `seen`: field -> mark of what the form showed (`fields.seen`); a field without one is not asked
    about, others are nobody's business. A field that the form left as it showed it keeps what it
    has by now. Raises UserError `field.changed_meanwhile` (`key`: the field): nothing is saved
    then.
    """
    records = records_of(kind).filter(pk=pk)
    refuse_strangers(records, by)
    row = locked_rows(tracked(kind), [pk]).get(pk)
    if row is None:
        return 0
    fields = catalog(kind)
    wanted = {}
    for key, value in values.items():
        field = fields[key]
        before = seen.get(key, "")
        now = mark(field, row)
        after = _mark_with(field, value, row)
        if before in ("", now) or after == now:
            wanted[key] = value
        elif after != before:
            name = field.name("en")
            raise UserError("field.changed_meanwhile", key=key, field=name)
    if not wanted:
        return 0
    return actions_of(kind).update(records, by=by, at=at, values=wanted)


@transaction.atomic
def do_as_seen(
    kind: RecordKind,
    *,
    pk: int,
    cells: Collection[str],
    seen: str,
    do: Callable[[], T],
) -> T:
    """Return what `do` returns for a record whose cells are still as they were seen.

    `seen` is the mark of the cells (`fields.seen`), empty where nobody says what was seen. The
    record stays locked until the end, so that of two people who do something at once the second is
    asked. Raises UserError `record.changed_meanwhile`: nothing is done then.
    """
    row = locked_rows(tracked(kind), [pk]).get(pk)
    if row is not None and seen:
        now = {cell: cell_of(row, cell) for cell in cells}
        _refuse_change(seen, mark_of(now, of=pk))
    return do()


@transaction.atomic
def do_row_as_seen(
    row: Model, *, columns: Collection[str], seen: str, do: Callable[[], T]
) -> T:
    """Return what `do` returns for a row of settings whose columns are still as they were seen.

    As `do_as_seen`, for rows without a history.
    """
    # Before the row: an action may lock others of its table, such as all admins, and two would wait
    # for each other.
    take_turns(f"settings.{type(row).__name__}")
    manager = type(row)._default_manager  # noqa: SLF001 (Django documents it)
    locked = manager.select_for_update(no_key=True)
    now = locked.filter(pk=row.pk).values(*columns).first()
    if now is not None and seen:
        _refuse_change(seen, mark_of(now, of=row.pk))
    return do()


def _refuse_change(seen: str, now: str) -> None:
    if seen != now:
        raise UserError("record.changed_meanwhile")


def _mark_with(field: Field, value: Value | None, row: StoredColumns) -> str:
    """Return the mark that the field would have with a value."""
    columns: StoredRow = {}
    put(columns, field, value, row)
    return mark(field, {**row, **columns})
