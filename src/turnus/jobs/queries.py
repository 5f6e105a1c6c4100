"""Reading the queue: how far a job is."""

from turnus.jobs.models import Job


def newest(name: str, **arguments: int) -> Job | None:
    """Return the newest job called `name` with these arguments, whatever became of it; None if there was none."""
    held = {f"arguments__{key}": value for key, value in arguments.items()}
    return Job.objects.filter(name=name, **held).order_by("-pk").first()
