"""Jobs of the package: reading, and writing what was approved."""

from collections.abc import Iterator
from datetime import datetime

from turnus.detection.actions import (
    BLOCK,
    move_on,
    purge_proposals,
    read_histories,
    sort_deals,
)
from turnus.detection.actions_approval import finish_writing
from turnus.detection.actions_writing import write_histories
from turnus.detection.models import History, Proposal
from turnus.history.models import Run
from turnus.jobs.actions import Context
from turnus.jobs.chores import chore
from turnus.jobs.registry import given_up, task
from turnus.kit import clock


@task("detection.read")
def read(context: Context, *, proposal_id: int) -> None:
    """Give each customer their deals, then read block by block; a crash resumes there."""
    proposal = Proposal.objects.select_related("by", "plan_field").get(pk=proposal_id)
    if context.cursor == 0:
        with context.step(len(proposal.deals) // BLOCK + 1):
            sort_deals(proposal)
    for histories, total in _blocks(proposal, context):
        with context.step(total):
            read_histories(proposal, histories)
    move_on(proposal, Proposal.State.READING, Proposal.State.READY)


@given_up("detection.read")
def reading_failed(*, proposal_id: int) -> None:
    """Mark the proposal as failed."""
    move_on(
        Proposal.objects.get(pk=proposal_id),
        Proposal.State.READING,
        Proposal.State.FAILED,
    )


@task("detection.write")
def write(context: Context, *, proposal_id: int) -> None:
    """Write block by block what was approved; a crash resumes at the next block."""
    proposal = Proposal.objects.select_related("by", "plan_field", "run__by").get(
        pk=proposal_id
    )
    run: Run = proposal.run  # type: ignore[assignment]  # there is one once it is approved
    for histories, total in _blocks(proposal, context, skip=0):
        with context.step(total):
            write_histories(proposal, histories, run=run, at=context.job.created_at)
    finish_writing(proposal, run=run, at=clock.now())


@given_up("detection.write")
def writing_failed(*, proposal_id: int) -> None:
    """Keep what was written as a run that can be undone."""
    proposal = Proposal.objects.select_related("run").get(pk=proposal_id)
    finish_writing(proposal, run=proposal.run, at=clock.now())  # type: ignore[arg-type]  # as above


@chore("detection.purge")
def purge(*, at: datetime) -> None:
    """Delete what nobody approved."""
    purge_proposals(at=at)


def _blocks(
    proposal: Proposal, context: Context, skip: int = 1
) -> Iterator[tuple[list[History], int]]:
    """Yield the blocks of histories to do, and the step count; `skip` steps come first."""
    ids = list(proposal.histories.order_by("pk").values_list("pk", flat=True))
    total = -(-len(ids) // BLOCK) + skip
    while context.cursor < total:
        first = (context.cursor - skip) * BLOCK
        yield (
            list(
                History.objects.filter(pk__in=ids[first : first + BLOCK]).order_by("pk")
            ),
            total,
        )
