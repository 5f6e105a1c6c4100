"""What every report is asked, and the one shape in which it answers: a table and its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from django.utils.functional import Promise

from turnus.core.calendar import DateRange, Period
from turnus.core.customers import CustomerKey
from turnus.core.filters import EVERYTHING, Node
from turnus.core.money import Money
from turnus.core.revenue.conversion import Withheld

#: A text, translated already or when it is shown.
Words = str | Promise


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
class Params:
    """What is asked: days, period of a line, split, filter, currency and its rates.

    A report listens to those that its definition lists. `split` is a field path, or empty.
    `known_on`: only what was known on that day; None for now.
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
    """One column; programs know it by its `code`, people by its heading."""

    code: str
    heading: Words
    unit: Unit = Unit.MONEY
    #: Its figures can be opened: the report knows their parts.
    has_parts: bool = False
    #: The part of the split that this column and its neighbors are about.
    group: str = ""
    #: The filter condition of that part, where figures open as lists of records.
    condition: Node | None = None
    #: The column that counts what this one is about: where it counts nothing, pages show a dash.
    counted_by: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a period, past or to come, or a part of the split in it; cells in column order."""

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
class Unconverted:
    """Deals that are counted nowhere, because there is no rate for their currency."""

    count: int
    money: Money


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its columns and lines.

    `withheld` currencies are in no figure for want of a rate: of the lines that say so, or of
    the whole report where none does.
    """

    name: str
    params: Params
    currency: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    withheld: tuple[Withheld, ...] = ()
    unconverted: tuple[Unconverted, ...] = ()
    #: Of records without a day, or with one outside the days asked for; empty in most reports.
    beyond: tuple[Cell, ...] = ()
    #: The sums of all lines, where they add up to something; else empty.
    totals: tuple[Cell, ...] = ()

    @property
    def whole(self) -> tuple[Line, ...]:
        """The lines of whole periods."""
        return tuple(line for line in self.lines if line.part is None)

    @property
    def is_split(self) -> bool:
        """Whether there are lines of parts."""
        return len(self.whole) < len(self.lines)

    def index_of(self, code: str) -> int | None:
        """Return the place of a column; None if the report does not have it."""
        for index, column in enumerate(self.columns):
            if column.code == code:
                return index
        return None

    def cell(self, cells: Sequence[Cell], code: str) -> Cell:
        """Return the cell of a column, None if the report does not have it."""
        index = self.index_of(code)
        return None if index is None else cells[index]


@dataclass(frozen=True, slots=True)
class Part:
    """One of the things that a figure is made of.

    `what` names it (a leg's kind, a kind of booking ...), or is empty. `amount` is exact:
    ten-thousandths of the report's currency; of a count 1 for each.
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
    """Parts that add up: to the figure itself, or to what a rate divides.

    `code` names it; `days` tells groups of the same name apart.
    """

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
        """What the shown parts lack: added to them, they are the shown sum to the cent.

        None if they lack nothing, as in a count.
        """
        total = self.shown
        if not isinstance(total, Money):
            return None
        added = 0
        for part in self.parts:
            shown = self.rounded(part)
            if isinstance(shown, Money):
                added += shown.amount_e4
        missing = total.amount_e4 - added
        return Money(missing, self.currency) if missing else None

    def rounded(self, part: Part) -> Money | int:
        """Return a part as it is shown."""
        return self._shown(part.amount)

    def _shown(self, exact: Fraction) -> Money | int:
        return (
            int(exact)
            if self.unit is Unit.COUNT
            else Money.rounded_from(exact, self.currency)
        )


@dataclass(frozen=True, slots=True)
class OpenedFigure:
    """A figure with what it is made of.

    One group adds up to it; two are divided by each other; of more, the rule says how.
    """

    column: Column
    line: Line
    cell: Cell
    groups: tuple[Group, ...]
    #: Code of a group -> what it is called.
    group_words: Mapping[str, Words]
    #: How the figure is made of its groups; empty where that goes without saying.
    rule: Words = ""

    @property
    def is_sum(self) -> bool:
        """Whether the parts simply add up to the figure."""
        return len(self.groups) == 1
