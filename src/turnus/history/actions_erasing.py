"""The one exception to history that is never edited: a person's data that has to be erased."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from turnus.core.records import RecordKind
from turnus.core.redacting import Redaction
from turnus.history.actions import note_revision
from turnus.history.models import Event, Run

_BLOCK = 1_000


def erase_events(kind: RecordKind, record_id: int, *, by_id: int, at: datetime) -> None:
    """Forget what a record's events said, not that there were some, and record that it was erased; for the caller's transaction."""
    Event.objects.filter(record_kind=str(kind), record_id=record_id).update(changes=None)
    Event.objects.create(
        at=at,
        by_id=by_id,
        record_kind=str(kind),
        record_id=record_id,
        action=Event.Action.ERASED,
        changes=None,
    )
    note_revision(at)


def redact_events(kind: RecordKind, ids: Collection[int], redaction: Redaction) -> None:
    """Take a person out of what the events of other records say; for the caller's transaction."""
    events = Event.objects.filter(record_kind=str(kind), record_id__in=ids, changes__isnull=False)
    _save_redacted(events, redaction)


def redact_runs(redaction: Redaction) -> None:
    """Take a person out of the titles of runs, which are names of files or what somebody wrote."""
    for run in Run.objects.exclude(title="").only("title").iterator():
        title = redaction.text(run.title)
        if title != run.title:
            Run.objects.filter(pk=run.pk).update(title=title[:255])


def _save_redacted(events: QuerySet[Event], redaction: Redaction) -> None:
    changed = []
    for event in events.iterator(chunk_size=_BLOCK):
        changes = redaction.value(event.changes)
        if changes != event.changes:
            event.changes = changes
            changed.append(event)
    Event.objects.bulk_update(changed, ["changes"], batch_size=_BLOCK)
