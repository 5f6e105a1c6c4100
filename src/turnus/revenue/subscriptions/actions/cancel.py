"""Canceling subscriptions, and ending those that are over."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from turnus.accounts.models import User
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.kit.lines import one_line
from turnus.revenue.models import RenewalWay, Subscription
from turnus.revenue.rows import SubscriptionChange, SubscriptionRow
from turnus.revenue.rules import due_on
from turnus.revenue.subscriptions.actions.write import change, lock_next_term

States = Subscription.State


@transaction.atomic
def cancel_subscriptions(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    on: date,
    ends_on: date | None,
    reason: str = "",
    run: Run | None = None,
) -> int:
    """Let subscriptions end: with the term that is paid, or so that `ends_on` is not covered.

    The monthly revenue stays until then; `on` is today.
    """
    reason = one_line(reason, field="reason")

    def with_end(row: SubscriptionRow) -> SubscriptionChange:
        end = ends_on or row["paused_on"] or due_on(row, row["next_number"])
        if end < row["started_on"]:
            raise UserError("subscription.end_before_start")
        return {"end_reason": reason, **end_columns(row["state"], end, on=on)}

    running = subscriptions.exclude(state=States.ENDED)
    return change(running, with_end, by=by, at=at, run=run)


@transaction.atomic
def cancel_as_run(
    *,
    subscription: Subscription,
    number: int,
    by: User,
    at: datetime,
    on: date,
    reason: str,
) -> Run:
    """Let one subscription end with the term that is paid, as a run that can be undone.

    Refused if `number` is not its next term any more, or nothing is due: somebody was quicker.
    """
    lock_next_term(subscription, number)
    run = start_run(
        kind=Run.Kind.SUBSCRIPTIONS,
        by_id=by.pk,
        at=at,
        title=subscription.name,
    )
    count = cancel_subscriptions(
        subscriptions=Subscription.objects.filter(pk=subscription.pk),
        by=by,
        at=at,
        on=on,
        ends_on=None,
        reason=reason,
        run=run,
    )
    move_run(run=run, state=Run.State.DONE, at=at, totals={"repaired": count})
    return run


@transaction.atomic
def end_what_is_over(*, by: User, at: datetime, on: date) -> int:
    """Mark the subscriptions ended whose last day has passed; return how many.

    One that renews by itself and has terms to catch up is ended when those are booked.
    """
    over = Subscription.objects.present().filter(
        state=States.ACTIVE, end_on__lte=on
    )
    plan_books = Q(renewal_way="", plan__renewal_way=RenewalWay.BOOK)
    renews_by_itself = Q(renewal_way=RenewalWay.BOOK) | plan_books
    caught_up = over.exclude(renews_by_itself, next_due_on__isnull=False)
    ended = SubscriptionChange(state=States.ENDED)
    return change(caught_up, lambda _row: ended, by=by, at=at)


def end_columns(state: str, end: date, *, on: date) -> SubscriptionChange:
    """Return what changes when a subscription ends so that `end` is not covered any more.

    A paused one has ended at once; `on` is today.
    """
    has_ended = end <= on or state == States.PAUSED
    return {
        "end_on": end,
        "state": States.ENDED if has_ended else state,
        "paused_on": None,
    }
