"""Won deals of a file that are already here: asked about once, then updated, copied or added as the answer says.

A row repeats a deal if it names its ID; or has the same contact, value and won day; or if the very same file was imported before
and the deal came from there. See docs/decisions/0008.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from turnus.accounts.models import User
from turnus.core.issues import Issue, IssueCode
from turnus.core.records import RecordKind
from turnus.history.actions import rows_of
from turnus.history.tracked import tracked
from turnus.imports.plan import ContactRef, PlannedRow, Verdict, become_update
from turnus.imports.questions import QuestionKind, choice_of
from turnus.imports.rows import RowReader
from turnus.sales.models import Deal
from turnus.sales.rules import DealRules

#: Contact (`o` or `p` and id), amount, currency.
Likeness = tuple[str, int, int, str]
#: What a copy takes over from the deal it repeats, where the file says nothing else.
_COPIED = (
    "title", "value_e4", "currency", "status", "stage_id", "pipeline_id", "owner_id", "visibility", "labels", "custom",
    "probability", "channel", "channel_id", "won_at", "won_on", "first_won_at",
)  # fmt: skip


class Repeats:
    """Sees to the repeated rows of one check; each deal answers to one row only."""

    def __init__(self, reader: RowReader, rules: DealRules, *, by: User, on: date) -> None:
        answers = self.answers = reader.answers
        self.answer = choice_of(answers, "existing")
        self.questions = reader.questions
        self.rules = rules
        self.by = by
        #: The day of blank won times.
        self.on = on
        #: The run of an earlier import of the very same file, None if there was none.
        self.earlier_run: int | None = None
        self.by_day: dict[tuple[Likeness, date], list[int]] = defaultdict(list)
        self.by_run: dict[Likeness, list[int]] = defaultdict(list)
        self.seen: set[tuple[str, int]] = set()
        self.taken: set[int] = set()

    def see_to(self, planned: Sequence[PlannedRow]) -> None:
        """Change the verdicts of rows that repeat won deals, as was answered; or ask. Five queries at the most."""
        self._look_up(row for row in planned if row.verdict is Verdict.NEW)
        repeated = [(deal, row) for row in planned if (deal := self._repeated(row)) is not None]
        before = rows_of(tracked(RecordKind.DEAL), {deal for deal, _row in repeated}) if self.answer else {}
        mine = (
            Deal.objects.editable_by(self.by).filter(pk__in=before) if self.answer == "update" else Deal.objects.none()
        )
        changeable = set(mine.values_list("pk", flat=True))
        for deal, row in repeated:
            if self.answer == "update":
                _update(row, before[deal], may_change=deal in changeable)
            else:
                self._apply(row, before.get(deal))

    def _repeated(self, row: PlannedRow) -> int | None:
        if row.record_id is not None:
            return row.record_id if row.is_repeat else None
        return self._match(row) if row.verdict is Verdict.NEW else None

    def _look_up(self, rows: Iterable[PlannedRow]) -> None:
        contacts = {contact for row in rows if (contact := _contact(row))} - self.seen
        self.seen |= contacts
        for mark, column in (("o", "organisation_id"), ("p", "person_id")):
            ids = [one for kind, one in contacts if kind == mark]
            if not ids:
                continue
            deals = (
                Deal.objects.present().visible_to(self.by).filter(**{f"{column}__in": ids}, status="won").order_by("pk")
            )
            for contact, value, currency, won_on, origin, pk in deals.values_list(
                column, "value_e4", "currency", "won_on", "origin_id", "pk"
            ):
                likeness = (mark, contact, value, currency)
                self.by_day[likeness, won_on].append(pk)
                if self.earlier_run is not None and origin == str(self.earlier_run):
                    self.by_run[likeness].append(pk)

    def _match(self, row: PlannedRow) -> int | None:
        contact = _contact(row)
        if contact is None or row.columns.get("status") != "won":
            return None
        likeness = (*contact, row.columns.get("value_e4", 0), row.columns["currency"])
        won_on = self.on if row.is_stamped else row.columns["won_on"]
        candidates = self.by_day.get((likeness, won_on), []) + (self.by_run[likeness] if row.is_stamped else [])
        found = next((deal for deal in candidates if deal not in self.taken), None)
        if found is not None:
            self.taken.add(found)
        return found

    def _apply(self, row: PlannedRow, before: Mapping[str, Any] | None) -> None:
        if self.answer == "copy":
            moment = self.rules.moment(day := date.fromisoformat(self.answers["existing"].get("on") or str(self.on)))
            _become_new(row, before)
            row.columns |= {"won_at": moment, "won_on": day, "first_won_at": moment}
            row.is_stamped = False
        elif self.answer == "add":
            _become_new(row, before)
        else:
            self.questions.ask("existing", QuestionKind.EXISTING, row.number)
            row.verdict = Verdict.QUESTION


def _update(row: PlannedRow, before: Mapping[str, Any], *, may_change: bool) -> None:
    if row.record_id is not None:
        return
    if not may_change:
        row.verdict = Verdict.PROBLEM
        row.issues.append(Issue(IssueCode.RECORD_DENIED, row=row.number))
        return
    row.columns = {key: value for key, value in row.columns.items() if key != "title"}
    become_update(row, before)


def _become_new(row: PlannedRow, before: Mapping[str, Any] | None) -> None:
    """Turn a row that names a deal into a new one like it; what the file says holds over what the deal has."""
    if row.record_id is not None and before is not None:
        row.columns = {**{column: before[column] for column in _COPIED}, **row.columns}
        row.organisation = row.organisation or _ref(before["organisation_id"])
        row.person = row.person or _ref(before["person_id"])
    row.verdict, row.record_id, row.changes = Verdict.NEW, None, {}


def _ref(contact: int | None) -> ContactRef | None:
    return None if contact is None else ContactRef(contact)


def _contact(row: PlannedRow) -> tuple[str, int] | None:
    if row.organisation is not None:
        return None if row.organisation.id is None else ("o", row.organisation.id)
    if row.person is not None and row.person.id is not None:
        return "p", row.person.id
    return None
