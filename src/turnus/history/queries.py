"""Reading history."""

from collections.abc import Collection, Sequence

from django.db.models import Count, Max

from turnus.core.records import RecordKind
from turnus.history.models import Event, Revision


def events_of(kind: RecordKind, record_id: int, *, limit: int = 50) -> Sequence[Event]:
    """Return the latest events of one record, newest first, with who and which run; one query."""
    events = Event.objects.filter(record_kind=str(kind), record_id=record_id).select_related(
        "by", "run"
    )
    return list(events.order_by("-id")[:limit])


def event_of(kind: RecordKind, record_id: int, event_id: int) -> Event | None:
    """Return one event of a record, None if it has no such event; one query."""
    events = Event.objects.filter(record_kind=str(kind), record_id=record_id).select_related(
        "by", "run"
    )
    return events.filter(pk=event_id).first()


def revision() -> tuple[int, int]:
    """Return what differs once a change has been committed, whichever of several transactions ends first; one query.

    How many revisions are kept, and the latest: a slower transaction that commits a smaller number changes how many.
    """
    found = Revision.objects.aggregate(count=Count("pk"), latest=Max("pk"))
    return found["count"], found["latest"] or 0


def latest_change(kind: RecordKind, record_id: int, cells: Collection[str]) -> Event | None:
    """Return the latest event that changed one of the cells of a record, with who; None if none did. One query."""
    events = Event.objects.filter(
        record_kind=str(kind), record_id=record_id, changes__has_any_keys=list(cells)
    )
    return events.select_related("by").order_by("-id").first()
