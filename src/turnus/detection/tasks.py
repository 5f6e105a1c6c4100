"""Jobs of the package: reading, and writing what was approved."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from turnus.detection.actions import move_on, purge_proposals
from turnus.detection.actions_approval import finish_writing
from turnus.detection.actions_reading import (
    BLOCK,
    learn_habits,
    read_histories,
    sort_deals,
)
from turnus.detection.actions_writing import write_histories
from turnus.detection.models import History, Proposal
from turnus.history.models import Run
from turnus.jobs.actions import Context
from turnus.jobs.chores import chore
from turnus.jobs.lanes import JobLane
from turnus.jobs.registry import given_up, task
from turnus.kit import clock


@task("detection.read", lane=JobLane.LONG, stops=True)
def read(context: Context, *, proposal_id: int) -> None:
    """Give each customer their deals, and read them block by block; a crash resumes there.

    What all customers make of a title is learned from that, and where it may matter,
    histories are read again.
    """
    proposal = Proposal.objects.select_related("by", "plan_field").get(
        pk=proposal_id
    )
    if context.cursor == 0:
        with context.step(len(proposal.deals) // BLOCK + 1):
            sort_deals(proposal)
    histories = _ids(proposal)
    learned_at = 1 + _block_count(histories)
    # As if all were read again, until it is known which ones are.
    total = 2 * learned_at
    for block in _blocks(histories, context, after=1):
        with context.step(total):
            read_histories(proposal, block)
    if context.cursor == learned_at:
        with context.step(total):
            learn_habits(proposal)
    _read_again(proposal, context, after=learned_at + 1)
    move_on(proposal, Proposal.State.READING, Proposal.State.READY)


def _read_again(proposal: Proposal, context: Context, *, after: int) -> None:
    """Read the histories again for which something was learned; `after` steps come before."""
    histories = _ids(proposal, with_habits=True)
    total = after + _block_count(histories)
    for block in _blocks(histories, context, after=after):
        with context.step(total):
            read_histories(proposal, block)


@given_up("detection.read")
def reading_failed(*, proposal_id: int) -> None:
    """Mark the proposal as failed."""
    move_on(
        Proposal.objects.get(pk=proposal_id),
        Proposal.State.READING,
        Proposal.State.FAILED,
    )


@task("detection.write", lane=JobLane.LONG, stops=True)
def write(context: Context, *, proposal_id: int) -> None:
    """Write block by block what was approved; a crash resumes at the next block."""
    proposal = Proposal.objects.select_related(
        "by", "plan_field", "run__by"
    ).get(pk=proposal_id)
    run: Run = proposal.run  # type: ignore[assignment]  # there is one once it is approved
    histories = _ids(proposal)
    total = _block_count(histories)
    for block in _blocks(histories, context, after=0):
        with context.step(total):
            write_histories(
                proposal, block, run=run, at=context.job.created_at
            )
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


def _ids(proposal: Proposal, *, with_habits: bool = False) -> list[int]:
    """Return the histories in the order in which they are read and written."""
    histories = proposal.histories.order_by("pk")
    if with_habits:
        histories = histories.exclude(habits={})
    return list(histories.values_list("pk", flat=True))


def _block_count(histories: Sequence[int]) -> int:
    return -(-len(histories) // BLOCK)


def _blocks(
    histories: Sequence[int], context: Context, *, after: int
) -> Iterator[list[History]]:
    """Yield the blocks that are not done yet; `after` steps of the job come before them."""
    while context.cursor < after + _block_count(histories):
        first = (context.cursor - after) * BLOCK
        block = History.objects.filter(pk__in=histories[first : first + BLOCK])
        yield list(block.order_by("pk"))
