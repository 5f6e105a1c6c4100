"""Other prices: for a whole selection with a preview, and at once, in the middle of a term."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.core.money import Money
from turnus.fields.changing import present_ids, refuse_strangers
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.actions import fit_deal, new_stretch
from turnus.revenue.actions_changing import change, change_ids, locked
from turnus.revenue.models import Subscription, Term
from turnus.revenue.rules import changed_price_e4
from turnus.sales.models import Deal


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


def preview_prices(*, subscriptions: QuerySet[Subscription], by: User, rise: PriceRise) -> list[NewPrice]:
    """Return what a rise makes of each price that it changes; one query. Refused where a price would fall below nothing."""
    refuse_strangers(subscriptions, by)
    present = subscriptions.filter(trashed_at__isnull=True).exclude(state=Subscription.State.ENDED).order_by("pk")
    lines = []
    for pk, name, price, currency in present.values_list("pk", "name", "price_e4", "currency"):
        new = changed_price_e4(price, percent=rise.percent, amount_e4=rise.amount_e4, step_e4=rise.step_e4)
        if new < 0:
            raise UserError("renewal.price_negative")
        if new != price:
            lines.append(NewPrice(pk, name, Money(price, currency), Money(new, currency)))
    return lines


@transaction.atomic
def carry_out_prices(*, lines: Sequence[NewPrice], by: User, at: datetime, title: str) -> Run:
    """Give the subscriptions the prices of the preview, from their next terms on, as a run; what changed since is left alone.

    The run's totals: `count` changed, `refused` left alone.
    """
    wanted = {line.subscription_id: line for line in lines}
    chosen = Subscription.objects.filter(pk__in=wanted)
    run = start_run(kind=Run.Kind.BULK_EDIT, by_id=by.pk, at=at, title=title)

    def rule(row: Mapping[str, Any]) -> Mapping[str, Any]:
        line = wanted[row["id"]]
        is_same = (row["price_e4"], row["currency"]) == (line.old.amount_e4, line.old.currency)
        return {"price_e4": line.new.amount_e4} if is_same else {}

    count = change(chosen, rule, by=by, at=at, run=run)
    move_run(run=run, state=Run.State.DONE, at=at, totals={"count": count, "refused": len(wanted) - count})
    return run


@transaction.atomic
def change_price_now(
    *, subscriptions: QuerySet[Subscription], by: User, at: datetime, price: Money, on: date, deal: Deal | None = None
) -> int:
    """Let a new price hold from the day `on`, inside the running term: it is cut there and a new stretch begins, nothing counts twice.

    `deal`, a won one (then for a single subscription), books the first term of the new stretch; without one that term is due. Refused on a
    day outside the running term, or when later terms are booked.
    """
    refuse_strangers(subscriptions, by)
    if price.amount_e4 < 0:
        raise UserError("renewal.price_negative")
    rows = locked(present_ids(subscriptions))
    running = {one.subscription_id: one for one in Term.objects.filter(subscription__in=rows, ends_on__gt=on)}
    for row in rows.values():
        _refuse_outside(row, running.get(row["id"]), price, on)
    if deal is not None:
        if len(rows) != 1:
            raise UserError("subscription.deal_taken")
        deal = fit_deal(deal, by)
    Term.objects.filter(pk__in=[term.pk for term in running.values()]).update(ends_on=on)
    return _begin_stretch(rows, by=by, at=at, price=price, on=on, deal=deal)


def _begin_stretch(
    rows: Mapping[int, Mapping[str, Any]], *, by: User, at: datetime, price: Money, on: date, deal: Deal | None
) -> int:
    booked = 0 if deal is None else 1

    def rule(row: Mapping[str, Any]) -> Mapping[str, Any]:
        number = row["next_number"]
        return {"price_e4": price.amount_e4, "next_number": number + booked, **new_stretch(row, on, number)}

    for one in Subscription.objects.filter(pk__in=rows) if deal is not None else ():
        end = one.how.anchored(on).term(on, 0).days.end
        Term.objects.create(
            subscription=one, number=one.next_number, starts_on=on, ends_on=min(end, one.end_on or end),
            price_e4=price.amount_e4, currency=price.currency, deal=deal, recorded_at=at,
        )  # fmt: skip
    return change_ids(rows, rule, by=by, at=at)


def _refuse_outside(row: Mapping[str, Any], term: Term | None, price: Money, on: date) -> None:
    if row["currency"] != price.currency:
        raise UserError("subscription.other_currency")
    is_last = term is not None and term.number == row["next_number"] - 1
    if row["state"] != "active" or term is None or not is_last or not term.starts_on < on:
        raise UserError("subscription.not_inside_term", on=on)
