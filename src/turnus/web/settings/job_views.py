"""The page of background jobs, for admins."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.jobs.actions_admin import cancel_job, try_again
from turnus.jobs.models import Job
from turnus.jobs.queries import JobsInState, jobs_by_state
from turnus.jobs.registry import is_stoppable, may_try_again
from turnus.kit.errors import UserError
from turnus.web.buttons import sent_number
from turnus.web.gate import SignedInRequest
from turnus.web.once import once
from turnus.web.settings.job_words import address_of, span_words, words_of

State = Job.State


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as the page shows it."""

    job: Job
    words: Promise | str
    #: Where what it is about can be seen; empty for nowhere.
    address: str
    #: How long it has been waiting or running, or how long it ran.
    span: str
    #: Lines of a bug: the last one says what it was.
    bug: str
    may_cancel: bool
    may_try_again: bool
    is_stopping: bool


@dataclass(frozen=True, slots=True)
class JobSection:
    """The jobs of one state."""

    state: str
    heading: str
    empty: str
    count: int
    rows: list[JobRow]


@require_http_methods(["GET", "POST"])
@once
def jobs(request: SignedInRequest) -> HttpResponse:
    if not request.user.is_admin:
        raise UserError("access.denied")
    if request.method == "POST":
        return _change(request)
    sections = list(_sections(request.at))
    return render(request, "settings/jobs.html", {"sections": sections})


def _change(request: SignedInRequest) -> HttpResponse:
    canceled = sent_number(request, "cancel")
    if canceled is not None:
        job = cancel_job(job_id=canceled, by=request.user, at=request.at)
        words = _("Canceled.")
        if job.state == State.RUNNING:
            words = _("The job stops after its present step.")
    else:
        retried = sent_number(request, "retry") or 0
        try_again(job_id=retried, by=request.user, at=request.at)
        words = _("The job is waiting again.")
    messages.success(request, words)
    return redirect("jobs")


def _sections(at: datetime) -> Iterator[JobSection]:
    headings = {
        State.RUNNING: (_("Running"), _("No job is running.")),
        State.QUEUED: (_("Waiting"), _("No job is waiting.")),
        State.FAILED: (_("Failed"), _("No job has failed.")),
        State.CANCELED: (_("Canceled"), _("No job was canceled.")),
        State.DONE: (_("Finished lately"), _("No job has finished.")),
    }
    for state, (heading, empty) in headings.items():
        found = jobs_by_state(state)
        yield JobSection(
            state=state.value,
            heading=heading,
            empty=empty,
            count=found.count,
            rows=_rows(found, at),
        )


def _rows(found: JobsInState, at: datetime) -> list[JobRow]:
    return [_row(job, at) for job in found.newest]


def _row(job: Job, at: datetime) -> JobRow:
    is_stopping = job.cancel_asked_at is not None
    is_running = job.state == State.RUNNING
    stops = is_stoppable(job.name) and not is_stopping
    is_over = job.state in {State.FAILED, State.CANCELED}
    since = job.started_at or job.due_at
    return JobRow(
        job=job,
        words=words_of(job),
        address=address_of(job),
        span=span_words((job.finished_at or at) - since),
        bug=_last_line(job),
        may_cancel=job.state == State.QUEUED or (is_running and stops),
        may_try_again=is_over and may_try_again(job.name),
        is_stopping=is_running and is_stopping,
    )


def _last_line(job: Job) -> str:
    """Return what a bug says of itself; empty where the job was refused in words."""
    if job.refusal or not job.error:
        return ""
    return job.error.strip().splitlines()[-1]
