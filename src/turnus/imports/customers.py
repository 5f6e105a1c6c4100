"""The contacts that a row of deals or subscriptions names: found by name, or planned as new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from turnus.accounts.models import User
from turnus.contacts.changes import StoredPoint
from turnus.contacts.rules import settle
from turnus.core.fields import ContactPoint
from turnus.core.issues import IssueCode, Severity
from turnus.core.naming import Likeness, spelling
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog
from turnus.fields.columns import StoredColumns
from turnus.imports.contact_finder import Answers, ContactFinder, Match
from turnus.imports.contact_points import stored_points
from turnus.imports.plan import ContactRef
from turnus.imports.planned_columns import PlannedColumns, PointsAdded
from turnus.imports.questions import StoredAnswers, choice_of, id_answered
from turnus.imports.read_row import ReadRow
from turnus.imports.rows import RowReader

_KINDS = {"organization": RecordKind.ORGANIZATION, "person": RecordKind.PERSON}


@dataclass(frozen=True, slots=True)
class RowContacts:
    """The organization and the person that a row is about; None where it names none."""

    organization: ContactRef | None = None
    person: ContactRef | None = None


class Customers:
    """The contacts of the rows of one check."""

    def __init__(
        self, reader: RowReader, catalog: Catalog, user: User
    ) -> None:
        self.reader = reader
        self.catalog = catalog
        answers = contact_answers(catalog.record, reader.answers)
        self.finder = ContactFinder(user, answers)
        paths = [column.path for column in reader.columns]
        self.paths: dict[str, list[str]] = {}
        for link in _KINDS:
            prefix = f"{link}."
            self.paths[link] = [
                path for path in paths if path.startswith(prefix)
            ]

    def look_up(self, rows: Sequence[ReadRow]) -> None:
        """Read the contacts that a block of rows names; four queries at the most."""
        self.finder.look_up(
            _names(rows, "organization"), _names(rows, "person")
        )

    def check(self, row: ReadRow) -> None:
        """Note it if a row names no contact."""
        names_contact = row.values.get("organization") or row.values.get(
            "person"
        )
        if not names_contact and not row.has_problem:
            row.add(
                IssueCode.CONTACT_MISSING,
                Severity.PROBLEM,
                self.reader.heading_of("person"),
            )

    def known(self, row: ReadRow) -> RowContacts:
        """Return a row's existing contacts, none if its organization is new; plans nothing."""
        organization = person = None
        if row.values.get("organization"):
            found = self.finder.known_organization(
                self._columns(row, "organization")
            )
            if found is None:
                return RowContacts()
            organization = found.ref
        if row.values.get("person"):
            found = self.finder.known_person(
                self._columns(row, "person"), organization
            )
            person = found.ref if found else None
        return RowContacts(organization, person)

    def planned(
        self, row: ReadRow, before: StoredColumns | None = None
    ) -> RowContacts:
        """Return a row's contacts, planning new ones; notes who is taken for whom.

        `before` is the record that the row changes: of several contacts with one name, it means
        those that the record has.
        """
        organization = person = None
        stored = before or {}
        if row.values.get("organization"):
            columns = self._columns(row, "organization")
            found = self.finder.organization(
                columns, stored.get("organization_id")
            )
            note_match(
                row,
                found,
                columns["name"],
                self.reader.heading_of("organization"),
                "organization",
            )
            organization = found.ref
        if row.values.get("person"):
            columns = self._columns(row, "person")
            found = self.finder.person(
                columns, organization, stored.get("person_id")
            )
            note_match(
                row,
                found,
                columns["name"],
                self.reader.heading_of("person"),
                "person",
            )
            person = found.ref
        return RowContacts(organization, person)

    def added(self, row: ReadRow, person: ContactRef | None) -> PlannedColumns:
        """Return the emails and phones that a row says of its person and that are new."""
        if person is None or not self.paths["person"]:
            return {}
        emails = _points(row, "person.emails")
        phones = _points(row, "person.phones")
        return self.finder.add_points(
            person, PointsAdded(emails=emails, phones=phones)
        )

    def _columns(self, row: ReadRow, link: str) -> PlannedColumns:
        paths = self.paths[link]
        if not paths:
            return {"name": " ".join(str(row.values[link]).split())}
        values = {}
        for path in paths:
            value = row.values.get(path)
            if value:
                values[path.removeprefix(f"{link}.")] = value
        keys = {*values, "name"}
        fields = Catalog(
            _KINDS[link], {key: self.catalog[f"{link}.{key}"] for key in keys}
        )
        settled = settle({**values, "name": row.values[link]}, {}, fields)
        return cast("PlannedColumns", settled)


def _names(rows: Sequence[ReadRow], link: str) -> set[str]:
    return {str(row.values[link]) for row in rows if row.values.get(link)}


def _points(row: ReadRow, path: str) -> list[StoredPoint]:
    return stored_points(
        cast("Sequence[ContactPoint]", row.values.get(path) or ())
    )


def contact_answers(
    kind: RecordKind, answers: StoredAnswers
) -> dict[RecordKind, Answers]:
    """Return what was answered about the names of contacts in a file of records of `kind`."""
    if kind in {RecordKind.PERSON, RecordKind.ORGANIZATION}:
        return name_answers(
            answers, {"name": kind, "organization": RecordKind.ORGANIZATION}
        )
    return name_answers(answers, _KINDS)


def name_answers(
    answers: StoredAnswers, kinds: Mapping[str, RecordKind]
) -> dict[RecordKind, Answers]:
    """Return what was answered about names: `{"organization:Muller GmbH": {"do": "create"}}`.

    Or `map` with an id. `kinds` are the fields whose names are asked about, with the kinds of
    contact that they name.
    """
    found: dict[RecordKind, dict[str, int | None]] = {}
    for key in answers:
        path, _, name = key.partition(":")
        choice = choice_of(answers, key)
        if path not in kinds or not name or choice not in {"map", "create"}:
            continue
        contact = id_answered(answers, key) if choice == "map" else None
        found.setdefault(kinds[path], {})[spelling(name)] = contact
    return dict(found)


def note_match(
    row: ReadRow, match: Match, name: str, heading: str | None, path: str
) -> None:
    """Note it if the contact may not be the one that the row calls `name` in the field `path`."""
    contact = match.contact
    if match.likeness is Likeness.TAKEN:
        row.add(
            IssueCode.TAKEN_FOR,
            Severity.WARNING,
            heading,
            name=contact.name,
            said=name,
            path=path,
        )
    if match.is_elsewhere:
        row.add(
            IssueCode.PERSON_ELSEWHERE,
            Severity.WARNING,
            heading,
            name=contact.name,
        )
    if match.count > 1:
        row.add(
            IssueCode.CONTACTS_ALIKE,
            Severity.WARNING,
            heading,
            name=contact.name,
            count=match.count,
        )
