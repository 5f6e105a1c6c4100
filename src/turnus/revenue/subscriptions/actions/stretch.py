"""Another price or plan from a day on: the running term is cut, a new stretch begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.core.money import Money
from turnus.fields.changing import present_ids, refuse_strangers
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.rules import due_on, term_days
from turnus.revenue.subscriptions.actions.write import change_ids, locked
from turnus.revenue.subscriptions.stretches import new_stretch
from turnus.revenue.terms.actions.book import fit_deal
from turnus.sales.models import Deal

_Rows = Mapping[int, Mapping[str, Any]]


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
    """Let a new price hold from the day `on`, inside the running term: it is cut there and a new stretch begins, nothing counts twice.

    `deal`, a won one (then for a single subscription), books the first term of the new stretch; without one that term is due, and counts at the
    new price from `on` while its renewal is missing inside grace. On the day that is due next, the price holds from the next term on. Refused on
    any other day outside the running term, on a term's first day, or when later terms are booked.
    """
    rows = _to_change(subscriptions, by, price)
    inside = {pk: row for pk, row in rows.items() if row["next_due_on"] != on}
    running = _running(inside, on)
    for row in inside.values():
        _refuse_outside(row, running.get(row["id"]), on)
    if deal is not None:
        if len(inside) != 1 or len(rows) != 1:
            raise UserError("subscription.deal_taken")
        deal = fit_deal(deal, by)
    _cut(running, on)
    due = change_ids(
        rows.keys() - inside.keys(), lambda _row: {"price_e4": price.amount_e4}, by=by, at=at
    )
    return due + _begin(inside, dict.fromkeys(inside, on), _Agreed(price), by=by, at=at, deal=deal)


def _refuse_outside(row: Mapping[str, Any], term: Term | None, on: date) -> None:
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
    """Let another plan hold, at `price`, from the day `on`, or with the next term of each (None). A run: it can be taken back.

    The day is the next due one or lies inside the running term, which is cut there; the first term of the new plan is then due. The terms before
    keep their price and cadence.
    """
    rows = _to_change(subscriptions, by, price)
    due = {pk: due_on(row, row["next_number"]) for pk, row in rows.items()}
    days = due if on is None else dict.fromkeys(rows, on)
    inside = {pk: row for pk, row in rows.items() if days[pk] != due[pk]}
    running = _running(inside, on) if on is not None else {}
    for row in rows.values():
        is_due = row["id"] not in inside and row["next_due_on"] is not None
        if not is_due and not _is_inside(row, running.get(row["id"]), days[row["id"]]):
            raise UserError("subscription.no_plan_change", on=days[row["id"]])
    run = start_run(kind=Run.Kind.SUBSCRIPTIONS, by_id=by.pk, at=at, title=title or plan.name)
    if on is not None:
        _cut(running, on)
    count = _begin(rows, days, _Agreed(price, plan), by=by, at=at, run=run)
    move_run(run=run, state=Run.State.DONE, at=at, totals={"plans": count})
    return run


@dataclass(frozen=True, slots=True)
class _Agreed:
    """What holds from now on; `plan` None: the one before."""

    price: Money
    plan: Plan | None = None

    def columns(self, row: Mapping[str, Any], on: date) -> dict[str, Any]:
        """Return the columns of the stretch that begins on the day `on` with the term that is next."""
        price, number = {"price_e4": self.price.amount_e4}, row["next_number"]
        if self.plan is None:
            return {**price, **new_stretch(row, on, number)}
        return {
            **price,
            "plan_id": self.plan.pk,
            **new_stretch(row, on, number, plan=self.plan.how),
        }


def _to_change(subscriptions: QuerySet[Subscription], by: User, price: Money) -> _Rows:
    """Return the subscriptions' columns, locked; refused for a price that they cannot have."""
    refuse_strangers(subscriptions, by)
    rows = locked(present_ids(subscriptions))
    if price.amount_e4 < 0:
        raise UserError("renewal.price_negative")
    if any(row["currency"] != price.currency for row in rows.values()):
        raise UserError("subscription.other_currency")
    return rows


def _running(rows: _Rows, on: date) -> dict[int, Term]:
    """Return the term of each subscription that covers the day."""
    terms = Term.objects.filter(subscription__in=rows, starts_on__lte=on, ends_on__gt=on)
    return {one.subscription_id: one for one in terms}


def _is_inside(row: Mapping[str, Any], term: Term | None, on: date) -> bool:
    """Return whether the day lies inside the last booked term, not on its first day, and before an agreed end."""
    if row["state"] != "active" or (row["end_on"] is not None and on >= row["end_on"]):
        return False
    return term is not None and term.number == row["next_number"] - 1 and term.starts_on < on


def _cut(running: Mapping[int, Term], on: date) -> None:
    Term.objects.filter(pk__in=[term.pk for term in running.values()]).update(ends_on=on)


def _begin(
    rows: _Rows,
    days: Mapping[int, date],
    agreed: _Agreed,
    *,
    by: User,
    at: datetime,
    deal: Deal | None = None,
    run: Run | None = None,
) -> int:
    """Begin a stretch in each of the subscriptions, on its day; `deal` books the first term of the only one."""
    after = {pk: agreed.columns(row, days[pk]) for pk, row in rows.items()}
    if deal is not None:
        ((pk, columns),) = after.items()
        _book_first(rows[pk], columns, deal, at)
        columns["next_number"] = rows[pk]["next_number"] + 1
    return change_ids(after, lambda row: after[row["id"]], by=by, at=at, run=run)


def _book_first(
    row: Mapping[str, Any], stretch: Mapping[str, Any], deal: Deal, at: datetime
) -> None:
    number, whole = row["next_number"], {**row, **stretch}
    days = term_days(whole, number)
    Term.objects.create(
        subscription_id=row["id"],
        number=number,
        starts_on=days.start,
        ends_on=days.end,
        price_e4=whole["price_e4"],
        currency=whole["currency"],
        cadence=whole["cadence"],
        deal=deal,
        recorded_at=at,
    )
