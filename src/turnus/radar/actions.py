"""Putting findings right, as a run that can be taken back, or calling them right as they are."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from turnus.accounts.models import User
from turnus.fields.changing import BLOCK, blocks, refuse_strangers
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.radar.findings import Action, Finding, Kind
from turnus.radar.models import CalledRight
from turnus.revenue.models import Subscription
from turnus.revenue.renewals.actions.book import book_due
from turnus.revenue.subscriptions.actions.cancel import cancel_subscriptions
from turnus.revenue.subscriptions.actions.change import trash_subscriptions
from turnus.revenue.terms.actions.repair import (
    Hole,
    book_holes,
    skip_holes,
    skip_unbooked_terms,
    win_terms,
)
from turnus.revenue.terms.actions.skip import skip_terms
from turnus.sales.actions import trash_deals
from turnus.sales.models import Deal

_HOLES = (Kind.NUMBER, Kind.GONE, Kind.FORGOTTEN)
_WITH_DEAL = (Kind.TRASHED, Kind.LOST, Kind.OPEN)


@transaction.atomic
def repair(
    *, found: Sequence[Finding], action: Action, by: User, at: datetime, on: date, title: str
) -> Run:
    """Do the same thing about each of `found`, all or none, as a run; refused where it does not fit one of them.

    `on` is today: missed terms, those before it, are booked or left out.
    """
    if not found or any(action not in one.actions for one in found):
        raise UserError("radar.does_not_fit")
    refuse_strangers(Subscription.objects.filter(pk__in=[one.subscription_id for one in found]), by)
    run = start_run(kind=Run.Kind.SUBSCRIPTIONS, by_id=by.pk, at=at, title=title)
    _REPAIRS[action](found, run=run, by=by, at=at, on=on)
    move_run(run=run, state=Run.State.DONE, at=at, totals={"repaired": len(found)})
    return run


@transaction.atomic
def call_right(*, found: Sequence[Finding], by: User, at: datetime) -> int:
    """Let findings stay away, because they are no mistakes; return how many."""
    refuse_strangers(Subscription.objects.filter(pk__in=[one.subscription_id for one in found]), by)
    rows = [
        CalledRight(kind=str(one.kind), one=one.one, other=one.other, by=by, at=at) for one in found
    ]
    return len(CalledRight.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def look_again(*, found: Sequence[Finding], by: User) -> None:
    """Let findings be found again that were called right."""
    refuse_strangers(Subscription.objects.filter(pk__in=[one.subscription_id for one in found]), by)
    wanted = {(str(one.kind), one.one, one.other) for one in found}
    held = CalledRight.objects.values_list("pk", "kind", "one", "other")
    for block in blocks((pk for pk, *what in held if tuple(what) in wanted), BLOCK):
        CalledRight.objects.filter(pk__in=block).delete()


def _book(found: Sequence[Finding], *, run: Run, by: User, at: datetime, on: date) -> None:
    missed = {one.one: one.count for one in found if one.kind is Kind.MISSED}
    subscriptions = Subscription.objects.filter(pk__in=missed)
    booked = book_due(
        run=run, subscriptions=subscriptions, by=by, at=at, until=on - timedelta(days=1)
    )
    if booked != sum(missed.values()):
        raise UserError("radar.changed")  # somebody else was quicker
    book_holes(run=run, holes=_holes(found), by=by, at=at)
    win_terms(run=run, terms=[one.one for one in found if one.kind in _WITH_DEAL], by=by, at=at)


def _skip(found: Sequence[Finding], *, run: Run, by: User, at: datetime, on: date) -> None:  # noqa: ARG001 (as the others)
    missed = [one for one in found if one.kind is Kind.MISSED]
    for step in range(max((one.count for one in missed), default=0)):
        numbers = {one.one: one.other + step for one in missed if step < one.count}
        subscriptions = Subscription.objects.filter(pk__in=numbers)
        skip_terms(subscriptions=subscriptions, by=by, at=at, numbers=numbers, run=run)
    skip_holes(run=run, holes=_holes(found), by=by, at=at)
    skip_unbooked_terms(
        run=run, terms=[one.one for one in found if one.kind in _WITH_DEAL], by=by, at=at
    )


def _trash(found: Sequence[Finding], *, run: Run, by: User, at: datetime, on: date) -> None:  # noqa: ARG001 (as the others)
    deals = [one.one for one in found if one.kind is Kind.DEAL_TWICE]
    trash_deals(deals=Deal.objects.filter(pk__in=deals), by=by, at=at, run=run)
    trash_subscriptions(subscriptions=_later(found), by=by, at=at, run=run)


def _end(found: Sequence[Finding], *, run: Run, by: User, at: datetime, on: date) -> None:
    cancel_subscriptions(subscriptions=_later(found), by=by, at=at, on=on, ends_on=None, run=run)
    for one in found:
        if one.kind is Kind.CREDIT:
            credited = Subscription.objects.filter(pk=one.other)
            reason = one.params["title"]
            cancel_subscriptions(
                subscriptions=credited, by=by, at=at, on=on, ends_on=None, reason=reason, run=run
            )


def _later(found: Sequence[Finding]) -> Any:
    ids = [one.one for one in found if one.kind is Kind.SUBSCRIPTION_TWICE]
    return Subscription.objects.filter(pk__in=ids)


def _holes(found: Sequence[Finding]) -> list[Hole]:
    return [
        Hole(
            one.subscription_id,
            one.params["number"],
            one.on,
            one.params["ends_on"],
            one.money.amount_e4,
            one.money.currency,
            None if one.kind is Kind.NUMBER else one.one,
        )
        for one in found
        if one.kind in _HOLES
    ]


_REPAIRS: Mapping[Action, Callable[..., None]] = {
    Action.BOOK: _book,
    Action.SKIP: _skip,
    Action.TRASH: _trash,
    Action.END: _end,
}
