"""Recording changes, starting and ending runs."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from turnus.core.records import RecordKind
from turnus.history.models import Event, Run
from turnus.kit.sql import insert_rows

_COLUMNS = ("at", "by_id", "run_id", "record_kind", "record_id", "action", "changes")

#: Cell (a column, or `custom.<key>`) -> [before, after], both JSON.
Changes = Mapping[str, list[Any]]


def start_run(*, kind: Run.Kind, by_id: int, at: datetime, title: str = "") -> Run:
    """Create a run in state `planned`; the changes it makes will name it."""
    return Run.objects.create(kind=kind, by_id=by_id, created_at=at, title=title[:255])


def move_run(*, run: Run, state: Run.State, at: datetime, totals: Mapping[str, Any] | None = None) -> None:
    """Set the run's state; a final state stamps `finished_at`, `totals` are merged into the ones it has."""
    run.state = state
    run.totals = {**run.totals, **(totals or {})}
    if state in {Run.State.DONE, Run.State.FAILED, Run.State.UNDONE}:
        run.finished_at = at
    run.save(update_fields=["state", "totals", "finished_at"])


def record_created(kind: RecordKind, ids: Iterable[int], *, by_id: int, at: datetime, run: Run | None = None) -> None:
    """Record that the records `ids` came into being; one row each, in bulk."""
    head = (at, by_id, run.pk if run else None, str(kind))
    insert_rows(Event, _COLUMNS, ((*head, one, "created", None) for one in ids))


def record_changes(
    kind: RecordKind,
    changes: Mapping[int, Changes],
    *,
    by_id: int,
    at: datetime,
    run: Run | None = None,
    action: Event.Action = Event.Action.UPDATED,
) -> None:
    """Record what changed on each record (id -> cells); in bulk."""
    head = (at, by_id, run.pk if run else None, str(kind))
    insert_rows(Event, _COLUMNS, ((*head, one, str(action), dict(cells) or None) for one, cells in changes.items()))
