"""What a field kind is: one object that reads, shows, stores and compares its values."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, cast
from zoneinfo import ZoneInfo

from turnus.core.fields.kind_names import FieldKind
from turnus.core.fields.notation import Notation
from turnus.core.fields.notes import Notes
from turnus.core.fields.operators import Comparison, Operator
from turnus.core.fields.rules import CellRules, Choices
from turnus.core.fields.values import ColumnValue, Json, Value
from turnus.core.fields.words import is_word_for_nothing
from turnus.core.records import RecordKind
from turnus.core.tables import Cell

#: The values of a kind; what JSON holds of one; and, of kinds in two parts, of its second part.
V = TypeVar("V", bound=Value)
S = TypeVar("S", bound=Json)
S2 = TypeVar("S2", bound=Json)


@dataclass(frozen=True, slots=True)
class FileForm:
    """How the cells of one column of a file are written."""

    notation: Notation
    zone: ZoneInfo
    choices: Choices
    #: Whether the values are worked out by the product, such as MRR: no file brings them back.
    is_computed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(ABC, Generic[V, S]):
    """A field kind: all that can be done with values of type `V`, stored as JSON of type `S`.

    `parsing`, `showing` and `cells` are the ways in; call those.
    """

    name: FieldKind
    comparison: Comparison
    #: Whether a company may add fields of this kind.
    is_custom: bool = False
    #: Whether a custom field has options of its own.
    has_options: bool = False
    #: Whether a value is a list of ids.
    holds_several: bool = False
    #: Whether a custom field is worth an index: its values compare as they are.
    is_indexed: bool = False
    #: Whether a custom field stores whole numbers.
    is_integer: bool = False
    #: Whether the column of a built-in field holds the id of another row.
    is_reference: bool = False
    #: Whether a value is an amount, with a currency beside it.
    has_currency: bool = False
    #: Whether the second stored part stays when the same first part is entered again.
    keeps_second_part: bool = False
    #: Whether values are moments that have happened, so that none lies ahead.
    is_past: bool = False
    #: Whether values are users, of whom one is the person who asks.
    is_user: bool = False
    #: Of a reference: the column of the row behind it by which a list is sorted; empty: its id.
    order_column: str = ""
    #: The records whose reports can be split by fields of this kind.
    splits: frozenset[RecordKind] = frozenset()
    #: Whether a blank value has a stored form of its own in the column of a built-in field.
    is_blank_stored: bool = False

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The operators that a filter offers, the most usual first."""
        return self.comparison.operators

    @abstractmethod
    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> V | None:
        """Return the value in a cell that is not blank; raises ParseError."""

    def means_nothing(self, text: str, rules: CellRules) -> bool:
        """Return whether a text that is no value says that there is none."""
        return is_word_for_nothing(text)

    def show(
        self, value: V, notation: Notation, choices: Choices | None
    ) -> str:
        """Return `value` as text that `read` gives back."""
        return str(value)

    def cell(self, value: V, form: FileForm) -> Cell:
        """Return `value` as the cell of a file that `read` gives back."""
        return self.show(value, form.notation, form.choices)

    def keys(self, key: str) -> tuple[str, ...]:
        """Return all keys that the value of a custom field uses in storage."""
        return (key,)

    def to_cells(self, key: str, value: V) -> dict[str, Json]:
        """Return the stored form of a value."""
        return {key: self.store(value)}

    def from_cells(self, stored: S, key: str, cells: Mapping[str, Json]) -> V:
        """Return the value that `stored`, found under `key`, stands for."""
        return self.load(stored)

    def store(self, value: V) -> S:
        """Return `value` as JSON."""
        return value  # type: ignore[return-value]  # JSON already

    def load(self, stored: S) -> V:
        """Return the value that JSON stands for."""
        return stored  # type: ignore[return-value]  # the value already

    def to_column(self, value: V | None) -> ColumnValue | None:
        """Return what the column of a built-in field holds for `value`."""
        return value

    def from_column(self, stored: ColumnValue) -> V:
        """Return the value that the column of a built-in field holds; it is not blank."""
        return stored  # type: ignore[return-value]  # the value already

    @abstractmethod
    def is_comparable(self, value: object) -> bool:
        """Return whether the value of a condition, from outside, goes with this kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairKind(Kind[V, S], Generic[V, S, S2]):
    """A kind whose values have two stored parts: the second has a key beside the first."""

    suffix: str

    def keys(self, key: str) -> tuple[str, ...]:
        """Return the key of a value, and the one beside it."""
        return (key, key + self.suffix)

    def to_cells(self, key: str, value: V) -> dict[str, Json]:
        """Return both parts of a value; the second only if there is one."""
        first, second = self.split(value)
        cells: dict[str, Json] = {key: first}
        if second:
            cells[key + self.suffix] = second
        return cells

    def from_cells(self, stored: S, key: str, cells: Mapping[str, Json]) -> V:
        """Return the value that both parts make."""
        second = cast("S2 | None", cells.get(key + self.suffix))
        return self.join(stored, second)

    @abstractmethod
    def split(self, value: V) -> tuple[S, S2]:
        """Return the stored parts of a value."""

    @abstractmethod
    def join(self, first: S, second: S2 | None) -> V:
        """Return the value of two stored parts; `second` is None where there was none."""
