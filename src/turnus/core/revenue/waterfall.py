"""Movements added up by period: opening + movements = closing, exactly, for any slice."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import lcm
from operator import attrgetter
from typing import NamedTuple

from turnus.core.calendar import DateRange, Period, period_of, periods_in
from turnus.core.customers import CustomerKey
from turnus.core.money import Money
from turnus.core.revenue.facts import Exact, Matching
from turnus.core.revenue.movements import (
    Ledger,
    Movement,
    MovementKind,
    Shares,
)


class WaterfallLine(StrEnum):
    """The lines of a waterfall between opening and closing, in the order shown."""

    NEW = "new"
    REACTIVATION = "reactivation"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"
    CHURN = "churn"
    FX = "fx"
    #: Only in filtered tables: what came from, and went to, other slices.
    TRANSFER_IN = "transfer_in"
    TRANSFER_OUT = "transfer_out"


_LINES = {kind: WaterfallLine(kind) for kind in MovementKind}


@dataclass(frozen=True, slots=True)
class Waterfall:
    """One period: MRR before it, what moved, MRR after it.

    Exact, in ten-thousandths of `currency`.
    """

    days: DateRange
    currency: str
    opening: Fraction
    lines: dict[WaterfallLine, Fraction]
    #: Customers with MRR above 0 at the end.
    customer_count: int

    @property
    def closing(self) -> Fraction:
        """MRR at the end of the period's last day."""
        return self.opening + self.net

    @property
    def net(self) -> Fraction:
        """All that moved: closing less opening."""
        return sum(self.lines.values(), Fraction(0))

    @property
    def shown(self) -> "ShownWaterfall":
        """The table as it is shown."""
        opening = self._money(self.opening)
        closing = self._money(self.closing)
        lines = {
            line: self._money(amount) for line, amount in self.lines.items()
        }
        footed_e4 = opening.amount_e4 + sum(
            amount.amount_e4 for amount in lines.values()
        )
        difference = Money(closing.amount_e4 - footed_e4, self.currency)
        return ShownWaterfall(
            opening, lines, difference, closing, self._money(self.net)
        )

    def _money(self, exact: Fraction) -> Money:
        return Money.rounded_from(exact, self.currency)


@dataclass(frozen=True, slots=True)
class ShownWaterfall:
    """Every figure is the rounding of the exact one.

    What is then missing from the sum has a line of its own.
    """

    opening: Money
    lines: dict[WaterfallLine, Money]
    rounding_difference: Money
    closing: Money
    net: Money


class LineAmount(NamedTuple):
    """What is added to a line, in the ledger's scale."""

    line: WaterfallLine
    amount: Exact


def periods_between(
    first: date, last: date, period: Period = Period.MONTH
) -> list[DateRange]:
    """Return the periods from the one that holds `first` to the one that holds `last`."""
    days = DateRange(first, last + timedelta(days=1))
    return [period_of(start, period) for start in periods_in(days, period)]


def waterfall(
    ledger: Ledger,
    periods: Sequence[DateRange],
    matching: Matching | None = None,
) -> list[Waterfall]:
    """Return a table for each of `periods`, which follow one another in order.

    With `matching` it is that of a slice: classes are decided on the whole customer first; the
    slice then shows its own parts of them.
    """
    scale = ledger.scale
    sums = _RunningSums(matching)
    tables = []
    position = 0
    for days in periods:
        position = sums.add_until(days.start, ledger.movements, position)
        opening = sums.start_period()
        position = sums.add_until(days.end, ledger.movements, position)
        table = Waterfall(
            days=days,
            currency=scale.currency,
            opening=scale.mrr_e4(opening),
            lines={
                line: scale.mrr_e4(amount)
                for line, amount in sums.lines.items()
            },
            customer_count=len(sums.by_customer),
        )
        tables.append(table)
    return tables


class DaySum(NamedTuple):
    """All movements of one kind on a day, added up by a database.

    `per_e4` of `amount` are a ten-thousandth a year; `gained` is how many customers more pay.
    """

    day: date
    kind: MovementKind
    per_e4: int
    amount: int
    gained: int


