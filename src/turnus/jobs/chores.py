"""Daily chores that destroy something, by an earlier, confirmed moment instead of the present."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from turnus.jobs.actions import Context
from turnus.jobs.actions_clock import sight
from turnus.jobs.lanes import JobLane
from turnus.jobs.registry import every, task
from turnus.kit import clock


class Destroy(Protocol):
    """Destroys what is too old at a moment."""

    def __call__(self, *, at: datetime) -> object: ...


def chore(name: str) -> Callable[[Destroy], Destroy]:
    """Register the decorated function as a daily chore, called with the confirmed moment."""

    def register(destroy: Destroy) -> Destroy:
        @task(name, lane=JobLane.LONG)
        def body(_context: Context) -> None:
            confirmed_at = sight(name, at=clock.now())
            if confirmed_at is not None:
                destroy(at=confirmed_at)

        every(name, timedelta(hours=24))
        return destroy

    return register
