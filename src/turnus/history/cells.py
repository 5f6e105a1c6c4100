"""Rows as flat cells: columns, and one cell for each key inside a JSON object column."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from turnus.core.cut_texts import plain_lines

#: JSON object columns whose keys are cells of their own.
SPLIT = ("custom",)


def to_cell(value: Any) -> Any:
    """Return a column's value as JSON."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return cell -> [before, after] for what differs between two sets of columns of one row; `after` may be partial."""
    changed: dict[str, list[Any]] = {}
    for column, value in after.items():
        if column in SPLIT:
            old, new = before.get(column) or {}, value or {}
            for key in old.keys() | new.keys():
                if not _is_same(old.get(key), new.get(key)):
                    changed[f"{column}.{key}"] = [old.get(key), new.get(key)]
        elif not _is_same(to_cell(before.get(column)), to_cell(value)):
            changed[column] = [to_cell(before.get(column)), to_cell(value)]
    return changed


def net_changes(changes: Iterable[Mapping[str, list[Any]]]) -> dict[str, list[Any]]:
    """Return cell -> [before, after] for what a row's `changes`, oldest first, come to; what was set back is not among it."""
    whole: dict[str, list[Any]] = {}
    for cells in changes:
        for cell, (before, after) in cells.items():
            first = whole[cell][0] if cell in whole else before
            whole[cell] = [first, after]
    return {
        cell: [before, after]
        for cell, (before, after) in whole.items()
        if not _is_same(before, after)
    }


def _is_same(old: Any, new: Any) -> bool:
    """Return whether two values in JSON form are the same; how the lines of a text end makes no difference."""
    if old == new:
        return True
    are_texts = isinstance(old, str) and isinstance(new, str)
    return are_texts and "\r" in old and plain_lines(old) == new


def apply(row: Mapping[str, Any], cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of `row` that change when `cells` (in JSON form) are set."""
    columns: dict[str, Any] = {}
    for cell, value in cells.items():
        column, _, key = cell.partition(".")
        if not key:
            columns[column] = value
            continue
        held = columns.setdefault(column, dict(row.get(column) or {}))
        if value is None:
            held.pop(key, None)
        else:
            held[key] = value
    return columns


def cell_of(row: Mapping[str, Any], cell: str) -> Any:
    """Return the present value of a cell in JSON form."""
    column, _, key = cell.partition(".")
    return (row.get(column) or {}).get(key) if key else to_cell(row.get(column))
