"""The one exception to history that is never edited: a person's data that has to be erased."""

from collections.abc import Collection
from datetime import datetime

from turnus.core.records import RecordKind
from turnus.core.redacting import Redaction
from turnus.history.actions import note_revision
from turnus.history.models import Event, Run

_BLOCK = 1_000


def erase_events(
    kind: RecordKind, record_id: int, *, by_id: int, at: datetime
) -> None:
    """Erase what a record's events say, not the events, and record the erasure.

    For the caller's transaction.
    """
    Event.objects.filter(record_kind=str(kind), record_id=record_id).update(
        changes=None
    )
    Event.objects.create(
        at=at,
        by_id=by_id,
        record_kind=str(kind),
        record_id=record_id,
        action=Event.Action.ERASED,
        changes=None,
    )
    note_revision(at)


def redact_events(
    kind: RecordKind, ids: Collection[int], redaction: Redaction
) -> None:
    """Redact a person in the events of other records; for the caller's transaction."""
    events = Event.objects.filter(
        record_kind=str(kind), record_id__in=ids, changes__isnull=False
    )
    redacted = []
    for event in events.iterator(chunk_size=_BLOCK):
        changes = redaction.value(event.changes)
        if changes != event.changes:
            event.changes = changes
            redacted.append(event)
    Event.objects.bulk_update(redacted, ["changes"], batch_size=_BLOCK)


def redact_runs(redaction: Redaction) -> None:
    """Redact a person in the titles of runs, which are names of files or what somebody wrote."""
    for run in Run.objects.exclude(title="").only("title").iterator():
        title = redaction.text(run.title)
        if title != run.title:
            Run.objects.filter(pk=run.pk).update(title=title[:255])
