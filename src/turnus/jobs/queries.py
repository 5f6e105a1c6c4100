"""Reading the queue: what is due, how far a job is, and when a worker last gave a sign of life."""

from datetime import datetime

from django.db.models import Q

from turnus.jobs.models import Job
from turnus.jobs.ticks import tick_file


def newest(name: str, **arguments: int) -> Job | None:
    """Return the newest job called `name` with these arguments, whatever became of it; None if there was none."""
    held = {f"arguments__{key}": value for key, value in arguments.items()}
    return Job.objects.filter(name=name, **held).order_by("-pk").first()


def waiting(at: datetime) -> Q:
    """Return the condition on jobs that are due, or whose worker has died."""
    is_due = Q(state=Job.State.QUEUED, due_at__lte=at)
    is_lost = Q(state=Job.State.RUNNING, lease_until__lt=at)
    return is_due | is_lost


def is_anything_due(at: datetime) -> bool:
    """Return whether a worker would find something to do; one small query that locks and writes nothing."""
    return Job.objects.filter(waiting(at)).exists()


def last_tick() -> datetime | None:
    """Return when a worker last gave a sign of life, by its own clock; no query, one small file.

    Living workers give one every `jobs.ticks.TICK_EVERY`, also during long jobs. None: no worker ever ran here, or
    what it left cannot be read. A moment in the future says that some clock was ahead: no sign that one lives.
    """
    try:
        return datetime.fromisoformat(tick_file().read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None
