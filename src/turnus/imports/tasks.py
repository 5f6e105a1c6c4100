"""Jobs of the package: thin shells around the check, the import and the undo."""

from datetime import datetime

from turnus.history.models import Run
from turnus.imports.actions import break_off, expire_plans, send_back
from turnus.imports.actions_checking import fail_check
from turnus.imports.actions_commit import PlanRunner
from turnus.imports.actions_finishing import finish_import
from turnus.imports.actions_pruning import prune_uploads
from turnus.imports.actions_undoing import finish_undo, undo_next
from turnus.imports.checking import check
from turnus.imports.models import Import
from turnus.jobs.actions import Context
from turnus.jobs.chores import chore
from turnus.jobs.lanes import JobLane
from turnus.jobs.registry import given_up, task
from turnus.kit import clock


@task("imports.check", lane=JobLane.LONG)
def check_rows(_context: Context, *, import_id: int) -> None:
    """Store the plan; after a crash it is made anew."""
    of = Import.objects.select_related("run__by").get(pk=import_id)
    if of.state == Import.State.CHECKING:
        check(of, at=clock.now())


@given_up("imports.check")
def check_failed(*, import_id: int) -> None:
    """Say on the import's page that it broke off."""
    of = Import.objects.get(pk=import_id)
    if of.state == Import.State.CHECKING:
        fail_check(of, code="import.broke_off", params={})


@task("imports.commit", lane=JobLane.LONG, stops=True)
def commit(
    context: Context, *, import_id: int, was_shown: bool = True
) -> None:
    """Carry out the plan block by block, also after a crash; send it back if it does not fit."""
    of = Import.objects.select_related("run__by").get(pk=import_id)
    if of.state != Import.State.IMPORTING:
        return
    runner = PlanRunner(of, at=context.job.created_at)
    blocks = of.blocks.count()
    if context.cursor == 0:
        arrived = runner.arrived()
        with context.step(blocks + 1):
            if arrived.row_count or (was_shown and arrived.contact_count):
                send_back(
                    of,
                    contact_count=arrived.contact_count,
                    row_count=arrived.row_count,
                    at=clock.now(),
                )
                return
            runner.create_choices()
    while context.cursor <= blocks:
        with context.step(blocks + 1):
            runner.carry_out(of.blocks.get(number=context.cursor - 1))
    for lines in runner.lines() if runner.begins_subscriptions else ():
        with context.step(context.cursor + 1):
            runner.begin_subscriptions(lines)
    finish_import(of, at=clock.now())


@given_up("imports.commit")
def commit_failed(
    *,
    import_id: int,
    was_shown: bool = True,  # noqa: ARG001 (the job has it)
) -> None:
    """Undo what was written before it failed: an import goes in whole or not at all."""
    break_off(
        Import.objects.select_related("run__by").get(pk=import_id),
        at=clock.now(),
    )


@task("imports.undo", lane=JobLane.LONG)
def undo(context: Context, *, import_id: int, undo_id: int) -> None:
    """Undo the import block by block."""
    of = Import.objects.select_related("run").get(pk=import_id)
    if of.state != Import.State.UNDOING:
        return
    taking_back = Run.objects.get(pk=undo_id)
    more = taking_back.totals.get("before_id", 0) is not None
    while more:
        with context.step(0):
            more = undo_next(of, undo=taking_back, at=clock.now())
    finish_undo(of, undo=taking_back, at=clock.now())


@chore("imports.prune_uploads")
def prune(*, at: datetime) -> None:
    """Delete uploaded files that no import needs any more."""
    prune_uploads(at=at)


@chore("imports.expire")
def expire(*, at: datetime) -> None:
    """Throw away plans that nobody carried out for a week."""
    expire_plans(at=at)
