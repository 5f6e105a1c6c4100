"""Renewal deals that were opened ahead: won, skipped, repriced, or canceled with their subscription."""

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
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.revenue.subscriptions.actions.cancel import cancel_subscriptions
from turnus.revenue.subscriptions.actions.write import change, locked
from turnus.revenue.terms.actions.repair import skip_unbooked_terms, win_terms
from turnus.revenue.terms.actions.write import set_terms
from turnus.sales.models import Deal


@transaction.atomic
def close_waiting(*, term: Term, is_won: bool, by: User, at: datetime) -> Run:
    """Win the open deal of a term on the term's own day, or lose it and leave the term out."""
    run = _begin(term, by=by, at=at)
    close = win_terms if is_won else skip_unbooked_terms
    close(run=run, terms=[term.pk], by=by, at=at)
    return _done(run, at)


@transaction.atomic
def price_waiting(*, term: Term, price: Money, by: User, at: datetime) -> Run:
    """Let a term whose deal is open, and what comes after it, cost `price`: the deal's value, the term, the subscription.

    Later terms whose deals are open follow, and so does the subscription, as far as they cost what the term did.
    """
    if price.currency != term.currency:
        raise UserError("subscription.other_currency")
    if price.amount_e4 < 0:
        raise UserError("renewal.price_negative")
    run, old = _begin(term, by=by, at=at), term.price_e4
    terms = [one for one in _waiting_from(term) if one.price_e4 == old]
    set_terms(run, {one.pk: (one.deal_id, price.amount_e4) for one in terms})
    deals = [one.deal_id for one in terms if one.deal_id]
    refuse_strangers(Deal.objects.filter(pk__in=deals), by)
    change_each(
        tracked(RecordKind.DEAL), deals, lambda row: _at_price(row, price), by=by, at=at, run=run
    )
    after = {"price_e4": price.amount_e4}
    change(_own(term), lambda row: after if row["price_e4"] == old else {}, by=by, at=at, run=run)
    return _done(run, at)


@transaction.atomic
def cancel_waiting(*, term: Term, by: User, at: datetime, on: date, reason: str) -> Run:
    """Let a subscription end where its paid time ends, and lose the open deals from `term` on for the same reason; `on` is today."""
    run = _begin(term, by=by, at=at)
    paid = Term.objects.filter(
        subscription=term.subscription_id, deal__status="won", deal__trashed_at__isnull=True
    )
    end = max(term.starts_on, paid.aggregate(last=Max("ends_on"))["last"] or term.starts_on)
    skip_unbooked_terms(
        run=run, terms=[one.pk for one in _waiting_from(term)], by=by, at=at, reason=reason
    )
    cancel_subscriptions(
        subscriptions=_own(term), by=by, at=at, on=on, ends_on=end, reason=reason, run=run
    )
    return _done(run, at)


def _begin(term: Term, *, by: User, at: datetime) -> Run:
    """Start the run; refused if the term's deal is not open any more. The subscription stays locked: the second is told."""
    locked([term.subscription_id])
    lock_records(Deal.objects.filter(pk__in=[term.deal_id] if term.deal_id else []))
    term.refresh_from_db()
    if not _waiting_from(term) or _waiting_from(term)[0].pk != term.pk:
        raise UserError("renewal.moved_on")
    return start_run(kind=Run.Kind.SUBSCRIPTIONS, by_id=by.pk, at=at, title=str(term.subscription))


def _done(run: Run, at: datetime) -> Run:
    move_run(run=run, state=Run.State.DONE, at=at, totals={"repaired": 1})
    return run


def _waiting_from(term: Term) -> Sequence[Term]:
    """Return the term and the later ones of its subscription, as far as their deals are open."""
    own = Term.objects.filter(subscription=term.subscription_id, number__gte=term.number)
    return list(own.filter(deal__status="open", deal__trashed_at__isnull=True).order_by("number"))


def _own(term: Term) -> QuerySet[Subscription]:
    return Subscription.objects.filter(pk=term.subscription_id)


def _at_price(row: Mapping[str, Any], price: Money) -> dict[str, Any]:
    """Return what of a deal changes: its value; what recurs of its lines shares it in proportion, what is one-off goes on top."""
    lines = read_lines(row["lines"])
    single = [one for one in lines if not one.recurs]
    shared = renewed_lines(lines, price.amount_e4, price.currency)
    extra = sum(one.amount_e4 for one in single) if shared else 0
    return {
        "value_e4": price.amount_e4 + extra,
        "lines": stored_lines([*single, *shared]) if shared else row["lines"],
    }
