"""Recording changes, starting and ending runs."""

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from turnus.core.records import RecordKind
from turnus.history.cells import differences
from turnus.history.models import Event, Revision, Run
from turnus.history.tracked import Tracked
from turnus.kit.errors import UserError
from turnus.kit.sql import insert_rows

_COLUMNS = ("at", "by_id", "run_id", "record_kind", "record_id", "action", "changes")

#: Revisions kept at least: their number is counted each time somebody asks whether something changed.
_REVISIONS_KEPT = 10_000

#: Cell (a column, or `custom.<key>`) -> [before, after], both JSON.
Changes = Mapping[str, list[Any]]


def start_run(*, kind: Run.Kind, by_id: int, at: datetime, title: str = "") -> Run:
    """Create a run in state `planned`; the changes it makes will name it."""
    return Run.objects.create(kind=kind, by_id=by_id, created_at=at, title=title[:255])


def start_undo(*, of: Run, by_id: int, at: datetime, title: str = "") -> Run:
    """Create the run that takes the run `of` back; of each there is one at most."""
    return Run.objects.create(
        kind=Run.Kind.UNDO, by_id=by_id, created_at=at, title=(title or of.title)[:255], undoes=of
    )


def discard_run(*, run: Run) -> None:
    """Remove a run that changed nothing: a plan that is not carried out."""
    run.delete()


def keep_totals(*, run: Run, totals: Mapping[str, Any]) -> None:
    """Merge `totals` into what the run keeps of what it did; its state stays."""
    run.totals = {**run.totals, **totals}
    run.save(update_fields=["totals"])


def run_to_undo(
    run_id: int, *, kinds: Container[str], states: Container[str], by_id: int, is_admin: bool
) -> Run:
    """Return the run, locked for the caller's transaction: of two people who take it back at once, the second is told.

    Refuses with `run.undone` one that was taken back, with `run.unknown` one of another kind or in another state, and one of
    somebody else but for admins.
    """
    run = Run.objects.select_for_update().filter(pk=run_id).first()
    if run is None or run.kind not in kinds or not (run.by_id == by_id or is_admin):
        raise UserError("run.unknown", run=run_id)
    if run.state in {Run.State.UNDOING, Run.State.UNDONE}:
        raise UserError("run.undone")
    if run.state not in states:
        raise UserError("run.unknown", run=run_id)
    return run


def move_run(
    *, run: Run, state: Run.State, at: datetime, totals: Mapping[str, Any] | None = None
) -> None:
    """Set the run's state; a final state stamps `finished_at`, `totals` are merged into the ones it has."""
    run.state = state
    run.totals = {**run.totals, **(totals or {})}
    if state in {Run.State.DONE, Run.State.FAILED, Run.State.UNDONE}:
        run.finished_at = at
    run.save(update_fields=["state", "totals", "finished_at"])
    note_revision(at)


def record_created(
    kind: RecordKind, ids: Iterable[int], *, by_id: int, at: datetime, run: Run | None = None
) -> None:
    """Record that the records `ids` came into being; one row each, in bulk."""
    head = (at, by_id, run.pk if run else None, str(kind))
    insert_rows(Event, _COLUMNS, ((*head, one, "created", None) for one in ids))
    note_revision(at)


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
    insert_rows(
        Event,
        _COLUMNS,
        ((*head, one, str(action), dict(cells) or None) for one, cells in changes.items()),
    )
    if changes:
        note_revision(at)


def write_changes(
    kind: Tracked,
    before: Mapping[int, Mapping[str, Any]],
    after: Mapping[int, Mapping[str, Any]],
    *,
    by_id: int,
    at: datetime,
    run: Run | None = None,
    action: Event.Action = Event.Action.UPDATED,
) -> int:
    """Write changed columns of many rows with their events; return how many rows really changed.

    `before`: id -> all columns; `after`: id -> the columns that may change. Columns that follow from others are recomputed.
    """
    changes: dict[int, Changes] = {}
    rows: dict[int, dict[str, Any]] = {}
    touched: set[str] = set()
    for key, columns in after.items():
        whole = {**before[key], **columns}
        changed = differences(before[key], columns)
        if changed:
            changes[key] = changed
            derived = kind.derive(whole)
            rows[key] = whole | derived
            touched.update(columns, derived)
    names = sorted(touched)
    kind.write(
        [*names, "updated_at"],
        ([*(row[name] for name in names), at, key] for key, row in rows.items()),
    )
    record_changes(kind.kind, changes, by_id=by_id, at=at, run=run, action=action)
    return len(changes)


def note_revision(at: datetime) -> None:
    """Note that something changed; now and then with it throw old notes away."""
    noted = Revision.objects.create(at=at)
    if noted.pk % _REVISIONS_KEPT == 0:
        Revision.objects.filter(pk__lte=noted.pk - _REVISIONS_KEPT).delete()


def locked_rows(kind: Tracked, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return id -> all columns of the records as they are now; nobody else changes them before the transaction ends.

    Whoever writes columns that follow from what they read, and be it one key of a JSON column, reads here:
    without the lock a change made between reading and writing would be lost.
    """
    wanted = list(ids)
    lock_records(kind.model._default_manager.filter(pk__in=wanted))  # noqa: SLF001 (Django documents it)
    return rows_of(kind, wanted)


def lock_records(records: QuerySet[Any]) -> list[int]:
    """Lock records for the caller's transaction, in order of their ids; return the ids.

    All lockers keep that order, so that two of them never wait for each other. The condition of `records` is asked
    again when the lock was waited for: what meets it no more is not among the ids. Other rows may go on pointing to the
    records. On SQLite a writing transaction is alone anyway.
    """
    in_order = records.order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(in_order.values_list("pk", flat=True))


def rows_of(kind: Tracked, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return id -> all columns of the records, one query."""
    columns = [one.attname for one in kind.model._meta.concrete_fields]  # noqa: SLF001 (Django documents _meta)
    return {
        row["id"]: dict(row)
        for row in kind.model._default_manager.filter(pk__in=list(ids)).values(*columns)  # noqa: SLF001
    }
