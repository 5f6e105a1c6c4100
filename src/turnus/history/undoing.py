"""Undoing a run, block by block, newest events first; what changed since stays, as a conflict."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol, cast

from django.db.models import Model, Q, QuerySet

from turnus.core.records import RecordKind
from turnus.history.actions import lock_records, record_changes, rows_of
from turnus.history.cells import CellChange, CellChanges, net_changes
from turnus.history.models import Event, Run
from turnus.history.restorable import Conflict, Restorable, target_ids
from turnus.history.tracked import StoredRow, Tracked, tracked

#: Events undone in one step of the job.
BLOCK = 500
#: Subscriptions are locked before deals, and both before the contacts that they hang on, as
#: everywhere.
_LOCK_ORDER = (
    RecordKind.SUBSCRIPTION,
    RecordKind.DEAL,
    RecordKind.PERSON,
    RecordKind.ORGANIZATION,
)
#: Cells that say that a record lies in the trash: moving it there and back is no work on it.
_TRASH_CELLS = frozenset({"trashed_at", "trashed_by_id"})
#: Cells that decide who sees a record: a run that changes them may hide it from whoever undoes it.
_ACCESS_CELLS = frozenset({"owner_id", "visibility"})
#: Columns that undoing never sets back.
_LASTING_COLUMNS = frozenset({"id", "updated_at", "created_at", "creator_id"})


@dataclass(slots=True)
class UndoResult:
    """What undoing did: the records trashed and restored, and the conflicts."""

    trashed: int = 0
    restored: int = 0
    conflicts: list[Conflict] = field(default_factory=list)


class UndoneBlock(NamedTuple):
    """What undoing one block did; the next one has the events below `next_before_id`.

    None: all events of the run are done.
    """

    next_before_id: int | None
    result: UndoResult


def undo_block(
    *, run: Run, undo: Run, before_id: int | None, at: datetime
) -> UndoneBlock:
    """Undo up to `BLOCK` events of `run`, those below `before_id`, in the caller's transaction.

    `undo` is the run that the new events name.
    """
    remaining_events = run.events.order_by("-id")
    if before_id is not None:
        remaining_events = remaining_events.filter(id__lt=before_id)
    block = list(remaining_events[:BLOCK])
    groups = _by_kind(block)
    _lock(groups)
    result = UndoResult()
    kinds = [
        _Undoing(tracked(kind), undo, at, result, events=groups[kind])
        for kind in _LOCK_ORDER
        if kind in groups
    ]
    # A contact that comes back from the trash can be pointed to again by what hangs on it.
    for undoing in reversed(kinds):
        undoing.undo_changes()
    # A contact goes once nothing hangs on it any more.
    for undoing in kinds:
        undoing.undo_creations()
    next_before_id = None
    has_more = len(block) == BLOCK
    if has_more:
        next_before_id = block[-1].pk
    return UndoneBlock(next_before_id, result)


def _by_kind(events: Iterable[Event]) -> dict[RecordKind, list[Event]]:
    groups: dict[RecordKind, list[Event]] = defaultdict(list)
    for event in events:
        kind = RecordKind(event.record_kind)
        groups[kind].append(event)
    return groups


def _lock(groups: Mapping[RecordKind, Sequence[Event]]) -> None:
    """Lock all records that the events are about, and those that they pointed to before.

    For that, nothing is read that could change until it is written. Stages and plans are not
    locked: one that is deleted at the same moment fails the undo as a whole.
    """
    ids: dict[type[Model], set[int]] = defaultdict(set)
    for kind, events in groups.items():
        table = tracked(kind)
        ids[table.model] |= _record_ids(events)
        for model, targets in target_ids(table, events).items():
            ids[model] |= targets
    for kind in _LOCK_ORDER:
        table = tracked(kind)
        lock_records(table.rows(ids[table.model]))


def _record_ids(events: Iterable[Event]) -> set[int]:
    return {event.record_id for event in events}


@dataclass(frozen=True, slots=True)
class _Undoing:
    """Undoes `events`, all about one kind of record, and adds to `result`."""

    kind: Tracked
    undo: Run
    at: datetime
    result: UndoResult
    events: Sequence[Event]

    def undo_changes(self) -> None:
        """Set the changed cells back, as far as nobody changed them and they still fit."""
        changing = [event for event in self.events if _is_change(event)]
        if not changing:
            return
        rows = rows_of(self.kind, _record_ids(changing))
        for hidden_id in self._hidden_records(changing):
            rows.pop(hidden_id, None)
        changed_at = min(event.at for event in changing)
        restorable = Restorable(self.kind, rows, changed_at)
        restorable.add(changing, self._cells_changed_since(changing))
        restorable.refuse_unfit()
        self.result.conflicts.extend(restorable.conflicts)
        rows_after = restorable.rows_after()
        self._write(rows_after)
        changes = restorable.changes_to(rows_after)
        for action, changes_of_action in _by_action(changes).items():
            self._record(changes_of_action, action)
        self.result.restored += len(changes)

    def undo_creations(self) -> None:
        """Trash the created records, except those that others use or changed by now."""
        creations = [
            event
            for event in self.events
            if event.action == Event.Action.CREATED
        ]
        ids = _record_ids(creations)
        if not ids:
            return
        used = _still_used(self.kind, ids)
        changed = self._changed_since(ids)
        remaining = used | changed
        present = self.kind.rows(ids).filter(trashed_at__isnull=True)
        present_ids = present.values_list("pk", flat=True)
        trashed = [pk for pk in present_ids if pk not in remaining]
        self._trash(trashed)
        conflicting = ids & remaining
        for record_id in sorted(conflicting):
            self._add_conflict(record_id, "")

    def _trash(self, ids: Sequence[int]) -> None:
        by_id = self.undo.by_id
        values = ((self.at, by_id, pk) for pk in ids)
        self.kind.write(["trashed_at", "trashed_by_id"], values)
        trashed_at = CellChange(None, self.at.isoformat())
        changes = {pk: {"trashed_at": trashed_at} for pk in ids}
        self._record(changes, Event.Action.TRASHED)
        self.result.trashed += len(ids)

    def _hidden_records(self, events: Sequence[Event]) -> set[int]:
        """Return the records that whoever undoes the run no longer sees; they stay as they are.

        The records that the run itself gave away are not among them, unless they were changed
        since: a mistake can be undone, but a record that somebody else works with by now does not
        come back into sight by it.
        """
        ids = _record_ids(events)
        visible = _visible_ids(self.kind, ids, self.undo)
        hidden = ids - visible
        leaving = [
            event for event in events if _moves_out_of_sight(event, hidden)
        ]
        hidden_by_run = _record_ids(leaving)
        changed = self._changed_since(hidden_by_run)
        return (hidden - hidden_by_run) | changed

    def _cells_changed_since(
        self, events: Sequence[Event]
    ) -> Mapping[int, set[str]]:
        """Return record -> the cells that others changed after the run had."""
        # Events come newest first: the last one of a record is its first.
        first_ids = {event.record_id: event.pk for event in events}
        later = self._changes_by_others(first_ids.keys(), since=first_ids)
        return {
            record_id: set(net_changes(changes))
            for record_id, changes in later.items()
        }

    def _changed_since(self, ids: set[int]) -> set[int]:
        """Return the records that differ from what the run made of them.

        Somebody's later work is not thrown away. What counts is what the later changes come to, not
        that there were some: a change that was undone, by a run or by hand, left nothing to lose.
        """
        changes = self._changes_by_others(ids, since={})
        rows = rows_of(self.kind, changes)
        changed = set()
        for record_id, row in rows.items():
            # Neither columns that follow from others nor the trash are somebody's work.
            derived = self.kind.derive(row)
            ignored = derived.keys() | _TRASH_CELLS
            net = net_changes(changes[record_id])
            if net.keys() - ignored:
                changed.add(record_id)
        return changed

    def _changes_by_others(
        self, ids: Collection[int], *, since: Mapping[int, int]
    ) -> Mapping[int, list[CellChanges]]:
        """Return the changes by hand and by other runs, by record, the oldest first.

        `since`: record -> the event after which its changes count; all count if it is absent.
        """
        own_runs = (self.undo.undoes_id, self.undo.pk)
        by_hand = Q(run__isnull=True)
        by_other_run = ~Q(run__in=own_runs)
        events = Event.objects.filter(
            record_kind=str(self.kind.kind),
            record_id__in=ids,
            changes__isnull=False,
        )
        others = events.filter(by_hand | by_other_run).order_by("id")
        changes: dict[int, list[CellChanges]] = defaultdict(list)
        for event in others.only("id", "record_id", "changes"):
            if event.pk > since.get(event.record_id, 0):
                changes[event.record_id].append(event.cell_changes)
        return changes

    def _write(self, rows: Mapping[int, StoredRow]) -> None:
        columns = [
            name
            for name in self.kind.columns()
            if name not in _LASTING_COLUMNS
        ]
        values = []
        for pk, row in rows.items():
            cells = [row[name] for name in columns]
            values.append([*cells, self.at, pk])
        self.kind.write([*columns, "updated_at"], values)

    def _record(
        self, changes: Mapping[int, CellChanges], action: Event.Action
    ) -> None:
        record_changes(
            self.kind.kind,
            changes,
            by_id=self.undo.by_id,
            at=self.at,
            run=self.undo,
            action=action,
        )

    def _add_conflict(self, record_id: int, cell: str) -> None:
        record_kind = str(self.kind.kind)
        conflict = Conflict(record_kind, record_id, cell)
        self.result.conflicts.append(conflict)


def _is_change(event: Event) -> bool:
    return event.action != Event.Action.CREATED and bool(event.changes)


def _moves_out_of_sight(event: Event, hidden: set[int]) -> bool:
    if event.record_id not in hidden:
        return False
    changed_cells = event.cell_changes.keys()
    return not changed_cells.isdisjoint(_ACCESS_CELLS)


class _ReadableRecords(Protocol):
    """Records that know who may see them, as those of every tracked table do."""

    def visible_to(self, user: Model) -> QuerySet[Model]: ...


def _visible_ids(kind: Tracked, ids: set[int], undo: Run) -> set[int]:
    manager = kind.model._default_manager  # noqa: SLF001 (Django documents it)
    records = cast("_ReadableRecords", manager)
    visible = records.visible_to(undo.by)
    return set(visible.filter(pk__in=ids).values_list("pk", flat=True))


def _by_action(
    written: Mapping[int, CellChanges],
) -> dict[Event.Action, dict[int, CellChanges]]:
    """Group changes by action: taking a record out of the trash is not just an update."""
    groups: dict[Event.Action, dict[int, CellChanges]] = defaultdict(dict)
    for record_id, cells in written.items():
        trashing = cells.get("trashed_at")
        is_restored = trashing is not None and trashing.after is None
        action = Event.Action.RESTORED if is_restored else Event.Action.UPDATED
        groups[action][record_id] = cells
    return groups


def _still_used(kind: Tracked, ids: set[int]) -> set[int]:
    used: set[int] = set()
    for link in kind.links:
        present = link.model._default_manager.filter(trashed_at__isnull=True)  # noqa: SLF001
        is_ours = {f"{link.column}__in": ids}
        linked = present.filter(**is_ours).values_list(link.column, flat=True)
        used.update(linked.distinct())
    return used
