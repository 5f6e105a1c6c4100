"""Which cells that a run changed can be set back, and which stay as they are, as conflicts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import Model, Q

from turnus.history.cells import (
    CellChanges,
    cell_of,
    columns_with,
    differences,
)
from turnus.history.models import Event
from turnus.history.tracked import StoredRow, Tracked, kind_of

#: Cell -> the value that it is to hold again, in JSON form.
CellsBefore = dict[str, object]


class Conflict(NamedTuple):
    """A cell that cannot be set back and stays as it is; an empty cell stands for the record."""

    record_kind: str
    record_id: int
    cell: str


class RecordCell(NamedTuple):
    """A cell of a record."""

    record_id: int
    cell: str


@dataclass(frozen=True, slots=True)
class Restorable:
    """The cells of one kind of record that can be set back, by record, and the conflicts."""

    kind: Tracked
    #: The records as they are; those that must not change are absent.
    rows: Mapping[int, StoredRow]
    #: When the run changed them: what was in the trash before may be pointed to again.
    changed_at: datetime
    cells: dict[int, CellsBefore] = field(
        default_factory=lambda: defaultdict(dict)
    )
    conflicts: list[Conflict] = field(default_factory=list)

    def add(
        self, events: Iterable[Event], changed_since: Mapping[int, set[str]]
    ) -> None:
        """Add the cells that `events`, newest first, changed and that nobody changed since.

        What goes together is set back together: not if one cell of a group is in `changed_since`
        (record -> cells).
        """
        rows = dict(self.rows)
        for event in events:
            record_id = event.record_id
            row = rows.get(record_id)
            changed = changed_since.get(record_id, set()) | _moved(event, row)
            cells = self._cells_before(event, changed)
            if row is not None and cells:
                rows[record_id] = self.with_cells(row, cells)
                self.cells[record_id].update(cells)

    def refuse_unfit(self) -> None:
        """Keep cells whose earlier value is gone by now, or would break a rule of the table."""
        self._refuse([*self._absent_targets(), *self._absent_choices()])
        for column, model in self.kind.targets().items():
            if model is self.kind.model:
                self._refuse_circles(column)
        self._refuse(list(self._emptied()))

    def rows_after(self) -> dict[int, StoredRow]:
        """Return the records that change, as they become."""
        return {
            record_id: self.with_cells(self.rows[record_id], cells)
            for record_id, cells in self.cells.items()
            if cells
        }

    def changes_to(
        self, rows_after: Mapping[int, StoredRow]
    ) -> dict[int, CellChanges]:
        """Return what changes on each record, without the columns that follow from others."""
        changes: dict[int, CellChanges] = {}
        for record_id, after in rows_after.items():
            before = self.rows[record_id]
            names = columns_with(before, self.cells[record_id])
            columns = {name: after[name] for name in names}
            changes[record_id] = differences(before, columns)
        return changes

    def with_cells(self, row: StoredRow, cells: CellsBefore) -> StoredRow:
        """Return a row with cells set, and the columns that follow from them."""
        column_types = self.kind.columns()
        after = dict(row)
        for name, value in columns_with(row, cells).items():
            after[name] = column_types[name].to_python(value)
        return after | self.kind.derive(after)

    def _cells_before(self, event: Event, changed: set[str]) -> CellsBefore:
        changed_groups = {self.kind.group_of(cell) for cell in changed}
        cells: CellsBefore = {}
        for cell, change in event.cell_changes.items():
            if self.kind.group_of(cell) in changed_groups:
                self._add_conflict(event.record_id, cell)
            else:
                cells[cell] = change.before
        return cells

    def _absent_targets(self) -> Iterator[RecordCell]:
        """Yield the cells that would point to what went to the trash since, or is gone."""
        for column, model in self.kind.targets().items():
            wanted = self._wanted(column)
            present = self._present_ids(model, wanted.values())
            for record_id, target_id in wanted.items():
                if target_id not in present:
                    yield RecordCell(record_id, column)

    def _present_ids(self, model: type[Model], ids: Iterable[int]) -> set[int]:
        """Return those of the ids that can be pointed to; one query at most."""
        wanted = set(ids)
        if not wanted:
            return set()
        rows = model._default_manager.filter(pk__in=wanted)  # noqa: SLF001 (Django documents it)
        if kind_of(model) is not None:
            is_present = Q(trashed_at__isnull=True)
            was_in_trash = Q(trashed_at__lt=self.changed_at)
            rows = rows.filter(is_present | was_in_trash)
        return set(rows.values_list("pk", flat=True))

    def _absent_choices(self) -> Iterator[RecordCell]:
        """Yield the cells of fields that were deleted, and of choices that are offered no more."""
        if not self.cells:
            return
        is_offered = self.kind.load_offered()
        for record_id, cells in self.cells.items():
            for cell, value in cells.items():
                if not is_offered(cell, value):
                    yield RecordCell(record_id, cell)

    def _refuse_circles(self, column: str) -> None:
        """Refuse what would let records of a table point to each other in a circle."""
        while wanted := self._wanted(column):
            chains = self._chains(column)
            circular = [
                RecordCell(record_id, column)
                for record_id in wanted
                if _is_circular(record_id, chains)
            ]
            if not circular:
                return
            self._refuse(circular)

    def _chains(self, column: str) -> dict[int, int]:
        """Return what each record of the table would point to."""
        manager = self.kind.model._default_manager  # noqa: SLF001 (Django documents it)
        pointing = manager.filter(**{f"{column}__isnull": False}).order_by()
        chains = dict(pointing.values_list("pk", column))
        for record_id, cells in self.cells.items():
            if column in cells:
                chains.pop(record_id, None)
        return chains | self._wanted(column)

    def _emptied(self) -> Iterator[RecordCell]:
        """Yield the cells that must not be emptied: of some columns, one must hold something."""
        columns = self.kind.one_of
        if not columns:
            return
        for record_id, row in self.rows_after().items():
            if any(row[column] is not None for column in columns):
                continue
            for column in columns:
                if column in self.cells[record_id]:
                    yield RecordCell(record_id, column)

    def _wanted(self, column: str) -> dict[int, int]:
        """Return record -> the id that its column is to hold again, where there is one."""
        wanted = {}
        for record_id, cells in self.cells.items():
            target_id = cells.get(column)
            if isinstance(target_id, int):
                wanted[record_id] = target_id
        return wanted

    def _refuse(self, refused: Iterable[RecordCell]) -> None:
        """Let cells stay as they are, and what goes together with them."""
        for record_id, refused_cell in refused:
            cells = self.cells[record_id]
            group = self.kind.group_of(refused_cell)
            for cell in list(cells):
                if self.kind.group_of(cell) == group:
                    del cells[cell]
                    self._add_conflict(record_id, cell)

    def _add_conflict(self, record_id: int, cell: str) -> None:
        record_kind = str(self.kind.kind)
        self.conflicts.append(Conflict(record_kind, record_id, cell))


def target_ids(
    kind: Tracked, events: Iterable[Event]
) -> Mapping[type[Model], set[int]]:
    """Return what the records pointed to before `events`, by table."""
    targets = kind.targets()
    ids: dict[type[Model], set[int]] = defaultdict(set)
    for event in events:
        for cell, change in event.cell_changes.items():
            if cell in targets and isinstance(change.before, int):
                ids[targets[cell]].add(change.before)
    return ids


def _moved(event: Event, row: StoredRow | None) -> set[str]:
    """Return the cells that differ from what the event left; all if the record must not change."""
    changes = event.cell_changes
    if row is None:
        return set(changes)
    return {
        cell
        for cell, change in changes.items()
        if cell_of(row, cell) != change.after
    }


def _is_circular(record_id: int, chains: Mapping[int, int]) -> bool:
    visited: set[int] = set()
    current = chains.get(record_id)
    while current is not None and current not in visited:
        visited.add(current)
        current = chains.get(current)
    return record_id in visited
