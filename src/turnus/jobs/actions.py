"""Putting jobs into the queue, leasing them, committing their steps."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from turnus.jobs.models import Job
from turnus.jobs.queries import newest, waiting
from turnus.jobs.registry import slots
from turnus.kit import clock

LEASE = timedelta(seconds=30)
#: After so many takeovers a job is given up: it probably kills its worker.
MAX_ATTEMPTS = 5


class LostError(Exception):
    """Another worker owns the job by now; this step has been rolled back."""


def _no_pause() -> None:
    """Go on at once."""


class Context:
    """What a job's body works with: its place, and steps that are committed with their effects."""

    def __init__(self, job: Job) -> None:
        self.job = job
        #: Set by the worker on SQLite: how long to pause after a step, so that people's writes get their turn.
        self.pause: Callable[[], None] = _no_pause

    @property
    def cursor(self) -> int:
        """How many steps are done; a job that was taken over goes on here."""
        return self.job.cursor

    @contextmanager
    def step(self, total: int) -> Iterator[None]:
        """Commit the block's effects, the job's place and the renewed lease together, or none of them."""
        with transaction.atomic():
            yield
            held = Job.objects.filter(pk=self.job.pk, token=self.job.token, state=Job.State.RUNNING)
            until = clock.now() + LEASE
            if not held.update(cursor=self.job.cursor + 1, total=total, lease_until=until):
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
    **arguments: Any,
) -> Job:
    """Put a job into the queue, due at once; with a `unique_key` that was ever used, return that job instead."""
    if unique_key is None:
        return Job.objects.create(
            name=name, arguments=arguments, by_id=by_id, created_at=at, due_at=at
        )
    job, _ = Job.objects.get_or_create(
        unique_key=unique_key,
        defaults={
            "name": name,
            "arguments": arguments,
            "by_id": by_id,
            "created_at": at,
            "due_at": at,
        },
    )
    return job


def enqueue_scheduled(*, at: datetime) -> None:
    """Put in the jobs whose slot has come; any number of processes may call this at once."""
    due = [
        Job(name=name, unique_key=f"{name}:{slot}", created_at=at, due_at=at)
        for name, slot in slots(at).items()
    ]
    Job.objects.bulk_create(due, ignore_conflicts=True)


def claim(*, at: datetime, only: int | None = None) -> Job | None:
    """Lease the next job that is due, or whose worker has died, or just the job `only`; None when there is none."""
    with transaction.atomic():
        jobs = Job.objects.filter(waiting(at)).order_by("due_at", "id")
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
        job.save(update_fields=["attempts", "token", "state", "lease_until"])
    return job


def renew(job: Job, *, at: datetime) -> None:
    """Keep the lease of a job whose step takes long; called by a heartbeat beside the work."""
    Job.objects.filter(pk=job.pk, token=job.token).update(lease_until=at + LEASE)


def finish(job: Job, *, at: datetime) -> None:
    """Mark the job done, if it is still ours."""
    Job.objects.filter(pk=job.pk, token=job.token).update(
        state=Job.State.DONE, finished_at=at, lease_until=None
    )


def fail(job: Job, *, at: datetime, error: str) -> bool:
    """Mark the job failed for good, if it is still ours, which is returned; `error` is for the log and the admin."""
    own = Job.objects.filter(pk=job.pk, token=job.token)
    return bool(
        own.update(state=Job.State.FAILED, finished_at=at, lease_until=None, error=error[:4000])
    )


def postpone(job: Job, *, until: datetime, error: str) -> None:
    """Put the job back, to be tried again at `until`."""
    Job.objects.filter(pk=job.pk, token=job.token).update(
        state=Job.State.QUEUED, due_at=until, lease_until=None, error=error[:4000]
    )


def free(name: str, *, at: datetime, **arguments: int) -> bool:
    """Let the newest job called `name` with these arguments go on at once, whoever has it and whatever a wrong clock wrote into it.

    A worker that has it loses it at its next step, which rolls back. False if there is none that is unfinished.
    """
    job = newest(name, **arguments)
    if job is None:
        return False
    unfinished = Job.objects.filter(pk=job.pk).exclude(state=Job.State.DONE)
    found = unfinished.update(
        state=Job.State.QUEUED,
        due_at=at,
        lease_until=None,
        token="",
        attempts=0,
        finished_at=None,
        error="",
    )
    return bool(found)


def withdraw(name: str, *, at: datetime, **arguments: int) -> None:
    """Let nobody carry out the jobs called `name` with these arguments any more; a worker that has one loses it at its next step."""
    meant = {f"arguments__{key}": value for key, value in arguments.items()}
    unfinished = Job.objects.filter(
        name=name, state__in=(Job.State.QUEUED, Job.State.RUNNING), **meant
    )
    unfinished.update(
        state=Job.State.DONE, token="", lease_until=None, finished_at=at, error="withdrawn"
    )
