"""Movements added up by period: opening + movements = closing, exactly, for any period and any slice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from turnus.core.calendar import DateRange, Period, period_of, periods_in
from turnus.core.customers import CustomerKey
from turnus.core.money import Money
from turnus.core.revenue.facts import Exact, Matching
from turnus.core.revenue.movements import Ledger, Movement, MovementKind


class Line(StrEnum):
    """The lines of a waterfall between opening and closing, in the order in which they are shown."""

    NEW = "new"
    REACTIVATION = "reactivation"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"
    CHURN = "churn"
    FX = "fx"
    #: Only in filtered tables: what came from, and went to, other slices.
    TRANSFER_IN = "transfer_in"
    TRANSFER_OUT = "transfer_out"


_LINES = {kind: Line(kind) for kind in MovementKind}


@dataclass(frozen=True, slots=True)
class Waterfall:
    """One period: MRR before it, what moved, MRR after it; exact, in ten-thousandths of `currency`."""

    days: DateRange
    currency: str
    opening: Fraction
    lines: dict[Line, Fraction]
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
        rounded = {
            line: Money.rounded_from(amount, self.currency) for line, amount in self.lines.items()
        }
        opening, closing = (
            Money.rounded_from(each, self.currency) for each in (self.opening, self.closing)
        )
        footed = opening.amount_e4 + sum(each.amount_e4 for each in rounded.values())
        difference = Money(closing.amount_e4 - footed, self.currency)
        return ShownWaterfall(
            opening, rounded, difference, closing, Money.rounded_from(self.net, self.currency)
        )


@dataclass(frozen=True, slots=True)
class ShownWaterfall:
    """Every figure is the rounding of the exact one; what is then missing from the sum has a line of its own."""

    opening: Money
    lines: dict[Line, Money]
    rounding_difference: Money
    closing: Money
    net: Money


def periods_between(first: date, last: date, period: Period = Period.MONTH) -> list[DateRange]:
    """Return the periods from the one that holds `first` to the one that holds `last`."""
    return [
        period_of(start, period)
        for start in periods_in(DateRange(first, last + timedelta(days=1)), period)
    ]


def waterfall(
    ledger: Ledger, periods: Sequence[DateRange], matching: Matching | None = None
) -> list[Waterfall]:
    """Return a table for each of `periods`, which follow one another in order; with `matching` that of a slice.

    Classes are decided on the whole customer first; the slice then shows its own parts of them.
    """
    result, position = [], 0
    state = _Running(matching)
    for days in periods:
        position = state.add_until(days.start, ledger.movements, position)
        opening = state.start_period()
        position = state.add_until(days.end, ledger.movements, position)
        lines = {line: ledger.scale.mrr_e4(amount) for line, amount in state.lines.items()}
        mrr_before = ledger.scale.mrr_e4(opening)
        result.append(
            Waterfall(days, ledger.scale.currency, mrr_before, lines, len(state.by_customer))
        )
    return result


def parts_of(movement: Movement, matching: Matching | None) -> list[tuple[Line, Exact]]:
    """Return the lines that a movement adds to, in the ledger's scale; with `matching` the slice's parts."""
    share: Exact = movement.amount
    fx: Exact = movement.fx
    transfer: Exact = 0
    if matching is not None:
        parts = [leg.within(matching) for leg in movement.legs]
        share, fx = sum(part[0] for part in parts), sum(part[1] for part in parts)
        transfer = sum(part[2] for part in parts)
    lines = [(_LINES[movement.kind], share)] if movement.kind else []
    moved = Line.TRANSFER_IN if transfer > 0 else Line.TRANSFER_OUT
    return [part for part in (*lines, (Line.FX, fx), (moved, transfer)) if part[1]]


class _Running:
    """The sums of a walk through the ledger, in its scale."""

    def __init__(self, matching: Matching | None) -> None:
        self.matching = matching
        self.lines: dict[Line, Exact] = dict.fromkeys(Line, 0)
        self.total: Exact = 0
        #: Only customers that have some.
        self.by_customer: dict[CustomerKey, Exact] = {}

    def start_period(self) -> Exact:
        """Set the lines back; return the revenue so far."""
        self.lines = dict.fromkeys(Line, 0)
        return self.total

    def add_until(self, end: date, movements: Sequence[Movement], position: int) -> int:
        """Add the movements before `end`, from `position` on; return the position of the next one."""
        while position < len(movements) and movements[position].day < end:
            self._add(movements[position])
            position += 1
        return position

    def _add(self, movement: Movement) -> None:
        customer = movement.customer
        before = after = self.by_customer.get(customer, 0)
        for line, amount in parts_of(movement, self.matching):
            self.lines[line] += amount
            after += amount
        self.total += after - before
        if after:
            self.by_customer[customer] = after
        else:
            self.by_customer.pop(customer, None)
