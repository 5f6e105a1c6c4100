"""Reading history."""

from collections.abc import Sequence

from turnus.core.records import RecordKind
from turnus.history.models import Event, Run


def events_of(kind: RecordKind, record_id: int, *, limit: int = 50, before: int | None = None) -> Sequence[Event]:
    """Return the latest events of one record, newest first, with who and which run; one query."""
    events = Event.objects.filter(record_kind=str(kind), record_id=record_id).select_related("by", "run")
    if before is not None:
        events = events.filter(id__lt=before)
    return list(events.order_by("-id")[:limit])


def undo_of(run: Run) -> Run | None:
    """Return the run that took `run` back, None if it stands."""
    return Run.objects.filter(undoes=run).first()
