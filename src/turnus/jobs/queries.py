"""Reading the queue: what is due, how far a job is, and when a worker last gave a sign of life."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet

from turnus.jobs.lanes import JobLanes
from turnus.jobs.models import HOLD, ClockJump, Job, Sighting
from turnus.jobs.ticks import tick_file

#: Jobs of each state that a page lists.
_SHOWN = 30


def newest(name: str, **arguments: int) -> Job | None:
    """Return the newest job called `name` with these arguments, in any state; None without one."""
    return jobs_called(name, arguments).order_by("-pk").first()


def jobs_called(name: str, arguments: Mapping[str, int]) -> QuerySet[Job]:
    """Return the jobs called `name` with these arguments."""
    conditions = {
        f"arguments__{key}": value for key, value in arguments.items()
    }
    return Job.objects.filter(name=name, **conditions)


def waiting(at: datetime, lanes: JobLanes = ()) -> Q:
    """Return the condition on jobs that are due, or whose worker has died.

    Only those in `lanes`; in all, if none is named.
    """
    is_due = Q(state=Job.State.QUEUED, due_at__lte=at)
    is_lost = Q(state=Job.State.RUNNING, lease_until__lt=at)
    return (is_due | is_lost) & in_lanes(lanes)


def in_lanes(lanes: JobLanes) -> Q:
    """Return the condition on jobs in `lanes`; on any, if none is named."""
    return Q(lane__in=lanes) if lanes else Q()


def is_anything_due(at: datetime, lanes: JobLanes = ()) -> bool:
    """Return whether a worker would find work; one small query that locks and writes nothing."""
    return Job.objects.filter(waiting(at, lanes)).exists()


def last_tick() -> datetime | None:
    """Return when a worker last gave a sign of life, by its own clock; no query, one small file.

    Living workers give one every `jobs.ticks.TICK_EVERY`, also during long jobs. None: no worker
    ever ran here, or what it left cannot be read. A moment in the future means that some clock was
    ahead; it is no sign of life.
    """
    try:
        return datetime.fromisoformat(
            tick_file().read_text(encoding="ascii").strip()
        )
    except (OSError, ValueError):
        return None


def last_seen() -> datetime | None:
    """Return the latest moment that a worker or a chore noted; None if none ever ran. One query."""
    sighted_at = Sighting.objects.aggregate(latest=Max("seen_at"))["latest"]
    moments = [
        moment for moment in (last_tick(), sighted_at) if moment is not None
    ]
    return max(moments, default=None)


def clock_jump(at: datetime) -> ClockJump | None:
    """Return the latest clock jump of the last three days, in which nothing is destroyed; or None.

    One query.
    """
    recent = ClockJump.objects.filter(after__lte=at, after__gt=at - HOLD)
    return recent.order_by("-pk").first()


def far_leases(
    at: datetime, *, beyond: timedelta
) -> Sequence[tuple[int, datetime]]:
    """Return the ids and leases of running jobs whose lease is too far ahead for a right clock."""
    far = Job.objects.filter(
        state=Job.State.RUNNING, lease_until__gt=at + beyond
    )
    return [
        (pk, until)
        for pk, until in far.values_list("pk", "lease_until")
        if until is not None
    ]


@dataclass(frozen=True, slots=True)
class JobsInState:
    """How many jobs are in a state, and the newest of them."""

    count: int
    newest: Sequence[Job]


def jobs_by_state(state: Job.State) -> JobsInState:
    """Return the jobs in a state, with who asked for them; two queries."""
    found = Job.objects.filter(state=state)
    newest_first = found.select_related("by").order_by("-pk")
    return JobsInState(found.count(), list(newest_first[:_SHOWN]))


def job_counts() -> dict[tuple[str, str], int]:
    """Return how many jobs there are, by lane and state; one query."""
    rows = Job.objects.order_by().values_list("lane", "state")
    counted = rows.annotate(Count("pk"))
    return {(lane, state): count for lane, state, count in counted}


def oldest_due_jobs(at: datetime) -> dict[str, datetime]:
    """Return since when the oldest job that is due waits, by lane; one query."""
    due = Job.objects.filter(state=Job.State.QUEUED, due_at__lte=at)
    lanes = due.order_by().values_list("lane")
    return dict(lanes.annotate(Min("due_at")))
