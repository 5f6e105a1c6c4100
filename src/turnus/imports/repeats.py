"""Deals of a file that exist already: asked about once, then updated, copied, added or skipped.

A won row repeats a won deal with the same contact, value and won day; an open or lost row repeats
one with the same contact, title, value and status. A row also repeats a won deal whose ID it names,
and any deal with the same contact and value that an earlier import of the very same file brought.
The same title comes first. See docs/decisions/0008 and 0024.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from turnus.accounts.models import User
from turnus.core.customers import Customer, CustomerKind
from turnus.core.deals import Stamps, Status
from turnus.core.folding import fold
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.records import RecordKind
from turnus.fields.columns import StoredColumns
from turnus.history.actions import rows_of
from turnus.history.tracked import tracked
from turnus.imports.existing_answers import (
    COPY,
    EXISTING,
    SKIP,
    UPDATE,
    Choice,
    ExistingAnswers,
)
from turnus.imports.plan import ContactRef, PlannedRow, Verdict, become_update
from turnus.imports.planned_columns import PlannedColumns
from turnus.imports.questions import ANSWERS, QuestionKind
from turnus.imports.rows import RowReader
from turnus.sales.models import Deal
from turnus.sales.rules import DealRules

#: What a copy takes over from the deal it repeats, where the file says nothing else.
_COPIED = (
    "title",
    "value_e4",
    "currency",
    "status",
    "stage_id",
    "pipeline_id",
    "owner_id",
    "visibility",
    "labels",
    "custom",
    "probability",
    "channel",
    "channel_id",
    "won_at",
    "won_on",
    "first_won_at",
)
#: What is read of deals that rows may repeat.
_READ = (
    "value_e4",
    "currency",
    "pk",
    "title_folded",
    "status",
    "won_on",
    "lost_on",
    "origin_id",
)
#: Gives a planned row the columns that it changes of the deal that it means.
Resettle = Callable[[PlannedRow, StoredColumns], None]


@dataclass(frozen=True, slots=True)
class DealKey:
    """What a row and the deal that it may repeat have in common."""

    #: The row's organization, without one its person; the deal names it too.
    contact: Customer
    value_e4: int
    currency: str


@dataclass(frozen=True, slots=True)
class ExistingDeal:
    """A deal that rows may repeat."""

    pk: int
    title_folded: str
    status: str
    #: The day it was won or lost on, None while it is open.
    day: date | None
    #: Whether an earlier import of the very same file brought it.
    is_of_file: bool


class ExistingDeals:
    """The deals of some customers that one user sees; each is repeated by one row only."""

    def __init__(self, *, by: User, on: date) -> None:
        self.by = by
        #: The day of blank won times.
        self.on = on
        #: The runs of other imports of the very same file.
        self.runs_of_file: frozenset[str] = frozenset()
        #: Deals that count as if they were not here, and runs whose deals do.
        self.ignored: frozenset[int] = frozenset()
        self.ignored_runs: frozenset[str] = frozenset()
        self.by_key: dict[DealKey, list[ExistingDeal]] = defaultdict(list)
        self.seen: set[Customer] = set()
        self.taken: set[int] = set()

    def look_up(self, rows: Iterable[PlannedRow]) -> None:
        """Read the deals of the customers of rows, each once; two queries at the most."""
        contacts = {
            contact for contact in map(_contact, rows) if contact is not None
        }
        contacts -= self.seen
        self.seen |= contacts
        for kind in (RecordKind.ORGANIZATION, RecordKind.PERSON):
            ids = [contact.id for contact in contacts if contact.kind is kind]
            if ids:
                self._read(kind, ids)

    def like(self, row: PlannedRow) -> Sequence[ExistingDeal]:
        """Return the deals of the row's customer with its value, the oldest first."""
        contact = _contact(row)
        if contact is None:
            return ()
        value_e4 = row.columns.get("value_e4", 0)
        return self.by_key.get(
            DealKey(contact, value_e4, row.columns["currency"]), ()
        )

    def repeated(self, rows: Iterable[PlannedRow]) -> dict[int, int]:
        """Return the deal that each repeating row means, by the row's number.

        The same title comes first.
        """
        found: dict[int, int] = {}
        candidates = [row for row in rows if self.like(row)]
        for is_same_title in (True, False):
            for row in candidates:
                if row.number in found:
                    continue
                deal = self._match(row, is_same_title=is_same_title)
                if deal is not None:
                    found[row.number] = deal
                    self.taken.add(deal)
        return found

    def _read(self, kind: CustomerKind, ids: Sequence[int]) -> None:
        visible = Deal.objects.present().visible_to(self.by)
        deals = visible.filter(**{f"{kind}__in": ids}).order_by("pk")
        contact_column = f"{kind}_id"
        for row in deals.values(contact_column, *_READ):
            if (
                row["pk"] in self.ignored
                or row["origin_id"] in self.ignored_runs
            ):
                continue
            deal = ExistingDeal(
                pk=row["pk"],
                title_folded=row["title_folded"],
                status=row["status"],
                day=row["won_on"] or row["lost_on"],
                is_of_file=row["origin_id"] in self.runs_of_file,
            )
            contact = Customer(kind, row[contact_column])
            self.by_key[
                DealKey(contact, row["value_e4"], row["currency"])
            ].append(deal)

    def _match(self, row: PlannedRow, *, is_same_title: bool) -> int | None:
        """Return the deal that a row without an ID repeats, None if none is left."""
        title = fold(row.columns["title"])
        for deal in self.like(row):
            has_title = deal.title_folded == title
            if deal.pk in self.taken or has_title is not is_same_title:
                continue
            if self._repeats(row, deal, has_title=has_title):
                return deal.pk
        return None

    def _repeats(
        self, row: PlannedRow, deal: ExistingDeal, *, has_title: bool
    ) -> bool:
        status = row.columns["status"]
        is_day_chosen = (
            status == "won" and not row.is_stamped and not row.is_dated
        )
        if deal.is_of_file and not is_day_chosen:
            return True
        if status != deal.status:
            return False
        if status == "won":
            return deal.day == (
                self.on if row.is_stamped else row.columns["won_on"]
            )
        if not has_title:
            return False
        return (
            status == "open"
            or row.is_stamped
            or deal.day == row.columns["lost_on"]
        )


