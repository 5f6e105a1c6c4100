"""Taking a run back, block by block, newest events first; what was changed since is a conflict and stays as it is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from turnus.history.actions import lock_records, record_changes, rows_of
from turnus.history.cells import apply, cell_of, differences, net_changes
from turnus.history.models import Event, Run
from turnus.history.tracked import Tracked, tracked

#: Events taken back in one step of the job.
BLOCK = 500
#: Cells that say that a record lies in the trash: moving it there and back is no work on it.
_TRASHING = frozenset({"trashed_at", "trashed_by_id"})
#: Cells that decide who sees a record: a run that changes them may take it out of the sight of whoever takes the run back.
_SIGHT = frozenset({"owner_id", "visibility"})


@dataclass(slots=True)
class UndoResult:
    """What taking back did: counts, and the conflicts (record kind, record id, cell)."""

    trashed: int = 0
    restored: int = 0
    conflicts: list[tuple[str, int, str]] = field(default_factory=list)


def undo_block(
    *, run: Run, undo: Run, before_id: int | None, at: datetime
) -> tuple[int | None, UndoResult]:
    """Take back up to `BLOCK` events of `run`, those below `before_id`, in the caller's transaction.

    Returns the id to go on below (None when all is done) and what happened. `undo` is the run that the new events name.
    """
    events = run.events.order_by("-id")
    if before_id is not None:
        events = events.filter(id__lt=before_id)
    block = list(events[:BLOCK])
    result = UndoResult()
    groups = _by_kind(block)
    _lock(groups)
    for kind, own in groups.items():
        _undo_changes(tracked(kind), own, undo, at, result)
        _undo_creations(
            tracked(kind),
            [one for one in own if one.action == Event.Action.CREATED],
            undo,
            at,
            result,
        )
    return (block[-1].pk if len(block) == BLOCK else None), result


def _lock(groups: Mapping[str, Sequence[Event]]) -> None:
    """Lock what the events are about before anything is read, subscriptions before deals, as everybody does."""
    for kind in ("subscription", "deal", "person", "organization"):
        ids = {one.record_id for one in groups.get(kind, ())}
        lock_records(tracked(kind).model._default_manager.filter(pk__in=ids))  # noqa: SLF001


def _by_kind(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Group events by kind of record; deals come before the contacts that they hang on."""
    groups: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        groups[event.record_kind].append(event)
    order = ("deal", "subscription", "person", "organization")
    return {kind: groups[kind] for kind in sorted(groups, key=order.index)}


def _undo_changes(
    kind: Tracked, events: Sequence[Event], undo: Run, at: datetime, result: UndoResult
) -> None:
    changing = [one for one in events if one.action != Event.Action.CREATED and one.changes]
    rows = rows_of(kind, {one.record_id for one in changing})
    left = _left_to_others(kind, changing, undo)
    written: dict[int, dict[str, Any]] = defaultdict(dict)
    for event in changing:
        row = None if event.record_id in left else rows.get(event.record_id)
        back = _cells_to_set_back(event, row, result)
        if row is not None and back:
            columns = _typed(kind, apply(row, back))
            written[event.record_id].update(differences(row, columns))
            row.update(columns)
            row.update(kind.derive(row))
    _write(kind, {one: rows[one] for one in written}, at)
    for action, changes in _by_action(written).items():
        record_changes(kind.kind, changes, by_id=undo.by_id, at=at, run=undo, action=action)
    result.restored += len(written)


def _left_to_others(kind: Tracked, events: Sequence[Event], undo: Run) -> set[int]:
    """Return the records that whoever takes the run back does not see any more, and that are left as they are.

    Not those that the run itself gave away, unless they were changed since: a mistake can be taken back, but a record
    that somebody else works with by now does not come back into sight by it.
    """
    ids = {one.record_id for one in events}
    seen: Any = kind.model._default_manager.visible_to(undo.by)  # type: ignore[attr-defined]  # noqa: SLF001
    hidden = ids - set(seen.filter(pk__in=ids).values_list("pk", flat=True))
    given = {
        one.record_id
        for one in events
        if one.record_id in hidden and _SIGHT & (one.changes or {}).keys()
    }
    return (hidden - given) | _changed_since(kind, given, undo)


