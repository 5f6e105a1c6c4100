"""The tree of a filter and its JSON form.

    {"all": [...]}   {"any": [...]}   {"not": {...}}
    {"field": "won_at", "operator": "in_period", "value": {"period": "last_month"}}

A field is a path from the kind of record being filtered: `title`, `custom.<key>`,
`organization.name`. Values are in stored form: option ids, days as `2018-10-01`, amounts in
ten-thousandths, times as `09:30:00`; lists for several; and

    {"from": ..., "until": ...}             both ends included
    {"period": "last_month"}                a named period
    {"span": -30, "unit": "days"}           the last 30 days and today
    {"ago": 30, "unit": "days"}             one day: 30 days ago; negative: from now
    {"me": true}                            the user who looks
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from turnus.core.fields.operators import Operator
from turnus.core.filters.periods import (
    PeriodUnit,
    RelativeDay,
    RelativePeriod,
    RelativeSpan,
)
from turnus.core.texts import is_storable

#: Deeper trees are refused: nobody means them, and they would only exhaust the stack.
MAX_DEPTH = 50
#: More conditions, or values in all of them, nobody means. Databases take more, but not without
#: end: SQLite refuses an expression that is nested 1,000 deep, as two thousand joined conditions
#: are.
MAX_CONDITIONS, MAX_VALUES = 200, 2_000
#: Letters of one text; SQLite refuses to look for a text of 50,000 bytes.
MAX_LETTERS = 1_000


class FilterError(ValueError):
    """JSON that is no filter; `path` says where, e.g. `all[1].value`."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path or 'filter'}: expected {expected}")
        self.path = path
        self.expected = expected


class FilterTooLargeError(FilterError):
    """A filter that is nested too deep, or has too many conditions, values or letters."""


class FilterTooFarError(FilterError):
    """A filter with a day or a period more than a century from today."""


@dataclass(frozen=True, slots=True)
class Me:
    """The user who looks at the list."""


@dataclass(frozen=True, slots=True)
class Between:
    """From `start` to `end`, both included, in stored form."""

    start: str | int
    end: str | int


FilterValue = (
    str
    | int
    | tuple[str | int | Me, ...]
    | Me
    | Between
    | RelativeDay
    | RelativePeriod
    | RelativeSpan
    | None
)


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
    """At least one part holds; an empty group always does, lest it hide everything."""

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


def to_json(node: Node) -> dict[str, object]:
    """Return the JSON form of a tree; `from_json` gives the tree back."""
    if isinstance(node, All):
        return {"all": [to_json(part) for part in node.parts]}
    if isinstance(node, AnyOf):
        return {"any": [to_json(part) for part in node.parts]}
    if isinstance(node, Not):
        return {"not": to_json(node.part)}
    written: dict[str, object] = {
        "field": node.field,
        "operator": str(node.operator),
    }
    if node.value is not None:
        written["value"] = _value_to_json(node.value)
    return written


def from_text(text: str) -> Node:
    """Return the tree that a JSON text says; raises FilterError, also for what is no JSON."""
    try:
        return from_json(json.loads(text))
    except RecursionError:
        raise FilterTooLargeError(
            "", f"an object, nested at most {MAX_DEPTH} deep"
        ) from None
    except FilterError:
        raise
    except ValueError:
        raise FilterError("", "JSON") from None


def from_json(written: object) -> Node:
    """Return the tree that `written` says; raises FilterError naming the place that is wrong.

    FilterTooLargeError for more than MAX_DEPTH, MAX_CONDITIONS, MAX_VALUES or MAX_LETTERS: no form
    of ours makes such a filter, and the databases would not take it.
    """
    return _TreeReader().node(written, "", 0)


