"""Starting subscriptions from won deals whose plan is known: copies of one deal are its terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from turnus.accounts.models import User
from turnus.core.money import Money
from turnus.fields.changing import blocks, refuse_strangers
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.rows import NewColumns, SubscriptionChange, SubscriptionRow
from turnus.revenue.rules import due_on, term_days
from turnus.revenue.subscriptions.actions.start import (
    Start,
    StartedTerm,
    start_subscriptions,
)
from turnus.revenue.subscriptions.actions.write import locked, write_planned
from turnus.revenue.subscriptions.chains import (
    BLOCK,
    CopiedDeal,
    Copies,
    CopyChain,
    CopyKey,
    copies_of,
    new_chains,
    plans_by_id,
    subscriptions_covering,
)
from turnus.revenue.terms.actions.write import NewTerm, insert_terms
from turnus.sales.models import Deal

States = Subscription.State


@dataclass(frozen=True, slots=True)
class StartLine:
    """One line of the preview: a subscription's name, its terms, its price and latest deal.

    `next_due_on` is the day that is due next; None: it has ended, only its past counts.
    """

    deal_id: int
    name: str
    price: Money
    starts_on: date
    term_count: int
    next_due_on: date | None


@dataclass(frozen=True, slots=True)
class Started:
    """How many subscriptions started, and how many terms of others were booked."""

    subscription_count: int
    term_count: int


def preview_chosen(
    *, deals: QuerySet[Deal], by: User, on: date, plan: Plan
) -> list[StartLine]:
    """Return what starts if the chosen deals recur by `plan`; in bulk."""
    refuse_strangers(deals, by)
    copies = copies_of(_won(deals, plan))
    return [_preview_line(chain, on) for chain in new_chains(copies, by=by)]


def _preview_line(chain: CopyChain, on: date) -> StartLine:
    deal = chain.deals[-1]
    last = chain.terms[-1]
    return StartLine(
        deal_id=deal.pk,
        name=deal.title,
        price=Money(last.price_e4, last.currency),
        starts_on=chain.terms[0].days.start,
        term_count=len(chain.terms),
        next_due_on=None if chain.ended_on(on) else last.days.end,
    )


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
    """Start the subscriptions that the preview showed, as a run.

    Refused if it showed none, or does not hold any more.
    """
    if not expected:
        raise UserError("bulk.nothing")
    list(
        deals.select_for_update(of=("self",)).order_by("pk").values_list("pk")
    )
    if preview_chosen(deals=deals, by=by, on=on, plan=plan) != list(expected):
        raise UserError("subscription.preview_moved")
    return start_as_run(_won(deals, plan), by=by, at=at, on=on, title=title)


def start_as_run(
    plans: Mapping[int, int], *, by: User, at: datetime, on: date, title: str
) -> Run:
    """Start subscriptions from deals (`plans`: deal -> plan) as a run.

    Its totals: `count`, and how many of them have `ended`. For the caller's transaction.
    """
    run = start_run(
        kind=Run.Kind.SUBSCRIPTIONS, by_id=by.pk, at=at, title=title
    )
    chains = new_chains(copies_of(plans), by=by)
    count = start_chains(chains, by=by, at=at, on=on, run=run)
    ended_count = sum(chain.ended_on(on) is not None for chain in chains)
    totals = {"count": count, "ended": ended_count}
    move_run(run=run, state=Run.State.DONE, at=at, totals=totals)
    return run


def _won(deals: QuerySet[Deal], plan: Plan) -> dict[int, int]:
    won = deals.filter(
        status=Deal.Status.WON, trashed_at__isnull=True
    ).order_by("pk")
    return dict.fromkeys(won.values_list("pk", flat=True), plan.pk)


def start_chains(
    chains: Sequence[CopyChain], *, by: User, at: datetime, on: date, run: Run
) -> int:
    """Start the subscriptions of chains and return how many; in bulk.

    One whose last term and grace are over on the day `on` has ended. For the caller's transaction.
    """
    # Terms of an import have no run: one whose deal is gone for good must not look like one that a
    # file of subscriptions brought.
    run_id = None if run.kind == Run.Kind.IMPORT else run.pk
    starts = [_start_of(chain, chain.ended_on(on), run_id) for chain in chains]
    return len(start_subscriptions(starts, by=by, at=at, run=run))


def start_from_copies(
    *,
    copies: Mapping[CopyKey, Copies],
    by: User,
    at: datetime,
    on: date,
    run: Run,
) -> Started:
    """Start subscriptions from copies of won deals that an import brought; in bulk.

    Where a subscription stands for them already, they book its next terms if they were won within
    the grace of their due days. For the caller's transaction.
    """
    covering = subscriptions_covering(copies, by)
    plans = plans_by_id(copies)
    going_on = {
        ids[0]: copies[key] for key, ids in covering.items() if len(ids) == 1
    }
    booked_count = 0
    for block in blocks(sorted(going_on), BLOCK):
        booked_count += _go_on(block, going_on, plans, by=by, at=at, run=run)
    chains = new_chains(copies, by=by)
    return Started(
        start_chains(chains, by=by, at=at, on=on, run=run), booked_count
    )


def free_deals(*, run: Run) -> None:
    """Let the deals of an import that was undone book no terms any more.

    For the caller's transaction.
    """
    ours = Term.objects.filter(
        deal__trashed_at__isnull=False,
        deal__origin="import",
        deal__origin_id=str(run.pk),
    )
    # A term that others build on stays: nothing may be missing in between.
    is_last = Q(number__gte=F("subscription__next_number"))
    ours.filter(Q(subscription__trashed_at__isnull=False) | is_last).delete()


def _go_on(
    ids: Sequence[int],
    copies: Mapping[int, Copies],
    plans: Mapping[int, Plan],
    *,
    by: User,
    at: datetime,
    run: Run,
) -> int:
    """Let deals book the next terms of subscriptions at their own values; return how many."""
    terms: list[NewTerm] = []
    after: dict[int, SubscriptionChange] = {}
    for pk, row in locked(ids).items():
        grace = timedelta(days=plans[row["plan_id"]].grace)
        number = row["next_number"]
        for deal in copies[pk]:
            if _fits(deal, row, number, grace):
                terms.append(_next_term(deal, row, number, at))
                number += 1
                after[pk] = {
                    "next_number": number,
                    "price_e4": deal.recurring_e4,
                }
    insert_terms(terms)
    write_planned(after, by=by, at=at, run=run)
    return len(terms)


def _fits(
    deal: CopiedDeal, row: SubscriptionRow, number: int, grace: timedelta
) -> bool:
    """Return whether a deal was won when a term was due, while the subscription went on."""
    start = due_on(row, number)
    is_over = row["end_on"] is not None and start >= row["end_on"]
    return not is_over and abs(deal.won_on - start) <= grace


def _next_term(
    deal: CopiedDeal, row: SubscriptionRow, number: int, at: datetime
) -> NewTerm:
    days = term_days(row, number)
    return NewTerm(
        subscription_id=row["id"],
        number=number,
        starts_on=days.start,
        ends_on=days.end,
        price_e4=deal.recurring_e4,
        currency=row["currency"],
        cadence=row["cadence"],
        deal_id=deal.pk,
        run_id=None,
        recorded_at=at,
    )


def _start_of(
    chain: CopyChain, ended_on: date | None, run_id: int | None
) -> Start:
    cadence = str(chain.terms[-1].cadence)
    terms = [
        StartedTerm(
            number=number,
            starts_on=term.days.start,
            ends_on=term.days.end,
            price_e4=term.price_e4,
            cadence=cadence,
            deal_id=term.deal,
            run_id=run_id,
        )
        for number, term in enumerate(chain.terms)
    ]
    return Start(_columns(chain, ended_on), terms)


def _columns(chain: CopyChain, ended_on: date | None) -> NewColumns:
    deal = chain.deals[-1]
    last = chain.terms[-1]
    return {
        "organization_id": deal.organization_id,
        "person_id": deal.person_id,
        "owner_id": deal.owner_id,
        "visibility": deal.visibility,
        "currency": deal.currency,
        "name": deal.title,
        "plan_id": chain.plan.pk,
        "cadence": str(last.cadence),
        "price_e4": last.price_e4,
        "state": States.ACTIVE if ended_on is None else States.ENDED,
        "started_on": chain.terms[0].days.start,
        "anchor_on": last.anchor,
        "anchor_number": len(chain.terms) - 1 - last.number,
        "next_number": len(chain.terms),
        "end_on": ended_on,
    }