def _by_action(
    written: Mapping[int, dict[str, Any]],
) -> dict[Event.Action, dict[int, dict[str, Any]]]:
    """Group changes by what they are called: taking a record out of the trash is not just an update."""
    groups: dict[Event.Action, dict[int, dict[str, Any]]] = defaultdict(dict)
    for record_id, cells in written.items():
        is_back = "trashed_at" in cells and cells["trashed_at"][1] is None
        groups[Event.Action.RESTORED if is_back else Event.Action.UPDATED][record_id] = cells
    return groups


def _cells_to_set_back(
    event: Event, row: Mapping[str, Any] | None, result: UndoResult
) -> dict[str, Any]:
    back = {}
    for cell, (before, after) in (event.changes or {}).items():
        if row is not None and cell_of(row, cell) == after:
            back[cell] = before
        else:
            result.conflicts.append((event.record_kind, event.record_id, cell))
    return back


def _typed(kind: Tracked, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Turn JSON cells back into what the columns hold."""
    fields = {one.attname: one for one in kind.model._meta.concrete_fields}  # noqa: SLF001
    return {name: fields[name].to_python(value) for name, value in columns.items()}


def _write(kind: Tracked, rows: Mapping[int, Mapping[str, Any]], at: datetime) -> None:
    columns = [
        one.attname
        for one in kind.model._meta.concrete_fields  # noqa: SLF001
        if one.attname not in {"id", "updated_at", "created_at", "creator_id"}
    ]
    kind.write(
        [*columns, "updated_at"],
        ([*(row[name] for name in columns), at, key] for key, row in rows.items()),
    )


def _undo_creations(
    kind: Tracked, events: Sequence[Event], undo: Run, at: datetime, result: UndoResult
) -> None:
    ids = {one.record_id for one in events}
    if not ids:
        return
    kept = _still_used(kind, ids) | _changed_since(kind, ids, undo)
    present = kind.model._default_manager.filter(pk__in=ids, trashed_at__isnull=True)  # noqa: SLF001
    going = [one for one in present.values_list("pk", flat=True) if one not in kept]
    kind.write(["trashed_at", "trashed_by_id"], ((at, undo.by_id, one) for one in going))
    changes = {one: {"trashed_at": [None, at.isoformat()]} for one in going}
    record_changes(
        kind.kind, changes, by_id=undo.by_id, at=at, run=undo, action=Event.Action.TRASHED
    )
    result.trashed += len(going)
    result.conflicts.extend((str(kind.kind), one, "") for one in sorted(ids & kept))


def _still_used(kind: Tracked, ids: set[int]) -> set[int]:
    used: set[int] = set()
    for model, column in kind.links:
        hanging = model._default_manager.filter(**{f"{column}__in": ids}, trashed_at__isnull=True)  # noqa: SLF001
        used.update(hanging.values_list(column, flat=True).distinct())
    return used


def _changed_since(kind: Tracked, ids: set[int], undo: Run) -> set[int]:
    """Return the records that differ from what the run made of them: somebody's later work is not thrown away.

    What changes since come to is what counts, not that there were some: a change that was taken back, by a run or by hand,
    left nothing behind that could be lost.
    """
    later = Event.objects.filter(
        record_kind=str(kind.kind), record_id__in=ids, changes__isnull=False
    )
    others = later.filter(Q(run__isnull=True) | ~Q(run__in=(undo.undoes_id, undo.pk)))
    changes: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for record_id, cells in others.order_by("id").values_list("record_id", "changes"):
        changes[record_id].append(cells or {})
    rows = rows_of(kind, changes)
    return {
        record_id
        for record_id, row in rows.items()
        if _own_cells(kind, row, net_changes(changes[record_id]))
    }


def _own_cells(kind: Tracked, row: Mapping[str, Any], cells: Iterable[str]) -> set[str]:
    """Leave out the cells that follow from others, and those that say that the record lay in the trash."""
    return set(cells) - kind.derive(row).keys() - _TRASHING
