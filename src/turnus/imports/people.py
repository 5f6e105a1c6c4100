"""From the values of a row to a planned person or organisation: known ones are completed, others are new."""

from collections.abc import Mapping, Sequence
from typing import Any

from turnus.accounts.access import editable, visible
from turnus.accounts.queries import company
from turnus.contacts.models import Organisation, Person
from turnus.contacts.rules import settle
from turnus.core.calendar import moment_at
from turnus.core.fields import point_key
from turnus.core.fields.points import USUAL_LABEL
from turnus.core.issues import IssueCode, Severity
from turnus.core.records import RecordKind
from turnus.fields.catalogue import Catalogue
from turnus.fields.values import merged_cells
from turnus.history.actions import rows_of
from turnus.history.cells import differences
from turnus.history.tracked import tracked
from turnus.imports.contacts import ContactFinder
from turnus.imports.deals import Occasion
from turnus.imports.plan import ContactRef, PlannedRow, Verdict
from turnus.imports.rows import ReadRow, RowReader
from turnus.kit.errors import UserError

#: Columns whose new values are added to those a contact has; all others replace what was there.
_ADDED = ("emails", "phones")


class ContactPlanner:
    """Plans rows of persons or of organisations, a block at a time."""

    def __init__(self, reader: RowReader, catalogue: Catalogue, occasion: Occasion) -> None:
        self.reader = reader
        self.catalogue = catalogue
        self.kind = catalogue.record
        self.occasion = occasion
        self.zone = company().zone
        self.contacts = ContactFinder(occasion.user)
        #: Numbers of new contacts by row, so that a later row of the file that means the same one is skipped.
        self.planned_numbers: set[int] = set()

    def plan(self, read: Sequence[ReadRow]) -> list[PlannedRow]:
        """Return the plan of a block of rows."""
        live = [row for row in read if not row.is_empty and not row.has_problem]
        names = {_name(row) for row in live} - {""}
        if self.kind is RecordKind.PERSON:
            self.contacts.look_up(
                {str(row.values["organisation"]) for row in live if row.values.get("organisation")}, names
            )
        else:
            self.contacts.look_up(names, ())
        found = [self._found(row) for row in read]
        known = self._known([one for pair in found if pair for one in [pair[0].id] if one])
        return [self._row(row, pair, known) for row, pair in zip(read, found, strict=True)]

    def _found(self, row: ReadRow) -> tuple[ContactRef, dict[str, Any], ContactRef | None] | None:
        """Return the contact that the row means, the columns it gives, and for a person its organisation."""
        if row.is_empty or row.is_skipped:
            return None
        target = row.values.pop("id", None)
        if not _name(row) and target is None:
            row.add(IssueCode.REQUIRED_MISSING, Severity.PROBLEM, self.reader.heading_of("name"), field="name")
        if row.has_problem or row.is_waiting:
            return None
        organisation = None
        values = self._dated(row.values)
        employer = values.pop("organisation", None)
        if self.kind is RecordKind.PERSON and employer:
            organisation = self.contacts.organisation({"name": " ".join(str(employer).split())})
        try:
            columns = settle(values, {"name": "-"} if target else {}, self.catalogue)
        except UserError as error:
            row.add(IssueCode.REQUIRED_MISSING, Severity.PROBLEM, self.reader.heading_of("name"), field=error.code)
            return None
        if isinstance(target, int):
            return ContactRef(target), columns, organisation
        if self.kind is RecordKind.PERSON:
            return self.contacts.person(columns, organisation), columns, organisation
        return self.contacts.organisation(columns), columns, organisation

    def _dated(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with the time of creation as a moment: files have clocks of the company's zone."""
        created = values.get("created_at")
        return {**values} if created is None else {**values, "created_at": moment_at(created, self.zone)}

    def _known(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
        model: Any = Person if self.kind is RecordKind.PERSON else Organisation
        mine = visible(self.occasion.user) & editable(self.occasion.user)
        allowed = model.objects.present().filter(mine, pk__in=set(ids)).values_list("pk", flat=True)
        return rows_of(tracked(self.kind), allowed)

    def _row(
        self,
        row: ReadRow,
        found: tuple[ContactRef, dict[str, Any], ContactRef | None] | None,
        known: Mapping[int, Mapping[str, Any]],
    ) -> PlannedRow:
        if found is None:
            return PlannedRow(row.number, _verdict(row), row.issues)
        ref, columns, organisation = found
        if ref.id is None:
            is_first = ref.number not in self.planned_numbers
            self.planned_numbers.add(ref.number or 0)
            own = {"person": ref} if self.kind is RecordKind.PERSON else {"organisation": ref}
            return PlannedRow(row.number, Verdict.NEW if is_first else Verdict.SKIP, row.issues, **own)  # type: ignore[arg-type]
        before = known.get(ref.id)
        if before is None:
            row.add(IssueCode.RECORD_NOT_FOUND, Severity.PROBLEM, self.reader.heading_of("id"), id=ref.id)
            return PlannedRow(row.number, Verdict.PROBLEM, row.issues)
        return self._update(row, before, columns, organisation)

    def _update(
        self, row: ReadRow, before: Mapping[str, Any], columns: dict[str, Any], organisation: ContactRef | None
    ) -> PlannedRow:
        columns.pop("created_at", None)
        for column in _ADDED:
            if column in columns:
                columns[column] = _completed(before[column], columns[column])
        if "custom" in columns:
            columns["custom"] = merged_cells(before["custom"], columns["custom"])
        if organisation is not None and organisation.id is not None:
            columns["organisation_id"] = organisation.id
        changes = differences(before, columns)
        waits = organisation is not None and organisation.id is None
        planned = PlannedRow(row.number, Verdict.UPDATE if changes or waits else Verdict.SAME, row.issues, columns)
        planned.organisation = organisation if self.kind is RecordKind.PERSON else None
        planned.record_id, planned.changes = before["id"], changes
        return planned


def _completed(held: Sequence[Mapping[str, str]], given: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Return the e-mails or phones of a contact with those of the file added.

    One that is there already gets the label of the file where that says more than the usual one.
    """
    labels = {point_key(one["value"]): one["label"] for one in given if one["label"] != USUAL_LABEL}
    known = {point_key(one["value"]) for one in held}
    kept = [{**one, "label": labels.get(point_key(one["value"]), one["label"])} for one in held]
    return kept + [one for one in given if point_key(one["value"]) not in known]


def _name(row: ReadRow) -> str:
    given = row.values.get("name") or f"{row.values.get('first_name') or ''} {row.values.get('last_name') or ''}"
    return str(given).strip()


def _verdict(row: ReadRow) -> Verdict:
    if row.has_problem:
        return Verdict.PROBLEM
    return Verdict.QUESTION if row.is_waiting else Verdict.SKIP