class Repeats:
    """The repeated rows of one check."""

    def __init__(
        self,
        reader: RowReader,
        rules: DealRules,
        *,
        by: User,
        on: date,
        given_on: date | None,
    ) -> None:
        self.answers = ExistingAnswers(
            reader.answers, ANSWERS[QuestionKind.EXISTING]
        )
        self.questions = reader.questions
        self.rules = rules
        self.by = by
        #: The day chosen for blank won times, None: the moment of the import.
        self.given_on = given_on
        self.existing = ExistingDeals(by=by, on=on)

    def see_to(
        self, planned: Sequence[PlannedRow], resettle: Resettle
    ) -> None:
        """Change the verdicts of rows that repeat deals, as was answered, or ask; five queries."""
        self.existing.look_up(
            row for row in planned if row.verdict is Verdict.NEW
        )
        repeated = self._repeated(planned)
        before = rows_of(tracked(RecordKind.DEAL), set(repeated.values()))
        mine = Deal.objects.editable_by(self.by).filter(pk__in=before)
        changeable = (
            set(mine.values_list("pk", flat=True)) if before else set()
        )
        for row in planned:
            if row.number in repeated:
                deal = before[repeated[row.number]]
                self._apply(
                    row, deal, resettle, may_change=deal["id"] in changeable
                )

    def _repeated(self, planned: Sequence[PlannedRow]) -> dict[int, int]:
        """Return the deal that each repeating row means, by the row's number."""
        named = {
            row.number: row.record_id
            for row in planned
            if row.is_repeat and row.record_id is not None
        }
        self.existing.taken.update(named.values())
        return named | self.existing.repeated(
            row for row in planned if row.verdict is Verdict.NEW
        )

    def _apply(
        self,
        row: PlannedRow,
        before: StoredColumns,
        resettle: Resettle,
        *,
        may_change: bool,
    ) -> None:
        choice = self.answers.of(row.number)
        is_named = row.record_id is not None
        if choice is None:
            self.questions.ask(EXISTING, QuestionKind.EXISTING, row.number)
            row.verdict = Verdict.QUESTION
        elif choice.do == SKIP:
            row.verdict = Verdict.SKIP
        elif choice.do == UPDATE:
            if not is_named:
                _update(row, before, resettle, may_change=may_change)
        else:
            self._become_new(row, before, choice)
        is_update = choice is not None and choice.do == UPDATE
        if is_update and is_named:
            return
        issue = Issue(
            IssueCode.RECORD_HERE,
            Severity.QUESTION if choice is None else Severity.WARNING,
            row.number,
            params={"id": before["id"], "title": before["title"]},
        )
        row.issues.append(issue)

    def _become_new(
        self, row: PlannedRow, before: StoredColumns, choice: Choice
    ) -> None:
        """Turn a row that repeats a deal into a new one.

        It takes over from a deal with its ID what the file does not say. A copy is won on the day
        that was answered; a won time in the file that differs from the deal's stays.
        """
        is_named = row.record_id is not None
        is_moved = (
            row.is_dated
            and row.columns.get("won_on", before["won_on"]) != before["won_on"]
        )
        if is_named:
            copied = {column: before[column] for column in _COPIED}
            row.columns = cast("PlannedColumns", {**copied, **row.columns})
            row.organization = row.organization or _ref(
                before["organization_id"]
            )
            row.person = row.person or _ref(before["person_id"])
        row.verdict, row.record_id, row.changes = Verdict.NEW, None, {}
        if row.columns["status"] != "won" or is_moved:
            return
        day = self.given_on
        if choice.do == COPY:
            day = choice.on or day
        elif row.is_dated:
            return
        row.is_stamped = day is None
        if day is not None:
            won = Stamps(Status.OPEN).to(Status.WON, self.rules.moment(day))
            row.columns.update(
                cast("PlannedColumns", self.rules.stamp_columns(won))
            )


def _update(
    row: PlannedRow,
    before: StoredColumns,
    resettle: Resettle,
    *,
    may_change: bool,
) -> None:
    if not may_change:
        row.verdict = Verdict.PROBLEM
        row.issues.append(Issue(IssueCode.RECORD_DENIED, row=row.number))
        return
    resettle(row, before)
    become_update(row, before)


def _ref(contact: int | None) -> ContactRef | None:
    return None if contact is None else ContactRef(contact)


def _contact(row: PlannedRow) -> Customer | None:
    """Return the contact that counts: organization before person; None for a new one."""
    if row.organization is not None:
        kind: CustomerKind = RecordKind.ORGANIZATION
        contact_id = row.organization.id
    elif row.person is not None:
        kind = RecordKind.PERSON
        contact_id = row.person.id
    else:
        return None
    return None if contact_id is None else Customer(kind, contact_id)