def waterfall_of_sums(
    sums: Iterable[DaySum], periods: Sequence[DateRange], currency: str
) -> list[Waterfall]:
    """Return a table for each of `periods`, as `waterfall` makes them from the movements.

    >>> from turnus.core.calendar import DateRange
    >>> days = DateRange(date(2026, 1, 1), date(2026, 2, 1))
    >>> new = DaySum(date(2026, 1, 7), MovementKind.NEW, 1, 1_200_000, 1)
    >>> [table] = waterfall_of_sums([new], [days], "EUR")
    >>> table.shown.closing, table.customer_count
    (Money(amount_e4=100000, currency='EUR'), 1)
    """
    remaining = sorted(sums, key=attrgetter("day"), reverse=True)
    unit = lcm(*(each.per_e4 for each in remaining))
    month = unit * 12
    closing = 0
    customer_count = 0
    tables = []
    for days in periods:
        for each in _taken(remaining, before=days.start):
            closing += each.amount * (unit // each.per_e4)
            customer_count += each.gained
        opening = closing
        moved = dict.fromkeys(WaterfallLine, 0)
        for each in _taken(remaining, before=days.end):
            amount = each.amount * (unit // each.per_e4)
            moved[_LINES[each.kind]] += amount
            closing += amount
            customer_count += each.gained
        table = Waterfall(
            days=days,
            currency=currency,
            opening=Fraction(opening, month),
            lines={
                line: Fraction(amount, month) for line, amount in moved.items()
            },
            customer_count=customer_count,
        )
        tables.append(table)
    return tables


def _taken(sums: list[DaySum], *, before: date) -> Iterator[DaySum]:
    """Yield the sums of the days before a day, and take them off the end of `sums`."""
    while sums and sums[-1].day < before:
        yield sums.pop()


def joined(
    tables: Sequence[Waterfall], others: Sequence[Waterfall]
) -> list[Waterfall]:
    """Return the tables of two sets of customers, for the same periods, as those of all."""
    both = []
    for table, other in zip(tables, others, strict=True):
        lines = {
            line: amount + other.lines[line]
            for line, amount in table.lines.items()
        }
        whole = Waterfall(
            days=table.days,
            currency=table.currency,
            opening=table.opening + other.opening,
            lines=lines,
            customer_count=table.customer_count + other.customer_count,
        )
        both.append(whole)
    return both


def parts_of(
    movement: Movement, matching: Matching | None
) -> list[LineAmount]:
    """Return the lines that a movement adds to; with `matching` the slice's parts."""
    if matching is None:
        shares = Shares(movement.amount, movement.fx, 0)
    else:
        shares = _shares_within(movement, matching)
    moved_line = (
        WaterfallLine.TRANSFER_IN
        if shares.transfer > 0
        else WaterfallLine.TRANSFER_OUT
    )
    parts = []
    if movement.kind and shares.share:
        parts.append(LineAmount(_LINES[movement.kind], shares.share))
    if shares.fx:
        parts.append(LineAmount(WaterfallLine.FX, shares.fx))
    if shares.transfer:
        parts.append(LineAmount(moved_line, shares.transfer))
    return parts


def _shares_within(movement: Movement, matching: Matching) -> Shares:
    share: Exact = 0
    fx: Exact = 0
    transfer: Exact = 0
    for leg in movement.legs:
        part = leg.within(matching)
        share += part.share
        fx += part.fx
        transfer += part.transfer
    return Shares(share, fx, transfer)


class _RunningSums:
    """The sums of a walk through the ledger, in its scale."""

    def __init__(self, matching: Matching | None) -> None:
        self.matching = matching
        self.lines: dict[WaterfallLine, Exact] = dict.fromkeys(
            WaterfallLine, 0
        )
        self.total: Exact = 0
        #: Only customers that have some.
        self.by_customer: dict[CustomerKey, Exact] = {}

    def start_period(self) -> Exact:
        """Set the lines back; return the revenue so far."""
        self.lines = dict.fromkeys(WaterfallLine, 0)
        return self.total

    def add_until(
        self, end: date, movements: Sequence[Movement], position: int
    ) -> int:
        """Add the movements before `end`, from `position` on; return the next one's position."""
        while position < len(movements) and movements[position].day < end:
            self._add(movements[position])
            position += 1
        return position

    def _add(self, movement: Movement) -> None:
        customer = movement.customer
        before = self.by_customer.get(customer, 0)
        after = before
        for line, amount in parts_of(movement, self.matching):
            self.lines[line] += amount
            after += amount
        self.total += after - before
        if after:
            self.by_customer[customer] = after
        else:
            self.by_customer.pop(customer, None)
