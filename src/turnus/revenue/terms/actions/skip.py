"""Skipping the next term of subscriptions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.revenue.rules import due_on
from turnus.revenue.subscriptions.actions.write import change


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
    """Leave the next term of each subscription out: it is neither booked nor due again, and nothing is paid for it. A run.

    `numbers`: subscription -> the term that is meant; refused if it is not the next one any more, for somebody was quicker.
    None: whichever is next.
    """
    run = run or start_run(kind=Run.Kind.SUBSCRIPTIONS, by_id=by.pk, at=at, title=title)
    skipped: list[Term] = []

    def rule(row: Mapping[str, Any]) -> Mapping[str, Any]:
        number = row["next_number"]
        if numbers is not None and number != numbers.get(row["id"]):
            raise UserError("renewal.moved_on")
        start, end = due_on(row, number), due_on(row, number + 1)
        skipped.append(
            Term(
                subscription_id=row["id"],
                number=number,
                starts_on=start,
                ends_on=min(end, row["end_on"] or end),
                price_e4=0,
                currency=row["currency"],
                cadence=row["cadence"],
                run=run,
                recorded_at=at,
            )
        )
        return {"next_number": number + 1}

    count = change(subscriptions.filter(next_due_on__isnull=False), rule, by=by, at=at, run=run)
    if numbers is not None and count < len(numbers):
        raise UserError("renewal.moved_on")
    Term.objects.bulk_create(skipped)
    move_run(run=run, state=Run.State.DONE, at=at, totals={"skipped": count})
    return run
