"""From the values of a row to a planned person or organization: known ones are completed, others are new."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from turnus.accounts.access import editable, visible
from turnus.accounts.queries import company
from turnus.accounts.viewer import Viewer
from turnus.contacts.billing import Billing
from turnus.contacts.models import Organization, Person
from turnus.contacts.queries import names_seen
from turnus.contacts.rules import settle
from turnus.core.calendar import moment_at
from turnus.core.issues import IssueCode, Severity
from turnus.core.naming import Likeness, likeness, name_key
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog
from turnus.history.actions import rows_of
from turnus.history.cells import differences
from turnus.history.tracked import tracked
from turnus.imports.contacts import UNPLANNED, ContactFinder, Match, completed, points_of
from turnus.imports.customers import contact_answers, note_match
from turnus.imports.identity import record_meant
from turnus.imports.plan import ContactRef, PlannedRow, Verdict
from turnus.imports.rows import ReadRow, RowReader
from turnus.kit.errors import UserError

_NAMES = ("name", "first_name", "last_name")


class ContactPlanner:
    """Plans rows of persons or of organizations, a block at a time."""

    def __init__(self, reader: RowReader, catalog: Catalog, viewer: Viewer) -> None:
        self.reader = reader
        self.catalog = catalog
        self.kind = catalog.record
        self.viewer = viewer
        self.zone = company().zone
        self.contacts = ContactFinder(viewer.user, contact_answers(self.kind, reader.answers))
        #: Contacts that a row of the file stands for already.
        self.met: set[ContactRef] = set()
        #: Who bills with whom, with what the rows so far say of it.
        self.billing = Billing.load() if self.kind is RecordKind.ORGANIZATION else Billing()
        #: What those of the block at hand hold after the rows seen so far.
        self.held: dict[ContactRef, Mapping[str, Any]] = {}

    def plan(self, read: Sequence[ReadRow]) -> list[PlannedRow]:
        """Return the plan of a block of rows."""
        live = [row for row in read if not row.is_empty and not row.has_problem]
        names = {_name(row) for row in live} - {""}
        employers = {
            str(row.values["organization"]) for row in live if row.values.get("organization")
        }
        is_person = self.kind is RecordKind.PERSON
        self.contacts.look_up(employers if is_person else names, names if is_person else ())
        candidates = self.contacts.persons if is_person else self.contacts.organizations
        ids: set[Any] = {row.values["id"] for row in live if row.values.get("id")}
        ids |= {
            known.ref.id
            for name in names
            for known in candidates.get(name_key(name), ())
            if known.ref.id
        }
        known = self._known(ids)
        self.held = {}
        return [self._row(row, known) for row in read]

    def _known(self, ids: set[int]) -> Mapping[int, Mapping[str, Any]]:
        """Return the columns of those contacts that may be changed, with the name of a person's organization."""
        model: Any = Person if self.kind is RecordKind.PERSON else Organization
        mine = visible(self.viewer.user) & editable(self.viewer.user)
        allowed = model.objects.present().filter(mine, pk__in=ids)
        if self.kind is not RecordKind.PERSON:
            return rows_of(tracked(self.kind), allowed.values_list("pk", flat=True))
        names = names_seen(self.viewer.user, links=["organization"])
        employers = dict(allowed.annotate(**names).values_list("pk", "organization_name"))
        rows = rows_of(tracked(self.kind), employers)
        return {pk: {**row, "employer": employers[pk]} for pk, row in rows.items()}

    def _row(self, row: ReadRow, known: Mapping[int, Mapping[str, Any]]) -> PlannedRow:
        if row.is_empty or row.is_skipped:
            return PlannedRow(row.number, _verdict(row), row.issues)
        before = record_meant(
            row, self.reader, known, is_another=partial(_is_another, row, self.contacts.country)
        )
        columns = self._settled(row, before)
        if row.has_problem or row.is_waiting:
            return PlannedRow(row.number, _verdict(row), row.issues)
        employer = self._employer(row)
        found = None if before else self._found(columns, employer)
        ref = ContactRef(before["id"]) if before else found and found.ref
        if ref and ref.id is not None and ref.id not in known:
            row.add(
                IssueCode.RECORD_NOT_FOUND,
                Severity.PROBLEM,
                self.reader.heading_of("id"),
                id=ref.id,
            )
            return PlannedRow(row.number, Verdict.PROBLEM, row.issues)
        if ref and ref.id is not None and self._closes_circle(ref.id, columns):
            row.add(
                IssueCode.BILLS_WITH_ITSELF, Severity.PROBLEM, self.reader.heading_of("bills_with")
            )
            return PlannedRow(row.number, Verdict.PROBLEM, row.issues)
        # Nothing refuses the row any more: only now may it plan contacts.
        organization = self._with_employer(row, employer, before)
        if found is None and ref is None:
            found = self._planned(columns, organization)
        if found is not None:
            self._note(row, found, columns, organization)
        return self._standing_for(ref or found.ref, row, columns, organization, known)  # type: ignore[union-attr]  # one of them is there

    def _with_employer(
        self, row: ReadRow, employer: Mapping[str, Any] | None, before: Mapping[str, Any] | None
    ) -> ContactRef | None:
        if employer is None:
            return None
        found = self.contacts.organization(employer, (before or {}).get("organization_id"))
        note_match(
            row, found, employer["name"], self.reader.heading_of("organization"), "organization"
        )
        return found.ref

    def _note(
        self, row: ReadRow, found: Match, columns: dict[str, Any], organization: ContactRef | None
    ) -> None:
        """Note for whom the row is taken, learn what it says of a person, and leave the contact its own name."""
        note_match(row, found, columns["name"], self.reader.heading_of("name"), "name")
        if self.kind is RecordKind.PERSON:
            points = points_of(
                columns.get("emails") or (), columns.get("phones") or (), self.contacts.country
            )
            self.contacts.learn(found.contact, organization, points)
        if found.contact.name != columns["name"]:
            del columns["name"]
        if found.likeness is Likeness.TAKEN:
            for key in ("first_name", "last_name"):
                columns.pop(key, None)

    def _closes_circle(self, organization: int, columns: Mapping[str, Any]) -> bool:
        parent = columns.get("bills_with_id")
        if parent is None:
            return False
        if self.billing.closes(organization, parent):
            return True
        self.billing.parents[organization] = parent
        return False

    def _settled(self, row: ReadRow, before: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the columns that the row gives, without its organization; notes what is missing."""
        if row.has_problem or row.is_waiting:
            return {}
        if before is None and not _name(row):
            row.add(
                IssueCode.REQUIRED_MISSING,
                Severity.PROBLEM,
                self.reader.heading_of("name"),
                field="name",
            )
            return {}
        values = {**row.values}
        if self.kind is RecordKind.PERSON:
            values.pop("organization", None)
        created: Any = values.get("created_at")
        if created is not None:  # files have clocks of the company's zone
            values["created_at"] = moment_at(created, self.zone)
        names = {key: held for key in _NAMES if (held := (before or {}).get(key))}
        try:
            return dict(settle(values, names, self.catalog))
        except UserError as error:
            row.add(
                IssueCode.REQUIRED_MISSING,
                Severity.PROBLEM,
                self.reader.heading_of("name"),
                field=error.code,
            )
            return {}

    def _employer(self, row: ReadRow) -> dict[str, Any] | None:
        given = row.values.get("organization") if self.kind is RecordKind.PERSON else None
        return {"name": " ".join(str(given).split())} if given else None

    def _found(
        self, columns: Mapping[str, Any], employer: Mapping[str, Any] | None
    ) -> Match | None:
        if self.kind is not RecordKind.PERSON:
            return self.contacts.known_organization(columns)
        if employer is None:
            return self.contacts.known_person(columns, None)
        organization = self.contacts.known_organization(employer)
        return self.contacts.known_person(columns, organization.ref if organization else UNPLANNED)

    def _planned(self, columns: Mapping[str, Any], organization: ContactRef | None) -> Match:
        if self.kind is RecordKind.PERSON:
            return self.contacts.person(columns, organization)
        return self.contacts.organization(columns)

    def _standing_for(
        self,
        ref: ContactRef,
        row: ReadRow,
        columns: dict[str, Any],
        organization: ContactRef | None,
        known: Mapping[int, Mapping[str, Any]],
    ) -> PlannedRow:
        """Return the plan of a row for the contact `ref`; later rows of one file add to what an earlier one brings."""
        is_first = ref not in self.met
        self.met.add(ref)
        planned = PlannedRow(row.number, Verdict.NEW, row.issues)
        planned.organization, planned.person = (
            (organization, ref) if self.kind is RecordKind.PERSON else (ref, None)
        )
        if not is_first:
            self._add(planned, ref, columns, organization)
        elif ref.id is None:
            self.held[ref] = {**columns, "organization": organization}
        else:
            planned.person, planned.organization = None, organization
            self._update(planned, known[ref.id], columns, organization)
            self.held[ref] = {**known[ref.id], **planned.columns, "organization": organization}
        return planned

    def _add(
        self,
        planned: PlannedRow,
        ref: ContactRef,
        columns: dict[str, Any],
        organization: ContactRef | None,
    ) -> None:
        held = self.held.get(ref, {})
        given = {key: value for key, value in columns.items() if key not in {"name", "created_at"}}
        whole = completed(held, given, self.contacts.country)
        planned.added = {key: value for key, value in whole.items() if value != held.get(key)}
        if organization is None or organization == held.get("organization"):
            planned.organization = None if self.kind is RecordKind.PERSON else ref
        is_more = bool(planned.added) or (
            self.kind is RecordKind.PERSON and planned.organization is not None
        )
        planned.verdict = Verdict.UPDATE if is_more else Verdict.SKIP
        self.held[ref] = {**held, **whole, "organization": organization or held.get("organization")}

    def _update(
        self,
        planned: PlannedRow,
        before: Mapping[str, Any],
        columns: dict[str, Any],
        organization: ContactRef | None,
    ) -> None:
        columns.pop("created_at", None)
        columns = completed(before, columns, self.contacts.country)
        if organization is not None and organization.id is not None:
            columns["organization_id"] = organization.id
        waits = organization is not None and organization.id is None
        planned.columns, planned.record_id = columns, before["id"]
        planned.changes = differences(before, columns)
        planned.verdict = Verdict.UPDATE if planned.changes or waits else Verdict.SAME


def _is_another(row: ReadRow, country: str, before: Mapping[str, Any]) -> bool:
    """Return whether a row with a contact's ID can hardly be that contact: its name and all else that tells contacts apart differ."""
    if not _name(row):
        return False
    pairs = [(_name(row), before["name"])]
    pairs += [(str(row.values[key]), held) for key, held in _telling(before) if row.values.get(key)]
    emails: Any = row.values.get("emails") or ()
    phones: Any = row.values.get("phones") or ()
    held = points_of(before.get("emails") or (), before.get("phones") or (), country)
    is_reached = points_of(emails, phones, country) & held
    return not is_reached and all(likeness(given, held) is None for given, held in pairs)


def _telling(before: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "organization", before.get("employer") or ""
    yield "address", before.get("address") or ""


def _name(row: ReadRow) -> str:
    given = (
        row.values.get("name")
        or f"{row.values.get('first_name') or ''} {row.values.get('last_name') or ''}"
    )
    return str(given).strip()


def name_person(row: ReadRow) -> None:
    """Let the first and last name of a deal's or subscription's person, in two columns, be its name."""
    if row.values.get("person"):
        return
    parts = [row.values.get(f"person.{part}") for part in ("first_name", "last_name")]
    name = " ".join(str(part) for part in parts if part)
    if name:
        row.values["person"] = name


def _verdict(row: ReadRow) -> Verdict:
    if row.has_problem:
        return Verdict.PROBLEM
    return Verdict.QUESTION if row.is_waiting else Verdict.SKIP
