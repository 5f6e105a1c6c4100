"""Pausing subscriptions, and resuming those that stopped."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, QuerySet

from turnus.accounts.models import User
from turnus.fields.changing import present_ids, refuse_strangers
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.revenue.rows import SubscriptionChange, SubscriptionRow
from turnus.revenue.subscriptions.actions.write import change_ids
from turnus.revenue.subscriptions.stretches import new_stretch

States = Subscription.State


@transaction.atomic
def pause_subscriptions(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    pauses_on: date,
) -> int:
    """Stop subscriptions from `pauses_on` on: nothing is due or counts until they are resumed.

    The term that runs on the day ends there; one that begins on it, or was booked beyond it,
    covers no day any more.
    """
    active = subscriptions.filter(state=States.ACTIVE)
    ids = present_ids(active)
    refuse_strangers(active, by)
    paused = SubscriptionChange(state=States.PAUSED, paused_on=pauses_on)
    count = change_ids(ids, lambda _row: paused, by=by, at=at)
    _cut_terms(Term.objects.filter(subscription__in=ids), pauses_on)
    return count


@transaction.atomic
def resume_subscriptions(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    resumes_on: date,
) -> int:
    """Let paused or ended subscriptions go on: a new stretch begins on `resumes_on`.

    An end that was agreed stays, if a paused one is resumed before it.
    """
    stopped = subscriptions.exclude(state=States.ACTIVE)
    ids = present_ids(stopped)
    refuse_strangers(stopped, by)
    _cut_at_the_end(ids)
    return change_ids(ids, lambda row: _resumed(row, resumes_on), by=by, at=at)


def _resumed(row: SubscriptionRow, on: date) -> SubscriptionChange:
    stopped_on = row["paused_on"] or row["end_on"]
    if stopped_on is not None and on < stopped_on:
        raise UserError("subscription.resume_before_stop")
    resumed: SubscriptionChange = {
        "state": States.ACTIVE,
        "paused_on": None,
        **new_stretch(row, on, row["next_number"]),
    }
    was_paused = row["state"] == States.PAUSED
    ends_later = row["end_on"] is not None and row["end_on"] > on
    if not (was_paused and ends_later):
        resumed["end_on"] = None
        resumed["end_reason"] = ""
    return resumed


def _cut_terms(terms: QuerySet[Term], day: date) -> None:
    """Let nothing of `terms` count from `day` on, though it was paid.

    What began before ends there, all else covers no day.
    """
    terms.filter(starts_on__gte=day, ends_on__gt=day).update(
        ends_on=F("starts_on")
    )
    terms.filter(starts_on__lt=day, ends_on__gt=day).update(ends_on=day)


def _cut_at_the_end(ids: list[int]) -> None:
    """Let nothing count beyond the end of ended subscriptions, before a new stretch begins."""
    ended = Subscription.objects.filter(
        pk__in=ids, state=States.ENDED, end_on__isnull=False
    )
    paid_beyond = ended.filter(terms__ends_on__gt=F("end_on")).distinct()
    for subscription, end in paid_beyond.order_by("pk").values_list(
        "pk", "end_on"
    ):
        if end is not None:
            _cut_terms(Term.objects.filter(subscription=subscription), end)
