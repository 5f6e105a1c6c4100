"""Choices out of known ones: by id, by stored word, several at once; links to contacts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from turnus.core.fields.choosing import (
    choice_in,
    choices_in,
    currency_in,
    found_in,
)
from turnus.core.fields.kind_names import FieldKind
from turnus.core.fields.kinds.kind import Kind
from turnus.core.fields.kinds.numbers import is_stored_integer
from turnus.core.fields.notation import Notation
from turnus.core.fields.notes import Notes
from turnus.core.fields.operators import Comparison
from turnus.core.fields.rules import CellRules, Choices
from turnus.core.fields.values import ColumnValue
from turnus.core.fields.words import is_word_for_nothing
from turnus.core.records import RecordKind
from turnus.core.tables import Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceKind(Kind[int | str, int | str]):
    """One choice, by its id; of a worded kind, by its stored word."""

    comparison: Comparison = Comparison.CHOICE
    is_worded: bool = False

    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> int | str:
        """Return the choice that a cell names."""
        return choice_in(cell, rules.choices)

    def means_nothing(self, text: str, rules: CellRules) -> bool:
        """Return whether a text is a word for nothing that no choice is called by."""
        return _is_no_choice(text, rules)

    def show(
        self, value: int | str, notation: Notation, choices: Choices | None
    ) -> str:
        """Return the word for the choice."""
        return _word(value, choices)

    def is_comparable(self, value: object) -> bool:
        """Return whether the choice compares with `value`."""
        return (
            isinstance(value, str)
            if self.is_worded
            else is_stored_integer(value)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyKind(ChoiceKind):
    """A currency, by its code."""

    is_worded: bool = True

    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> int | str:
        """Return the currency that a cell names by its code, a word, or a sign."""
        return currency_in(cell, rules.choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicesKind(Kind[tuple[int, ...], list[int]]):
    """Several choices at once, by their ids in order."""

    comparison: Comparison = Comparison.CHOICES
    holds_several: bool = True
    is_blank_stored: bool = True

    def read(
        self, cell: Cell, rules: CellRules, notes: Notes
    ) -> tuple[int, ...]:
        """Return the choices that a cell lists."""
        return choices_in(cell, rules.choices)

    def means_nothing(self, text: str, rules: CellRules) -> bool:
        """Return whether a text is a word for nothing that no choice is called by."""
        return _is_no_choice(text, rules)

    def show(
        self,
        value: tuple[int, ...],
        notation: Notation,
        choices: Choices | None,
    ) -> str:
        """Return the words for the choices."""
        return ", ".join(_word(choice, choices) for choice in value)

    def store(self, value: Iterable[int]) -> list[int]:
        """Return the ids as a list."""
        return list(value)

    def load(self, stored: list[int]) -> tuple[int, ...]:
        """Return the ids of a list."""
        return tuple(stored)

    def to_column(self, value: tuple[int, ...] | None) -> list[int]:
        """Return the ids as a list, empty without a choice."""
        return list(value or ())

    def from_column(self, stored: ColumnValue) -> tuple[int, ...]:
        """Return the ids of a list."""
        ids = cast("list[int]", stored)
        return tuple(ids)

    def is_comparable(self, value: object) -> bool:
        """Return whether one of the choices compares with `value`."""
        return is_stored_integer(value)


def _word(stored: int | str, choices: Choices | None) -> str:
    return choices.name(stored) if choices else str(stored)


def _is_no_choice(text: str, rules: CellRules) -> bool:
    """Return whether a text says that there is none; choices may be called so ("keine")."""
    return is_word_for_nothing(text) and found_in(text, rules.choices) is None


_OF_DEALS = frozenset({RecordKind.DEAL})
_OF_SUBSCRIPTIONS = frozenset({RecordKind.SUBSCRIPTION})
_OF_BOTH = _OF_DEALS | _OF_SUBSCRIPTIONS


def _link(name: FieldKind) -> ChoiceKind:
    """Return a kind whose values are ids of contacts."""
    return ChoiceKind(
        name=name,
        comparison=Comparison.LINK,
        is_custom=True,
        is_integer=True,
        is_reference=True,
        order_column="name_folded",
    )


KINDS = (
    ChoiceKind(
        name=FieldKind.OPTION,
        is_custom=True,
        has_options=True,
        is_indexed=True,
        is_integer=True,
        splits=_OF_BOTH,
    ),
    ChoiceKind(
        name=FieldKind.USER,
        is_custom=True,
        is_indexed=True,
        is_integer=True,
        is_reference=True,
        is_user=True,
        order_column="name",
        splits=_OF_BOTH,
    ),
    ChoicesKind(name=FieldKind.OPTIONS, is_custom=True, has_options=True),
    ChoicesKind(name=FieldKind.LABELS),
    _link(FieldKind.PERSON),
    _link(FieldKind.ORGANIZATION),
    ChoiceKind(
        name=FieldKind.STAGE,
        is_reference=True,
        order_column="position",
        splits=_OF_DEALS,
    ),
    ChoiceKind(name=FieldKind.PIPELINE, is_reference=True, splits=_OF_DEALS),
    ChoiceKind(name=FieldKind.TEAM, is_reference=True, splits=_OF_BOTH),
    ChoiceKind(
        name=FieldKind.PLAN, is_reference=True, splits=_OF_SUBSCRIPTIONS
    ),
    ChoiceKind(name=FieldKind.STATUS, is_worded=True),
    ChoiceKind(name=FieldKind.VISIBILITY, is_worded=True),
    ChoiceKind(name=FieldKind.SEQUENCE, is_worded=True, splits=_OF_DEALS),
    ChoiceKind(name=FieldKind.SUBSCRIPTION_STATE, is_worded=True),
    ChoiceKind(name=FieldKind.RENEWAL_WAY, is_worded=True),
    ChoiceKind(name=FieldKind.SUBSCRIPTION_ENTRY, is_worded=True),
    CurrencyKind(name=FieldKind.CURRENCY, splits=_OF_SUBSCRIPTIONS),
)
