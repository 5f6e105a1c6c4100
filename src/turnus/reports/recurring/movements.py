"""The waterfall: opening + what moved = closing, period by period; opened, the legs with their deals."""

from fractions import Fraction

from turnus.core.calendar import DateRange
from turnus.core.money import Money
from turnus.core.revenue.facts import Exact, Matching
from turnus.core.revenue.movements import Leg, Movement
from turnus.core.revenue.waterfall import Line as Class
from turnus.core.revenue.waterfall import ShownWaterfall, parts_of, waterfall
from turnus.reports.recurring import shape
from turnus.reports.recurring.shape import Column, Part, Parts, RevenueReport
from turnus.reports.recurring.source import Source

NAME = "movements"
#: The classes that are shown even when nothing moved in them.
_ALWAYS = (Class.NEW, Class.REACTIVATION, Class.EXPANSION, Class.CONTRACTION, Class.CHURN)
_TRANSFERS = (Class.TRANSFER_IN, Class.TRANSFER_OUT)


def report(source: Source) -> RevenueReport:
    """Return opening, classes, closing of each period; a column for rounding only where the shown figures need it."""
    tables = [one.shown for one in waterfall(source.ledger, source.periods, source.matching())]
    used = [each for each in Class if each in _ALWAYS or any(one.lines[each].amount_e4 for one in tables)]
    is_rounded = any(one.rounding_difference.amount_e4 for one in tables)
    columns = (
        Column("opening"), *(Column(str(each), has_parts=True) for each in used),
        *([Column("rounding")] if is_rounded else []), Column("closing"), Column("net"),
    )  # fmt: skip
    lines = tuple(
        shape.Line(days, _cells(table, used, is_rounded=is_rounded), source.is_provisional(days))
        for days, table in zip(source.periods, tables, strict=True)
    )
    return RevenueReport(NAME, source.params, source.currency, columns, lines, source.ledger.withheld)


def parts(source: Source, column: Column, days: DateRange) -> Parts:
    """Return the legs of a class in a period."""
    wanted, matching, scale = Class(column.code), source.matching(), source.ledger.scale
    found: list[Part] = []
    for movement in source.ledger.movements:
        if movement.day in days and any(line is wanted for line, _ in parts_of(movement, matching)):
            amounts = [(leg, _amount(leg, wanted, matching)) for leg in movement.legs]
            found += [_part(movement, leg, Fraction(each) / (scale.per_e4 * 12)) for leg, each in amounts if each]
    return shape.parts_of(column, days, source.currency, found)


def _cells(table: ShownWaterfall, used: list[Class], *, is_rounded: bool) -> tuple[Money, ...]:
    net = Money(table.closing.amount_e4 - table.opening.amount_e4, table.closing.currency)
    moved = [table.lines[each] for each in used]
    return (table.opening, *moved, *([table.rounding_difference] if is_rounded else []), table.closing, net)


def _amount(leg: Leg, wanted: Class, matching: Matching | None) -> Exact:
    """Return what a leg adds to a class, in the ledger's scale."""
    share, fx, transfer = leg.within(matching) if matching else (leg.share, leg.fx, 0)
    if wanted is Class.FX:
        return fx
    return transfer if wanted in _TRANSFERS else share


def _part(movement: Movement, leg: Leg, amount: Fraction) -> Part:
    return Part(
        movement.customer, amount, str(leg.kind), movement.day, leg.subscription, leg.cause.deal, leg.cause.event
    )
