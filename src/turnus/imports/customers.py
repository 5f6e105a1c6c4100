"""The organization and the person that a row of deals or subscriptions names: found by name, or planned as new ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from turnus.accounts.models import User
from turnus.contacts.rules import settle
from turnus.core.issues import IssueCode, Severity
from turnus.core.naming import Likeness, spelling
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog
from turnus.imports.contacts import Answers, ContactFinder, Match
from turnus.imports.plan import ContactRef
from turnus.imports.questions import choice_of
from turnus.imports.rows import ReadRow, RowReader

_KINDS = {"organization": RecordKind.ORGANIZATION, "person": RecordKind.PERSON}


class Customers:
    """Finds the contacts of rows for one check."""

    def __init__(self, reader: RowReader, catalog: Catalog, user: User) -> None:
        self.reader = reader
        self.catalog = catalog
        self.finder = ContactFinder(user, contact_answers(catalog.record, reader.answers))
        self.paths = {
            link: [one.path for one in reader.columns if one.path.startswith(f"{link}.")]
            for link in _KINDS
        }

    def look_up(self, rows: Sequence[ReadRow]) -> None:
        """Read the contacts that a block of rows names; four queries at the most."""
        names = [{str(row.values[link]) for row in rows if row.values.get(link)} for link in _KINDS]
        self.finder.look_up(*names)

    def check(self, row: ReadRow) -> None:
        """Note it if a row names no contact."""
        if (
            not row.values.get("organization")
            and not row.values.get("person")
            and not row.has_problem
        ):
            row.add(IssueCode.CONTACT_MISSING, Severity.PROBLEM, self.reader.heading_of("person"))

    def known(self, row: ReadRow) -> tuple[ContactRef | None, ContactRef | None]:
        """Return a row's contacts if they are there already, both None with an organization that is new; plans nothing."""
        organization = person = None
        if row.values.get("organization"):
            found = self.finder.known_organization(self._columns(row, "organization"))
            if found is None:
                return None, None
            organization = found.ref
        if row.values.get("person"):
            found = self.finder.known_person(self._columns(row, "person"), organization)
            person = found.ref if found else None
        return organization, person

    def planned(
        self, row: ReadRow, before: Mapping[str, Any] | None = None
    ) -> tuple[ContactRef | None, ContactRef | None]:
        """Return a row's contacts; those that are not there yet are planned, and it is noted who is taken for whom.

        `before` is the record that the row changes: of several contacts of one name, those that it has are meant.
        """
        organization = person = None
        held = before or {}
        if row.values.get("organization"):
            columns = self._columns(row, "organization")
            found = self.finder.organization(columns, held.get("organization_id"))
            note_match(
                row, found, columns["name"], self.reader.heading_of("organization"), "organization"
            )
            organization = found.ref
        if row.values.get("person"):
            columns = self._columns(row, "person")
            found = self.finder.person(columns, organization, held.get("person_id"))
            note_match(row, found, columns["name"], self.reader.heading_of("person"), "person")
            person = found.ref
        return organization, person

    def added(self, row: ReadRow, person: ContactRef | None) -> dict[str, Any]:
        """Return the e-mails and phones that a row says of its person and that are new."""
        if person is None or not self.paths["person"]:
            return {}
        points: dict[str, Any] = {
            column: row.values.get(f"person.{column}") or () for column in ("emails", "phones")
        }
        return self.finder.add_points(person, points)

    def _columns(self, row: ReadRow, link: str) -> dict[str, Any]:
        paths = self.paths[link]
        if not paths:
            return {"name": " ".join(str(row.values[link]).split())}
        values = {
            path.removeprefix(f"{link}."): row.values.get(path)
            for path in paths
            if row.values.get(path)
        }
        keys = {*values, "name"}
        fields = Catalog(_KINDS[link], {key: self.catalog[f"{link}.{key}"] for key in keys})
        return dict(settle({**values, "name": row.values[link]}, {}, fields))


def contact_answers(kind: RecordKind, answers: Mapping[str, Any]) -> dict[RecordKind, Answers]:
    """Return what was answered about the names of contacts in a file of records of `kind`."""
    if kind in {RecordKind.PERSON, RecordKind.ORGANIZATION}:
        return name_answers(answers, {"name": kind, "organization": RecordKind.ORGANIZATION})
    return name_answers(answers, _KINDS)


def name_answers(
    answers: Mapping[str, Any], kinds: Mapping[str, RecordKind]
) -> dict[RecordKind, Answers]:
    """Return what was answered about names: `{"organization:Muller GmbH": {"do": "create"}}`, or `map` with an id.

    `kinds` are the fields whose names are asked about, with the kinds of contact that they name.
    """
    found: dict[RecordKind, dict[str, int | None]] = {}
    for key, answer in answers.items():
        path, _, name = key.partition(":")
        choice = choice_of(answers, key)
        if path not in kinds or not name or choice not in {"map", "create"}:
            continue
        contact = int(answer["to"]) if choice == "map" else None
        found.setdefault(kinds[path], {})[spelling(name)] = contact
    return dict(found)


def note_match(row: ReadRow, match: Match, name: str, heading: str | None, path: str) -> None:
    """Note it if a contact is not certainly the one that the row calls `name`; `path` is the field that names it."""
    known = match.contact
    if match.likeness is Likeness.TAKEN:
        row.add(
            IssueCode.TAKEN_FOR, Severity.WARNING, heading, name=known.name, said=name, path=path
        )
    if match.is_elsewhere:
        row.add(IssueCode.PERSON_ELSEWHERE, Severity.WARNING, heading, name=known.name)
    if match.count > 1:
        row.add(
            IssueCode.CONTACTS_ALIKE, Severity.WARNING, heading, name=known.name, count=match.count
        )
