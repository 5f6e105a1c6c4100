"""Values <-> their stored form: JSON scalars under one key, a second part under a sibling key."""

from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from turnus.core.fields.kinds import FieldKind as K
from turnus.core.fields.values import Address, DateSpan, TimeSpan, Value
from turnus.core.money import Money

#: Numbers are stored as millionths: exact, sortable, within 64 bits.
MILLIONTH = 1_000_000

Json = str | int | list[int] | dict[str, str]

_SIBLINGS = {
    K.MONEY: "_currency",
    K.DATE_RANGE: "_until",
    K.TIME_RANGE: "_until",
    K.ADDRESS: "_parts",
}


def cell_keys(kind: K, key: str) -> tuple[str, ...]:
    """Return all keys that a field of `kind` uses in storage: its own, and the one beside it."""
    sibling = _SIBLINGS.get(kind)
    return (key, key + sibling) if sibling else (key,)


def to_cells(kind: K, key: str, value: Value | None) -> dict[str, Json]:
    """Return the stored form of `value`; an absent value is an absent key."""
    if value is None or value in ("", ()):
        return {}
    store = _STORE.get(kind, _as_is)
    stored = store(value)
    if not isinstance(stored, tuple):
        return {key: stored}
    first, second = stored
    cells = {key: first}
    if second:
        cells[key + _SIBLINGS[kind]] = second
    return cells


def from_cells(kind: K, key: str, cells: Mapping[str, Any]) -> Value | None:
    """Return the value stored under `key`; None if there is none."""
    stored = cells.get(key)
    if stored is None or stored in ("", []):
        return None
    sibling = _SIBLINGS.get(kind)
    load = _LOAD.get(kind)
    if sibling:
        return _LOAD_PAIR[kind](stored, cells.get(key + sibling))
    return load(stored) if load else stored


def _as_is(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


_STORE: dict[K, Callable[[Any], Any]] = {
    K.NUMBER: lambda value: int(Decimal(value) * MILLIONTH),
    K.MONEY: lambda money: (money.amount_e4, money.currency),
    K.DATE: lambda day: day.isoformat(),
    K.DATE_RANGE: lambda span: (span.start.isoformat(), span.end.isoformat()),
    K.TIME: lambda at: at.isoformat("seconds"),
    K.TIME_RANGE: lambda span: (
        span.start.isoformat("seconds"),
        span.end.isoformat("seconds"),
    ),
    K.ADDRESS: lambda address: (address.text, dict(address.parts)),
}
_LOAD: dict[K, Callable[[Any], Value]] = {
    K.NUMBER: lambda stored: _plain(Decimal(stored) / MILLIONTH),
    K.DATE: date.fromisoformat,
    K.TIME: time.fromisoformat,
    K.OPTIONS: tuple,
    K.LABELS: tuple,
}
_LOAD_PAIR: dict[K, Callable[[Any, Any], Value]] = {
    K.MONEY: Money,
    K.DATE_RANGE: lambda start, end: DateSpan(
        date.fromisoformat(start), date.fromisoformat(end or start)
    ),
    K.TIME_RANGE: lambda start, end: TimeSpan(
        time.fromisoformat(start), time.fromisoformat(end or start)
    ),
    K.ADDRESS: lambda text, parts: Address(text, parts or {}),
}


def _plain(number: Decimal) -> Decimal:
    """Return `number` without trailing zeros and without an exponent."""
    return (
        number.quantize(Decimal(1))
        if number == number.to_integral_value()
        else number.normalize()
    )
