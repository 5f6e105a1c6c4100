"""Rows as flat cells: one for each column, and one for each key inside a JSON object column."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from turnus.core.cut_texts import plain_lines

#: JSON object columns whose keys are cells of their own.
_SPLIT_COLUMNS = ("custom",)


class CellChange(NamedTuple):
    """What a cell held before and after a change, in JSON form; stored as a list of the two."""

    before: object
    after: object


#: Cell name (a column, or `custom.<key>`) -> what became of it.
CellChanges = Mapping[str, CellChange]


def to_cell(value: object) -> object:
    """Return a column's value in JSON form."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def cell_changes(
    stored: Mapping[str, Iterable[object]] | None,
) -> dict[str, CellChange]:
    """Return changes as they are stored, with a name for each part; empty for None."""
    if stored is None:
        return {}
    return {cell: CellChange(*ends) for cell, ends in stored.items()}


def differences(
    before: Mapping[str, object], after: Mapping[str, object]
) -> dict[str, CellChange]:
    """Return the cells that differ between two sets of columns of a row; `after` may be partial."""
    changes: dict[str, CellChange] = {}
    for column, value in after.items():
        value_before = before.get(column)
        changes.update(_changes_of_column(column, value_before, value))
    return _real_changes(changes)


def _changes_of_column(
    column: str, before: object, after: object
) -> Iterator[tuple[str, CellChange]]:
    if column not in _SPLIT_COLUMNS:
        yield column, CellChange(to_cell(before), to_cell(after))
        return
    old = _keys_of(before)
    new = _keys_of(after)
    for key in old.keys() | new.keys():
        change = CellChange(old.get(key), new.get(key))
        yield f"{column}.{key}", change


def _keys_of(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def net_changes(changes: Iterable[CellChanges]) -> dict[str, CellChange]:
    """Return what a row's `changes`, oldest first, come to, without cells that were set back."""
    total: dict[str, CellChange] = {}
    for cells in changes:
        for cell, change in cells.items():
            first = total.get(cell, change)
            total[cell] = CellChange(first.before, change.after)
    return _real_changes(total)


def _real_changes(changes: CellChanges) -> dict[str, CellChange]:
    return {
        cell: change for cell, change in changes.items() if _is_real(change)
    }


def _is_real(change: CellChange) -> bool:
    return not _is_same(change.before, change.after)


def _is_same(old: object, new: object) -> bool:
    """Return whether two values in JSON form are equal; how the lines of a text end is ignored."""
    if old == new:
        return True
    if not isinstance(old, str) or not isinstance(new, str):
        return False
    return "\r" in old and plain_lines(old) == new


def columns_with(
    row: Mapping[str, object], cells: Mapping[str, object]
) -> dict[str, object]:
    """Return the columns of `row` that change when `cells` (in JSON form) are set."""
    columns: dict[str, object] = {}
    split: dict[str, dict[str, object]] = {}
    for cell, value in cells.items():
        column, _dot, key = cell.partition(".")
        if not key:
            columns[column] = value
            continue
        if column not in split:
            present = _keys_of(row.get(column))
            split[column] = dict(present)
        keys = split[column]
        if value is None:
            keys.pop(key, None)
        else:
            keys[key] = value
    return columns | split


def cell_of(row: Mapping[str, object], cell: str) -> object:
    """Return the present value of a cell in JSON form."""
    column, _dot, key = cell.partition(".")
    value = row.get(column)
    if not key:
        return to_cell(value)
    keys = _keys_of(value)
    return keys.get(key)
