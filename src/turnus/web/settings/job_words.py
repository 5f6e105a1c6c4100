"""Jobs in words: what each kind does, and where its own page is."""

from collections.abc import Mapping
from datetime import timedelta

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from turnus.jobs.models import Job

#: By the name of the job; a test holds that every job has its words.
JOB_WORDS: Mapping[str, Promise] = {
    "accounts.clear_sessions": _("Delete sessions that have ended"),
    "accounts.prune_sent_forms": _("Forget forms that were sent"),
    "detection.purge": _("Delete old proposals of detection"),
    "detection.read": _("Detect subscriptions"),
    "detection.write": _("Create detected subscriptions"),
    "exports.purge": _("Delete old exports"),
    "exports.write": _("Write an export"),
    "fields.drop_index": _("Delete the index of a field"),
    "fields.index": _("Make a field fast to filter and sort"),
    "imports.check": _("Check a file"),
    "imports.commit": _("Import a file"),
    "imports.expire": _("Discard old plans of imports"),
    "imports.prune_uploads": _("Delete old uploads"),
    "imports.undo": _("Undo an import"),
    "jobs.prune": _("Delete old jobs"),
    "revenue.renew": _("Book renewals"),
    "revenue.fold": _("Store what revenue reports add up"),
    "revenue.tick": _("Book what renews by itself"),
    "sales.purge_trash": _("Empty the trash"),
    "sales.recompute_days": _("Move deals to the new time zone"),
}
#: The page of what a job is about, and the argument with its number.
_PAGES = {
    "import_id": "import",
    "proposal_id": "proposal",
    "run_id": "renewal-run",
}


def words_of(job: Job) -> Promise | str:
    """Return what a job does; its name, if it is of another version."""
    return JOB_WORDS.get(job.name, job.name)


def address_of(job: Job) -> str:
    """Return the address of the page about the job; empty for none."""
    if "export_id" in job.arguments:
        return reverse("exports")
    for argument, page in _PAGES.items():
        if argument in job.arguments:
            return reverse(page, args=[job.arguments[argument]])
    return ""


def span_words(span: timedelta) -> str:
    """Return how long something took, in its largest unit."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        words = ngettext("%(count)s second", "%(count)s seconds", seconds)
        return words % {"count": seconds}
    if seconds < 3600:
        minutes = seconds // 60
        words = ngettext("%(count)s minute", "%(count)s minutes", minutes)
        return words % {"count": minutes}
    hours = seconds // 3600
    words = ngettext("%(count)s hour", "%(count)s hours", hours)
    return words % {"count": hours}
