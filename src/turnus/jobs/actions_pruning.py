"""Deleting old jobs."""

from datetime import datetime, timedelta

from django.conf import settings

from turnus.core.redacting import Redaction
from turnus.jobs.models import ClockJump, Job

#: Somebody may ask much later why a job failed.
_FAILED_KEPT = timedelta(days=90)


def prune_jobs(*, at: datetime) -> int:
    """Delete old jobs and clock jumps; return how many.

    Jobs go after the days in the settings; those that failed, not before three months.
    """
    kept = timedelta(days=settings.JOBS_KEPT_DAYS)
    failed_kept = max(kept, _FAILED_KEPT)
    done = Job.objects.filter(
        state__in=(Job.State.DONE, Job.State.CANCELED),
        finished_at__lt=at - kept,
    )
    failed = Job.objects.filter(
        state=Job.State.FAILED, finished_at__lt=at - failed_kept
    )
    jumps = ClockJump.objects.filter(after__lt=at - _FAILED_KEPT)
    return sum(old.delete()[0] for old in (done, failed, jumps))


def redact_jobs(redaction: Redaction) -> None:
    """Redact a person in the errors of jobs."""
    failed = Job.objects.exclude(error="", refusal={})
    for job in failed.only("error", "refusal").iterator():
        error = redaction.text(job.error)
        refusal = redaction.value(job.refusal)
        if (error, refusal) != (job.error, job.refusal):
            Job.objects.filter(pk=job.pk).update(error=error, refusal=refusal)
