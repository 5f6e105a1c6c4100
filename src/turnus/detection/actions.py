"""Requesting a proposal, and discarding it."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.detection.models import Proposal
from turnus.fields.models import CustomField
from turnus.jobs.actions import enqueue
from turnus.jobs.lanes import lane_of_rows
from turnus.kit.errors import UserError
from turnus.sales.models import Deal

#: How long a proposal waits for its approval: the deals have moved on by then.
_KEPT_FOR = timedelta(weeks=4)


@transaction.atomic
def request_proposal(
    *,
    deals: QuerySet[Deal],
    by: User,
    at: datetime,
    on: date,
    title: str,
    plan_field: CustomField | None,
    source: Proposal.Source | None = None,
) -> Proposal:
    """Let a job read the won deals among `deals` that book no term yet.

    They are called `title` or, where they have no name, by their `source`. Refused where
    there is none that `by` may change.
    """
    mine = (
        Deal.objects.present()
        .editable_by(by)
        .filter(pk__in=deals.values("pk"))
    )
    ids = list(
        mine.filter(status=Deal.Status.WON, term__isnull=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if not ids:
        raise UserError("detection.no_deals")
    proposal = Proposal.objects.create(
        by=by,
        created_at=at,
        on=on,
        title=title[:255],
        source=source or "",
        plan_field=plan_field,
        deals=ids,
    )
    enqueue(
        "detection.read",
        at=at,
        by_id=by.pk,
        lane=lane_of_rows(len(ids)),
        proposal_id=proposal.pk,
    )
    return proposal


@transaction.atomic
def discard_proposal(*, proposal: Proposal, by: User) -> None:
    """Delete a proposal of which nothing is written; what people answered is remembered."""
    proposal = Proposal.objects.select_for_update(of=("self",)).get(
        pk=proposal.pk
    )
    require_own(proposal, by)
    if proposal.state in {Proposal.State.WRITING, Proposal.State.WRITTEN}:
        raise UserError("detection.written")
    if proposal.state == Proposal.State.READING:
        raise UserError("detection.closed")
    proposal.delete()


@transaction.atomic
def purge_proposals(*, at: datetime) -> int:
    """Delete proposals that nobody approved for four weeks, and undone ones.

    What people answered is remembered. Returns how many rows are deleted.
    """
    in_use = (
        Proposal.State.READING,
        Proposal.State.WRITING,
        Proposal.State.WRITTEN,
    )
    return (
        Proposal.objects.filter(created_at__lt=at - _KEPT_FOR)
        .exclude(state__in=in_use)
        .delete()[0]
    )


def require_own(proposal: Proposal, by: User) -> None:
    """Refuse anyone who neither asked for the proposal nor is an admin."""
    if proposal.by_id != by.pk and not by.is_admin:
        raise UserError("access.denied")


def move_on(
    proposal: Proposal, before: Proposal.State, after: Proposal.State
) -> bool:
    """Move a proposal from one state to the next.

    Returns False if it is further on: the job ran twice.
    """
    return bool(
        Proposal.objects.filter(pk=proposal.pk, state=before).update(
            state=after
        )
    )
