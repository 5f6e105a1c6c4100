"""The tree of a filter and its JSON form.

    {"all": [...]}   {"any": [...]}   {"not": {...}}
    {"field": "won_at", "operator": "in_period", "value": {"period": "last_month"}}

A field is a path from the kind of record being filtered: `title`, `custom.<key>`, `organisation.name`. Values are in stored form:
option ids, days as `2018-10-01`, amounts in ten-thousandths, times as `09:30:00`; lists for several; and

    {"from": ..., "until": ...}             both ends included
    {"period": "last_month"}                a named period
    {"span": -30, "unit": "days"}           the last 30 days and today
    {"ago": 30, "unit": "days"}             one day: 30 days ago; negative: from now
    {"me": true}                            the user who looks
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from turnus.core.fields.kinds import Operator
from turnus.core.filters.periods import RelativeDay, RelativePeriod, RelativeSpan, Unit

#: Deeper trees are refused: nobody means them, and they would only exhaust the stack.
MAX_DEPTH = 50


class FilterError(ValueError):
    """JSON that is no filter; `path` says where, e.g. `all[1].value`."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path or 'filter'}: expected {expected}")
        self.path = path
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Me:
    """The user who looks at the list."""


@dataclass(frozen=True, slots=True)
class Between:
    """From `start` to `end`, both included, in stored form."""

    start: str | int
    end: str | int


FilterValue = str | int | tuple[str | int | Me, ...] | Me | Between | RelativeDay | RelativePeriod | RelativeSpan | None


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a field with a value; the value is None for operators that need none."""

    field: str
    operator: Operator
    value: FilterValue = None


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; an empty one always does."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; an empty one always does, as an unfinished group must not hide everything."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Node"


Node = All | AnyOf | Not | Condition

#: The filter that every record passes.
EVERYTHING = All(())


def conditions_of(node: Node) -> Iterator[Condition]:
    """Yield every condition of the tree, from left to right."""
    if isinstance(node, Condition):
        yield node
    elif isinstance(node, Not):
        yield from conditions_of(node.part)
    else:
        for part in node.parts:
            yield from conditions_of(part)


def to_json(node: Node) -> dict[str, Any]:
    """Return the JSON form of a tree; `from_json` gives the tree back."""
    if isinstance(node, All):
        return {"all": [to_json(part) for part in node.parts]}
    if isinstance(node, AnyOf):
        return {"any": [to_json(part) for part in node.parts]}
    if isinstance(node, Not):
        return {"not": to_json(node.part)}
    written: dict[str, Any] = {"field": node.field, "operator": str(node.operator)}
    return written if node.value is None else written | {"value": _value_to_json(node.value)}


def from_json(written: object, *, path: str = "", depth: int = 0) -> Node:
    """Return the tree that `written` says; raises FilterError naming the place that is wrong."""
    if not isinstance(written, Mapping) or depth > MAX_DEPTH:
        raise FilterError(path, f"an object, nested at most {MAX_DEPTH} deep")
    for word, group in (("all", All), ("any", AnyOf)):
        if word in written:
            return group(tuple(_parts(written[word], f"{path}.{word}".strip("."), depth)))
    if "not" in written:
        return Not(from_json(written["not"], path=f"{path}.not".strip("."), depth=depth + 1))
    return _condition(written, path)


def _parts(written: object, path: str, depth: int) -> Iterator[Node]:
    if not isinstance(written, list):
        raise FilterError(path, "a list")
    for number, part in enumerate(written):
        yield from_json(part, path=f"{path}[{number}]", depth=depth + 1)


def _condition(written: Mapping[str, Any], path: str) -> Condition:
    field = written.get("field")
    if not isinstance(field, str) or not field:
        raise FilterError(path, '"all", "any", "not" or "field"')
    try:
        operator = Operator(str(written.get("operator")))
    except ValueError:
        raise FilterError(f"{path}.operator".strip("."), "a known operator") from None
    return Condition(field, operator, _value_from_json(written.get("value"), f"{path}.value".strip(".")))


def _value_to_json(value: FilterValue) -> Any:
    if isinstance(value, tuple):
        return [_value_to_json(one) for one in value]
    if isinstance(value, Me):
        return {"me": True}
    if isinstance(value, Between):
        return {"from": value.start, "until": value.end}
    if isinstance(value, RelativePeriod):
        return {"period": str(value)}
    if isinstance(value, RelativeSpan):
        return {"span": value.count, "unit": str(value.unit)}
    if isinstance(value, RelativeDay):
        return {"ago": -value.count, "unit": str(value.unit)}
    return value


def _value_from_json(written: object, path: str) -> FilterValue:
    if isinstance(written, Mapping):
        return _object_from_json(written, path)
    if isinstance(written, list):
        return tuple(_scalar(one, path) for one in written)
    return None if written is None else _scalar(written, path)


def _scalar(written: object, path: str) -> Any:
    if isinstance(written, Mapping) and written.get("me") is True:
        return Me()
    if isinstance(written, bool) or not isinstance(written, str | int):
        raise FilterError(path, "a text or a whole number")
    return written


def _object_from_json(written: Mapping[str, Any], path: str) -> FilterValue:
    try:
        if "period" in written:
            return RelativePeriod(written["period"])
        if "span" in written:
            return RelativeSpan(_count(written["span"]), Unit(written.get("unit", "days")))
        if "ago" in written:
            return RelativeDay(-_count(written["ago"]), Unit(written.get("unit", "days")))
    except ValueError:
        raise FilterError(path, "a known period or unit and a whole number") from None
    if "from" in written and "until" in written:
        return Between(_scalar(written["from"], path), _scalar(written["until"], path))
    return _scalar(written, path)  # type: ignore[no-any-return]  # Me, or an error


#: A century of days: farther away nobody means, and dates would overflow.
_MAX_COUNT = 36_500


def _count(written: object) -> int:
    if isinstance(written, bool) or not isinstance(written, int) or abs(written) > _MAX_COUNT:
        raise ValueError(written)
    return written
