"""Jobs of the package."""

from datetime import datetime

from turnus.accounts.actions_sessions import clear_sessions
from turnus.jobs.chores import chore


@chore("accounts.clear_sessions")
def clear(*, at: datetime) -> None:
    """Delete sessions that have ended."""
    clear_sessions(at=at)
