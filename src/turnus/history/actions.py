"""Recording changes, starting and ending runs."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.db.models import Model, QuerySet

from turnus.core.records import RecordKind
from turnus.history.cells import CellChange, CellChanges, differences
from turnus.history.models import Event, Revision, Run
from turnus.history.tracked import StoredRow, Tracked
from turnus.kit.errors import UserError
from turnus.kit.sql import insert_rows

_EVENT_COLUMNS = (
    "at",
    "by_id",
    "run_id",
    "record_kind",
    "record_id",
    "action",
    "changes",
)
_TITLE_LENGTH = 255
#: Few enough to be counted each time somebody asks whether something changed.
_REVISIONS_KEPT = 10_000
_FINAL_STATES = (Run.State.DONE, Run.State.FAILED, Run.State.UNDONE)


def start_run(
    *, kind: Run.Kind, by_id: int, at: datetime, title: str = ""
) -> Run:
    """Create a run in state `planned`; the changes it makes will name it."""
    return Run.objects.create(
        kind=kind, by_id=by_id, created_at=at, title=title[:_TITLE_LENGTH]
    )


def start_undo(*, of: Run, by_id: int, at: datetime, title: str = "") -> Run:
    """Create the run that undoes the run `of`; each run has one at most."""
    return Run.objects.create(
        kind=Run.Kind.UNDO,
        by_id=by_id,
        created_at=at,
        title=(title or of.title)[:_TITLE_LENGTH],
        undoes=of,
    )


def discard_run(*, run: Run) -> None:
    """Delete a run that changed nothing: a plan that is not carried out."""
    run.delete()


def keep_totals(*, run: Run, totals: Mapping[str, object]) -> None:
    """Merge `totals` into what the run keeps of what it did; its state stays."""
    run.totals = {**run.totals, **totals}
    run.save(update_fields=["totals"])


def run_to_undo(
    run_id: int,
    *,
    kinds: Container[str],
    states: Container[str],
    by_id: int,
    is_admin: bool,
) -> Run:
    """Return the run, locked for the caller's transaction.

    Of two people who undo it at once, the second is refused. Raises `run.undone` for a run that was
    undone already, `run.unknown` for a run of another kind or state, and for somebody else's run
    unless `is_admin`.
    """
    run = Run.objects.select_for_update().filter(pk=run_id).first()
    if run is None or run.kind not in kinds:
        raise UserError("run.unknown", run=run_id)
    if run.by_id != by_id and not is_admin:
        raise UserError("run.unknown", run=run_id)
    if run.state in {Run.State.UNDOING, Run.State.UNDONE}:
        raise UserError("run.undone")
    if run.state not in states:
        raise UserError("run.unknown", run=run_id)
    return run


def move_run(
    *,
    run: Run,
    state: Run.State,
    at: datetime,
    totals: Mapping[str, object] | None = None,
) -> None:
    """Set the run's state and merge `totals` into its own; a final state stamps `finished_at`."""
    run.state = state
    run.totals = {**run.totals, **(totals or {})}
    if state in _FINAL_STATES:
        run.finished_at = at
    run.save(update_fields=["state", "totals", "finished_at"])
    note_revision(at, run_id=run.pk)


def record_created(
    kind: RecordKind,
    ids: Iterable[int],
    *,
    by_id: int,
    at: datetime,
    run: Run | None = None,
) -> None:
    """Record that the records `ids` were created; one row each, in bulk."""
    run_id = run.pk if run else None
    record_kind = str(kind)
    action = str(Event.Action.CREATED)
    rows = ((at, by_id, run_id, record_kind, pk, action, None) for pk in ids)
    insert_rows(Event, _EVENT_COLUMNS, rows)
    note_revision(at, run_id=run_id)


def record_changes(
    kind: RecordKind,
    changes: Mapping[int, CellChanges],
    *,
    by_id: int,
    at: datetime,
    run: Run | None = None,
    action: Event.Action = Event.Action.UPDATED,
) -> None:
    """Record what changed on each record (id -> cells); in bulk."""
    run_id = run.pk if run else None

    record_kind = str(kind)
    stored_action = str(action)

    def rows() -> Iterator[tuple[object, ...]]:
        for record_id, cells in changes.items():
            stored = dict(cells) or None
            yield (
                at,
                by_id,
                run_id,
                record_kind,
                record_id,
                stored_action,
                stored,
            )

    insert_rows(Event, _EVENT_COLUMNS, rows())
    if changes:
        note_revision(at, run_id=run_id)


def write_changes(
    kind: Tracked,
    before: Mapping[int, Mapping[str, object]],
    after: Mapping[int, Mapping[str, object]],
    *,
    by_id: int,
    at: datetime,
    run: Run | None = None,
    action: Event.Action = Event.Action.UPDATED,
) -> int:
    """Write changed columns of many rows with their events; return how many rows really changed.

    `before`: id -> all columns; `after`: id -> the columns that may change. Columns that follow
    from others are derived anew.
    """
    changes: dict[int, dict[str, CellChange]] = {}
    rows: dict[int, StoredRow] = {}
    touched: set[str] = set()
    for record_id, columns in after.items():
        changed = differences(before[record_id], columns)
        if not changed:
            continue
        changes[record_id] = changed
        row = {**before[record_id], **columns}
        derived = kind.derive(row)
        rows[record_id] = row | derived
        touched.update(columns, derived)
    names = sorted(touched)
    values = _values_of(rows, names, at)
    kind.write([*names, "updated_at"], values)
    record_changes(
        kind.kind, changes, by_id=by_id, at=at, run=run, action=action
    )
    return len(changes)


def _values_of(
    rows: Mapping[int, StoredRow], names: Sequence[str], at: datetime
) -> Iterator[list[object]]:
    """Yield for each row the values of these columns, the moment, and the row's id."""
    for pk, row in rows.items():
        values = [row[name] for name in names]
        yield [*values, at, pk]


def note_revision(at: datetime, *, run_id: int | None = None) -> None:
    """Note that something changed; now and then, delete old notes."""
    note = Revision.objects.create(at=at, by_run=run_id)
    if note.pk % _REVISIONS_KEPT == 0:
        last_old = note.pk - _REVISIONS_KEPT
        Revision.objects.filter(pk__lte=last_old).delete()


def locked_rows(kind: Tracked, ids: Iterable[int]) -> dict[int, StoredRow]:
    """Return id -> all present columns of the records, locked for the caller's transaction.

    Whoever writes columns that follow from what they read, even one key of a JSON column, reads
    here: without the lock, a change made between reading and writing would be lost.
    """
    wanted = list(ids)
    lock_records(kind.rows(wanted))
    return rows_of(kind, wanted)


def lock_records(records: QuerySet[Model]) -> list[int]:
    """Lock records for the caller's transaction, in order of their ids; return the ids.

    Everybody locks in that order, so that two transactions never wait for each other. After a wait,
    the condition of `records` is checked again: a record that no longer meets it is not returned.
    Other rows may go on pointing to the records. On SQLite a writing transaction is alone anyway.
    """
    in_order = records.order_by("pk")
    locked = in_order.select_for_update(of=("self",), no_key=True)
    return list(locked.values_list("pk", flat=True))


def rows_of(kind: Tracked, ids: Iterable[int]) -> dict[int, StoredRow]:
    """Return id -> all columns of the records, one query."""
    records = kind.rows(list(ids))
    found = records.values(*kind.columns())
    return {row["id"]: dict(row) for row in found}
