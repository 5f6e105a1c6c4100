"""Another price or plan from a day on: the running term is cut, a new stretch begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.core.money import Money
from turnus.fields.changing import present_ids, refuse_strangers
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.rows import SubscriptionChange, SubscriptionRow
from turnus.revenue.rules import due_on, term_days
from turnus.revenue.subscriptions.actions.write import (
    change_ids,
    locked,
    write_planned,
)
from turnus.revenue.subscriptions.stretches import new_stretch
from turnus.revenue.terms.actions.book import fit_deal
from turnus.revenue.terms.actions.write import NewTerm, insert_terms
from turnus.sales.models import Deal

_Rows = Mapping[int, SubscriptionRow]


@dataclass(frozen=True, slots=True)
class _Agreement:
    """What holds from now on; `plan` None: the one before."""

    price: Money
    plan: Plan | None = None

    def columns(self, row: SubscriptionRow, on: date) -> SubscriptionChange:
        """Return the columns of the stretch that begins on `on` with the term that is next."""
        number = row["next_number"]
        price_e4 = self.price.amount_e4
        if self.plan is None:
            return {"price_e4": price_e4, **new_stretch(row, on, number)}
        stretch = new_stretch(row, on, number, plan=self.plan.how)
        return {"price_e4": price_e4, "plan_id": self.plan.pk, **stretch}


@transaction.atomic
def change_price_now(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    price: Money,
    on: date,
    deal: Deal | None = None,
) -> int:
    """Let a new price hold from the day `on`, inside the running term.

    The term is cut there and a new stretch begins, nothing counts twice. `deal`, a won one (then
    for a single subscription), books the first term of the new stretch; without one that term is
    due, and counts at the new price from `on` while its renewal is missing inside grace. On the day
    that is due next, the price holds from the next term on. Refused on any other day outside the
    running term, on a term's first day, or when later terms are booked.
    """
    rows = _to_change(subscriptions, by, price)
    inside = {pk: row for pk, row in rows.items() if row["next_due_on"] != on}
    running = _running_terms(inside, on)
    for pk, row in inside.items():
        _refuse_outside(row, running.get(pk), on)
    if deal is not None:
        if len(inside) != 1 or len(rows) != 1:
            raise UserError("subscription.deal_taken")
        deal = fit_deal(deal, by)
    _cut(running, on)
    price_only = SubscriptionChange(price_e4=price.amount_e4)
    due_now = rows.keys() - inside.keys()
    changed_count = change_ids(due_now, lambda _row: price_only, by=by, at=at)
    agreement = _Agreement(price)
    after = {pk: agreement.columns(row, on) for pk, row in inside.items()}
    if deal is not None:
        ((pk, columns),) = after.items()
        _book_first(inside[pk], columns, deal, at)
        columns["next_number"] = inside[pk]["next_number"] + 1
    return changed_count + write_planned(after, by=by, at=at)


def _refuse_outside(row: SubscriptionRow, term: Term | None, on: date) -> None:
    """Refuse a day on which no price can begin to hold inside a term."""
    if term is not None and term.starts_on == on:
        raise UserError("subscription.term_begins", on=on)
    if not _is_inside(row, term, on):
        raise UserError("subscription.not_inside_term", on=on)


@transaction.atomic
def change_plan(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    plan: Plan,
    price: Money,
    on: date | None = None,
    title: str = "",
) -> Run:
    """Let another plan hold, at `price`, from the day `on`, or with the next term of each (None).

    A run: it can be undone. The day is the next due one or lies inside the running term, which is
    cut there; the first term of the new plan is then due. The terms before keep their price and
    cadence.
    """
    rows = _to_change(subscriptions, by, price)
    due = {pk: due_on(row, row["next_number"]) for pk, row in rows.items()}
    days = due if on is None else dict.fromkeys(rows, on)
    inside = {pk: row for pk, row in rows.items() if days[pk] != due[pk]}
    running = {} if on is None else _running_terms(inside, on)
    for pk, row in rows.items():
        is_due = pk not in inside and row["next_due_on"] is not None
        if not is_due and not _is_inside(row, running.get(pk), days[pk]):
            raise UserError("subscription.no_plan_change", on=days[pk])
    run = start_run(
        kind=Run.Kind.SUBSCRIPTIONS,
        by_id=by.pk,
        at=at,
        title=title or plan.name,
    )
    if on is not None:
        _cut(running, on)
    agreement = _Agreement(price, plan)
    after = {pk: agreement.columns(row, days[pk]) for pk, row in rows.items()}
    count = write_planned(after, by=by, at=at, run=run)
    move_run(run=run, state=Run.State.DONE, at=at, totals={"plans": count})
    return run


def _to_change(
    subscriptions: QuerySet[Subscription], by: User, price: Money
) -> _Rows:
    """Return the subscriptions' columns, locked; refused for a price that they cannot have."""
    refuse_strangers(subscriptions, by)
    rows = locked(present_ids(subscriptions))
    if price.amount_e4 < 0:
        raise UserError("renewal.price_negative")
    if any(row["currency"] != price.currency for row in rows.values()):
        raise UserError("subscription.other_currency")
    return rows


def _running_terms(rows: _Rows, on: date) -> dict[int, Term]:
    """Return the term of each subscription that covers the day."""
    terms = Term.objects.filter(
        subscription__in=rows, starts_on__lte=on, ends_on__gt=on
    )
    return {term.subscription_id: term for term in terms}


def _is_inside(row: SubscriptionRow, term: Term | None, on: date) -> bool:
    """Return whether the day lies inside the last booked term, and before an agreed end.

    The term's first day is not inside it.
    """
    has_ended = row["end_on"] is not None and on >= row["end_on"]
    if row["state"] != Subscription.State.ACTIVE or has_ended:
        return False
    if term is None or term.number != row["next_number"] - 1:
        return False
    return term.starts_on < on


def _cut(running: Mapping[int, Term], on: date) -> None:
    ids = [term.pk for term in running.values()]
    Term.objects.filter(pk__in=ids).update(ends_on=on)


def _book_first(
    row: SubscriptionRow, stretch: SubscriptionChange, deal: Deal, at: datetime
) -> None:
    """Let a deal book the first term of a stretch."""
    begun = cast("SubscriptionRow", {**row, **stretch})
    number = row["next_number"]
    days = term_days(begun, number)
    term = NewTerm(
        subscription_id=row["id"],
        number=number,
        starts_on=days.start,
        ends_on=days.end,
        price_e4=begun["price_e4"],
        currency=begun["currency"],
        cadence=begun["cadence"],
        deal_id=deal.pk,
        run_id=None,
        recorded_at=at,
    )
    insert_terms([term])
