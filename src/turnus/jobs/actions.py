"""Putting jobs into the queue, leasing them, committing their steps."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from turnus.jobs.lanes import JobLane, JobLanes
from turnus.jobs.models import Job
from turnus.jobs.queries import jobs_called, newest, waiting
from turnus.jobs.registry import lane_of, schedules, slots
from turnus.kit import clock
from turnus.kit.errors import StoredRefusal
from turnus.kit.listening import notify

LEASE = timedelta(seconds=30)
#: After so many takeovers a job is given up: it probably kills its worker.
MAX_ATTEMPTS = 5
#: Where PostgreSQL says that there is a new job, and in which lane.
WAKE_CHANNEL = "turnus_jobs"
_ERROR_LENGTH = 4_000


class LostError(Exception):
    """Another worker owns the job by now; this step has been rolled back."""


class CollisionError(Exception):
    """Somebody else changed the same thing meanwhile; the step has been rolled back: again."""


def _no_pause() -> None:
    """Go on at once."""


class Context:
    """What a job's body works with: its place, and steps that are committed with their effects."""

    def __init__(self, job: Job) -> None:
        self.job = job
        #: Set by the worker on SQLite: pauses after a step, so that people's writes get their turn.
        self.pause: Callable[[], None] = _no_pause

    @property
    def cursor(self) -> int:
        """How many steps are done; a job that was taken over goes on here."""
        return self.job.cursor

    @contextmanager
    def step(self, total: int) -> Iterator[None]:
        """Commit the block's effects, the job's place and the renewed lease, all or none."""
        with transaction.atomic():
            yield
            own_job = _own(self.job).filter(
                state=Job.State.RUNNING, cancel_asked_at=None
            )
            until = clock.now() + LEASE
            is_ours = own_job.update(
                cursor=self.job.cursor + 1, total=total, lease_until=until
            )
            if not is_ours:
                raise LostError
        self.job.cursor += 1
        self.job.total = total
        self.pause()


def enqueue(
    name: str,
    *,
    at: datetime,
    by_id: int | None = None,
    unique_key: str | None = None,
    lane: JobLane | None = None,
    **arguments: object,
) -> Job:
    """Put a job into the queue, due at once, wake a worker, and return the job.

    With a `unique_key` that was ever used, return the job of that key instead. `lane`: where its
    size is known; else that of its kind.
    """
    lane = lane or lane_of(name)
    columns = {
        "name": name,
        "lane": lane,
        "arguments": arguments,
        "by_id": by_id,
        "created_at": at,
        "due_at": at,
    }
    if unique_key is None:
        job = Job.objects.create(**columns)
    else:
        job, _is_new = Job.objects.get_or_create(
            unique_key=unique_key, defaults=columns
        )
    # Only now: without a transaction, a worker that is woken looks at once.
    notify(WAKE_CHANNEL, lane)
    return job


def enqueue_scheduled(*, at: datetime) -> None:
    """Queue the jobs whose slot has come; any number of processes may call this at once."""
    needed = {each.name for each in schedules if each.is_needed()}
    due = [
        Job(
            name=name,
            lane=lane_of(name),
            unique_key=f"{name}:{slot}",
            created_at=at,
            due_at=at,
        )
        for name, slot in slots(at).items()
        if name in needed
    ]
    Job.objects.bulk_create(due, ignore_conflicts=True)


def claim(
    *, at: datetime, only: int | None = None, lanes: JobLanes = ()
) -> Job | None:
    """Lease the next job that is due or whose worker has died; None if there is none.

    `only`: the id of the one job to lease. `lanes`: where to look; none means all.
    """
    with transaction.atomic():
        jobs = Job.objects.filter(waiting(at, lanes))
        jobs = jobs.order_by("due_at", "id")
        if only is not None:
            jobs = jobs.filter(pk=only)
        if connection.features.has_select_for_update_skip_locked:
            jobs = jobs.select_for_update(skip_locked=True)
        job = jobs.first()
        if job is None:
            return None
        job.attempts += 1
        job.token = secrets.token_hex(16)
        job.state = Job.State.RUNNING
        job.lease_until = at + LEASE
        job.started_at = job.started_at or at
        job.save(
            update_fields=[
                "attempts",
                "token",
                "state",
                "lease_until",
                "started_at",
            ]
        )
    return job


def renew(job: Job, *, at: datetime) -> None:
    """Keep the lease of a job whose step takes long; called by a heartbeat beside the work."""
    _own(job).update(lease_until=at + LEASE)


def finish(job: Job, *, at: datetime) -> None:
    """Mark the job done, if it is still ours."""
    _own(job).update(state=Job.State.DONE, finished_at=at, lease_until=None)


def end_canceled(job: Job, *, at: datetime) -> bool:
    """Mark the job canceled if it is ours and an admin asked for that; return whether so."""
    asked = _own(job).filter(cancel_asked_at__isnull=False)
    canceled_count = asked.update(
        state=Job.State.CANCELED, finished_at=at, lease_until=None
    )
    return bool(canceled_count)


def fail(
    job: Job,
    *,
    at: datetime,
    error: str,
    refusal: StoredRefusal | None = None,
) -> bool:
    """Mark the job failed for good if it is still ours, and return whether it was.

    `error` is for the log and the admin; `refusal`, if the job was refused for a reason.
    """
    failed_count = _own(job).update(
        state=Job.State.FAILED,
        finished_at=at,
        lease_until=None,
        error=error[:_ERROR_LENGTH],
        refusal=refusal or {},
    )
    return bool(failed_count)


def postpone(job: Job, *, until: datetime, error: str) -> None:
    """Put the job back, to be tried again at `until`."""
    _own(job).update(
        state=Job.State.QUEUED,
        due_at=until,
        lease_until=None,
        error=error[:_ERROR_LENGTH],
    )


def _own(job: Job) -> QuerySet[Job]:
    """Return the job as rows: none if another worker has taken it over."""
    return Job.objects.filter(pk=job.pk, token=job.token)


def free(name: str, *, at: datetime, **arguments: int) -> bool:
    """Let the newest job called `name` with these arguments go on at once.

    Whoever has it, and whatever a wrong clock wrote into it: a worker that has it loses it at its
    next step, which rolls back. False if no such job is unfinished.
    """
    job = newest(name, **arguments)
    if job is None:
        return False
    unfinished = Job.objects.filter(pk=job.pk).exclude(state=Job.State.DONE)
    freed_count = unfinished.update(
        state=Job.State.QUEUED,
        due_at=at,
        lease_until=None,
        token="",
        attempts=0,
        finished_at=None,
        error="",
        cancel_asked_at=None,
    )
    notify(WAKE_CHANNEL, JobLane(job.lane))
    return bool(freed_count)


def withdraw(name: str, *, at: datetime, **arguments: int) -> None:
    """Withdraw the jobs called `name` with these arguments.

    A worker that has one loses it at its next step.
    """
    unfinished = jobs_called(name, arguments).filter(
        state__in=(Job.State.QUEUED, Job.State.RUNNING)
    )
    unfinished.update(
        state=Job.State.DONE,
        token="",
        lease_until=None,
        finished_at=at,
        error="withdrawn",
    )
