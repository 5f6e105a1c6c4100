"""What figures of several reports are made of: subscriptions, customers, legs of movements."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from fractions import Fraction

from turnus.core.calendar import DateRange
from turnus.core.customers import CustomerKey
from turnus.core.revenue.facts import Exact, Matching, Segment
from turnus.core.revenue.movements import Leg, Movement
from turnus.core.revenue.waterfall import WaterfallLine, parts_of
from turnus.reports.recurring.source import Slice, Source
from turnus.reports.shape import Group, Part, Unit

#: What customers pay, by customer.
Paid = Mapping[CustomerKey, Exact]
LOSSES = frozenset({WaterfallLine.CHURN, WaterfallLine.CONTRACTION})
_TRANSFERS = frozenset({WaterfallLine.TRANSFER_IN, WaterfallLine.TRANSFER_OUT})


def standing(
    source: Source, matching: Matching | None, on: date, *, months: int = 12
) -> list[Part]:
    """Return the subscriptions that count at the end of `on` with their MRR.

    With `months` 1 their ARR.
    """
    scale = source.ledger.scale
    withheld = {withheld.currency for withheld in scale.withheld}
    found = []
    for segment in source.active_on(on):
        has_amount = segment.price_e4 and segment.currency not in withheld
        if has_amount and (matching is None or matching(segment)):
            amount = Fraction(scale.arr_of(segment), scale.per_e4 * months)
            found.append(_standing_part(segment, amount))
    return found


def _standing_part(segment: Segment, amount: Fraction) -> Part:
    return Part(
        segment.customer,
        amount,
        "overdue" if segment.is_overdue else "",
        segment.start,
        segment.subscription,
        segment.cause.deal,
    )


def legs(
    source: Source,
    slice_: Slice,
    days: DateRange,
    classes: Collection[WaterfallLine] | None = None,
    *,
    sign: int = 1,
) -> list[Part]:
    """Return the legs of `classes` in a period, without any of all classes together."""
    per_month = source.ledger.scale.per_e4 * 12
    found = []
    for movement in slice_.ledger.movements:
        if movement.day not in days:
            continue
        wanted = {line for line, _ in parts_of(movement, slice_.matching)}
        if classes is not None:
            wanted &= set(classes)
        if not wanted:
            continue
        for leg in movement.legs:
            amount = sign * _amount(leg, wanted, slice_.matching)
            if amount:
                found.append(
                    _leg_part(movement, leg, Fraction(amount) / per_month)
                )
    return found


def _amount(
    leg: Leg, wanted: set[WaterfallLine], matching: Matching | None
) -> Exact:
    """Return what a leg adds to the classes of its movement, in the ledger's scale."""
    share, fx, transfer = (
        leg.within(matching) if matching else (leg.share, leg.fx, 0)
    )
    amount: Exact = 0
    if wanted - _TRANSFERS - {WaterfallLine.FX}:
        amount += share
    if WaterfallLine.FX in wanted:
        amount += fx
    if wanted & _TRANSFERS:
        amount += transfer
    return amount


def _leg_part(movement: Movement, leg: Leg, amount: Fraction) -> Part:
    return Part(
        movement.customer,
        amount,
        str(leg.kind),
        movement.day,
        leg.subscription,
        leg.cause.deal,
        event=leg.cause.event,
    )


def customers(paid: Iterable[CustomerKey], on: date) -> list[Part]:
    """Return a part for each customer, to be counted."""
    return [Part(customer, Fraction(1), "", on) for customer in paid]


def amounts(paid: Paid, per_month: Exact, on: date) -> list[Part]:
    """Return what each customer pays a month.

    `per_month` is what a ten-thousandth a month is in the unit of `paid`.
    """
    found = []
    for customer, amount in paid.items():
        if amount:
            found.append(Part(customer, Fraction(amount) / per_month, "", on))
    return found


def money(code: str, source: Source, parts: list[Part]) -> Group:
    """Return a group of amounts."""
    return Group(code, Unit.MONEY, source.currency, parts)


def count(
    code: str, source: Source, parts: list[Part], days: DateRange | None = None
) -> Group:
    """Return a group of customers."""
    return Group(code, Unit.COUNT, source.currency, parts, days)
