"""Deleting old jobs."""

from datetime import datetime, timedelta

from turnus.core.redacting import Redaction
from turnus.jobs.models import ClockJump, Job

_DONE_KEPT = timedelta(days=7)
#: Somebody may ask much later why a job failed.
_FAILED_KEPT = timedelta(days=90)


def prune_jobs(*, at: datetime) -> int:
    """Delete old jobs and clock jumps; return how many.

    Jobs go a week after they were done and three months after they failed.
    """
    done = Job.objects.filter(
        state=Job.State.DONE, finished_at__lt=at - _DONE_KEPT
    )
    failed = Job.objects.filter(
        state=Job.State.FAILED, finished_at__lt=at - _FAILED_KEPT
    )
    jumps = ClockJump.objects.filter(after__lt=at - _FAILED_KEPT)
    return sum(old.delete()[0] for old in (done, failed, jumps))


def redact_jobs(redaction: Redaction) -> None:
    """Redact a person in the errors of jobs."""
    for job in Job.objects.exclude(error="").only("error").iterator():
        error = redaction.text(job.error)
        if error != job.error:
            Job.objects.filter(pk=job.pk).update(error=error)
