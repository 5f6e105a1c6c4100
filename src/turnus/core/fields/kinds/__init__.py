"""The field kinds: one object each, with all that can be done with its values."""

from collections.abc import Mapping

from turnus.core.fields.kind_names import FieldKind
from turnus.core.fields.kinds import choices, days, numbers, texts, times
from turnus.core.fields.kinds.kind import FileForm, Kind
from turnus.core.fields.operators import Comparison, Operator
from turnus.core.fields.values import Json, Value

__all__ = [
    "CHOICE_KINDS",
    "CUSTOM_KINDS",
    "DATE_KINDS",
    "KINDS",
    "LINK_KINDS",
    "NUMBER_KINDS",
    "SET_KINDS",
    "TEXT_KINDS",
    "TIME_KINDS",
    "AnyKind",
    "FileForm",
    "Json",
    "Kind",
    "operators_of",
]

_MODULES = (texts, numbers, days, times, choices)
#: A kind and the values of its fields. The caller pairs them: a kind never gets another's values.
AnyKind = Kind[Value, Json]
_BY_NAME: Mapping[FieldKind, AnyKind] = {
    kind.name: kind for module in _MODULES for kind in module.KINDS
}

#: Every kind by its name, in the order in which people choose one. A name without a kind is a bug.
KINDS: Mapping[FieldKind, AnyKind] = {
    name: _BY_NAME[name] for name in FieldKind
}

CUSTOM_KINDS: tuple[FieldKind, ...] = tuple(
    kind.name for kind in KINDS.values() if kind.is_custom
)


def _compared(*comparisons: Comparison) -> frozenset[FieldKind]:
    return frozenset(
        kind.name for kind in KINDS.values() if kind.comparison in comparisons
    )


TEXT_KINDS = _compared(Comparison.TEXT)
NUMBER_KINDS = _compared(Comparison.NUMBER)
DATE_KINDS = _compared(Comparison.DAY, Comparison.MOMENT)
TIME_KINDS = _compared(Comparison.TIME)
CHOICE_KINDS = _compared(Comparison.CHOICE)
SET_KINDS = _compared(Comparison.CHOICES)
LINK_KINDS = _compared(Comparison.LINK)


def operators_of(name: FieldKind) -> tuple[Operator, ...]:
    """Return the operators that a filter offers for a kind, the most usual first."""
    return KINDS[name].operators
