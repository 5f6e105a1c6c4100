"""Starting subscriptions with the past that a file tells, which no deal books (decision 0015)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any, cast

from turnus.accounts.models import User
from turnus.core.cadence import Cadence
from turnus.core.revenue.steps import (
    PaidBy,
    Past,
    Step,
    StepKind,
    Story,
    past_of,
)
from turnus.history.models import Run
from turnus.revenue.models import Plan, Subscription
from turnus.revenue.rows import NewColumns
from turnus.revenue.subscriptions.actions.start import (
    PlanBefore,
    Start,
    StartedTerm,
    start_subscriptions,
)

States = Subscription.State
#: What a row has beside the columns of a subscription.
_STORY_COLUMNS = frozenset({"steps", "days", "booked_until"})


def insert_subscriptions(
    *,
    rows: Sequence[Mapping[str, Any]],
    by: User,
    at: datetime,
    on: date,
    run: Run,
) -> Sequence[int]:
    """Start subscriptions with their pasts; return their ids.

    For the caller's transaction, a block of an import. A row has the columns of a subscription
    and, in place of those that follow from them, `booked_until`, `steps` (kind, on, price_e4,
    plan_id, days), and `days`: the two of the month, None for those of the plan. Its terms have no
    deal and name the run, which is what makes them count. `on` is today.
    """
    plans = Plan.objects.values_list("pk", "cadence")
    cadences = {pk: Cadence.parse(text) for pk, text in plans}
    starts = []
    for row in rows:
        past = past_of(_story(row, cadences))
        terms = _terms(past, run)
        starts.append(
            Start(_columns(row, past, on), terms, _plans_before(past))
        )
    return start_subscriptions(starts, by=by, at=at, run=run)


def _terms(past: Past, run: Run) -> list[StartedTerm]:
    return [
        StartedTerm(
            number=term.number,
            starts_on=term.days.start,
            ends_on=term.days.end,
            price_e4=term.price_e4,
            cadence=str(term.plan.cadence),
            deal_id=None,
            run_id=run.pk,
        )
        for term in past.terms
    ]


def _plans_before(past: Past) -> list[PlanBefore]:
    """Return the plans that held before another one, with the day on which that began to hold.

    The present plan, if it changed in a pause, holds only after the last term: its stretch has not
    begun.
    """
    paid_until = past.terms[-1].days.end if past.terms else past.anchor_on
    plans = [(term.days.start, term.plan.key) for term in past.terms]
    plans.append((max(past.anchor_on, paid_until), past.plan.key))
    changes = []
    for (_since, before), (on, after) in pairwise(plans):
        if before != after:
            changes.append(PlanBefore(on.isoformat(), before))
    return changes


def _story(row: Mapping[str, Any], cadences: Mapping[int, Cadence]) -> Story:
    steps = []
    for step in row["steps"]:
        plan_id = step["plan_id"]
        plan = _paid_by(plan_id, cadences, step["days"]) if plan_id else None
        day = date.fromisoformat(step["on"])
        steps.append(Step(StepKind(step["kind"]), day, step["price_e4"], plan))
    return Story(
        plan=_paid_by(row["plan_id"], cadences, row["days"]),
        started_on=row["started_on"],
        price_e4=row["price_e4"],
        steps=steps,
        booked_until=row["booked_until"],
        end_on=row["end_on"],
    )


def _paid_by(
    plan_id: int, cadences: Mapping[int, Cadence], days: Sequence[int] | None
) -> PaidBy:
    cadence = cadences[plan_id]
    if days:
        first, second = days
        cadence = replace(cadence, days=(first, second))
    return PaidBy(plan_id, cadence)


def _columns(row: Mapping[str, Any], past: Past, on: date) -> NewColumns:
    own = {
        name: value
        for name, value in row.items()
        if name not in _STORY_COLUMNS
    }
    is_over = past.end_on is not None and past.end_on <= on
    columns: NewColumns = {
        **cast("NewColumns", own),
        "plan_id": past.plan.key,
        "cadence": str(past.plan.cadence),
        "price_e4": past.price_e4,
        "state": _state(past, is_over=is_over),
        "anchor_on": past.anchor_on,
        "anchor_number": past.anchor_number,
        "next_number": past.next_number,
        "paused_on": None if is_over else past.paused_on,
    }
    return columns


def _state(past: Past, *, is_over: bool) -> Subscription.State:
    if is_over:
        return States.ENDED
    return States.ACTIVE if past.paused_on is None else States.PAUSED
