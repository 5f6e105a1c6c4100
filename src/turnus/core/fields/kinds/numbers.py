"""Numbers, amounts of money, percentages and the numbers of records."""

from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from turnus.core.fields.figures import id_in, money_in, number_in, percent_in
from turnus.core.fields.kind_names import FieldKind
from turnus.core.fields.kinds.kind import FileForm, Kind, PairKind
from turnus.core.fields.notation import Notation
from turnus.core.fields.notes import Notes
from turnus.core.fields.operators import Comparison
from turnus.core.fields.rules import CellRules, Choices
from turnus.core.money import Money, from_e4
from turnus.core.tables import Cell

#: Numbers are stored as millionths: exact, sortable, within 64 bits.
MILLIONTH = 1_000_000
#: No database compares whole numbers beyond 64 bits, and no cell holds one.
_BEYOND_64_BITS = 1 << 63


def is_stored_integer(value: object) -> bool:
    """Return whether `value` is a whole number that a cell may hold."""
    return isinstance(value, int) and abs(value) < _BEYOND_64_BITS


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberKind(Kind[Decimal, int]):
    """A number with decimals."""

    comparison: Comparison = Comparison.NUMBER
    is_integer: bool = True

    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> Decimal:
        """Return the number in a cell."""
        return number_in(cell, rules, notes)

    def show(
        self, value: Decimal, notation: Notation, choices: Choices | None
    ) -> str:
        """Return the number in the digits of `notation`."""
        return _shown(value, notation)

    def cell(self, value: Decimal, form: FileForm) -> Cell:
        """Return the number."""
        return value

    def store(self, value: Decimal) -> int:
        """Return the number in millionths."""
        return int(Decimal(value) * MILLIONTH)

    def load(self, stored: int) -> Decimal:
        """Return the number of so many millionths."""
        return _plain(Decimal(stored) / MILLIONTH)

    def is_comparable(self, value: object) -> bool:
        """Return whether numbers compare with `value`."""
        return is_stored_integer(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyKind(PairKind[Money, int, str]):
    """An amount with its currency."""

    comparison: Comparison = Comparison.NUMBER
    is_integer: bool = True
    suffix: str = "_currency"
    has_currency: bool = True

    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> Money:
        """Return the amount in a cell."""
        return money_in(cell, rules, notes)

    def show(
        self, value: Money, notation: Notation, choices: Choices | None
    ) -> str:
        """Return the amount with the code of its currency."""
        return f"{_shown(value.amount, notation)} {value.currency}"

    def cell(self, value: Money, form: FileForm) -> Cell:
        """Return the amount, which has a currency beside it; a computed one is rounded."""
        if form.is_computed:
            return Money.rounded_from(value.amount_e4, value.currency).amount
        return from_e4(value.amount_e4)

    def split(self, value: Money) -> tuple[int, str]:
        """Return amount and currency."""
        return value.amount_e4, value.currency

    def join(self, first: int, second: str | None) -> Money:
        """Return the amount in its currency."""
        currency = cast("str", second)  # no amount is stored without one
        return Money(first, currency)

    def is_comparable(self, value: object) -> bool:
        """Return whether amounts compare with `value`."""
        return is_stored_integer(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeKind(Kind[int, int]):
    """A whole number: the number of a record."""

    comparison: Comparison = Comparison.NUMBER
    is_integer: bool = True

    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> int:
        """Return the number in a cell: whole, and above 0."""
        return id_in(cell, rules, notes)

    def cell(self, value: int, form: FileForm) -> Cell:
        """Return the number."""
        return value

    def is_comparable(self, value: object) -> bool:
        """Return whether whole numbers compare with `value`."""
        return is_stored_integer(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentKind(WholeKind):
    """A whole number from 0 to 100."""

    def read(self, cell: Cell, rules: CellRules, notes: Notes) -> int:
        """Return the percentage in a cell."""
        return percent_in(cell, rules, notes)


def _shown(number: Decimal, notation: Notation) -> str:
    text = f"{number:f}"
    return text.replace(".", ",") if notation.decimal_comma else text


def _plain(number: Decimal) -> Decimal:
    """Return `number` without trailing zeros and without an exponent."""
    if number == number.to_integral_value():
        return number.quantize(Decimal(1))
    return number.normalize()


KINDS = (
    NumberKind(name=FieldKind.NUMBER, is_custom=True, is_indexed=True),
    MoneyKind(name=FieldKind.MONEY, is_custom=True, is_indexed=True),
    PercentKind(name=FieldKind.PERCENT),
    WholeKind(name=FieldKind.ID),
)
