"""Reading history."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db.models import Count, Max, QuerySet

from turnus.core.records import RecordKind
from turnus.history.models import Event, Revision


class RevisionMark(NamedTuple):
    """How many revisions are kept, and the latest: differs once a change has been committed."""

    kept_count: int
    latest_id: int


def events_of(
    kind: RecordKind, record_id: int, *, limit: int = 50
) -> Sequence[Event]:
    """Return the latest events of a record, newest first, with their users and runs; one query."""
    events = _events_with_origin(kind, record_id)
    latest_first = events.order_by("-id")
    return list(latest_first[:limit])


def event_of(kind: RecordKind, record_id: int, event_id: int) -> Event | None:
    """Return one event of a record, None if the record has no such event; one query."""
    events = _events_with_origin(kind, record_id)
    return events.filter(pk=event_id).first()


def _events_with_origin(kind: RecordKind, record_id: int) -> QuerySet[Event]:
    return _events(kind, record_id).select_related("by", "run")


def _events(kind: RecordKind, record_id: int) -> QuerySet[Event]:
    return Event.objects.filter(record_kind=str(kind), record_id=record_id)


def revision(*, besides: int | None = None) -> RevisionMark:
    """Return what differs once any transaction has committed a change; one query.

    The count matters as well: a slower transaction that commits a smaller number changes only it.
    `besides`: the id of a run whose own changes do not count.
    """
    revisions = Revision.objects.all()
    if besides is not None:
        revisions = revisions.exclude(by_run=besides)
    found = revisions.aggregate(count=Count("pk"), latest=Max("pk"))
    kept_count = found["count"]
    latest_id = found["latest"] or 0
    return RevisionMark(kept_count, latest_id)


def latest_change(
    kind: RecordKind, record_id: int, cells: Collection[str]
) -> Event | None:
    """Return the latest event that changed one of the cells, with its user; None if none did.

    One query.
    """
    events = _events(kind, record_id).select_related("by")
    changing = events.filter(changes__has_any_keys=list(cells))
    return changing.order_by("-id").first()
