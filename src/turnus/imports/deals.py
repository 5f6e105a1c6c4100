"""From the values of a row to a planned deal: contacts, stage, stamps, title; updates by ID."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import cast

from django.db.models import Q

from turnus.accounts.access import editable, visible
from turnus.accounts.viewer import Viewer
from turnus.contacts.queries import names_seen
from turnus.core.deals import Status
from turnus.core.fields import Value
from turnus.core.folding import fold
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.records import RecordKind
from turnus.fields.builtin import DEAL_PLAN
from turnus.fields.catalog import Catalog
from turnus.fields.columns import FieldValues, StoredColumns
from turnus.history.actions import rows_of
from turnus.history.tracked import tracked
from turnus.imports.credits import Credits
from turnus.imports.customers import Customers
from turnus.imports.duplicate_rows import DuplicateRows
from turnus.imports.identity import all_names_differ, record_meant
from turnus.imports.paid_terms import PaidTerms
from turnus.imports.plan import PlannedRow, Verdict, become_update
from turnus.imports.planned_columns import PlannedColumns
from turnus.imports.read_row import ReadRow
from turnus.imports.repeats import Repeats
from turnus.imports.rights import deny_closed
from turnus.imports.rows import (
    RowReader,
    check_required,
    give_currency,
    is_future,
)
from turnus.imports.subscriber_deals import deals_of_subscribers
from turnus.imports.won_months import WonSums
from turnus.kit.errors import UserError
from turnus.sales.models import Deal
from turnus.sales.rules import DealRules, stamps_of

#: Rules that refuse a value which reading could not know to be wrong.
_REFUSALS = {
    "stage.gone": IssueCode.STAGE_UNKNOWN,
    "probability.range": IssueCode.OUT_OF_RANGE,
}


@dataclass(frozen=True, slots=True)
class BlankWonTime:
    """What fills a blank won time: the day chosen for it, else the moment of the import."""

    at: datetime
    given_on: date | None


class DealPlanner:
    """A planner for rows of deals, a block at a time."""

    def __init__(
        self,
        reader: RowReader,
        catalog: Catalog,
        rules: DealRules,
        viewer: Viewer,
        blank_won_time: BlankWonTime,
    ) -> None:
        self.reader = reader
        self.catalog = catalog
        self.rules = rules
        self.viewer = viewer
        self.blank_won_time = blank_won_time
        self.customers = Customers(reader, catalog, viewer.user)
        self.contacts = self.customers.finder
        self.repeats = Repeats(
            reader,
            rules,
            by=viewer.user,
            on=viewer.on,
            given_on=blank_won_time.given_on,
        )
        self.duplicates = DuplicateRows()
        self.covered = PaidTerms(reader, by=viewer.user)
        self.credits = Credits(reader)
        self.won = WonSums()
        #: Rows that book, end or reduce existing subscriptions, or begin new ones.
        self.beside_count = 0
        #: Of the deal itself, without its contact, which is found first.
        own_paths = {field.key for field in catalog.own}
        self.own_paths = own_paths - {"organization", "person", DEAL_PLAN.key}
        self.required = [
            field
            for field in catalog.own
            if field.is_custom and field.is_required
        ]
        #: Of the deals that the block at hand names by ID: their contacts' names.
        self.contact_names: dict[int, Mapping[str, str | None]] = {}

    def plan(self, read: Sequence[ReadRow]) -> list[PlannedRow]:
        """Return the plan of a block of rows."""
        live = [
            row for row in read if not row.is_empty and not row.has_problem
        ]
        self.customers.look_up(live)
        with_ids = [row for row in live if row.values.get("id")]
        existing = self._by_id(with_ids)
        planned = [self._row(row, existing) for row in read]
        by_number = {row.number: row for row in read}
        self.repeats.see_to(planned, partial(self._resettle, by_number))
        user = self.viewer.user
        on = self.viewer.on
        sold = deals_of_subscribers(planned, by=user, on=on)
        replaced = self.covered.see_to(sold)
        self.won.subtract(replaced)
        self.credits.see_to(sold)
        for row in planned:
            self._note_duplicate(row)
            self._begin(row)
        deny_closed(planned, user)
        self.won.add(planned, on=on)
        for row in planned:
            if row.effect is not None or "plan_id" in row.columns:
                self.beside_count += 1
        return planned

    def _resettle(
        self,
        read: Mapping[int, ReadRow],
        planned: PlannedRow,
        before: StoredColumns,
    ) -> None:
        """Give a row the columns that it changes of the deal it repeats.

        Not the title: it is what the deal was found by, or a stand-in.
        """
        row = read[planned.number]
        values = self._own_values(row)
        values.pop("title", None)
        planned.columns = self._settled(row, values, before)
        planned.is_stamped = self._is_stamped(values, before)

    def _own_values(self, row: ReadRow) -> dict[str, Value | None]:
        return {
            key: value
            for key, value in row.values.items()
            if key in self.own_paths
        }

    def _note_duplicate(self, row: PlannedRow) -> None:
        """Note it if a new row has the contact, title, value, status and day of an earlier one."""
        if row.verdict is not Verdict.NEW:
            return
        content = _content_of(row)
        earlier = self.duplicates.find(content)
        self.duplicates.remember(row.number, content)
        if earlier is None:
            return
        row.issues.append(
            Issue(
                IssueCode.ROW_TWICE,
                Severity.WARNING,
                row.number,
                params={"row": earlier},
            )
        )
        if self.repeats.answers.skips(row.number):
            row.verdict = Verdict.SKIP

    def _begin(self, row: PlannedRow) -> None:
        """Let a new won deal begin a subscription, if the file names a plan for it."""
        if row.begins_plan is None or row.verdict not in {
            Verdict.NEW,
            Verdict.UPDATE,
        }:
            return
        if row.verdict is Verdict.NEW and row.columns.get("status") == "won":
            row.columns["plan_id"] = row.begins_plan
            return
        heading = self.reader.heading_of(DEAL_PLAN.key)
        row.issues.append(
            Issue(
                IssueCode.PLAN_IGNORED, Severity.WARNING, row.number, heading
            )
        )

    def _row(
        self, row: ReadRow, existing: Mapping[int, StoredColumns]
    ) -> PlannedRow:
        if row.is_empty or row.is_skipped:
            return PlannedRow(row.number, Verdict.SKIP)
        before = record_meant(
            row,
            self.reader,
            existing,
            is_another=partial(self._is_another, row),
        )
        if before is None:
            self.customers.check(row)
        self._check_stamps(row, before)
        currency = (before or {}).get("currency") or self.rules.currency
        give_currency(row, "value", self.reader, currency)
        if before is None:
            check_required(row, self.reader, self.required)
        if row.has_problem:
            return PlannedRow(row.number, Verdict.PROBLEM, row.issues)
        if row.is_waiting:
            return PlannedRow(row.number, Verdict.QUESTION, row.issues)
        return self._planned(row, before)

    def _is_another(self, row: ReadRow, before: StoredColumns) -> bool:
        """Return whether a row with a deal's ID can hardly be that deal.

        At least two of title, organization and person are given, and all differ.
        """
        return all_names_differ(
            row, {"title": before["title"], **self.contact_names[before["id"]]}
        )

    def _planned(
        self, row: ReadRow, before: StoredColumns | None
    ) -> PlannedRow:
        values = self._own_values(row)
        if before is None and not values.get("title"):
            values["title"] = row.values.get("organization") or row.values.get(
                "person"
            )
        try:
            columns = self._settled(row, values, before)
        except UserError as error:
            code = _REFUSALS.get(error.code, IssueCode.REQUIRED_MISSING)
            row.add(code, Severity.PROBLEM, None, field=error.code)
            return PlannedRow(row.number, Verdict.PROBLEM, row.issues)
        contacts = self.customers.planned(row, before)
        planned = PlannedRow(row.number, Verdict.NEW, row.issues, columns)
        planned.organization = contacts.organization
        planned.person = contacts.person
        planned.added = self.customers.added(row, contacts.person)
        planned.begins_plan = cast("int | None", row.values.get(DEAL_PLAN.key))
        planned.is_stamped = self._is_stamped(values, before or {})
        planned.is_dated = self._is_dated(values, before or {})
        if before is not None:
            become_update(planned, before)
            stays_won = columns.get("status", "won") == "won"
            planned.is_repeat = before["status"] == "won" and stays_won
        return planned

    def _settled(
        self,
        row: ReadRow,
        values: dict[str, Value | None],
        before: StoredColumns | None,
    ) -> PlannedColumns:
        """Return the deal's columns without its contacts.

        Those stand in as 0 while the rules look at the deal: they need not exist yet.
        """
        created = cast("date | None", values.pop("created_at", None))
        stand_ins = {
            link: 0
            for link in ("organization", "person")
            if row.values.get(link)
        }
        settled = self.rules.settle(
            values | stand_ins, before or {}, self._moment()
        )
        columns = cast("PlannedColumns", settled)
        columns.pop("organization_id", None)
        columns.pop("person_id", None)
        if created is not None:
            columns["created_at"] = self.rules.moment(created)
        return columns

    def _moment(self) -> datetime:
        day = self.blank_won_time.given_on
        return (
            self.blank_won_time.at if day is None else self.rules.moment(day)
        )

    def _is_dated(self, values: FieldValues, before: StoredColumns) -> bool:
        """Return whether the file gives the moment that belongs to the row's status."""
        status = values.get("status") or before.get("status")
        return values.get(f"{status}_at") is not None

    def _is_stamped(self, values: FieldValues, before: StoredColumns) -> bool:
        """Return whether the row is stamped with the moment at which the import carries it out."""
        present = stamps_of(before)
        status = Status(str(values.get("status") or present.status))
        closed_at = cast("date | None", values.get(f"{status}_at"))
        is_now = present.is_stamped_now(status, closed_at)
        return is_now and self.blank_won_time.given_on is None

    def _check_stamps(
        self, row: ReadRow, before: StoredColumns | None
    ) -> None:
        status = (
            row.values.get("status") or (before or {}).get("status") or "open"
        )
        self._take_close_time(row, str(status))
        for path, wanted, code in (
            ("won_at", "won", IssueCode.WON_TIME_IGNORED),
            ("lost_at", "lost", IssueCode.LOST_TIME_IGNORED),
        ):
            moment = row.values.get(path)
            if moment is None:
                continue
            if status != wanted:
                row.values.pop(path)
                # A blank status means open by itself: nothing contradicts it.
                if row.values.get("status") is not None:
                    row.add(
                        code, Severity.WARNING, self.reader.heading_of(path)
                    )
            elif is_future(moment, self.viewer.on):
                row.add(
                    IssueCode.DATE_IN_FUTURE,
                    Severity.WARNING,
                    self.reader.heading_of(path),
                )

    def _take_close_time(self, row: ReadRow, status: str) -> None:
        """Use the closing time where the file has no column for the won or lost time."""
        closed = row.values.pop("closed_at", None)
        path = f"{status}_at"
        if closed is None or status == "open":
            return
        if self.reader.heading_of(path) is None:
            row.values[path] = closed

    def _by_id(self, rows: Sequence[ReadRow]) -> Mapping[int, StoredColumns]:
        ids = {cast("int", row.values["id"]) for row in rows}
        if not ids:
            return {}
        mine = visible(self.viewer.user) & editable(self.viewer.user)
        allowed = Deal.objects.present().filter(mine or Q(), pk__in=ids)
        rows_with_names = allowed.values("pk", **names_seen(self.viewer.user))
        self.contact_names = {}
        for deal in cast("Iterable[StoredColumns]", rows_with_names):
            names = {
                "organization": deal["organization_name"],
                "person": deal["person_name"],
            }
            self.contact_names[deal["pk"]] = names
        return rows_of(tracked(RecordKind.DEAL), self.contact_names)


def _content_of(row: PlannedRow) -> Hashable:
    """Return what tells two rows apart."""
    columns = row.columns
    return (
        row.organization,
        row.person,
        fold(columns["title"]),
        columns.get("value_e4"),
        columns.get("currency"),
        columns.get("status"),
        columns.get("won_on"),
        columns.get("lost_on"),
    )
