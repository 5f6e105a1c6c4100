"""From the values of a row to a planned person or organization, a new or an existing one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import cast

from turnus.accounts.access import editable, visible
from turnus.accounts.queries import company
from turnus.accounts.viewer import Viewer
from turnus.contacts.billing import Billing
from turnus.contacts.models import Organization, Person
from turnus.contacts.queries import names_seen
from turnus.contacts.rules import settle
from turnus.core.calendar import moment_at
from turnus.core.fields import ContactPoint
from turnus.core.issues import IssueCode, Severity
from turnus.core.naming import Likeness, likeness, name_key
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog
from turnus.fields.columns import StoredColumns
from turnus.history.actions import rows_of
from turnus.history.cells import differences
from turnus.history.tracked import tracked
from turnus.imports.contact_finder import UNPLANNED, ContactFinder, Match
from turnus.imports.contact_points import (
    completed,
    identifying_points,
    stored_points,
)
from turnus.imports.customers import contact_answers, note_match
from turnus.imports.identity import record_meant
from turnus.imports.plan import ContactRef, PlannedRow, Verdict
from turnus.imports.planned_columns import PlannedColumns
from turnus.imports.read_row import ReadRow
from turnus.imports.rows import RowReader
from turnus.kit.errors import UserError

_NAMES = ("name", "first_name", "last_name")


@dataclass(frozen=True, slots=True)
class MeantContact:
    """The contact that a row is about, the columns that it gives, and a person's organization."""

    ref: ContactRef
    columns: PlannedColumns
    organization: ContactRef | None


@dataclass(frozen=True, slots=True)
class PresentContact:
    """What a contact holds after the rows so far, and the organization of a person."""

    columns: StoredColumns
    organization: ContactRef | None


_BLANK = PresentContact({}, None)


