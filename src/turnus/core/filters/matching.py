"""A filter applied to one record in memory: the meaning that compiled queries must share.

An empty field satisfies the negative operators (`is not`, `does not contain`, `is none of` ...) and
no positive one. A condition whose value is missing is unfinished and holds for every record. A
filter with a condition whose field is gone holds for none and for all alike, so it is refused: a
person who trusted it would otherwise act on records that it was made to keep out.
"""

from collections.abc import Callable, Collection, Container, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol, cast
from zoneinfo import ZoneInfo

from turnus.core.calendar import DateRange, day_of
from turnus.core.fields.kind_names import FieldKind
from turnus.core.fields.kinds import (
    DATE_KINDS,
    KINDS,
    SET_KINDS,
    TEXT_KINDS,
    operators_of,
)
from turnus.core.fields.operators import Operator
from turnus.core.filters.periods import (
    RelativeDay,
    RelativePeriod,
    RelativeSpan,
    resolve_day,
    resolve_period,
)
from turnus.core.filters.tree import (
    All,
    AnyOf,
    Between,
    Condition,
    FilterValue,
    Me,
    Node,
    Not,
    conditions_of,
)
from turnus.core.folding import fold

O = Operator  # noqa: E741 (tables below read better with one letter)


#: A stored value, or one that it is compared with, in stored form.
Scalar = str | int
#: A condition's value without anything that depends on who asks and when.
SettledValue = Scalar | tuple[Scalar, ...] | Between | None


class Ordered(Protocol):
    """A scalar beside another of its own class, as `fits` makes sure."""

    def __lt__(self, other: object, /) -> bool: ...
    def __le__(self, other: object, /) -> bool: ...
    def __gt__(self, other: object, /) -> bool: ...
    def __ge__(self, other: object, /) -> bool: ...


class Asker(Protocol):
    """Whom a filter means by "me", what it calls today, and where a day begins."""

    @property
    def user_id(self) -> int:
        """The user who asks."""

    @property
    def on(self) -> date:
        """Today."""

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""


#: Operator -> the positive operator it denies.
NEGATIVE = {
    O.IS_NOT: O.IS,
    O.NOT_CONTAINS: O.CONTAINS,
    O.NOT_STARTS_WITH: O.STARTS_WITH,
    O.NOT_ENDS_WITH: O.ENDS_WITH,
    O.IS_NONE_OF: O.IS_ANY_OF,
    O.NOT_IN_PERIOD: O.IN_PERIOD,
    O.IS_EMPTY: O.IS_NOT_EMPTY,
}


