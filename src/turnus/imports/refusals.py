"""Rows of a plan that cannot go in any more: what they are about has changed since the check."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from turnus.accounts.models import User
from turnus.contacts.models import Organization, Person
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.records import RecordKind
from turnus.fields.columns import StoredColumns
from turnus.history.actions import locked_rows
from turnus.history.cells import differences
from turnus.history.tracked import tracked
from turnus.imports.arrivals import Arrivals, settled
from turnus.imports.contact_ids import CONTACTS, ContactIds
from turnus.imports.effects import moved_effects
from turnus.imports.plan import ContactRef, PlannedRow, Verdict
from turnus.imports.records import editable_ids, visible_ids
from turnus.imports.rights import moves_closed

#: Verdicts of rows that go in.
LIVE = frozenset({Verdict.NEW, Verdict.UPDATE})


@dataclass(frozen=True, slots=True)
class Refusals:
    """Turns rows of one import into problems; each of its methods returns whether there are any."""

    by: User
    kind: RecordKind
    ids: ContactIds
    arrivals: Arrivals

    def refuse_moved(self, rows: Sequence[PlannedRow]) -> bool:
        """Refuse rows whose record or contact has changed since, or may not be changed."""
        live = [row for row in rows if row.verdict in LIVE]
        denied = self._denied(live)
        gone = {
            kind: self._gone(live, kind) | self._trashed(live, kind)
            for kind in CONTACTS
        }
        # Locked until the block is written: subscriptions before deals, as everywhere.
        moved = moved_effects(
            [row.effect for row in live if row.effect is not None], self.by
        )
        record_ids = {row.record_id for row in live if row.record_id}
        now = locked_rows(tracked(self.kind), record_ids)
        has_refused = False
        for row in live:
            code = denied.get(row.number)
            if code is None and (
                row.effect in moved
                or self._names_gone(row, gone)
                or _has_record_moved(row, now)
            ):
                code = IssueCode.RECORD_CHANGED
            if code is not None:
                row.verdict = Verdict.PROBLEM
                row.issues.append(Issue(code, row=row.number))
                has_refused = True
        return has_refused

    def _denied(self, rows: Sequence[PlannedRow]) -> dict[int, IssueCode]:
        """Return by row what the importer may not change: a record, a contact, a closed time."""
        record_ids = {row.record_id for row in rows if row.record_id}
        completed = [_completed_person(row) for row in rows]
        person_ids = {pk for pk in completed if pk is not None}
        records = editable_ids(self.kind, record_ids, self.by)
        persons = editable_ids(RecordKind.PERSON, person_ids, self.by)
        strange_persons = person_ids - persons
        denied = {}
        for row in rows:
            record_id = row.record_id
            is_strange = record_id is not None and record_id not in records
            if is_strange or _completed_person(row) in strange_persons:
                denied[row.number] = IssueCode.RECORD_DENIED
            elif self.by.is_admin or row.verdict is not Verdict.UPDATE:
                continue
            elif moves_closed(row):
                denied[row.number] = IssueCode.CLOSED_TIME_DENIED
        return denied

    def refuse_found(self, rows: Sequence[PlannedRow]) -> bool:
        """Refuse rows about a new contact that exists by now."""
        if self.kind not in CONTACTS or not self.ids.found[self.kind]:
            return False
        found = []
        for row in rows:
            ref = _contact_of(row, self.kind)
            if row.verdict in LIVE and self.ids.is_found(ref, self.kind):
                found.append(row)
        return _refuse(found)

    def refuse_arrived(
        self, rows: Sequence[PlannedRow], known: Mapping[str, Sequence[int]]
    ) -> bool:
        """Refuse rows whose deal or subscription somebody else brought since the check."""
        settled_rows = [settled(row, self.ids) for row in rows]
        numbers = self.arrivals.rows(settled_rows, known)
        return _refuse([row for row in rows if row.number in numbers])

    def _gone(self, rows: Sequence[PlannedRow], kind: RecordKind) -> set[int]:
        refs = [_contact_of(row, kind) for row in rows]
        ids = {ref.id for ref in refs if ref and ref.id}
        is_of_organizations = self.kind is RecordKind.ORGANIZATION
        if is_of_organizations and kind is self.kind:
            ids.update(filter(None, map(_parent_of, rows)))
        return ids - visible_ids(kind, ids, self.by)

    def _trashed(
        self, rows: Sequence[PlannedRow], kind: RecordKind
    ) -> set[int]:
        """Return the contacts that earlier blocks created and somebody trashed since."""
        refs = [_contact_of(row, kind) for row in rows]
        new_refs = [ref for ref in refs if ref and ref.is_new]
        created = {self.ids.id_of(ref, kind) for ref in new_refs} - {None}
        if not created:
            return set()
        records = Organization if kind is RecordKind.ORGANIZATION else Person
        trashed = records.objects.filter(pk__in=created)
        trashed = trashed.filter(trashed_at__isnull=False)
        return set(trashed.values_list("pk", flat=True))

    def _names_gone(
        self, row: PlannedRow, gone: Mapping[RecordKind, Collection[int]]
    ) -> bool:
        """Return whether a contact of the row, or who it bills with, is gone."""
        organizations = gone[RecordKind.ORGANIZATION]
        persons = gone[RecordKind.PERSON]
        if not organizations and not persons:
            return False
        organization = row.organization
        organization_id = self.ids.id_of(organization, RecordKind.ORGANIZATION)
        person_id = self.ids.id_of(row.person, RecordKind.PERSON)
        if organization_id in organizations or person_id in persons:
            return True
        return _parent_of(row) in organizations


def _contact_of(row: PlannedRow, kind: RecordKind) -> ContactRef | None:
    """Return the contact of a kind that a row names."""
    return row.organization if kind is RecordKind.ORGANIZATION else row.person


def _completed_person(row: PlannedRow) -> int | None:
    """Return the id of the existing person that a row adds to; None without one."""
    if not row.added or row.person is None:
        return None
    return row.person.id or None


def _has_record_moved(
    row: PlannedRow, now: Mapping[int, StoredColumns]
) -> bool:
    if row.record_id is None:
        return False
    return _has_moved(row, now.get(row.record_id))


def _refuse(rows: Sequence[PlannedRow]) -> bool:
    """Turn rows into problems whose record exists by now; return whether there are any."""
    for row in rows:
        row.verdict = Verdict.PROBLEM
        row.issues.append(
            Issue(IssueCode.ROW_ARRIVED, Severity.PROBLEM, row.number)
        )
    return bool(rows)


def _parent_of(row: PlannedRow) -> int | None:
    """Return the organization with which the row's own is to be billed."""
    return row.columns.get("bills_with_id") or row.added.get("bills_with_id")


def refuse_parts(rows: Sequence[PlannedRow]) -> None:
    """Let the steps of a refused subscription share its fate."""
    head: PlannedRow | None = None
    for row in rows:
        if row.verdict is not Verdict.PART:
            head = row
        elif head is not None and head.verdict is Verdict.PROBLEM:
            row.verdict = Verdict.PROBLEM
            row.issues.append(
                Issue(
                    IssueCode.ROW_WITH_OTHERS,
                    row=row.number,
                    params={"row": head.number},
                )
            )


def _has_moved(row: PlannedRow, now: StoredColumns | None) -> bool:
    """Return whether the record of an update is gone, or its cells hold something else by now."""
    if now is None or now["trashed_at"] is not None:
        return True
    differing = differences(now, row.columns)
    if differing.keys() - row.changes.keys():
        return True
    for cell, planned in row.changes.items():
        present = (
            differing[cell].before if cell in differing else planned.after
        )
        if planned.before not in (present, planned.after):
            return True
    return False
