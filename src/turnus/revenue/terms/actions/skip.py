"""Skipping the next term of subscriptions."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription
from turnus.revenue.rows import SubscriptionChange, SubscriptionRow
from turnus.revenue.rules import term_days
from turnus.revenue.subscriptions.actions.write import change
from turnus.revenue.terms.actions.write import NewTerm, insert_terms


@transaction.atomic
def skip_terms(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    numbers: Mapping[int, int] | None = None,
    title: str = "",
    run: Run | None = None,
) -> Run:
    """Skip the next term of each subscription, as a run.

    It is neither booked nor due again, and nothing is paid for it. `numbers`: subscription -> the
    term that is meant; refused if it is not the next one any more, for somebody was quicker. None:
    whichever is next.
    """
    run = run or start_run(
        kind=Run.Kind.SUBSCRIPTIONS, by_id=by.pk, at=at, title=title
    )
    run_id = run.pk
    skipped: list[NewTerm] = []

    def without_next(row: SubscriptionRow) -> SubscriptionChange:
        number = row["next_number"]
        if numbers is not None and number != numbers.get(row["id"]):
            raise UserError("renewal.moved_on")
        skipped.append(_skipped_term(row, number, run_id, at))
        return {"next_number": number + 1}

    due = subscriptions.filter(next_due_on__isnull=False)
    count = change(due, without_next, by=by, at=at, run=run)
    if numbers is not None and count < len(numbers):
        raise UserError("renewal.moved_on")
    insert_terms(skipped)
    move_run(run=run, state=Run.State.DONE, at=at, totals={"skipped": count})
    return run


def _skipped_term(
    row: SubscriptionRow, number: int, run_id: int, at: datetime
) -> NewTerm:
    days = term_days(row, number)
    return NewTerm(
        subscription_id=row["id"],
        number=number,
        starts_on=days.start,
        ends_on=days.end,
        price_e4=0,
        currency=row["currency"],
        cadence=row["cadence"],
        deal_id=None,
        run_id=run_id,
        recorded_at=at,
    )
