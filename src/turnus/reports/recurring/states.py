"""What each customer pays on a day, from a ledger; and who only comes back in it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from turnus.core.customers import CustomerKey
from turnus.core.revenue.facts import Exact, Matching
from turnus.core.revenue.movements import Ledger, Movement, MovementKind


def states(
    ledger: Ledger, days: Sequence[date], matching: Matching | None = None
) -> dict[date, dict[CustomerKey, Exact]]:
    """Return what each customer pays a year at the end of each of `days`.

    In the ledger's scale; one walk.
    """
    result: dict[date, dict[CustomerKey, Exact]] = {}
    paid: dict[CustomerKey, Exact] = {}
    movements = ledger.movements
    position = 0
    for day in sorted(set(days)):
        while position < len(movements) and movements[position].day <= day:
            movement = movements[position]
            after = paid.get(movement.customer, 0) + _change(
                movement, matching
            )
            if after:
                paid[movement.customer] = after
            else:
                paid.pop(movement.customer, None)
            position += 1
        result[day] = dict(paid)
    return result


def _change(movement: Movement, matching: Matching | None) -> Exact:
    if matching is None:
        return movement.amount + movement.fx
    return sum((sum(leg.within(matching)) for leg in movement.legs), 0)


def with_reactivated(
    ledger: Ledger, is_back: Callable[[Movement], bool]
) -> Ledger:
    """Return the ledger with those as reactivated who look new but have paid before."""
    movements = []
    for movement in ledger.movements:
        if movement.kind is MovementKind.NEW and is_back(movement):
            movements.append(replace(movement, kind=MovementKind.REACTIVATION))
        else:
            movements.append(movement)
    return replace(ledger, movements=movements)
