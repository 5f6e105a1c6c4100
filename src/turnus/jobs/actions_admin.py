"""What an admin does with jobs: cancel them, try them again."""

import logging
from datetime import datetime
from typing import Protocol

from django.db import transaction

from turnus.jobs.actions import WAKE_CHANNEL
from turnus.jobs.lanes import JobLane
from turnus.jobs.models import Job
from turnus.jobs.registry import (
    after_giving_up,
    before_trying_again,
    is_stoppable,
    may_try_again,
)
from turnus.kit.errors import UserError
from turnus.kit.listening import notify

log = logging.getLogger(__name__)
_GIVEN_UP = (Job.State.FAILED, Job.State.CANCELED)


class JobAdmin(Protocol):
    """Whoever is signed in, as far as jobs know people."""

    pk: int
    is_active: bool
    is_admin: bool


@transaction.atomic
def cancel_job(*, job_id: int, by: JobAdmin, at: datetime) -> Job:
    """Cancel a waiting job at once, a running one before its next step; return it.

    For admins. Refused for a job that has ended, and for a running one that has no steps between
    which it could stop.
    """
    job = _locked(job_id, by)
    if job.state == Job.State.RUNNING:
        if not is_stoppable(job.name):
            raise UserError("job.unstoppable")
        job.cancel_asked_at = at
        job.save(update_fields=["cancel_asked_at"])
    elif job.state == Job.State.QUEUED:
        job.state, job.token, job.finished_at = Job.State.CANCELED, "", at
        job.save(update_fields=["state", "token", "finished_at"])
        clean_up_after(job)
    else:
        raise UserError("job.ended")
    log.warning("job %s (%s) canceled by user %s", job.pk, job.name, by.pk)
    return job


@transaction.atomic
def try_again(*, job_id: int, by: JobAdmin, at: datetime) -> Job:
    """Queue a job once more that failed or was canceled; it goes on after its last step.

    For admins. Refused where what it had done was undone: that begins anew on its own page.
    """
    job = _locked(job_id, by)
    if job.state not in _GIVEN_UP:
        raise UserError("job.not_given_up")
    if not may_try_again(job.name):
        raise UserError("job.begun_elsewhere")
    prepare = before_trying_again(job.name)
    if prepare is not None:
        prepare(**job.arguments)
    job.state, job.token, job.attempts = Job.State.QUEUED, "", 0
    job.due_at, job.started_at, job.finished_at = at, None, None
    job.cancel_asked_at, job.error, job.refusal = None, "", {}
    job.save()
    notify(WAKE_CHANNEL, JobLane(job.lane))
    return job


def clean_up_after(job: Job) -> None:
    """Clean up after a job that was given up or canceled; a failure there is logged."""
    clean_up = after_giving_up(job.name)
    if clean_up is None:
        return
    try:
        with transaction.atomic():
            clean_up(**job.arguments)
    except Exception:
        log.exception("cleaning up after job %s (%s) failed", job.pk, job.name)


def _locked(job_id: int, by: JobAdmin) -> Job:
    if not (by.is_active and by.is_admin):
        raise UserError("access.denied")
    job = Job.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise UserError("job.gone")
    return job
