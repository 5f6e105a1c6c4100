"""Other prices for a whole selection, with a preview, from the next terms on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.core.money import Money
from turnus.fields.changing import refuse_strangers
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription
from turnus.revenue.rules import changed_price_e4
from turnus.revenue.subscriptions.actions.write import change


@dataclass(frozen=True, slots=True)
class PriceRise:
    """What happens to prices: `percent` of them and then `amount_e4` more (both may be negative), rounded to multiples of `step_e4`."""

    percent: Decimal = Decimal(0)
    amount_e4: int = 0
    step_e4: int = 100


@dataclass(frozen=True, slots=True)
class NewPrice:
    """One line of the preview: a subscription, what it costs and what it will cost."""

    subscription_id: int
    name: str
    old: Money
    new: Money


def preview_prices(
    *, subscriptions: QuerySet[Subscription], by: User, rise: PriceRise
) -> list[NewPrice]:
    """Return what a rise makes of each price that it changes; one query. Refused where a price would fall below nothing."""
    refuse_strangers(subscriptions, by)
    present = (
        subscriptions.filter(trashed_at__isnull=True)
        .exclude(state=Subscription.State.ENDED)
        .order_by("pk")
    )
    lines = []
    for pk, name, price, currency in present.values_list("pk", "name", "price_e4", "currency"):
        new = changed_price_e4(
            price, percent=rise.percent, amount_e4=rise.amount_e4, step_e4=rise.step_e4
        )
        if new < 0:
            raise UserError("renewal.price_negative")
        if new != price:
            lines.append(NewPrice(pk, name, Money(price, currency), Money(new, currency)))
    return lines


@transaction.atomic
def carry_out_prices(
    *, lines: Sequence[NewPrice], by: User, at: datetime, title: str, all_or_none: bool = False
) -> Run:
    """Give the subscriptions the prices of the preview, from their next terms on, as a run; what changed since is left alone.

    The run's totals: `count` changed, `refused` left alone; with `all_or_none` one that changed since refuses them all.
    Refused where there is no line.
    """
    if not lines:
        raise UserError("bulk.nothing")
    wanted = {line.subscription_id: line for line in lines}
    chosen = Subscription.objects.filter(pk__in=wanted)
    run = start_run(kind=Run.Kind.BULK_EDIT, by_id=by.pk, at=at, title=title)

    def rule(row: Mapping[str, Any]) -> Mapping[str, Any]:
        line = wanted[row["id"]]
        is_same = (row["price_e4"], row["currency"]) == (line.old.amount_e4, line.old.currency)
        if all_or_none and not is_same:
            raise UserError("renewal.moved_on")
        return {"price_e4": line.new.amount_e4} if is_same else {}

    count = change(chosen, rule, by=by, at=at, run=run)
    move_run(
        run=run,
        state=Run.State.DONE,
        at=at,
        totals={"count": count, "refused": len(wanted) - count},
    )
    return run
