"""Canceling subscriptions, and ending those that are over."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from turnus.accounts.models import User
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.kit.lines import one_line
from turnus.revenue.models import RenewalWay, Subscription
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
    """Let subscriptions end: with the term that is paid (`ends_on` None), or so that `ends_on` is not covered any more.

    The monthly revenue stays until then; `on` is today.
    """
    reason = one_line(reason, field="reason")

    def rule(row: Mapping[str, Any]) -> Mapping[str, Any]:
        end = ends_on or (row["paused_on"] or due_on(row, row["next_number"]))
        if end < row["started_on"]:
            raise UserError("subscription.end_before_start")
        return {"end_reason": reason, **end_columns(row, end, on=on)}

    return change(subscriptions.exclude(state=States.ENDED), rule, by=by, at=at, run=run)


@transaction.atomic
def cancel_as_run(
    *, subscription: Subscription, number: int, by: User, at: datetime, on: date, reason: str
) -> Run:
    """Let one subscription end with the term that is paid, as a run that can be taken back.

    Refused if `number` is not its next term any more, or nothing is due: somebody was quicker.
    """
    lock_next_term(subscription, number)
    run = start_run(kind=Run.Kind.SUBSCRIPTIONS, by_id=by.pk, at=at, title=subscription.name)
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
    over = Subscription.objects.present().filter(state=States.ACTIVE, end_on__lte=on)
    booking = Q(renewal_way=RenewalWay.BOOK) | Q(renewal_way="", plan__renewal_way=RenewalWay.BOOK)
    return change(
        over.exclude(booking, next_due_on__isnull=False),
        lambda _row: {"state": States.ENDED},
        by=by,
        at=at,
    )


def end_columns(row: Mapping[str, Any], end: date, *, on: date) -> dict[str, Any]:
    """Return what changes when a subscription ends, so that `end` is not covered any more; a paused one has ended at once."""
    state = States.ENDED if end <= on or row["state"] == States.PAUSED else row["state"]
    return {"end_on": end, "state": state, "paused_on": None}
