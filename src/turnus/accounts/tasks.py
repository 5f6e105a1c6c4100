"""Jobs of the package."""

from turnus.accounts.actions_once import prune_sent_forms
from turnus.jobs.actions import Context
from turnus.jobs.registry import task
from turnus.kit import clock


@task("accounts.prune_sent_forms")
def prune(_context: Context) -> None:
    """Forget forms that nobody sends again."""
    prune_sent_forms(at=clock.now())
