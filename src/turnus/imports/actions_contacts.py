"""Writing the contacts of a plan: those it creates or finds by now, and what rows add to others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from turnus.accounts.models import User
from turnus.contacts.actions import insert_contacts
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.records import RecordKind
from turnus.fields.columns import StoredColumns
from turnus.history.actions import locked_rows, write_changes
from turnus.history.models import Run
from turnus.history.tracked import StoredRow, Tracked, tracked
from turnus.imports.arrivals import Arrivals, employers_of
from turnus.imports.contact_finder import KnownContact
from turnus.imports.contact_ids import (
    CONTACTS,
    ContactIds,
    CreatedJson,
    joined,
    stretches_to_json,
)
from turnus.imports.contact_points import completed, phone_country
from turnus.imports.created_choices import CreatedChoices
from turnus.imports.models import Import, PlanBlock
from turnus.imports.plan import (
    ContactRef,
    NewContact,
    PlannedRow,
    Verdict,
)
from turnus.imports.plan_storage import contacts_from_json
from turnus.imports.planned_columns import PlannedColumns
from turnus.imports.records import editable_ids, visible_ids
from turnus.imports.refusals import LIVE


class ContactWriter:
    """The contacts of an import, written block by block; `ids` learn which ids the new ones got."""

    def __init__(
        self,
        of: Import,
        *,
        ids: ContactIds,
        arrivals: Arrivals,
        at: datetime,
    ) -> None:
        self.run = of.run
        self.by: User = of.run.by
        self.at = at
        self.kind = RecordKind(of.record_kind)
        self.ids = ids
        self.arrivals = arrivals
        self.country = phone_country()
        #: Numbers of new organizations of the block whose payer went to the trash since the check.
        self.without_payer: set[int] = set()

    def create(
        self,
        block: PlanBlock,
        choices: CreatedChoices,
        *,
        is_undisturbed: bool,
    ) -> None:
        """Create a block's new contacts, or link those that others created since the check."""
        block.created = {}
        for kind in CONTACTS:
            contacts = contacts_from_json(block.contacts, kind)
            if not contacts:
                continue
            found: Mapping[int, KnownContact] = {}
            if not is_undisturbed:
                employers = employers_of(contacts, self.ids)
                found = self.arrivals.contacts(kind, block, employers)
            rows = [
                self._columns(contact, kind, choices) for contact in contacts
            ]
            places = self._drop_lost_payers(rows)
            created = self._create(kind, rows, found)
            block.created = with_created(block.created, created)
            self.ids.add(created)
            first = self.ids.next_number(kind) - len(rows)
            self.without_payer = {first + place for place in places}
            if self.kind is not kind:
                self._complete_found(kind, rows, found)

    def is_overtaken(self, block: PlanBlock) -> bool:
        """Return whether others have created a contact meanwhile that the block created as well."""
        for kind in CONTACTS:
            contacts = contacts_from_json(block.contacts, kind)
            employers = employers_of(contacts, self.ids)
            first = self.ids.next_number(kind) - len(contacts)
            found = self.arrivals.contacts(kind, block, employers)
            for place, contact in found.items():
                own = ContactRef(number=first + place)
                if self.ids.id_of(own, kind) != contact.ref.id:
                    return True
        return False

    def _drop_lost_payers(self, rows: Sequence[PlannedColumns]) -> set[int]:
        """Bill new organizations themselves whose payer is gone; return their places."""
        named = {row.get("bills_with_id") for row in rows}
        payers = {payer for payer in named if payer}
        present = visible_ids(RecordKind.ORGANIZATION, payers, self.by)
        lost = payers - present
        places = set()
        for place, row in enumerate(rows):
            if row.get("bills_with_id") in lost:
                row["bills_with_id"] = None
                places.add(place)
        return places

    def warn_of_lost_payers(self, rows: Sequence[PlannedRow]) -> bool:
        """Warn rows that their new organization is billed itself; return whether there are any."""
        numbers = self.without_payer
        self.without_payer = set()
        has_warned = False
        for row in rows:
            organization = row.organization
            if organization is None or row.verdict is not Verdict.NEW:
                continue
            if organization.number in numbers:
                issue = Issue(
                    IssueCode.RECORD_CHANGED, Severity.WARNING, row.number
                )
                row.issues.append(issue)
                has_warned = True
        return has_warned

    def _create(
        self,
        kind: RecordKind,
        rows: Sequence[PlannedColumns],
        found: Mapping[int, KnownContact],
    ) -> CreatedJson:
        """Insert the contacts that are not `found` at their places; return what came of all."""
        missing = [row for place, row in enumerate(rows) if place not in found]
        stored = cast("Sequence[StoredColumns]", missing)
        inserted = insert_contacts(
            kind, rows=stored, by=self.by, at=self.at, run=self.run
        )
        new_ids = iter(inserted)
        ids = []
        for place in range(len(rows)):
            contact = found.get(place)
            pk = next(new_ids) if contact is None else contact.ref.id
            ids.append(pk or 0)
        first = self.ids.next_number(kind)
        stretches = stretches_to_json(joined(first, ids))
        created = CreatedJson(stretches={str(kind): stretches})
        if found:
            numbers = [first + place for place in found]
            created["found"] = {str(kind): numbers}
        return created

    def _complete_found(
        self,
        kind: RecordKind,
        rows: Sequence[PlannedColumns],
        found: Mapping[int, KnownContact],
    ) -> None:
        """Add the emails and phones of the file to persons that exist by now and may be changed."""
        table = tracked(kind)
        points: dict[int, PlannedColumns] = {}
        for place, contact in found.items():
            added = _points_of(rows[place])
            if added:
                points[contact.ref.id or 0] = added
        editable = editable_ids(kind, points, self.by)
        before = locked_rows(table, points.keys() & editable)
        after = {}
        for pk, row in before.items():
            after[pk] = completed(row, points[pk], self.country)
        write_planned(table, before, after, run=self.run, at=self.at)

    def _columns(
        self, contact: NewContact, kind: RecordKind, choices: CreatedChoices
    ) -> PlannedColumns:
        columns = choices.resolved(contact.columns)
        if kind is RecordKind.PERSON:
            columns["organization_id"] = self._organization_id(
                contact.organization
            )
        return columns

    def _organization_id(self, ref: ContactRef | None) -> int | None:
        return self.ids.id_of(ref, RecordKind.ORGANIZATION)

    def complete(
        self, rows: Sequence[PlannedRow], choices: CreatedChoices
    ) -> None:
        """Add what rows say of existing contacts to what those hold now, so nothing is lost."""
        table = tracked(self._completed_kind)
        completing = self._completing(rows)
        ids = [pk for pk, _row in completing]
        before = locked_rows(table, ids)
        after: dict[int, PlannedColumns] = {pk: {} for pk in ids}
        for pk, row in completing:
            present = {**before[pk], **after[pk]}
            added = choices.resolved(row.added)
            columns = completed(present, added, self.country)
            if self.kind is RecordKind.PERSON and row.organization is not None:
                columns["organization_id"] = self._organization_id(
                    row.organization
                )
            after[pk].update(columns)
        write_planned(table, before, after, run=self.run, at=self.at)

    @property
    def _completed_kind(self) -> RecordKind:
        """The kind of the contacts that rows add to."""
        if self.kind is RecordKind.ORGANIZATION:
            return RecordKind.ORGANIZATION
        return RecordKind.PERSON

    def _completing(
        self, rows: Sequence[PlannedRow]
    ) -> list[tuple[int, PlannedRow]]:
        """Return the rows that add to a contact, each with its id, as far as that is allowed."""
        kind = self._completed_kind
        completing = []
        found = set()
        for row in rows:
            if not row.added or row.verdict not in LIVE:
                continue
            ref = row.person if kind is RecordKind.PERSON else row.organization
            pk = self.ids.id_of(ref, kind) or 0
            completing.append((pk, row))
            if self.ids.is_found(ref, kind):
                found.add(pk)
        denied = found - editable_ids(kind, found, self.by)
        return [(pk, row) for pk, row in completing if pk not in denied]


def write_planned(
    kind: Tracked,
    before: Mapping[int, StoredRow],
    after: Mapping[int, PlannedColumns],
    *,
    run: Run,
    at: datetime,
) -> None:
    """Store changes of a plan with their history."""
    changes = cast("Mapping[int, StoredColumns]", after)
    write_changes(kind, before, changes, by_id=run.by_id, at=at, run=run)


def _points_of(columns: PlannedColumns) -> PlannedColumns:
    """Return the emails and phones among the columns, without empty ones."""
    points = PlannedColumns()
    if columns.get("emails"):
        points["emails"] = columns["emails"]
    if columns.get("phones"):
        points["phones"] = columns["phones"]
    return points


def with_created(created: CreatedJson, more: CreatedJson) -> CreatedJson:
    """Return what a block created together with `more` of it."""
    return CreatedJson(
        stretches={
            **created.get("stretches", {}),
            **more.get("stretches", {}),
        },
        found={**created.get("found", {}), **more.get("found", {})},
    )
