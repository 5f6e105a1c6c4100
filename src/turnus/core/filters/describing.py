"""A filter in words: a tree of phrases in no human language; `kit.messages` words them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from turnus.core.filters.periods import RelativeDay, RelativePeriod, RelativeSpan
from turnus.core.filters.tree import (
    All,
    AnyOf,
    Between,
    Condition,
    FilterValue,
    Me,
    Node,
    Not,
)


class PhraseCode(StrEnum):
    """What a phrase joins or says, besides the operators, which are phrases of their own name."""

    ALL = "filter.all"
    ANY = "filter.any"
    NOT = "filter.not"
    CONDITION = "filter.condition"
    EVERYTHING = "filter.everything"


class ValueCode(StrEnum):
    """How a condition's value is said."""

    NOTHING = "value.nothing"
    PLAIN = "value.plain"
    LIST = "value.list"
    ME = "value.me"
    BETWEEN = "value.between"
    PERIOD = "value.period"
    SPAN = "value.span"
    DAY = "value.day"


@dataclass(frozen=True, slots=True)
class ValuePhrase:
    """A value in a phrase: `words` name choices or show values; relative days have the rest."""

    code: ValueCode
    words: tuple[str, ...] = ()
    count: int = 0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of a filter in words; `parts` for joins, the other three for a condition."""

    code: PhraseCode
    parts: tuple["Phrase", ...] = ()
    field: str = ""
    operator: str = ""
    value: ValuePhrase = ValuePhrase(ValueCode.NOTHING)


#: Says a stored value of the field at a path in words: the option's name, the day in the person's
#: notation.
Namer = Callable[[str, Any], str]


def describe(node: Node, name: Namer) -> Phrase:
    """Return the phrases of a filter; `name` says single values."""
    if isinstance(node, Condition):
        said = _value(node.value, lambda stored: name(node.field, stored))
        return Phrase(
            PhraseCode.CONDITION,
            field=node.field,
            operator=str(node.operator),
            value=said,
        )
    if isinstance(node, Not):
        return Phrase(PhraseCode.NOT, (describe(node.part, name),))
    if not node.parts:
        return Phrase(PhraseCode.EVERYTHING)
    code = PhraseCode.ANY if isinstance(node, AnyOf) else PhraseCode.ALL
    return Phrase(code, tuple(describe(part, name) for part in node.parts))


def _value(value: FilterValue, name: Callable[[Any], str]) -> ValuePhrase:
    if value is None:
        return ValuePhrase(ValueCode.NOTHING)
    if isinstance(value, tuple):
        return ValuePhrase(
            ValueCode.LIST,
            tuple("" if isinstance(one, Me) else name(one) for one in value),
        )
    if isinstance(value, Me):
        return ValuePhrase(ValueCode.ME)
    if isinstance(value, Between):
        return ValuePhrase(ValueCode.BETWEEN, (name(value.start), name(value.end)))
    return _relative(value, name)


def _relative(value: Any, name: Callable[[Any], str]) -> ValuePhrase:
    if isinstance(value, RelativePeriod):
        return ValuePhrase(ValueCode.PERIOD, (str(value),))
    if isinstance(value, RelativeSpan):
        return ValuePhrase(ValueCode.SPAN, count=value.count, unit=str(value.unit))
    if isinstance(value, RelativeDay):
        return ValuePhrase(ValueCode.DAY, count=value.count, unit=str(value.unit))
    return ValuePhrase(ValueCode.PLAIN, (name(value),))


__all__ = [
    "All",
    "Namer",
    "Phrase",
    "PhraseCode",
    "ValueCode",
    "ValuePhrase",
    "describe",
]