class ContactPlanner:
    """A planner for rows of persons or of organizations, a block at a time."""

    def __init__(
        self, reader: RowReader, catalog: Catalog, viewer: Viewer
    ) -> None:
        self.reader = reader
        self.catalog = catalog
        self.kind = catalog.record
        self.viewer = viewer
        self.zone = company().zone
        self.contacts = ContactFinder(
            viewer.user, contact_answers(self.kind, reader.answers)
        )
        #: Contacts that an earlier row of the file is about.
        self.met: set[ContactRef] = set()
        #: Who bills with whom, with what the rows so far say of it.
        self.billing = (
            Billing.load()
            if self.kind is RecordKind.ORGANIZATION
            else Billing()
        )
        #: What the contacts of this block hold after the rows so far.
        self.present: dict[ContactRef, PresentContact] = {}

    def plan(self, read: Sequence[ReadRow]) -> list[PlannedRow]:
        """Return the plan of a block of rows."""
        live = [
            row for row in read if not row.is_empty and not row.has_problem
        ]
        existing = self._existing(self._ids_meant(live))
        self.present = {}
        return [self._row(row, existing) for row in read]

    def _ids_meant(self, rows: Sequence[ReadRow]) -> set[int]:
        """Return the ids of contacts that rows may mean, by ID or by name; looks the names up."""
        names = {_name(row) for row in rows} - {""}
        if self.kind is RecordKind.PERSON:
            employers = {
                str(row.values.get("organization") or "") for row in rows
            } - {""}
            self.contacts.look_up(employers, names)
            candidates = self.contacts.persons
        else:
            self.contacts.look_up(names, ())
            candidates = self.contacts.organizations
        ids = {
            cast("int", row.values["id"])
            for row in rows
            if row.values.get("id")
        }
        for name in names:
            for contact in candidates.get(name_key(name), ()):
                if contact.ref.id is not None:
                    ids.add(contact.ref.id)
        return ids

    def _existing(self, ids: set[int]) -> Mapping[int, StoredColumns]:
        """Return the columns of those contacts that may be changed.

        Persons have the name of their organization, as far as the user sees it, as `employer`.
        """
        editable_here = visible(self.viewer.user) & editable(self.viewer.user)
        if self.kind is not RecordKind.PERSON:
            organizations = Organization.objects.present().filter(
                editable_here, pk__in=ids
            )
            return rows_of(
                tracked(self.kind), organizations.values_list("pk", flat=True)
            )
        persons = Person.objects.present().filter(editable_here, pk__in=ids)
        names = names_seen(self.viewer.user, links=["organization"])
        named = cast(
            "Iterable[StoredColumns]",
            persons.annotate(**names).values("pk", *names),
        )
        employers = {
            person["pk"]: person["organization_name"] for person in named
        }
        rows = rows_of(tracked(self.kind), employers)
        return {
            pk: {**row, "employer": employers[pk]} for pk, row in rows.items()
        }

    def _row(
        self, row: ReadRow, existing: Mapping[int, StoredColumns]
    ) -> PlannedRow:
        if row.is_empty or row.is_skipped:
            return PlannedRow(row.number, _verdict(row), row.issues)
        before = record_meant(
            row,
            self.reader,
            existing,
            is_another=partial(_is_another, row, self.contacts.country),
        )
        columns = self._settled(row, before)
        if row.has_problem or row.is_waiting:
            return PlannedRow(row.number, _verdict(row), row.issues)
        employer = self._employer(row)
        found = None if before else self._found(columns, employer)
        existing_id = self._existing_id(before, found)
        if existing_id is not None and not self._may_become(
            existing_id, row, columns, existing
        ):
            return PlannedRow(row.number, Verdict.PROBLEM, row.issues)
        # Nothing refuses the row any more: only now may it plan contacts.
        organization = self._with_employer(row, employer, before)
        if before is not None:
            ref = ContactRef(before["id"])
        else:
            match = found or self._planned(columns, organization)
            self._note(row, match, columns, organization)
            ref = match.ref
        contact = MeantContact(ref, columns, organization)
        return self._about(contact, row, existing)

    def _existing_id(
        self, before: StoredColumns | None, found: Match | None
    ) -> int | None:
        if before is not None:
            contact_id: int = before["id"]
            return contact_id
        return None if found is None else found.ref.id

    def _may_become(
        self,
        contact: int,
        row: ReadRow,
        columns: PlannedColumns,
        existing: Mapping[int, StoredColumns],
    ) -> bool:
        """Return whether the row may change the existing contact; notes why not."""
        if contact not in existing:
            heading = self.reader.heading_of("id")
            row.add(
                IssueCode.RECORD_NOT_FOUND,
                Severity.PROBLEM,
                heading,
                id=contact,
            )
            return False
        if self._closes_circle(contact, columns):
            heading = self.reader.heading_of("bills_with")
            row.add(IssueCode.BILLS_WITH_ITSELF, Severity.PROBLEM, heading)
            return False
        return True

    def _with_employer(
        self,
        row: ReadRow,
        employer: PlannedColumns | None,
        before: StoredColumns | None,
    ) -> ContactRef | None:
        if employer is None:
            return None
        found = self.contacts.organization(
            employer, (before or {}).get("organization_id")
        )
        heading = self.reader.heading_of("organization")
        note_match(row, found, employer["name"], heading, "organization")
        return found.ref

    def _note(
        self,
        row: ReadRow,
        found: Match,
        columns: PlannedColumns,
        organization: ContactRef | None,
    ) -> None:
        """Note whom the row means, learn what it says of a person, and keep the contact's name."""
        note_match(
            row, found, columns["name"], self.reader.heading_of("name"), "name"
        )
        if self.kind is RecordKind.PERSON:
            emails = columns.get("emails", [])
            phones = columns.get("phones", [])
            points = identifying_points(emails, phones, self.contacts.country)
            self.contacts.learn(found.contact, organization, points)
        if found.contact.name != columns["name"]:
            del columns["name"]
        if found.likeness is Likeness.TAKEN:
            columns.pop("first_name", None)
            columns.pop("last_name", None)

    def _closes_circle(
        self, organization: int, columns: PlannedColumns
    ) -> bool:
        parent = columns.get("bills_with_id")
        if parent is None:
            return False
        if self.billing.closes(organization, parent):
            return True
        self.billing.parents[organization] = parent
        return False

    def _settled(
        self, row: ReadRow, before: StoredColumns | None
    ) -> PlannedColumns:
        """Return the columns of the row, without its organization; notes what is missing."""
        if row.has_problem or row.is_waiting:
            return {}
        if before is None and not _name(row):
            heading = self.reader.heading_of("name")
            row.add(
                IssueCode.REQUIRED_MISSING,
                Severity.PROBLEM,
                heading,
                field="name",
            )
            return {}
        values = {**row.values}
        if self.kind is RecordKind.PERSON:
            values.pop("organization", None)
        created = cast("date | None", values.get("created_at"))
        if created is not None:  # files have clocks of the company's zone
            values["created_at"] = moment_at(created, self.zone)
        stored = before or {}
        names = {key: stored[key] for key in _NAMES if stored.get(key)}
        try:
            return cast("PlannedColumns", settle(values, names, self.catalog))
        except UserError as error:
            heading = self.reader.heading_of("name")
            row.add(
                IssueCode.REQUIRED_MISSING,
                Severity.PROBLEM,
                heading,
                field=error.code,
            )
            return {}

    def _employer(self, row: ReadRow) -> PlannedColumns | None:
        if self.kind is not RecordKind.PERSON:
            return None
        name = row.values.get("organization")
        return {"name": " ".join(str(name).split())} if name else None

    def _found(
        self, columns: PlannedColumns, employer: PlannedColumns | None
    ) -> Match | None:
        if self.kind is not RecordKind.PERSON:
            return self.contacts.known_organization(columns)
        if employer is None:
            return self.contacts.known_person(columns, None)
        organization = self.contacts.known_organization(employer)
        ref = UNPLANNED if organization is None else organization.ref
        return self.contacts.known_person(columns, ref)

    def _planned(
        self, columns: PlannedColumns, organization: ContactRef | None
    ) -> Match:
        if self.kind is RecordKind.PERSON:
            return self.contacts.person(columns, organization)
        return self.contacts.organization(columns)

    def _about(
        self,
        contact: MeantContact,
        row: ReadRow,
        existing: Mapping[int, StoredColumns],
    ) -> PlannedRow:
        """Return the plan of a row; later rows of one file add to what an earlier one brings."""
        ref = contact.ref
        is_first = ref not in self.met
        self.met.add(ref)
        planned = PlannedRow(row.number, Verdict.NEW, row.issues)
        if self.kind is RecordKind.PERSON:
            planned.organization = contact.organization
            planned.person = ref
        else:
            planned.organization = ref
        if not is_first:
            self._add(planned, contact)
        elif ref.id is None:
            columns = cast("StoredColumns", contact.columns)
            self.present[ref] = PresentContact(columns, contact.organization)
        else:
            planned.person = None
            planned.organization = contact.organization
            before = existing[ref.id]
            self._update(planned, contact, before)
            self.present[ref] = PresentContact(
                {**before, **planned.columns}, contact.organization
            )
        return planned

    def _add(self, planned: PlannedRow, contact: MeantContact) -> None:
        """Let a row add to the contact that an earlier row of the file is about."""
        present = self.present.get(contact.ref, _BLANK)
        wanted = PlannedColumns(**contact.columns)
        wanted.pop("name", None)
        wanted.pop("created_at", None)
        whole = completed(present.columns, wanted, self.contacts.country)
        new = {
            key: value
            for key, value in whole.items()
            if value != present.columns.get(key)
        }
        planned.added = cast("PlannedColumns", new)
        is_person = self.kind is RecordKind.PERSON
        if (
            contact.organization is None
            or contact.organization == present.organization
        ):
            planned.organization = None if is_person else contact.ref
        changes_employer = is_person and planned.organization is not None
        planned.verdict = (
            Verdict.UPDATE
            if planned.added or changes_employer
            else Verdict.SKIP
        )
        organization = contact.organization or present.organization
        self.present[contact.ref] = PresentContact(
            {**present.columns, **whole}, organization
        )

    def _update(
        self, planned: PlannedRow, contact: MeantContact, before: StoredColumns
    ) -> None:
        """Let a row change an existing contact."""
        wanted = PlannedColumns(**contact.columns)
        wanted.pop("created_at", None)
        columns = completed(before, wanted, self.contacts.country)
        organization = contact.organization
        if organization is not None and organization.id is not None:
            columns["organization_id"] = organization.id
        planned.columns = columns
        planned.record_id = before["id"]
        planned.changes = differences(before, columns)
        joins_new = organization is not None and organization.is_new
        planned.verdict = (
            Verdict.UPDATE if planned.changes or joins_new else Verdict.SAME
        )


