"""Starting subscriptions with the past that a file tells, which no deal books (decision 0015)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from turnus.accounts.models import User
from turnus.core.cadence import Cadence
from turnus.core.revenue.steps import PaidBy, Past, Step, StepKind, Story, past_of
from turnus.history.models import Run
from turnus.revenue.models import Plan, Subscription
from turnus.revenue.subscriptions.actions.start import PlanBefore, start_subscriptions

States = Subscription.State


def insert_subscriptions(
    *, rows: Sequence[Mapping[str, Any]], by: User, at: datetime, on: date, run: Run
) -> Sequence[int]:
    """Insert subscriptions with their pasts by the fast lane; return their ids. For the caller's transaction, a block of an import.

    A row has the columns of a subscription and, in place of those that follow from them, `booked_until`, `steps`: [kind, day,
    price, plan, days], and `days`: the two of the month, None for those of the plan.
    Its terms have no deal and name the run, which is what makes them count. `on` is today.
    """
    cadences = {pk: Cadence.parse(text) for pk, text in Plan.objects.values_list("pk", "cadence")}
    pasts = [past_of(_story(row, cadences)) for row in rows]
    columns = [_columns(row, past, on) for row, past in zip(rows, pasts, strict=True)]
    terms = [
        [
            (
                one.number,
                one.days.start,
                one.days.end,
                one.price_e4,
                str(one.plan.cadence),
                None,
                run.pk,
            )
            for one in past.terms
        ]
        for past in pasts
    ]
    return start_subscriptions(
        columns=columns,
        terms=terms,
        by=by,
        at=at,
        run=run,
        plans=[_plans_before(one) for one in pasts],
    )


def _plans_before(past: Past) -> list[PlanBefore]:
    """Return the plans that held before another one, each with the day on which that began to hold.

    The present plan, if it changed in a pause, holds only after the last term: its stretch has not begun.
    """
    paid_until = past.terms[-1].days.end if past.terms else past.anchor_on
    plans = [(term.days.start, term.plan.key) for term in past.terms]
    plans.append((max(past.anchor_on, paid_until), past.plan.key))
    changes = []
    for (_since, before), (on, after) in pairwise(plans):
        if before != after:
            changes.append((on.isoformat(), before))
    return changes


def _story(row: Mapping[str, Any], cadences: Mapping[int, Cadence]) -> Story:
    steps = [
        Step(
            StepKind(kind),
            date.fromisoformat(str(day)),
            price,
            plan and _paid_by(plan, cadences, days),
        )
        for kind, day, price, plan, days in row["steps"]
    ]
    plan = _paid_by(row["plan_id"], cadences, row["days"])
    return Story(
        plan, row["started_on"], row["price_e4"], steps, row["booked_until"], row["end_on"]
    )


def _paid_by(plan: int, cadences: Mapping[int, Cadence], days: Sequence[int] | None) -> PaidBy:
    cadence = cadences[plan]
    return PaidBy(plan, replace(cadence, days=(days[0], days[1])) if days else cadence)


def _columns(row: Mapping[str, Any], past: Past, on: date) -> dict[str, Any]:
    is_over = past.end_on is not None and past.end_on <= on
    state = (
        States.ENDED if is_over else States.PAUSED if past.paused_on is not None else States.ACTIVE
    )
    return {
        **{
            name: value
            for name, value in row.items()
            if name not in {"steps", "days", "booked_until"}
        },
        "plan_id": past.plan.key,
        "cadence": str(past.plan.cadence),
        "price_e4": past.price_e4,
        "state": state,
        "anchor_on": past.anchor_on,
        "anchor_number": past.anchor_number,
        "next_number": past.next_number,
        "paused_on": None if is_over else past.paused_on,
    }
