"""Other prices for a whole selection, with a preview, from the next terms on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.core.money import Money
from turnus.fields.changing import refuse_strangers
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription
from turnus.revenue.rows import SubscriptionChange, SubscriptionRow
from turnus.revenue.rules import half_away_from_zero
from turnus.revenue.subscriptions.actions.write import change


@dataclass(frozen=True, slots=True)
class PriceRise:
    """What happens to prices: `percent` of them more, and then `amount_e4`; both may be negative.

    The result is rounded to multiples of `step_e4`.
    """

    percent: Decimal = Decimal(0)
    amount_e4: int = 0
    step_e4: int = 100

    def of(self, price_e4: int) -> int:
        """Return the price after the rise, rounded half away from zero."""
        factor = 1 + Fraction(self.percent) / 100
        exact = price_e4 * factor + self.amount_e4
        return half_away_from_zero(exact / self.step_e4) * self.step_e4


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
    """Return what a rise makes of each price that it changes; one query.

    Refused where a price would fall below nothing.
    """
    refuse_strangers(subscriptions, by)
    present = subscriptions.filter(trashed_at__isnull=True)
    running = present.exclude(state=Subscription.State.ENDED).order_by("pk")
    lines = []
    for pk, name, price, currency in running.values_list(
        "pk", "name", "price_e4", "currency"
    ):
        new = rise.of(price)
        if new < 0:
            raise UserError("renewal.price_negative")
        if new != price:
            lines.append(
                NewPrice(
                    pk, name, Money(price, currency), Money(new, currency)
                )
            )
    return lines


@transaction.atomic
def carry_out_prices(
    *,
    lines: Sequence[NewPrice],
    by: User,
    at: datetime,
    title: str,
    all_or_none: bool = False,
) -> Run:
    """Give the subscriptions the prices of the preview, from their next terms on, as a run.

    What changed since is left alone; with `all_or_none` it refuses them all. The run's totals:
    `count` changed, `refused` left alone. Refused where there is no line.
    """
    if not lines:
        raise UserError("bulk.nothing")
    line_of = {line.subscription_id: line for line in lines}

    def with_price(row: SubscriptionRow) -> SubscriptionChange:
        line = line_of[row["id"]]
        is_unchanged = Money(row["price_e4"], row["currency"]) == line.old
        if is_unchanged:
            return {"price_e4": line.new.amount_e4}
        if all_or_none:
            raise UserError("renewal.moved_on")
        return {}

    chosen = Subscription.objects.filter(pk__in=line_of)
    run = start_run(kind=Run.Kind.BULK_EDIT, by_id=by.pk, at=at, title=title)
    count = change(chosen, with_price, by=by, at=at, run=run)
    totals = {"count": count, "refused": len(line_of) - count}
    move_run(run=run, state=Run.State.DONE, at=at, totals=totals)
    return run