class _TreeReader:
    """A reader of one tree that counts as it goes."""

    def __init__(self) -> None:
        self._conditions = count(1)
        self._values = count(1)

    def node(self, written: object, path: str, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise FilterTooLargeError(
                path, f"an object, nested at most {MAX_DEPTH} deep"
            )
        if not isinstance(written, Mapping):
            raise FilterError(path, "an object")
        for word, group in (("all", All), ("any", AnyOf)):
            if word in written:
                parts = self._parts(written[word], _below(path, word), depth)
                return group(tuple(parts))
        if "not" in written:
            return Not(
                self.node(written["not"], _below(path, "not"), depth + 1)
            )
        return self._condition(written, path)

    def _parts(self, written: object, path: str, depth: int) -> Iterator[Node]:
        if not isinstance(written, list):
            raise FilterError(path, "a list")
        for number, part in enumerate(written):
            yield self.node(part, f"{path}[{number}]", depth + 1)

    def _condition(
        self, written: Mapping[str, object], path: str
    ) -> Condition:
        if next(self._conditions) > MAX_CONDITIONS:
            raise FilterTooLargeError(
                path, f"at most {MAX_CONDITIONS} conditions"
            )
        field = written.get("field")
        if not isinstance(field, str) or not field or not is_storable(field):
            raise FilterError(path, '"all", "any", "not" or "field"')
        try:
            operator = Operator(str(written.get("operator")))
        except ValueError:
            raise FilterError(
                _below(path, "operator"), "a known operator"
            ) from None
        value = self._value(written.get("value"), _below(path, "value"))
        return Condition(field, operator, value)

    def _value(self, written: object, path: str) -> FilterValue:
        if isinstance(written, Mapping):
            return self._object(written, path)
        if isinstance(written, list):
            return tuple(self._choice(choice, path) for choice in written)
        return None if written is None else self._scalar(written, path)

    def _choice(self, written: object, path: str) -> str | int | Me:
        if _is_me(written):
            self._count_value(path)
            return Me()
        return self._scalar(written, path)

    def _count_value(self, path: str) -> None:
        if next(self._values) > MAX_VALUES:
            raise FilterTooLargeError(path, f"at most {MAX_VALUES} values")

    def _scalar(self, written: object, path: str) -> str | int:
        self._count_value(path)
        if isinstance(written, str):
            return _checked_text(written, path)
        if isinstance(written, bool) or not isinstance(written, int):
            raise FilterError(path, "a text or a whole number")
        return written

    def _object(self, written: Mapping[str, object], path: str) -> FilterValue:
        try:
            if "period" in written:
                return RelativePeriod(str(written["period"]))
            if "span" in written:
                unit = PeriodUnit(str(written.get("unit", "days")))
                return RelativeSpan(
                    _distance(written["span"], unit, path), unit
                )
            if "ago" in written:
                unit = PeriodUnit(str(written.get("unit", "days")))
                return RelativeDay(
                    -_distance(written["ago"], unit, path), unit
                )
        except FilterTooFarError:
            raise
        except ValueError:
            raise FilterError(
                path, "a known period or unit and a whole number"
            ) from None
        if "from" in written and "until" in written:
            start = self._scalar(written["from"], path)
            end = self._scalar(written["until"], path)
            return Between(start, end)
        return self._choice(written, path)


def _below(path: str, word: str) -> str:
    return f"{path}.{word}" if path else word


def _is_me(written: object) -> bool:
    return isinstance(written, Mapping) and written.get("me") is True


def _checked_text(text: str, path: str) -> str:
    if len(text) > MAX_LETTERS:
        raise FilterTooLargeError(
            path, f"a text of at most {MAX_LETTERS} letters"
        )
    if not is_storable(text):
        raise FilterError(path, "a text")
    return text


#: A century from today: farther away nobody means, and dates would overflow.
_MOST_OF_UNIT: Mapping[PeriodUnit, int] = {
    PeriodUnit.DAYS: 36_500,
    PeriodUnit.WEEKS: 5_200,
    PeriodUnit.MONTHS: 1_200,
    PeriodUnit.YEARS: 100,
}


def _distance(written: object, unit: PeriodUnit, path: str) -> int:
    if isinstance(written, bool) or not isinstance(written, int):
        raise ValueError(written)  # noqa: TRY004 (as an unknown unit)
    if abs(written) > _MOST_OF_UNIT[unit]:
        raise FilterTooFarError(path, "a century at most")
    return written


def _value_to_json(value: FilterValue) -> object:
    if isinstance(value, tuple):
        return [_value_to_json(choice) for choice in value]
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
