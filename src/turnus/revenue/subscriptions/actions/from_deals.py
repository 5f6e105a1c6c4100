"""Starting subscriptions from won deals whose plan is known: copies of one deal are its terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from turnus.accounts.models import User
from turnus.core.money import Money
from turnus.fields.changing import blocks, refuse_strangers
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.kit.sql import insert_rows
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.rules import due_on, term_days
from turnus.revenue.subscriptions.actions.start import start_subscriptions
from turnus.revenue.subscriptions.actions.write import change_ids, locked
from turnus.revenue.subscriptions.chains import (
    BLOCK,
    Chain,
    CopyKey,
    Deals,
    lines_covered,
    lines_of,
    new_chains,
    plans_by_id,
    recurring_e4,
)
from turnus.revenue.terms.actions.write import TERM_COLUMNS
from turnus.sales.models import Deal

States = Subscription.State


@dataclass(frozen=True, slots=True)
class StartLine:
    """One line of the preview: the subscription's name, its terms, what the last one costs, and its latest deal.

    `next_due_on` is the day that is due next; None: it has ended, only its past counts.
    """

    deal_id: int
    name: str
    price: Money
    starts_on: date
    term_count: int
    next_due_on: date | None


def preview_chosen(*, deals: QuerySet[Deal], by: User, on: date, plan: Plan) -> list[StartLine]:
    """Return what begins if the chosen deals recur by `plan`; in bulk."""
    refuse_strangers(deals, by)
    return [
        StartLine(
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
def start_chosen(
    *,
    deals: QuerySet[Deal],
    by: User,
    at: datetime,
    on: date,
    plan: Plan,
    expected: Sequence[StartLine],
    title: str,
) -> Run:
    """Begin the subscriptions that the preview showed, as a run; refused if it showed none, or does not hold any more."""
    if not expected:
        raise UserError("bulk.nothing")
    list(deals.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    if preview_chosen(deals=deals, by=by, on=on, plan=plan) != list(expected):
        raise UserError("subscription.preview_moved")
    return start_as_run(_won(deals, plan), by=by, at=at, on=on, title=title)


def start_as_run(plans: Mapping[int, int], *, by: User, at: datetime, on: date, title: str) -> Run:
    """Begin subscriptions from deals (`plans`: deal -> plan) as a run; its totals: `count`, and how many of them have `ended`.

    For the caller's transaction.
    """
    run = start_run(kind=Run.Kind.SUBSCRIPTIONS, by_id=by.pk, at=at, title=title)
    chains = new_chains(lines_of(plans), by=by)
    count = start_chains(chains, by=by, at=at, on=on, run=run)
    ended = sum(one.ended_on(on) is not None for one in chains)
    move_run(run=run, state=Run.State.DONE, at=at, totals={"count": count, "ended": ended})
    return run


def _won(deals: QuerySet[Deal], plan: Plan) -> dict[int, int]:
    won = deals.filter(status=Deal.Status.WON, trashed_at__isnull=True).order_by("pk")
    return dict.fromkeys(won.values_list("pk", flat=True), plan.pk)


def start_chains(chains: Sequence[Chain], *, by: User, at: datetime, on: date, run: Run) -> int:
    """Begin the subscriptions of chains and return how many; in bulk, for the caller's transaction.

    One whose last term and grace are over on the day `on` has ended.
    """
    # Terms of an import have no run: one whose deal is gone for good must not look like one that a file of subscriptions brought.
    of_run = None if run.kind == Run.Kind.IMPORT else run.pk
    columns = [_columns(one, one.ended_on(on)) for one in chains]
    told = [
        [
            (
                number,
                term.days.start,
                term.days.end,
                term.price_e4,
                row["cadence"],
                term.deal,
                of_run,
            )
            for number, term in enumerate(one.terms)
        ]
        for one, row in zip(chains, columns, strict=True)
    ]
    return len(start_subscriptions(columns=columns, terms=told, by=by, at=at, run=run))


def start_from_copies(
    *, lines: Mapping[CopyKey, Deals], by: User, at: datetime, on: date, run: Run
) -> tuple[int, int]:
    """Begin subscriptions from lines of won deals that an import brought; in bulk, for the caller's transaction.

    Where a subscription stands for them already, they book its next terms if they were won within the grace of their due days.
    Returns how many subscriptions began, and how many terms of others were booked.
    """
    held, known = lines_covered(lines, by), plans_by_id(lines)
    going_on = {ids[0]: lines[line] for line, ids in held.items() if len(ids) == 1}
    booked = sum(
        _go_on(block, going_on, known, by=by, at=at, run=run)
        for block in blocks(sorted(going_on), BLOCK)
    )
    return start_chains(new_chains(lines, by=by), by=by, at=at, on=on, run=run), booked


def free_deals(*, run: Run) -> None:
    """Let the deals of an import that was taken back book no terms any more; for the caller's transaction."""
    ours = Term.objects.filter(
        deal__trashed_at__isnull=False, deal__origin="import", deal__origin_id=str(run.pk)
    )
    # A term that others build on stays: nothing may be missing in between.
    ours.filter(
        Q(subscription__trashed_at__isnull=False) | Q(number__gte=F("subscription__next_number"))
    ).delete()


def _go_on(
    ids: Sequence[int],
    deals: Mapping[int, Deals],
    known: Mapping[int, Plan],
    *,
    by: User,
    at: datetime,
    run: Run,
) -> int:
    """Let deals book the next terms of subscriptions that are here, at their own values; return how many terms."""
    terms: list[tuple[Any, ...]] = []
    after: dict[int, dict[str, Any]] = {}
    for pk, row in locked(ids).items():
        number, grace = row["next_number"], timedelta(days=known[row["plan_id"]].grace)
        for deal in deals[pk]:
            start = due_on(row, number)
            is_over = row["end_on"] is not None and start >= row["end_on"]
            if is_over or abs(deal["won_on"] - start) > grace:
                continue
            price = recurring_e4(deal)
            paid = (price, row["currency"], row["cadence"])
            terms.append(
                (pk, number, start, term_days(row, number).end, *paid, deal["pk"], None, at)
            )
            number += 1
            after[pk] = {"next_number": number, "price_e4": price}
    insert_rows(Term, TERM_COLUMNS, terms)
    change_ids(after, lambda row: after[row["id"]], by=by, at=at, run=run)
    return len(terms)


def _columns(chain: Chain, ended_on: date | None) -> dict[str, Any]:
    first, term, last = chain.terms[0], chain.terms[-1], chain.deals[-1]
    return {
        **{
            key: last[key]
            for key in ("organization_id", "person_id", "owner_id", "visibility", "currency")
        },
        "name": last["title"],
        "plan_id": chain.plan.pk,
        "cadence": str(term.cadence),
        "price_e4": term.price_e4,
        "state": States.ACTIVE if ended_on is None else States.ENDED,
        "started_on": first.days.start,
        "anchor_on": term.anchor,
        "anchor_number": len(chain.terms) - 1 - term.number,
        "next_number": len(chain.terms),
        "end_on": ended_on,
        "paused_on": None,
    }
