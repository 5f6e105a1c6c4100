"""Reads across imports: whose they are, others of the same file, which wait for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.history.models import Run
from turnus.imports.models import Import
from turnus.jobs.actions import LEASE
from turnus.jobs.models import Job
from turnus.jobs.queries import newest

States = Import.State
#: Rows of the file are in, and more may follow or be taken back.
UNFINISHED = (States.IMPORTING, States.UNDOING)
#: A job has it, or should.
AT_WORK = (States.CHECKING, *UNFINISHED)
#: Nothing of the file is in.
NEVER_CARRIED_OUT = (
    States.COLUMNS,
    States.CHECKING,
    States.CHECKED,
    States.FAILED,
)
#: A worker that says so much later than it should is taken for dead; clocks differ by some seconds.
_LATE = timedelta(seconds=10)
#: The job that has an import in a state.
JOBS = {
    States.CHECKING: "imports.check",
    States.IMPORTING: "imports.commit",
    States.UNDOING: "imports.undo",
}


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How many rows of an import are seen to, of how many."""

    done_count: int
    row_count: int


def imports_of_file(of: Import) -> Sequence[Import]:
    """Return other imports of the same file and kind whose rows are in, or partly; one query."""
    states = (States.IMPORTING, States.DONE)
    return list(
        Import.objects.filter(
            sha256=of.sha256, record_kind=of.record_kind, state__in=states
        ).exclude(pk=of.pk)
    )


def unfinished_of_file(of: Import) -> Import | None:
    """Return the newest unfinished other import of the very same file; one query."""
    same = Import.objects.filter(
        sha256=of.sha256, record_kind=of.record_kind, state__in=UNFINISHED
    )
    return (
        same.exclude(pk=of.pk)
        .select_related("run__by")
        .order_by("-pk")
        .first()
    )


def standing_of(of: Import) -> ImportProgress:
    """Return how far an import has come, as stored."""
    found = Import.objects.values("progress", "totals").get(pk=of.pk)
    return ImportProgress(found["progress"], found["totals"].get("rows", 0))


def waiting_imports(user: User) -> QuerySet[Import]:
    """Return those of `own_imports` that are unfinished or never carried out, newest first."""
    return own_imports(user).filter(
        state__in=(*UNFINISHED, *NEVER_CARRIED_OUT)
    )


def may_go_on(of: Import, user: User) -> bool:
    """Return whether a user may continue or undo an import: its importer and admins."""
    return user.is_admin or of.run.by_id == user.pk


def job_of(of: Import) -> Job | None:
    """Return the job that is, or should be, at work on an import, None for none; one query."""
    name = JOBS.get(States(of.state))
    return None if name is None else newest(name, import_id=of.pk)


def is_stalled(of: Import, *, at: datetime) -> bool:
    """Return whether an import stands still: no worker has it, or a clock was wrong; one query."""
    job = job_of(of)
    if job is None or job.state == Job.State.DONE:
        return False
    if job.state == Job.State.RUNNING and job.lease_until is not None:
        return not at - _LATE <= job.lease_until <= at + LEASE + _LATE
    return job.state == Job.State.FAILED or abs(at - job.due_at) > LEASE


def undo_of(of: Import) -> Run | None:
    """Return the run that takes an import back, None if there is none; one query."""
    return Run.objects.filter(undoes=of.run_id).first()


def own_imports(user: User) -> QuerySet[Import]:
    """Return the imports of `user`, for admins all, with their runs and importers."""
    found = Import.objects.select_related("run__by")
    return found if user.is_admin else found.filter(run__by=user)
