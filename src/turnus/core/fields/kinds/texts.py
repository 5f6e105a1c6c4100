"""Texts: lines, long texts, phone numbers and addresses of custom fields, contact points."""

from dataclasses import dataclass
from typing import cast

from turnus.core.fields.kind_names import FieldKind
from turnus.core.fields.kinds.kind import FileForm, Kind, PairKind
from turnus.core.fields.notation import Notation
from turnus.core.fields.notes import Notes
from turnus.core.fields.operators import Comparison
from turnus.core.fields.points import points_in, show_points
from turnus.core.fields.rules import CellRules, Choices
from turnus.core.fields.texts import (
    LONGEST_LARGE_TEXT,
    LONGEST_TEXT,
    address_in,
    phone_in,
    text_in,
    text_of,
)
from turnus.core.fields.values import (
    Address,
    ColumnValue,
    ContactPoint,
    PointJson,
)
from turnus.core.fields.words import is_programs_blank, is_word_for_nothing
from turnus.core.tables import Cell


def _is_free_blank(text: str, rules: CellRules) -> bool:
    """Return whether a free text is a program's word for nothing, which is never meant."""
    return (
        is_word_for_nothing(text) if rules.is_name else is_programs_blank(text)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TextKind(Kind[str, str]):
    """Text as it was typed."""

    comparison: Comparison = Comparison.TEXT
    is_blank_stored: bool = True
    longest: int = LONGEST_TEXT

    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> str:
        """Return the text of a cell."""
        return text_in(cell, notes, longest=self.longest)

    def means_nothing(self, text: str, rules: CellRules) -> bool:
        """Return whether a text is a program's word for nothing; of a name, anybody's word."""
        return _is_free_blank(text, rules)

    def cell(self, value: str, form: FileForm) -> Cell:
        """Return the text."""
        return value

    def to_column(self, value: str | None) -> str:
        """Return the text, empty without one."""
        return value or ""

    def is_comparable(self, value: object) -> bool:
        """Return whether texts compare with `value`."""
        return isinstance(value, str | int)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneKind(Kind[str, str]):
    """One phone number."""

    comparison: Comparison = Comparison.TEXT

    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> str | None:
        """Return the number in a cell; None with a note if it cannot be one."""
        return phone_in(cell, notes)

    def cell(self, value: str, form: FileForm) -> Cell:
        """Return the number."""
        return value

    def is_comparable(self, value: object) -> bool:
        """Return whether numbers compare with `value`."""
        return isinstance(value, str | int)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressKind(PairKind[Address, str, dict[str, str]]):
    """An address, with its parts if they are known."""

    comparison: Comparison = Comparison.TEXT
    suffix: str = "_parts"
    keeps_second_part: bool = True

    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> Address:
        """Return the address in a cell; its parts are not known."""
        return address_in(cell)

    def means_nothing(self, text: str, rules: CellRules) -> bool:
        """Return whether a text is a program's word for nothing."""
        return _is_free_blank(text, rules)

    def show(
        self, value: Address, notation: Notation, choices: Choices | None
    ) -> str:
        """Return the address as it was written."""
        return value.text

    def split(self, value: Address) -> tuple[str, dict[str, str]]:
        """Return text and parts."""
        return value.text, dict(value.parts)

    def join(self, first: str, second: dict[str, str] | None) -> Address:
        """Return the address of a text and its parts."""
        return Address(first, second or {})

    def is_comparable(self, value: object) -> bool:
        """Return whether addresses compare with `value`."""
        return isinstance(value, str | int)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsKind(Kind[tuple[ContactPoint, ...], str]):
    """Email addresses or phone numbers with what they are for, the primary one first."""

    comparison: Comparison = Comparison.TEXT
    is_blank_stored: bool = True
    is_email: bool

    def read(
        self, cell: Cell, rules: CellRules, notes: Notes
    ) -> tuple[ContactPoint, ...] | None:
        """Return the points in a cell."""
        return points_in(
            text_of(cell),
            notes,
            label=rules.label,
            is_email=self.is_email,
            labels=rules.choices,
        )

    def show(
        self,
        value: tuple[ContactPoint, ...],
        notation: Notation,
        choices: Choices | None,
    ) -> str:
        """Return the points with the words of their labels."""
        return show_points(value, choices)

    def to_column(
        self, value: tuple[ContactPoint, ...] | None
    ) -> list[PointJson]:
        """Return the points as JSON, an empty list without one."""
        return [
            {"value": point.value, "label": point.label}
            for point in value or ()
        ]

    def from_column(self, stored: ColumnValue) -> tuple[ContactPoint, ...]:
        """Return the points that JSON stands for."""
        points = cast("list[PointJson]", stored)
        return tuple(
            ContactPoint(point["value"], point["label"]) for point in points
        )

    def is_comparable(self, value: object) -> bool:
        """Return whether points compare with `value`."""
        return isinstance(value, str | int)


KINDS = (
    TextKind(name=FieldKind.TEXT, is_custom=True),
    TextKind(
        name=FieldKind.LARGE_TEXT,
        is_custom=True,
        longest=LONGEST_LARGE_TEXT,
    ),
    TextKind(name=FieldKind.AUTOCOMPLETE, is_custom=True),
    PhoneKind(name=FieldKind.PHONE, is_custom=True),
    AddressKind(name=FieldKind.ADDRESS, is_custom=True),
    PointsKind(name=FieldKind.EMAILS, is_email=True),
    PointsKind(name=FieldKind.PHONES, is_email=False),
)
