"""Values <-> their stored form: JSON scalars under one key, a second part under a sibling key."""

from collections.abc import Mapping

from turnus.core.fields.kind_names import FieldKind
from turnus.core.fields.kinds import KINDS
from turnus.core.fields.values import Json, Value

__all__ = ["Json", "cell_keys", "from_cells", "to_cells"]


def cell_keys(kind: FieldKind, key: str) -> tuple[str, ...]:
    """Return all keys that a field of `kind` uses in storage: its own, and the one beside it."""
    return KINDS[kind].keys(key)


def to_cells(
    kind: FieldKind, key: str, value: Value | None
) -> dict[str, Json]:
    """Return the stored form of `value`; an absent value is an absent key."""
    if value is None or value in ("", ()):
        return {}
    return KINDS[kind].to_cells(key, value)


def from_cells(
    kind: FieldKind, key: str, cells: Mapping[str, Json]
) -> Value | None:
    """Return the value stored under `key`; None if there is none."""
    stored = cells.get(key)
    if stored is None or stored in ("", []):
        return None
    return KINDS[kind].from_cells(stored, key, cells)