def _is_another(row: ReadRow, country: str, before: StoredColumns) -> bool:
    """Return whether a row with a contact's ID can hardly be that contact.

    Its name and all else that tells contacts apart differ.
    """
    if not _name(row):
        return False
    emails = cast("Sequence[ContactPoint]", row.values.get("emails") or ())
    phones = cast("Sequence[ContactPoint]", row.values.get("phones") or ())
    points = identifying_points(
        stored_points(emails), stored_points(phones), country
    )
    own_points = identifying_points(
        before.get("emails") or (), before.get("phones") or (), country
    )
    if points & own_points:
        return False
    pairs = [(_name(row), before["name"])]
    if row.values.get("organization"):
        pairs.append(
            (str(row.values["organization"]), before.get("employer") or "")
        )
    if row.values.get("address"):
        pairs.append((str(row.values["address"]), before.get("address") or ""))
    return all(likeness(given, own) is None for given, own in pairs)


def _name(row: ReadRow) -> str:
    name = row.values.get("name")
    if name:
        return str(name).strip()
    first_name = row.values.get("first_name") or ""
    last_name = row.values.get("last_name") or ""
    return f"{first_name} {last_name}".strip()


def name_person(row: ReadRow) -> None:
    """Make the name of a row's person from a first and a last name in two columns."""
    if row.values.get("person"):
        return
    parts = [
        row.values.get(f"person.{part}")
        for part in ("first_name", "last_name")
    ]
    name = " ".join(str(part) for part in parts if part)
    if name:
        row.values["person"] = name


def _verdict(row: ReadRow) -> Verdict:
    if row.has_problem:
        return Verdict.PROBLEM
    return Verdict.QUESTION if row.is_waiting else Verdict.SKIP
