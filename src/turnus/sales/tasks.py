"""Jobs of the package."""

from datetime import datetime

from turnus.jobs.actions import Context
from turnus.jobs.chores import chore
from turnus.jobs.lanes import JobLane
from turnus.jobs.registry import task
from turnus.kit import clock
from turnus.sales.actions_days import recompute_days
from turnus.sales.actions_trash import purge_trash


@chore("sales.purge_trash")
def purge(*, at: datetime) -> None:
    """Remove for good what has been in the trash for thirty days."""
    purge_trash(at=at)


@task("sales.recompute_days", lane=JobLane.LONG)
def recompute(context: Context) -> None:
    """Give won and lost deals their days in the company's new zone."""
    recompute_days(context, at=clock.now())
