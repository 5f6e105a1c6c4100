"""A filter in words: a tree of phrases in no human language; `kit.messages` words them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from turnus.core.filters.periods import (
    RelativeDay,
    RelativePeriod,
    RelativeSpan,
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
Namer = Callable[[str, str | int], str]


def describe(node: Node, name: Namer) -> Phrase:
    """Return the phrases of a filter; `name` says single values."""
    if isinstance(node, Condition):
        return Phrase(
            PhraseCode.CONDITION,
            field=node.field,
            operator=str(node.operator),
            value=_value(node.value, partial(name, node.field)),
        )
    if isinstance(node, Not):
        denied = describe(node.part, name)
        return Phrase(PhraseCode.NOT, (denied,))
    if not node.parts:
        return Phrase(PhraseCode.EVERYTHING)
    code = PhraseCode.ANY if isinstance(node, AnyOf) else PhraseCode.ALL
    parts = [describe(part, name) for part in node.parts]
    return Phrase(code, tuple(parts))


def _value(
    value: FilterValue, name: Callable[[str | int], str]
) -> ValuePhrase:
    if value is None:
        return ValuePhrase(ValueCode.NOTHING)
    if isinstance(value, tuple):
        words = [
            "" if isinstance(choice, Me) else name(choice) for choice in value
        ]
        return ValuePhrase(ValueCode.LIST, tuple(words))
    if isinstance(value, Me):
        return ValuePhrase(ValueCode.ME)
    if isinstance(value, Between):
        words_of_ends = (name(value.start), name(value.end))
        return ValuePhrase(ValueCode.BETWEEN, words_of_ends)
    if isinstance(value, RelativePeriod | RelativeSpan | RelativeDay):
        return _relative(value)
    return ValuePhrase(ValueCode.PLAIN, (name(value),))


def _relative(
    value: RelativePeriod | RelativeSpan | RelativeDay,
) -> ValuePhrase:
    if isinstance(value, RelativePeriod):
        return ValuePhrase(ValueCode.PERIOD, (str(value),))
    if isinstance(value, RelativeSpan):
        return ValuePhrase(
            ValueCode.SPAN, count=value.count, unit=str(value.unit)
        )
    return ValuePhrase(ValueCode.DAY, count=value.count, unit=str(value.unit))


__all__ = [
    "All",
    "Namer",
    "Phrase",
    "PhraseCode",
    "ValueCode",
    "ValuePhrase",
    "describe",
]
