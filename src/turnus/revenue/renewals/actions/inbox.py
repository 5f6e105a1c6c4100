"""Renewal deals that were opened ahead: won, skipped, repriced, or canceled.

Each is a run that can be undone.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet

from turnus.accounts.models import User
from turnus.core.deal_lines import read_lines, renewed_lines, stored_lines
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.changing import change_each, refuse_strangers
from turnus.history.actions import lock_records, move_run, start_run
from turnus.history.models import Run
from turnus.history.tracked import StoredRow, tracked
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.revenue.rows import SubscriptionChange, SubscriptionRow
from turnus.revenue.subscriptions.actions.cancel import cancel_subscriptions
from turnus.revenue.subscriptions.actions.write import change, locked
from turnus.revenue.terms.actions.repair import skip_unbooked_terms, win_terms
from turnus.revenue.terms.actions.write import TermPayment, set_terms
from turnus.sales.models import Deal


@transaction.atomic
def close_waiting(*, term: Term, is_won: bool, by: User, at: datetime) -> Run:
    """Win the open deal of a term on the term's own day, or lose it and skip the term."""
    run = _begin(term, by=by, at=at)
    if is_won:
        win_terms(run=run, terms=[term.pk], by=by, at=at)
    else:
        skip_unbooked_terms(run=run, terms=[term.pk], by=by, at=at)
    return _finish(run, at)


@transaction.atomic
def price_waiting(*, term: Term, price: Money, by: User, at: datetime) -> Run:
    """Let a term whose deal is open cost `price`: the deal's value, the term, the subscription.

    Later terms whose deals are open follow, and so does the subscription, as far as they cost what
    the term did.
    """
    if price.currency != term.currency:
        raise UserError("subscription.other_currency")
    if price.amount_e4 < 0:
        raise UserError("renewal.price_negative")
    run = _begin(term, by=by, at=at)
    old_e4 = term.price_e4
    new_e4 = price.amount_e4
    following = [
        each for each in _waiting_from(term) if each.price_e4 == old_e4
    ]
    set_terms(
        run, {each.pk: TermPayment(each.deal_id, new_e4) for each in following}
    )
    deal_ids = [each.deal_id for each in following if each.deal_id]
    refuse_strangers(Deal.objects.filter(pk__in=deal_ids), by)
    kind = tracked(RecordKind.DEAL)
    change_each(
        kind,
        deal_ids,
        lambda row: _at_price(row, price),
        by=by,
        at=at,
        run=run,
    )

    def with_price(row: SubscriptionRow) -> SubscriptionChange:
        return {"price_e4": new_e4} if row["price_e4"] == old_e4 else {}

    change(_subscription_of(term), with_price, by=by, at=at, run=run)
    return _finish(run, at)


@transaction.atomic
def cancel_waiting(
    *, term: Term, by: User, at: datetime, on: date, reason: str
) -> Run:
    """Let a subscription end where its paid time ends; `on` is today.

    Its open deals from `term` on are lost for the same reason.
    """
    run = _begin(term, by=by, at=at)
    paid = Term.objects.filter(
        subscription=term.subscription_id,
        deal__status="won",
        deal__trashed_at__isnull=True,
    )
    paid_until = paid.aggregate(last=Max("ends_on"))["last"] or term.starts_on
    ends_on = max(term.starts_on, paid_until)
    waiting = [each.pk for each in _waiting_from(term)]
    skip_unbooked_terms(run=run, terms=waiting, by=by, at=at, reason=reason)
    cancel_subscriptions(
        subscriptions=_subscription_of(term),
        by=by,
        at=at,
        on=on,
        ends_on=ends_on,
        reason=reason,
        run=run,
    )
    return _finish(run, at)


def _begin(term: Term, *, by: User, at: datetime) -> Run:
    """Start the run; refused if the term's deal is not open any more.

    The subscription stays locked: the second is told.
    """
    locked([term.subscription_id])
    lock_records(
        Deal.objects.filter(pk__in=[term.deal_id] if term.deal_id else [])
    )
    term.refresh_from_db()
    waiting = _waiting_from(term)
    if not waiting or waiting[0].pk != term.pk:
        raise UserError("renewal.moved_on")
    return start_run(
        kind=Run.Kind.SUBSCRIPTIONS,
        by_id=by.pk,
        at=at,
        title=str(term.subscription),
    )


def _finish(run: Run, at: datetime) -> Run:
    move_run(run=run, state=Run.State.DONE, at=at, totals={"repaired": 1})
    return run


def _waiting_from(term: Term) -> Sequence[Term]:
    """Return the term and the later ones of its subscription, as far as their deals are open."""
    own = Term.objects.filter(
        subscription=term.subscription_id, number__gte=term.number
    )
    return list(
        own.filter(
            deal__status="open", deal__trashed_at__isnull=True
        ).order_by("number")
    )


def _subscription_of(term: Term) -> QuerySet[Subscription]:
    return Subscription.objects.filter(pk=term.subscription_id)


def _at_price(row: Mapping[str, Any], price: Money) -> StoredRow:
    """Return what of a deal changes: its value, and its lines if it has some that recur.

    They share the price in proportion; what is one-off goes on top.
    """
    lines = read_lines(row["lines"])
    shared = renewed_lines(lines, price.amount_e4, price.currency)
    if not shared:
        return {"value_e4": price.amount_e4, "lines": row["lines"]}
    one_off = [line for line in lines if not line.recurs]
    one_off_e4 = sum(line.amount_e4 for line in one_off)
    return {
        "value_e4": price.amount_e4 + one_off_e4,
        "lines": stored_lines([*one_off, *shared]),
    }
