"""Beginning subscriptions from the won deals that a person chose in a list: previewed, then exactly these, as a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.core.money import Money
from turnus.fields.changing import refuse_strangers
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.actions_copies import begin_chains, lines_of, new_chains
from turnus.revenue.models import Plan
from turnus.sales.models import Deal


@dataclass(frozen=True, slots=True)
class Begun:
    """One line of the preview: the subscription's name, its terms, what the last one costs, and its latest deal.

    `next_due_on` is the day that is due next; None: it has ended, only its past counts.
    """

    deal_id: int
    name: str
    price: Money
    starts_on: date
    term_count: int
    next_due_on: date | None


def preview_chosen(*, deals: QuerySet[Deal], by: User, on: date, plan: Plan) -> list[Begun]:
    """Return what begins if the chosen deals recur by `plan`; in bulk."""
    refuse_strangers(deals, by)
    return [
        Begun(
            one.deals[-1]["pk"],
            one.deals[-1]["title"],
            Money(one.terms[-1].price_e4, one.terms[-1].currency),
            one.terms[0].days.start,
            len(one.terms),
            None if one.ended_on(on) else one.terms[-1].days.end,
        )
        for one in new_chains(lines_of(_won(deals, plan)), by=by)
    ]


@transaction.atomic
def begin_chosen(
    *,
    deals: QuerySet[Deal],
    by: User,
    at: datetime,
    on: date,
    plan: Plan,
    expected: Sequence[Begun],
    title: str,
) -> Run:
    """Begin the subscriptions that the preview showed, as a run; refused if it showed none, or does not hold any more."""
    if not expected:
        raise UserError("bulk.nothing")
    list(deals.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    if preview_chosen(deals=deals, by=by, on=on, plan=plan) != list(expected):
        raise UserError("subscription.preview_moved")
    return begin_run(_won(deals, plan), by=by, at=at, on=on, title=title)


def begin_run(plans: Mapping[int, int], *, by: User, at: datetime, on: date, title: str) -> Run:
    """Begin subscriptions from deals (`plans`: deal -> plan) as a run; its totals: `count`, and how many of them have `ended`.

    For the caller's transaction.
    """
    run = start_run(kind=Run.Kind.SUBSCRIPTIONS, by_id=by.pk, at=at, title=title)
    chains = new_chains(lines_of(plans), by=by)
    count = begin_chains(chains, by=by, at=at, on=on, run=run)
    ended = sum(one.ended_on(on) is not None for one in chains)
    move_run(run=run, state=Run.State.DONE, at=at, totals={"count": count, "ended": ended})
    return run


def _won(deals: QuerySet[Deal], plan: Plan) -> dict[int, int]:
    won = deals.filter(status=Deal.Status.WON, trashed_at__isnull=True).order_by("pk")
    return dict.fromkeys(won.values_list("pk", flat=True), plan.pk)
