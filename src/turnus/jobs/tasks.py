"""Jobs of the package."""

from datetime import datetime

from turnus.jobs.actions_pruning import prune_jobs
from turnus.jobs.chores import chore


@chore("jobs.prune")
def prune(*, at: datetime) -> None:
    """Delete jobs that ended long ago."""
    prune_jobs(at=at)
