"""The organisation and the person that a row of deals or subscriptions names: found by name, or planned as new ones."""

from collections.abc import Sequence
from typing import Any

from turnus.accounts.models import User
from turnus.contacts.rules import settle
from turnus.core.issues import IssueCode, Severity
from turnus.core.records import RecordKind
from turnus.fields.catalogue import Catalogue
from turnus.imports.contacts import ContactFinder
from turnus.imports.plan import ContactRef
from turnus.imports.rows import ReadRow, RowReader

_KINDS = {"organisation": RecordKind.ORGANISATION, "person": RecordKind.PERSON}


class Customers:
    """Finds the contacts of rows for one check."""

    def __init__(self, reader: RowReader, catalogue: Catalogue, user: User) -> None:
        self.reader = reader
        self.catalogue = catalogue
        self.finder = ContactFinder(user)
        self.paths = {link: [one.path for one in reader.columns if one.path.startswith(f"{link}.")] for link in _KINDS}

    def look_up(self, rows: Sequence[ReadRow]) -> None:
        """Read the contacts that a block of rows names; four queries at the most."""
        self.finder.look_up(*({str(row.values[link]) for row in rows if row.values.get(link)} for link in _KINDS))

    def check(self, row: ReadRow) -> None:
        """Note it if a row names no contact."""
        if not row.values.get("organisation") and not row.values.get("person") and not row.has_problem:
            row.add(IssueCode.CONTACT_MISSING, Severity.PROBLEM, self.reader.heading_of("person"))

    def known(self, row: ReadRow) -> tuple[ContactRef | None, ContactRef | None]:
        """Return a row's contacts if they are there already, both None with an organisation that is new; plans nothing."""
        organisation = person = None
        if row.values.get("organisation"):
            organisation = self.finder.known_organisation(self._columns(row, "organisation"))
            if organisation is None:
                return None, None
        if row.values.get("person"):
            person = self.finder.known_person(self._columns(row, "person"), organisation)
        return organisation, person

    def planned(self, row: ReadRow) -> tuple[ContactRef | None, ContactRef | None]:
        """Return a row's contacts; those that are not there yet are planned."""
        organisation = person = None
        if row.values.get("organisation"):
            organisation = self.finder.organisation(self._columns(row, "organisation"))
        if row.values.get("person"):
            person = self.finder.person(self._columns(row, "person"), organisation)
        return organisation, person

    def added(self, row: ReadRow, person: ContactRef | None) -> dict[str, Any]:
        """Return the e-mails and phones that a row says of its person and that are new."""
        if person is None:
            return {}
        points: dict[str, Any] = {column: row.values.get(f"person.{column}") or () for column in ("emails", "phones")}
        return self.finder.add_points(str(row.values["person"]), person, points)

    def _columns(self, row: ReadRow, link: str) -> dict[str, Any]:
        paths = self.paths[link]
        if not paths:
            return {"name": " ".join(str(row.values[link]).split())}
        values = {path.removeprefix(f"{link}."): row.values.get(path) for path in paths if row.values.get(path)}
        keys = {*values, "name"}
        fields = Catalogue(_KINDS[link], {key: self.catalogue[f"{link}.{key}"] for key in keys})
        return settle({**values, "name": row.values[link]}, {}, fields)
