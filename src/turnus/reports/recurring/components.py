"""What figures of several reports are made of: subscriptions that count on a day, customers, legs of movements."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from fractions import Fraction

from turnus.core.calendar import DateRange
from turnus.core.customers import CustomerKey
from turnus.core.revenue.facts import Exact, Matching
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
    """Return the subscriptions that count at the end of `on` with their MRR; with `months` 1 their ARR."""
    scale = source.ledger.scale
    withheld = {one.currency for one in scale.withheld}
    return [
        Part(
            one.customer,
            Fraction(scale.arr_of(one), scale.per_e4 * months),
            "overdue" if one.is_overdue else "",
            one.start,
            one.subscription,
            one.cause.deal,
        )
        for one in source.active_on(on)
        if one.price_e4 and one.currency not in withheld and (matching is None or matching(one))
    ]


def legs(
    source: Source,
    slice_: Slice,
    days: DateRange,
    classes: Collection[WaterfallLine] | None = None,
    *,
    sign: int = 1,
) -> list[Part]:
    """Return the legs of `classes` in a period, without any of all classes together."""
    scale, found = source.ledger.scale, []
    for movement in slice_.ledger.movements:
        if movement.day not in days:
            continue
        shown = {line for line, _ in parts_of(movement, slice_.matching)}
        wanted = shown if classes is None else shown & set(classes)
        for leg in movement.legs if wanted else ():
            amount = sign * _amount(leg, wanted, slice_.matching)
            if amount:
                found.append(_part(movement, leg, Fraction(amount) / (scale.per_e4 * 12)))
    return found


def _amount(leg: Leg, wanted: Collection[WaterfallLine], matching: Matching | None) -> Exact:
    """Return what a leg adds to the classes of its movement, in the ledger's scale."""
    share, fx, transfer = leg.within(matching) if matching else (leg.share, leg.fx, 0)
    return (
        (share if set(wanted) - _TRANSFERS - {WaterfallLine.FX} else 0)
        + (fx if WaterfallLine.FX in wanted else 0)
        + (transfer if _TRANSFERS & set(wanted) else 0)
    )


def _part(movement: Movement, leg: Leg, amount: Fraction) -> Part:
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
    return [Part(one, Fraction(1), "", on) for one in paid]


def amounts(paid: Paid, per_month: Exact, on: date) -> list[Part]:
    """Return what each customer pays a month; `per_month` is what a month's ten-thousandth is in `paid`."""
    return [
        Part(one, Fraction(amount) / per_month, "", on) for one, amount in paid.items() if amount
    ]


def money(code: str, source: Source, parts: list[Part]) -> Group:
    """Return a group of amounts."""
    return Group(code, Unit.MONEY, source.currency, parts)


def count(code: str, source: Source, parts: list[Part], days: DateRange | None = None) -> Group:
    """Return a group of customers."""
    return Group(code, Unit.COUNT, source.currency, parts, days)
