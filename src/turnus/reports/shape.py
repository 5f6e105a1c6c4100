"""What every report of recurring revenue is asked with, and the one shape in which it answers: a table, and the parts of a figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from turnus.core.calendar import DateRange, Period
from turnus.core.customers import CustomerKey
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
    """One line: a period, past or to come, or a part of the split in it; and its cells in the order of the columns."""

    days: DateRange
    cells: tuple[Cell, ...]
    #: The figures may still change: a renewal is overdue but inside grace.
    is_provisional: bool = False
    #: The part's value and name; None for the whole period, which stands below its parts.
    part: str | None = None
    part_name: str = ""
    #: Currencies that are in none of its figures, because a rate is missing that they need.
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RevenueReport:
    """A report: its columns and lines.

    `withheld` currencies are in no figure for want of a rate: of the lines that say so, else of the whole report.
    """

    name: str
    params: RevenueParams
    currency: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    withheld: tuple[Withheld, ...] = ()

    @property
    def whole(self) -> tuple[Line, ...]:
        """The lines of whole periods."""
        return tuple(line for line in self.lines if line.part is None)

    @property
    def is_split(self) -> bool:
        """Whether there are lines of parts."""
        return len(self.whole) < len(self.lines)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the things that a figure is made of; `what` names it (a leg's kind, a kind of booking ...), or is empty.

    `amount` is exact: ten-thousandths of the report's currency; of a count 1 for each.
    """

    customer: CustomerKey
    amount: Fraction
    what: str = ""
    on: date | None = None
    subscription: int | None = None
    deal: int | None = None
    #: It is a part of `deal` itself; else the deal is that of the term which runs on the day `on`.
    is_of_deal: bool = False
    #: What was done to the subscription, if that moved it.
    event: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that add up: to the figure itself, or to what a rate divides; `code` names it. `days` tells groups of one name apart."""

    code: str
    unit: Unit
    currency: str
    parts: Sequence[Part]
    days: DateRange | None = None

    @property
    def exact(self) -> Fraction:
        """The sum, exact."""
        return sum((part.amount for part in self.parts), Fraction(0))

    @property
    def shown(self) -> Money | int:
        """The sum as it is shown."""
        return self._shown(self.exact)

    @property
    def rounding_difference(self) -> Money | None:
        """What the shown parts lack: added to them, they are the shown sum to the cent. None if nothing, as of a count."""
        total = self.shown
        if not isinstance(total, Money):
            return None
        added = sum(
            one.amount_e4 for part in self.parts if isinstance(one := self.rounded(part), Money)
        )
        return Money(total.amount_e4 - added, self.currency) if total.amount_e4 != added else None

    def rounded(self, part: Part) -> Money | int:
        """Return a part as it is shown."""
        return self._shown(part.amount)

    def _shown(self, exact: Fraction) -> Money | int:
        return int(exact) if self.unit is Unit.COUNT else Money.rounded_from(exact, self.currency)


@dataclass(frozen=True, slots=True)
class Parts:
    """A figure opened: one group whose parts add up to it; or two, divided by each other; or more (`words.RULES` says how)."""

    column: Column
    line: Line
    cell: Cell
    groups: tuple[Group, ...]