class FieldGoneError(LookupError):
    """A filter with a condition whose field does not exist (any more); `path` is the field's."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def matches(
    node: Node,
    record: Mapping[str, object],
    *,
    kinds: Mapping[str, FieldKind],
    asker: Asker,
) -> bool:
    """Return whether `record` (field path -> stored value; moments are aware) passes the filter.

    Raises FieldGoneError where the filter has a condition on a field that is not among `kinds`.
    """
    for path in gone_fields(node, kinds):
        raise FieldGoneError(path)
    return _Matcher(kinds, asker).passes(node, record)


def gone_fields(node: Node, kinds: Container[str]) -> list[str]:
    """Return the paths that the filter names and that are not among `kinds`, each once."""
    named = dict.fromkeys(condition.field for condition in conditions_of(node))
    return [path for path in named if path not in kinds]


def is_unfinished(condition: Condition) -> bool:
    """Return whether a condition lacks the value that its operator needs."""
    needs_value = condition.operator not in {O.IS_EMPTY, O.IS_NOT_EMPTY}
    value = condition.value
    if isinstance(value, Between):
        return "" in {value.start, value.end}
    return needs_value and value in (None, "", ())


def fits(condition: Condition, kind: FieldKind) -> bool:
    """Return whether operator and value go with a field of this kind.

    A filter from outside may hold anything.
    """
    value = condition.value
    if condition.operator not in operators_of(kind):
        return False
    if condition.operator in {O.IS_EMPTY, O.IS_NOT_EMPTY}:
        return True
    is_span = condition.operator in _SPANS
    if isinstance(value, Between):
        return is_span and _fits(value.start, kind) and _fits(value.end, kind)
    if isinstance(value, RelativePeriod | RelativeSpan):
        return is_span and kind in DATE_KINDS
    if isinstance(value, tuple):
        is_list = condition.operator in _LISTS
        return is_list and all(_fits(choice, kind) for choice in value)
    return not is_span and _fits(value, kind)


_SPANS = frozenset({O.BETWEEN, O.IN_PERIOD, O.NOT_IN_PERIOD})
_LISTS = frozenset({O.IS_ANY_OF, O.IS_NONE_OF, O.IS_ALL_OF})


def _fits(value: object, kind: FieldKind) -> bool:
    if isinstance(value, Me):
        return KINDS[kind].is_user
    if isinstance(value, RelativeDay):
        return kind in DATE_KINDS
    return KINDS[kind].is_comparable(value)


@dataclass(frozen=True, slots=True)
class _Matcher:
    """A matcher of filters and records of fields of these kinds, for the asker."""

    kinds: Mapping[str, FieldKind]
    asker: Asker

    def passes(self, node: Node, record: Mapping[str, object]) -> bool:
        if isinstance(node, All):
            return all(self.passes(part, record) for part in node.parts)
        if isinstance(node, AnyOf):
            has_match = any(self.passes(part, record) for part in node.parts)
            return has_match or not node.parts
        if isinstance(node, Not):
            return not self.passes(node.part, record)
        return self._holds(node, record.get(node.field))

    def _holds(self, condition: Condition, stored: object) -> bool:
        if is_unfinished(condition):
            return True
        positive = NEGATIVE.get(condition.operator)
        if positive:
            opposite = replace(condition, operator=positive)
            return not self._holds(opposite, stored)
        if stored is None or stored in ("", []):
            return False
        if condition.operator is O.IS_NOT_EMPTY:
            return True
        return self._compare(condition, stored)

    def _compare(self, condition: Condition, stored: object) -> bool:
        kind = self.kinds[condition.field]
        operator = condition.operator
        value = settled(condition.value, self.asker)
        if kind in SET_KINDS:
            chosen = set(cast("Collection[int]", stored))
            return _has_choices(operator, chosen, value)
        if kind in TEXT_KINDS:
            text = fold(cast("str", stored))
            return _TEXT[operator](text, _folded(value))
        if isinstance(stored, datetime):
            stored = day_of(stored, self.asker.zone).isoformat()
        return _PLAIN[operator](cast("Scalar", stored), value)


def _has_choices(
    operator: Operator, chosen: AbstractSet[object], value: SettledValue
) -> bool:
    wanted = set(value) if isinstance(value, tuple) else {value}
    if operator is O.IS_ALL_OF:
        return wanted <= chosen
    return not wanted.isdisjoint(chosen)


def settled(value: FilterValue, asker: Asker) -> SettledValue:
    """Return a condition's value with "me" and relative days resolved; periods as `Between`."""
    if isinstance(value, tuple):
        user_id = asker.user_id
        choices = [
            user_id if isinstance(choice, Me) else choice for choice in value
        ]
        return tuple(choices)
    if isinstance(value, Me):
        return asker.user_id
    if isinstance(value, RelativeDay):
        return resolve_day(value, on=asker.on).isoformat()
    if isinstance(value, RelativePeriod | RelativeSpan):
        return _ends(resolve_period(value, on=asker.on))
    return value


def _ends(days: DateRange) -> Between:
    return Between(days.start.isoformat(), days.last_day.isoformat())


def _folded(value: SettledValue) -> SettledValue:
    if isinstance(value, tuple):
        return tuple(fold(str(text)) for text in value)
    return fold(str(value))


def _within(stored: Scalar, value: SettledValue) -> bool:
    if not isinstance(value, Between):
        return stored == value
    start = cast("Ordered", value.start)
    end = cast("Ordered", value.end)
    return start <= stored <= end


def _among(stored: Scalar, value: SettledValue) -> bool:
    return stored in value if isinstance(value, tuple) else stored == value


def _equals(stored: str, value: SettledValue) -> bool:
    return stored == value


def _contains(stored: str, value: SettledValue) -> bool:
    return cast("str", value) in stored


def _starts_with(stored: str, value: SettledValue) -> bool:
    return stored.startswith(cast("str", value))


def _ends_with(stored: str, value: SettledValue) -> bool:
    return stored.endswith(cast("str", value))


def _less(stored: Scalar, value: SettledValue) -> bool:
    return cast("Ordered", stored) < value


def _at_most(stored: Scalar, value: SettledValue) -> bool:
    return cast("Ordered", stored) <= value


def _more(stored: Scalar, value: SettledValue) -> bool:
    return cast("Ordered", stored) > value


def _at_least(stored: Scalar, value: SettledValue) -> bool:
    return cast("Ordered", stored) >= value


_TEXT: Mapping[Operator, Callable[[str, SettledValue], bool]] = {
    O.IS: _equals,
    O.CONTAINS: _contains,
    O.STARTS_WITH: _starts_with,
    O.ENDS_WITH: _ends_with,
    O.IS_ANY_OF: _among,
}
_PLAIN: Mapping[Operator, Callable[[Scalar, SettledValue], bool]] = {
    O.IS: _among,
    O.IS_ANY_OF: _among,
    O.BETWEEN: _within,
    O.IN_PERIOD: _within,
    O.LESS_THAN: _less,
    O.BEFORE: _less,
    O.AT_MOST: _at_most,
    O.ON_OR_BEFORE: _at_most,
    O.MORE_THAN: _more,
    O.AFTER: _more,
    O.AT_LEAST: _at_least,
    O.ON_OR_AFTER: _at_least,
}
