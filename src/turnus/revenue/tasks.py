"""Jobs of the package: booking a run, and the hourly look at what is due."""

from turnus.accounts.queries import company, first_admin, is_set_up
from turnus.core.calendar import day_of
from turnus.history.models import Run
from turnus.jobs.actions import Context
from turnus.jobs.registry import task
from turnus.kit import clock
from turnus.revenue.actions import end_what_is_over
from turnus.revenue.actions_renewals import BLOCK, book_block, finish_renewals, plan_renewals, request_renewals
from turnus.revenue.models import Subscription
from turnus.sales.rules import DealRules


@task("revenue.renew")
def renew(context: Context, *, run_id: int) -> None:
    """Book a run block by block; after a crash it goes on at the next block."""
    run = Run.objects.select_related("by").get(pk=run_id)
    rules, at = DealRules.load(), context.job.created_at
    steps = -(-run.totals["lines"] // BLOCK)
    while context.cursor < steps:
        with context.step(steps):
            book_block(run, rules=rules, at=at, first=context.cursor * BLOCK)
    finish_renewals(run, at=clock.now())


@task("revenue.tick")
def tick(_context: Context) -> None:
    """End what is over; plan and book what renews by itself, also what was missed while nothing ran."""
    if not is_set_up():
        return
    at = clock.now()
    by, on = first_admin(), day_of(at, company().zone)
    end_what_is_over(by=by, at=at, on=on)
    run = plan_renewals(by=by, at=at, subscriptions=Subscription.objects.all(), until=on, title="", as_plans_say=True)
    if run is not None:
        request_renewals(run=run, by=by, at=at)
