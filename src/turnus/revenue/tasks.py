"""Jobs of the package: booking a run, and the hourly look at what is due."""

from turnus.accounts.queries import company, first_admin, is_set_up
from turnus.core.calendar import day_of
from turnus.history.models import Run
from turnus.jobs.actions import Context
from turnus.jobs.lanes import JobLane
from turnus.jobs.registry import given_up, task
from turnus.kit import clock
from turnus.revenue.ledger.actions import fold_stale, viewer_of_everything
from turnus.revenue.renewals.actions.book import (
    BLOCK,
    book_block,
    finish_renewals,
    give_up_renewals,
)
from turnus.revenue.renewals.actions.plan import renew_as_plans_say
from turnus.revenue.subscriptions.actions.cancel import end_what_is_over
from turnus.revenue.terms.actions.settle import settle_deals
from turnus.sales.rules import DealRules


@task("revenue.renew", lane=JobLane.LONG, stops=True)
def renew(context: Context, *, run_id: int, automatic: bool = False) -> None:  # noqa: ARG001
    """Book a run; the job of an automatic run is found by `automatic`."""
    book_run(context, run_id=run_id)


def book_run(
    context: Context, *, run_id: int, block_size: int = BLOCK
) -> None:
    """Book a run block by block; after a crash it goes on at the next block."""
    run = Run.objects.select_related("by").get(pk=run_id)
    rules = DealRules.load()
    at = context.job.created_at
    steps = -(-run.totals["lines"] // block_size)
    while context.cursor < steps:
        with context.step(steps):
            first = context.cursor * block_size
            book_block(run, rules=rules, at=at, first=first, size=block_size)
    finish_renewals(run, at=clock.now())


@given_up("revenue.renew")
def give_up(*, run_id: int, automatic: bool = False) -> None:  # noqa: ARG001
    """Let a run end that can be booked no further."""
    run = Run.objects.get(pk=run_id)
    give_up_renewals(run, at=clock.now())


@task("revenue.fold", lane=JobLane.LONG)
def fold(_context: Context) -> None:
    """Store anew what of the ledger is stale."""
    if is_set_up():
        fold_stale(viewer_of_everything())


@task("revenue.tick", lane=JobLane.LONG)
def tick(_context: Context) -> None:
    """Settle the renewal deals, book what renews by itself, also if missed, end what is over."""
    if not is_set_up():
        return
    at = clock.now()
    by = first_admin()
    on = day_of(at, company().zone)
    settle_deals(by=by, at=at)
    renew_as_plans_say(by=by, at=at, on=on)
    end_what_is_over(by=by, at=at, on=on)
