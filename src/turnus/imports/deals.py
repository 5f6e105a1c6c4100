"""From the values of a row to a planned deal: contact, stage, stamps, title; updates by ID; deals already there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from turnus.accounts.access import editable, visible
from turnus.accounts.models import User
from turnus.contacts.rules import settle
from turnus.core.issues import IssueCode, Severity
from turnus.core.records import RecordKind
from turnus.fields.catalogue import Catalogue
from turnus.history.actions import rows_of
from turnus.history.cells import differences
from turnus.history.tracked import tracked
from turnus.imports.contacts import ContactFinder
from turnus.imports.existing import ExistingDeals
from turnus.imports.plan import ContactRef, PlannedRow, Verdict
from turnus.imports.questions import QuestionKind, choice_of
from turnus.imports.rows import ReadRow, RowReader, is_future
from turnus.kit.errors import UserError
from turnus.sales.models import Deal
from turnus.sales.rules import DealRules

#: Rules that refuse a value which reading could not know to be wrong.
_REFUSALS = {"stage.gone": IssueCode.STAGE_UNKNOWN, "probability.range": IssueCode.OUT_OF_RANGE}


@dataclass(frozen=True, slots=True)
class Stage:
    """The moment of the check: who imports, when, on which day blank won times count."""

    user: User
    at: datetime
    on: date
    #: The day given for blank won times; None: the import's own moment.
    given_on: date | None


class DealPlanner:
    """Plans rows of deals, a block at a time."""

    def __init__(self, reader: RowReader, catalogue: Catalogue, rules: DealRules, stage: Stage) -> None:
        self.reader = reader
        self.catalogue = catalogue
        self.rules = rules
        self.stage = stage
        self.answers = reader.answers
        self.contacts = ContactFinder(stage.user)
        self.existing = ExistingDeals()
        #: Of the deal itself, without its contact, which is found first.
        self.own_paths = {one.key for one in catalogue.own} - {"organisation", "person"}
        self.contact_fields = {
            link: [one.path for one in reader.columns if one.path.startswith(f"{link}.")]
            for link in ("person", "organisation")
        }

    def plan(self, read: Sequence[ReadRow]) -> list[PlannedRow]:
        """Return the plan of a block of rows."""
        live = [row for row in read if not row.is_empty and not row.has_problem]
        self.contacts.look_up(_names(live, "organisation"), _names(live, "person"))
        known = self._by_id([row for row in live if row.values.get("id")])
        planned = [self._row(row, known) for row in read]
        self._repeat(planned)
        return planned

    def _row(self, row: ReadRow, known: Mapping[int, Mapping[str, Any]]) -> PlannedRow:
        if row.is_empty or row.is_skipped:
            return PlannedRow(row.number, Verdict.SKIP)
        target = row.values.pop("id", None)
        before = known.get(target) if isinstance(target, int) else None
        if target is not None and before is None:
            self._unknown_id(row, int(target))  # type: ignore[arg-type]  # an id is a number
        self._check_contact(row, before)
        self._check_stamps(row, before)
        if row.has_problem:
            return PlannedRow(row.number, Verdict.PROBLEM, row.issues)
        if row.is_waiting:
            return PlannedRow(row.number, Verdict.QUESTION, row.issues)
        return self._planned(row, before)

    def _planned(self, row: ReadRow, before: Mapping[str, Any] | None) -> PlannedRow:
        organisation, person = self._contacts(row)
        values = {key: value for key, value in row.values.items() if key in self.own_paths}
        contacts = {"organisation_id": organisation, "person_id": person}
        held = {**before} if before else {}
        if before is None and not values.get("title"):
            values["title"] = row.values.get("organisation") or row.values.get("person")
        try:
            columns = self.rules.settle(values, held | _placeholders(contacts), self._moment()) if before else self._new(
                values, contacts
            )  # fmt: skip
        except UserError as error:
            row.add(_REFUSALS.get(error.code, IssueCode.REQUIRED_MISSING), Severity.PROBLEM, None, field=error.code)
            return PlannedRow(row.number, Verdict.PROBLEM, row.issues)
        created = values.get("created_at")
        if created is not None:
            columns["created_at"] = self.rules.moment(created)  # type: ignore[arg-type]  # read as a day or a moment
        planned = PlannedRow(row.number, Verdict.NEW, row.issues, columns, organisation, person)
        planned.is_stamped = self._is_stamped(values, held)
        if before is not None:
            self._update(planned, before)
        return planned

    def _new(self, values: Mapping[str, Any], contacts: Mapping[str, ContactRef | None]) -> dict[str, Any]:
        """Settle a new deal; its contacts may not have ids yet, so the rules see a stand-in."""
        stand_in = {key: 0 for key, ref in contacts.items() if ref is not None}
        given = {key: value for key, value in values.items() if key != "created_at"}
        return self.rules.settle(given | {key.removesuffix("_id"): 0 for key in stand_in}, {}, self._moment())

    def _moment(self) -> datetime:
        return self.rules.moment(self.stage.given_on) if self.stage.given_on else self.stage.at

    def _is_stamped(self, values: Mapping[str, Any], held: Mapping[str, Any]) -> bool:
        status = values.get("status")
        given = values.get({"won": "won_at", "lost": "lost_at"}.get(str(status), ""))
        return (
            status in {"won", "lost"} and given is None and held.get("status") != status and self.stage.given_on is None
        )

    def _contacts(self, row: ReadRow) -> tuple[ContactRef | None, ContactRef | None]:
        organisation = person = None
        if row.values.get("organisation"):
            organisation = self.contacts.organisation(
                self._contact_columns(row, "organisation", RecordKind.ORGANISATION)
            )
        if row.values.get("person"):
            person = self.contacts.person(self._contact_columns(row, "person", RecordKind.PERSON), organisation)
        return organisation, person

    def _contact_columns(self, row: ReadRow, link: str, kind: RecordKind) -> dict[str, Any]:
        paths = self.contact_fields[link]
        if not paths:
            return {"name": " ".join(str(row.values[link]).split())}
        values = {path.removeprefix(f"{link}."): row.values.get(path) for path in paths if row.values.get(path)}
        fields = Catalogue(
            kind, {key: self.catalogue[f"{link}.{key}"] for key in values} | _name_of(kind, self.catalogue)
        )
        return settle({**values, "name": row.values[link]}, {}, fields)

    def _check_contact(self, row: ReadRow, before: Mapping[str, Any] | None) -> None:
        if (
            before is None
            and not row.values.get("organisation")
            and not row.values.get("person")
            and not row.has_problem
        ):
            row.add(IssueCode.CONTACT_MISSING, Severity.PROBLEM, self.reader.heading_of("person"))

    def _check_stamps(self, row: ReadRow, before: Mapping[str, Any] | None) -> None:
        status = row.values.get("status") or (before or {}).get("status") or "open"
        for path, wanted, code in (
            ("won_at", "won", IssueCode.WON_TIME_IGNORED),
            ("lost_at", "lost", IssueCode.LOST_TIME_IGNORED),
        ):
            given = row.values.get(path)
            if given is None:
                continue
            if status != wanted:
                row.values.pop(path)
                if row.values.get("status") is not None:  # a blank status says open by itself: nothing contradicts
                    row.add(code, Severity.WARNING, self.reader.heading_of(path))
            elif is_future(given, self.stage.on):
                row.add(IssueCode.DATE_IN_FUTURE, Severity.WARNING, self.reader.heading_of(path))

    def _unknown_id(self, row: ReadRow, target: int) -> None:
        answer = choice_of(self.answers, "unknown_ids")
        heading = self.reader.heading_of("id")
        if answer == "problem":
            row.add(IssueCode.RECORD_NOT_FOUND, Severity.PROBLEM, heading, id=target)
        elif answer != "new":
            self.reader.questions.ask("unknown_ids", QuestionKind.UNKNOWN_IDS, row.number, column=heading or "")
            row.is_waiting = True
            row.add(IssueCode.RECORD_NOT_FOUND, Severity.QUESTION, heading, id=target)

    def _by_id(self, rows: Sequence[ReadRow]) -> Mapping[int, Mapping[str, Any]]:
        ids: set[Any] = {row.values["id"] for row in rows}
        if not ids:
            return {}
        mine = visible(self.stage.user) & editable(self.stage.user)
        allowed = Deal.objects.present().filter(mine or Q(), pk__in=ids).values_list("pk", flat=True)
        return rows_of(tracked(RecordKind.DEAL), allowed)

    def _update(self, planned: PlannedRow, before: Mapping[str, Any]) -> None:
        """Turn the plan into an update of the deal; contacts of the file replace those of the deal."""
        planned.record_id = before["id"]
        for column, ref in (("organisation_id", planned.organisation), ("person_id", planned.person)):
            if ref is not None and ref.id is not None:
                planned.columns[column] = ref.id
        planned.columns.pop("created_at", None)
        planned.changes = differences(before, planned.columns)
        is_same = not planned.changes and all(
            ref is None or ref.id is not None for ref in (planned.organisation, planned.person)
        )
        planned.verdict = Verdict.SAME if is_same else Verdict.UPDATE

    def _repeat(self, planned: Sequence[PlannedRow]) -> None:
        """See to rows that repeat won deals which are still there, as was answered; or ask."""
        self.existing.look_up(row for row in planned if row.verdict is Verdict.NEW)
        repeated: dict[int, list[PlannedRow]] = {}
        for row in planned:
            if row.verdict is Verdict.NEW and (deal := self.existing.match(row, self.stage.on)):
                repeated.setdefault(deal, []).append(row)
            elif row.record_id is not None and row.columns.get("status") == "won":
                repeated.setdefault(row.record_id, []).append(row)
        answer = choice_of(self.answers, "existing")
        before = rows_of(tracked(RecordKind.DEAL), repeated) if answer == "update" else {}
        for deal, rows in repeated.items():
            for row in rows:
                self._answer(row, answer, before.get(deal))

    def _answer(self, row: PlannedRow, answer: str, before: Mapping[str, Any] | None) -> None:
        if answer == "update":
            if row.record_id is None and before is not None:
                row.columns = {key: value for key, value in row.columns.items() if key != "title"}
                self._update(row, before)
        elif answer == "copy":
            day = date.fromisoformat(self.answers["existing"].get("on") or self.stage.on.isoformat())
            moment = self.rules.moment(day)
            row.columns |= {"won_at": moment, "won_on": day, "first_won_at": moment}
            row.verdict, row.record_id, row.changes, row.is_stamped = Verdict.NEW, None, {}, False
        elif answer == "add":
            row.verdict, row.record_id, row.changes = Verdict.NEW, None, {}
        else:
            self.reader.questions.ask("existing", QuestionKind.EXISTING, row.number)
            row.verdict = Verdict.QUESTION


def _names(rows: Sequence[ReadRow], path: str) -> set[str]:
    return {str(row.values[path]) for row in rows if row.values.get(path)}


def _placeholders(contacts: Mapping[str, ContactRef | None]) -> dict[str, int]:
    return {column: ref.id or 0 for column, ref in contacts.items() if ref is not None}


def _name_of(kind: RecordKind, catalogue: Catalogue) -> dict[str, Any]:
    link = "person" if kind is RecordKind.PERSON else "organisation"
    return {"name": catalogue[f"{link}.name"]}
