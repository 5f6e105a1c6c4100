"""Approving a proposal: what is written, the plans that are missing, and undoing it."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.core.cadence import Cadence
from turnus.detection.actions import move_on, require_own
from turnus.detection.models import History, Proposal
from turnus.detection.reading import restored
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.history.undoing import UndoResult
from turnus.jobs.actions import enqueue
from turnus.jobs.lanes import lane_of_rows
from turnus.kit.errors import UserError
from turnus.revenue.models import Plan, Subscription
from turnus.revenue.plans.actions import PlanValues, save_plan
from turnus.revenue.renewals.actions.undo import undo_renewals


@dataclass(frozen=True, slots=True)
class Approval:
    """What a person approved: `expected` histories, those without an open question if `only_sure`.

    `adds_e4`: what it adds to the MRR, as the person confirmed it, in ten-thousandths of
    the company's currency (None: nothing was shown).
    `renewal_way`: what happens when a term is due (empty: as the plan says).
    `plan_names`: names for the plans that are missing.
    """

    only_sure: bool
    expected: int
    adds_e4: int | None = None
    renewal_way: str = ""
    plan_names: Mapping[Cadence, str] = field(default_factory=dict)


def to_write(proposal: Proposal, *, only_sure: bool) -> QuerySet[History]:
    """Return the histories that approval writes; `only_sure`: those without an open question."""
    open_ones = proposal.histories.filter(
        state__in=(History.State.PROPOSED, History.State.CONFIRMED),
        subscription_count__gt=0,
    )
    return open_ones.filter(question_count=0) if only_sure else open_ones


def missing_plans(histories: QuerySet[History]) -> list[Cadence]:
    """Return the cadences of new subscriptions that have no active plan, most frequent first."""
    known = {plan.how.bare for plan in Plan.objects.filter(is_active=True)}
    found: Counter[Cadence] = Counter()
    for reading in histories.values_list("reading", flat=True).iterator():
        found.update(
            line.plan
            for line in restored(reading).lines
            if line.subscription is None
        )
    return [
        cadence for cadence, _ in found.most_common() if cadence not in known
    ]


def added_e4(proposal: Proposal, histories: QuerySet[History]) -> int:
    """Return what writing these histories adds to the MRR, in rounded ten-thousandths."""
    month = f"{proposal.on:%Y-%m}"
    return round(
        sum(
            (
                Fraction(months.get(month, 0))
                for months in histories.values_list("months", flat=True)
            ),
            Fraction(0),
        )
    )


@transaction.atomic
def approve(
    *, proposal: Proposal, by: User, at: datetime, approval: Approval
) -> Run:
    """Let a job write the proposal as a run, with plans for the cadences that have none.

    Refused if the proposal is not what the person looked at.
    """
    proposal = Proposal.objects.select_for_update(of=("self",)).get(
        pk=proposal.pk
    )
    require_own(proposal, by)
    if proposal.state != Proposal.State.READY:
        raise UserError("detection.closed")
    chosen = to_write(proposal, only_sure=approval.only_sure)
    if chosen.count() != approval.expected or not approval.expected:
        raise UserError("detection.moved")
    _refuse_other_amount(proposal, chosen, approval)
    _add_plans(missing_plans(chosen), approval, by=by)
    proposal.histories.exclude(pk__in=chosen.values("pk")).update(
        state=History.State.LEFT_OUT
    )
    run = start_run(
        kind=Run.Kind.DETECTION, by_id=by.pk, at=at, title=proposal.name
    )
    move_run(
        run=run,
        state=Run.State.RUNNING,
        at=at,
        totals={"renewal_way": approval.renewal_way},
    )
    proposal.run, proposal.state = run, Proposal.State.WRITING
    proposal.save(update_fields=["run", "state"])
    enqueue(
        "detection.write",
        at=at,
        by_id=by.pk,
        lane=lane_of_rows(len(proposal.deals)),
        unique_key=f"detection.write:{proposal.pk}",
        proposal_id=proposal.pk,
    )
    return run


def _refuse_other_amount(
    proposal: Proposal, histories: QuerySet[History], approval: Approval
) -> None:
    """Raise UserError if writing would add another amount than the person confirmed."""
    if approval.adds_e4 is None:
        return
    if approval.adds_e4 != added_e4(proposal, histories):
        raise UserError("detection.moved")


def _add_plans(
    cadences: Collection[Cadence], approval: Approval, *, by: User
) -> None:
    """Add the plans that are missing; all of them need a name."""
    if not approval.plan_names.keys() >= set(cadences):
        raise UserError("detection.moved")
    for cadence in cadences:
        name = approval.plan_names[cadence]
        save_plan(by=by, values=PlanValues(name=name, cadence=cadence))


@transaction.atomic
def finish_writing(proposal: Proposal, *, run: Run, at: datetime) -> None:
    """Record what was written, once."""
    if not move_on(proposal, Proposal.State.WRITING, Proposal.State.WRITTEN):
        return
    begun = Subscription.objects.filter(
        pk__in=run.events.filter(action="created").values("record_id")
    )
    totals = {
        "count": begun.count(),
        "ended": begun.filter(state=Subscription.State.ENDED).count(),
        "term_count": run.terms.count(),
        "moved": proposal.histories.filter(state=History.State.MOVED).count(),
    }
    move_run(run=run, state=Run.State.DONE, at=at, totals=totals)


@transaction.atomic
def undo_proposal(*, proposal: Proposal, by: User, at: datetime) -> UndoResult:
    """Undo everything that was written; what people answered is remembered.

    About 3 seconds for 100,000 deals.
    """
    proposal = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("run")
        .get(pk=proposal.pk)
    )
    require_own(proposal, by)
    if proposal.state != Proposal.State.WRITTEN or proposal.run is None:
        raise UserError("detection.closed")
    result = undo_renewals(run=proposal.run, by=by, at=at)
    move_on(proposal, Proposal.State.WRITTEN, Proposal.State.UNDONE)
    return result
