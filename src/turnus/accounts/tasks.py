"""Jobs of the package."""

from datetime import datetime

from turnus.accounts.actions_once import prune_sent_forms
from turnus.accounts.actions_sessions import clear_sessions
from turnus.jobs.chores import chore


@chore("accounts.clear_sessions")
def clear(*, at: datetime) -> None:
    """Delete sessions that have ended."""
    clear_sessions(at=at)


@chore("accounts.prune_sent_forms")
def prune(*, at: datetime) -> None:
    """Forget forms that nobody sends again."""
    prune_sent_forms(at=at)
