"""What every report of recurring revenue is asked with, and the one shape in which it answers: a table, and the parts of a figure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from turnus.core.calendar import DateRange, Period
from turnus.core.filters import EVERYTHING, Node
from turnus.core.money import Money
from turnus.core.revenue.conversion import Withheld


class Basis(StrEnum):
    """By which rates foreign prices are converted."""

    #: Each billing period at the rate of its first day.
    BOOKING = "booking"
    #: Everything at the rates of the first day shown: growth without the currencies' part.
    CONSTANT = "constant"
    TODAY = "today"


class Measure(StrEnum):
    """What a cohort's cells count."""

    CUSTOMERS = "customers"
    REVENUE = "revenue"


@dataclass(frozen=True, slots=True)
class RevenueParams:
    """What is asked: the days, the period of a line, the split, which subscriptions, the currency and its rates.

    `split` is a field path of subscriptions, or empty. `known_on`: only what was known on that day; None for now.
    """

    days: DateRange
    period: Period = Period.MONTH
    split: str = ""
    tree: Node = EVERYTHING
    currency: str = ""
    basis: Basis = Basis.BOOKING
    known_on: date | None = None
    measure: Measure = Measure.REVENUE


class Unit(StrEnum):
    """What a cell is: how it is shown, and what may be done with it."""

    MONEY = "money"
    #: A part of 1, shown in per cent.
    RATE = "rate"
    #: A bare number with two decimals.
    RATIO = "ratio"
    COUNT = "count"


#: None: undefined (nothing to divide by), shown as a dash.
Cell = Money | Decimal | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `code` names its heading, unless `name` does (a part of the split). `has_parts`: its figures can be opened."""

    code: str
    unit: Unit = Unit.MONEY
    name: str = ""
    has_parts: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a period, or a day of the future; and its cells in the order of the columns."""

    days: DateRange
    cells: tuple[Cell, ...]
    #: The figures may still change: a renewal is overdue but inside grace.
    is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class RevenueReport:
    """A report: its columns and lines. `withheld` currencies are in no figure, for a rate is missing."""

    name: str
    params: RevenueParams
    currency: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    withheld: tuple[Withheld, ...] = ()
    #: The last line sums up all others.
    has_total: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One of the things that a figure is made of; `what` names it (a leg's kind, a kind of booking ...), or is empty.

    `amount_e4` is exact, in ten-thousandths of the report's currency.
    """

    customer: int
    amount_e4: Fraction
    what: str = ""
    on: date | None = None
    subscription: int | None = None
    deal: int | None = None
    #: What was done to the subscription, if that moved it.
    event: int | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """A figure opened: what is shown for it, its parts, and what their roundings lack to add up to it."""

    column: Column
    days: DateRange
    currency: str
    shown: Money
    parts: Sequence[Part] = field(default_factory=tuple)

    @property
    def rounding_difference(self) -> Money:
        """What the shown parts lack: added to them, they are the shown figure to the cent."""
        added = sum(self.rounded(part).amount_e4 for part in self.parts)
        return Money(self.shown.amount_e4 - added, self.currency)

    def rounded(self, part: Part) -> Money:
        """Return a part as it is shown."""
        return Money.rounded_from(part.amount_e4, self.currency)


def parts_of(column: Column, days: DateRange, currency: str, parts: Sequence[Part]) -> Parts:
    """Return the opened figure that `parts` add up to."""
    total = sum((part.amount_e4 for part in parts), Fraction(0))
    return Parts(column, days, currency, Money.rounded_from(total, currency), parts)
