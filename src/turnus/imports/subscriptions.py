"""From rows to planned subscriptions, each followed by what happened to it (decision 0015)."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import cast

from turnus.accounts.viewer import Viewer
from turnus.core.folding import fold
from turnus.core.issues import IssueCode, Severity
from turnus.core.revenue.steps import (
    PaidBy,
    Step,
    Story,
)
from turnus.core.tables import Row
from turnus.fields.catalog import Catalog
from turnus.fields.columns import StoredColumns
from turnus.fields.values import put
from turnus.history.cells import differences
from turnus.history.tracked import StoredRow
from turnus.imports.customers import Customers, RowContacts
from turnus.imports.duplicate_rows import DuplicateRows
from turnus.imports.existing_answers import (
    ADD,
    EXISTING,
    SKIP,
    ExistingAnswers,
)
from turnus.imports.existing_subscriptions import (
    NEAR_DAYS,
    Beginning,
    ExistingSubscriptions,
)
from turnus.imports.identity import record_meant
from turnus.imports.plan import PlannedRow, Verdict
from turnus.imports.planned_columns import PlannedColumns, PlannedStep
from turnus.imports.questions import QuestionKind
from turnus.imports.read_row import ReadRow
from turnus.imports.rows import RowReader, check_required, give_currency
from turnus.imports.subscription_cells import (
    day_in,
    is_another,
    name_of,
    price_of,
    start_of,
)
from turnus.imports.subscription_changes import (
    changed_columns,
    first_day_after,
    refused,
)
from turnus.imports.subscription_groups import (
    SubscriptionGroup,
    SubscriptionGroups,
)
from turnus.imports.subscription_rows import (
    existing_row,
    existing_step_row,
    orphan_row,
    refused_row,
    step_row,
)
from turnus.imports.subscription_stories import NEEDED, StoryReader

#: What may be answered about a subscription that may be here already.
_ANSWERS = (ADD, SKIP)
#: Fields that `put` writes; the others have a meaning of their own.
_PLAIN = (
    "plan",
    "price",
    "end_reason",
    "owner",
    "renewal_way",
    "labels",
    "visibility",
)


class SubscriptionPlanner:
    """A planner for rows of subscriptions, block by block; a block holds whole groups."""

    def __init__(
        self,
        reader: RowReader,
        catalog: Catalog,
        viewer: Viewer,
        currency: str,
    ) -> None:
        self.reader = reader
        self.catalog = catalog
        self.viewer = viewer
        self.currency = currency
        self.customers = Customers(reader, catalog, viewer.user)
        self.contacts = self.customers.finder
        self.existing = ExistingSubscriptions(viewer)
        self.answers = ExistingAnswers(reader.answers, _ANSWERS)
        self.duplicates = DuplicateRows()
        self.groups = SubscriptionGroups(reader.columns)
        self.stories = StoryReader(reader, catalog, on=viewer.on)
        custom = [field for field in catalog.own if field.is_custom]
        self.custom = [field.key for field in custom]
        self.required = [catalog[key] for key in NEEDED]
        self.required += [field for field in custom if field.is_required]

    def begins(self, row: Row) -> bool:
        """Return whether a row may be the first of a block."""
        return self.groups.begins(row)

    def plan(self, read: Sequence[ReadRow]) -> list[PlannedRow]:
        """Return the plan of a block of rows."""
        groups = list(self.groups.groups_of(read))
        live = [group.head for group in groups if not group.head.has_problem]
        self.customers.look_up(live)
        contacts = {row.number: self.customers.known(row) for row in live}
        ids = {cast("int | None", row.values.get("id")) for row in live}
        self.existing.look_up(ids, contacts.values())
        before: dict[int, StoredColumns | None] = {}
        for group in groups:
            head = group.head
            if not head.is_skipped:
                before[head.number] = self._before(head, contacts)
        existing = [row["id"] for row in before.values() if row is not None]
        self.existing.look_into(existing)
        planned: dict[int, PlannedRow] = {}
        for group in groups:
            rows = self._planned(group, before.get(group.head.number))
            planned.update((row.number, row) for row in rows)
        return [planned.get(row.number) or orphan_row(row) for row in read]

    def _planned(
        self, group: SubscriptionGroup, before: StoredColumns | None
    ) -> list[PlannedRow]:
        if group.head.is_skipped:
            return [PlannedRow(row.number, Verdict.SKIP) for row in group.rows]
        columns = self._noted(group, before)
        wrong = [row.number for row in group.rows if row.has_problem]
        if wrong:
            return [refused_row(row, wrong[0]) for row in group.rows]
        if any(row.is_waiting for row in group.rows):
            return _with_verdict(group, Verdict.QUESTION)
        if before is None:
            return self._planned_new(group)
        steps = [existing_step_row(row, before) for row in group.steps]
        return [existing_row(group.head, before, columns), *steps]

    def _planned_new(self, group: SubscriptionGroup) -> list[PlannedRow]:
        if self._may_begin(group):
            return [self._new(group), *map(step_row, group.steps)]
        is_answered = bool(self.answers.of(group.head.number))
        verdict = Verdict.SKIP if is_answered else Verdict.QUESTION
        return _with_verdict(group, verdict)

    def _noted(
        self, group: SubscriptionGroup, before: StoredColumns | None
    ) -> PlannedColumns:
        """Note what is wrong with a subscription; return what changes of the existing one."""
        head = group.head
        self.stories.check_steps(group)
        give_currency(head, "price", self.reader, self.currency)
        if before is None:
            self.customers.check(head)
            check_required(head, self.reader, self.required)
        story = self.stories.checked(group)
        if before is None:
            return PlannedColumns()
        return self._changes(group, story, before)

    def _may_begin(self, group: SubscriptionGroup) -> bool:
        """Return whether a new subscription begins; if it may exist already, as was answered."""
        head = group.head
        choice = self.answers.of(head.number)
        severity = Severity.QUESTION if choice is None else Severity.WARNING
        contacts = self.customers.known(head)
        earlier = self._earlier_row(head, contacts)
        like = self.existing.nearly(contacts, _beginning(head))
        if earlier is not None:
            head.add(IssueCode.ROW_TWICE, severity, None, row=earlier)
        elif like is not None:
            head.add(
                IssueCode.SUBSCRIPTION_LIKE,
                severity,
                None,
                id=like["id"],
                name=like["name"],
            )
        else:
            return True
        if choice is None:
            self._ask(head)
        return choice is not None and choice.do == ADD

    def _earlier_row(self, head: ReadRow, contacts: RowContacts) -> int | None:
        """Return the number of an earlier row with the same content, first days within a week."""
        begins = _beginning(head)
        for days in sorted(range(-NEAR_DAYS, NEAR_DAYS + 1), key=abs):
            started_on = begins.started_on + timedelta(days=days)
            near = replace(begins, started_on=started_on)
            earlier = self.duplicates.find((contacts, near))
            if earlier is not None:
                return earlier
        return None

    def _ask(self, head: ReadRow) -> None:
        question = self.reader.questions.ask(
            EXISTING, QuestionKind.EXISTING, head.number
        )
        question.options = _ANSWERS

    def _before(
        self, head: ReadRow, contacts: Mapping[int, RowContacts]
    ) -> StoredColumns | None:
        """Return the subscription that a row means: by ID, else customer, name and first day."""
        by_id = record_meant(
            head,
            self.reader,
            self.existing.by_id,
            is_another=partial(is_another, head),
        )
        if by_id is not None:
            self.existing.taken.add(by_id["id"])
        if by_id is not None or head.is_waiting or head.has_problem:
            return by_id
        start = cast("date | None", head.values.get("started_on"))
        return self.existing.like(
            contacts[head.number], fold(name_of(head)), start
        )

    def _new(self, group: SubscriptionGroup) -> PlannedRow:
        head = group.head
        story = self.stories.story(group)
        stored: StoredRow = {"name": name_of(head)[:255]}
        for key in (*_PLAIN, *self.custom):
            if head.values.get(key) is not None:
                put(stored, self.catalog[key], head.values[key], {})
        columns = cast("PlannedColumns", stored)
        columns["started_on"] = story.started_on
        columns["end_on"] = story.end_on
        columns["booked_until"] = story.booked_until
        columns["steps"] = [_planned_step(step) for step in story.steps]
        columns["days"] = _days_of(story.plan)
        contacts = self.customers.planned(head)
        self.duplicates.remember(head.number, _content_of(head, contacts))
        planned = PlannedRow(head.number, Verdict.NEW, head.issues, columns)
        planned.organization = contacts.organization
        planned.person = contacts.person
        planned.added = self.customers.added(head, contacts.person)
        return planned

    def _changes(
        self,
        group: SubscriptionGroup,
        story: Story | None,
        before: StoredColumns,
    ) -> PlannedColumns:
        """Return the columns that a row changes; notes what it may not change."""
        head = group.head
        if group.steps and not head.has_problem:
            needed = [self.catalog[key] for key in NEEDED]
            check_required(head, self.reader, needed)
        story_before = self.existing.stories[before["id"]]
        for name in refused(head, story, story_before, before):
            head.add(
                IssueCode.SUBSCRIPTION_DIFFERS,
                Severity.PROBLEM,
                None,
                field=name,
                id=before["id"],
            )
        columns = changed_columns(
            head, before, self.catalog, on=self.viewer.on
        )
        is_editable = before["id"] in self.existing.editable
        if differences(before, columns) and not is_editable:
            head.add(
                IssueCode.SUBSCRIPTION_NOT_YOURS,
                Severity.PROBLEM,
                None,
                id=before["id"],
            )
        return columns


def _with_verdict(
    group: SubscriptionGroup, verdict: Verdict
) -> list[PlannedRow]:
    return [PlannedRow(row.number, verdict, row.issues) for row in group.rows]


def _planned_step(step: Step) -> PlannedStep:
    plan_id = None if step.plan is None else step.plan.key
    return PlannedStep(
        kind=step.kind,
        on=step.on.isoformat(),
        price_e4=step.price_e4,
        plan_id=plan_id,
        days=_days_of(step.plan),
    )


def _days_of(plan: PaidBy | None) -> list[int] | None:
    """Return the two days of the month that a plan has, as they are stored; None for none."""
    if plan is None or not plan.cadence.days:
        return None
    return list(plan.cadence.days)


def _content_of(head: ReadRow, contacts: RowContacts) -> Hashable:
    """Return what tells new subscriptions of a file apart."""
    return (contacts, _beginning(head))


def _beginning(head: ReadRow) -> Beginning:
    price = price_of(head)
    return Beginning(
        name=name_of(head),
        plan=cast("int", head.values["plan"]),
        price_e4=price.amount_e4,
        currency=price.currency,
        started_on=start_of(head),
        end_on=first_day_after(day_in(head, "last_on")),
    )
