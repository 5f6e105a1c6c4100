"""From rows to planned subscriptions, each followed by what happened to it (decision 0015)."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import cast

from turnus.accounts.viewer import Viewer
from turnus.core.cadence import Cadence, CadenceUnit
from turnus.core.cadence_days import parse_days
from turnus.core.folding import fold
from turnus.core.issues import IssueCode, Severity
from turnus.core.money import Money
from turnus.core.revenue.steps import (
    PaidBy,
    Refusal,
    Step,
    StepKind,
    Story,
    past_of,
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
    effective_day,
    is_another,
    is_complete,
    name_of,
    names_another,
    price_of,
    start_of,
)
from turnus.imports.subscription_changes import (
    changed_columns,
    first_day_after,
    refused,
)
from turnus.imports.subscription_rows import (
    existing_row,
    orphan_row,
    refused_row,
    step_row,
)
from turnus.revenue.models import Plan

#: Terms that one subscription may bring: weekly ones of 75 years.
MOST_TERMS = 4_000
#: What may be answered about a subscription that may be here already.
_ANSWERS = (ADD, SKIP)
_DAY = timedelta(days=1)
_SUBSCRIPTION = "subscription"
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
_NEEDED = ("plan", "price", "started_on")
_NEEDED_BY = {"price": "price", "plan": "plan"}
_REFUSALS = {
    Refusal.BEFORE_START: IssueCode.STEP_BEFORE_START,
    Refusal.AFTER_END: IssueCode.STEP_AFTER_END,
    Refusal.PAUSED_ALREADY: IssueCode.STEP_PAUSED_ALREADY,
    Refusal.NO_TERM_BEGINS: IssueCode.STEP_NO_TERM,
    Refusal.NOT_BOOKED: IssueCode.STEP_NOT_BOOKED,
}


@dataclass(slots=True)
class SubscriptionGroup:
    """A subscription's row and the rows of what happened to it: they go in together or not."""

    head: ReadRow
    steps: list[ReadRow] = field(default_factory=list)

    @property
    def rows(self) -> list[ReadRow]:
        """All rows, in the order of the file."""
        return [self.head, *self.steps]

    @property
    def complete_steps(self) -> list[ReadRow]:
        """The steps that say what happened, and when."""
        return [
            row
            for row in self.steps
            if not row.is_skipped and is_complete(row)
        ]


class SubscriptionPlanner:
    """Plans rows of subscriptions, block by block; a block holds whole groups."""

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
        plans = Plan.objects.values_list("pk", "cadence")
        self.cadences = {pk: Cadence.parse(text) for pk, text in plans}
        custom = [field for field in catalog.own if field.is_custom]
        self.custom = [field.key for field in custom]
        self.required = [catalog[key] for key in _NEEDED]
        self.required += [field for field in custom if field.is_required]
        entries = [
            column for column in reader.columns if column.path == "entry"
        ]
        self.entry = entries[0] if entries else None

    def begins(self, row: Row) -> bool:
        """Return whether a row may be the first of a block."""
        if self.entry is None:
            return True
        cell = row.cells[self.entry.index]
        return not str(cell or "").strip() or self._is_head(row)

    def _is_head(self, row: Row) -> bool:
        choices = self.entry.choices if self.entry else None
        cell = self.entry and row.cells[self.entry.index]
        return choices is not None and choices.find(str(cell)) == _SUBSCRIPTION

    def plan(self, read: Sequence[ReadRow]) -> list[PlannedRow]:
        """Return the plan of a block of rows."""
        groups = list(self._groups(read))
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
            rows = self._group(group, before.get(group.head.number))
            planned.update((row.number, row) for row in rows)
        return [planned.get(row.number) or orphan_row(row) for row in read]

    def _groups(self, read: Sequence[ReadRow]) -> Iterator[SubscriptionGroup]:
        group: SubscriptionGroup | None = None
        for row in read:
            if row.is_empty:
                continue
            if not self._is_step(row):
                if group is not None:
                    yield group
                group = SubscriptionGroup(row)
            elif group is not None:
                group.steps.append(row)
        if group is not None:
            yield group

    def _is_step(self, row: ReadRow) -> bool:
        """Return whether a row belongs to the one above it.

        Also if nobody can read what it is, so that nothing gets lost.
        """
        if row.values.get("entry") not in (None, _SUBSCRIPTION):
            return True
        if self.entry is None:
            return False
        wrong = [
            issue
            for issue in row.issues
            if issue.severity is not Severity.WARNING
        ]
        return any(issue.column == self.entry.heading for issue in wrong)

    def _group(
        self, group: SubscriptionGroup, before: StoredColumns | None
    ) -> Iterator[PlannedRow]:
        head = group.head
        if head.is_skipped:
            yield from (
                PlannedRow(row.number, Verdict.SKIP) for row in group.rows
            )
            return
        self._check_steps(group)
        story = self._checked(group, before)
        columns = PlannedColumns()
        if before is not None:
            columns = self._changes(group, story, before)
        wrong = next(
            (row.number for row in group.rows if row.has_problem), None
        )
        if wrong is not None:
            yield from (refused_row(row, wrong) for row in group.rows)
        elif any(row.is_waiting for row in group.rows):
            yield from (
                PlannedRow(row.number, Verdict.QUESTION, row.issues)
                for row in group.rows
            )
        elif before is not None:
            yield existing_row(head, before, columns)
            yield from (
                PlannedRow(
                    row.number,
                    Verdict.SAME,
                    row.issues,
                    record_id=before["id"],
                )
                for row in group.steps
            )
        elif self._may_begin(group):
            yield self._new(group)
            yield from map(step_row, group.steps)
        else:
            verdict = (
                Verdict.SKIP
                if self.answers.of(head.number)
                else Verdict.QUESTION
            )
            yield from (
                PlannedRow(row.number, verdict, row.issues)
                for row in group.rows
            )

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
            near = replace(
                begins, started_on=begins.started_on + timedelta(days=days)
            )
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

    def _checked(
        self, group: SubscriptionGroup, before: StoredColumns | None
    ) -> Story | None:
        """Note what is wrong with a subscription and its steps; return its story if complete."""
        head = group.head
        give_currency(head, "price", self.reader, self.currency)
        if before is None:
            self.customers.check(head)
            check_required(head, self.reader, self.required)
        self._check_price(head)
        self._check_days(head)
        if head.has_problem or any(
            head.values.get(key) is None for key in _NEEDED
        ):
            return None
        self._check_currencies(group)
        story = self._story(group)
        if story.end_on is not None and story.end_on <= story.started_on:
            head.add(
                IssueCode.END_BEFORE_START,
                Severity.PROBLEM,
                self.reader.heading_of("last_on"),
            )
        elif story.most_terms > MOST_TERMS:
            head.add(
                IssueCode.TERMS_TOO_MANY,
                Severity.PROBLEM,
                self.reader.heading_of("started_on"),
                limit=MOST_TERMS,
            )
        else:
            for position, refusal in past_of(story).refused:
                group.complete_steps[position].add(
                    _REFUSALS[refusal], Severity.PROBLEM, self._day_heading
                )
            return story
        return None

    def _check_steps(self, group: SubscriptionGroup) -> None:
        """Note what a step lacks to be one."""
        for row in group.steps:
            if names_another(row, group.head):
                row.add(IssueCode.ROW_ELSEWHERE, Severity.PROBLEM, None)
            if (
                effective_day(row) is None
                and not row.has_problem
                and not row.is_waiting
            ):
                heading = self._day_heading
                row.add(
                    IssueCode.REQUIRED_MISSING,
                    Severity.PROBLEM,
                    heading,
                    field="effective_on",
                )
            needed = _NEEDED_BY.get(str(row.values.get("entry")))
            if (
                needed is not None
                and not row.has_problem
                and not row.is_waiting
            ):
                check_required(row, self.reader, [self.catalog[needed]])
            self._check_price(row)
            self._check_days(row)

    def _check_price(self, row: ReadRow) -> None:
        price = row.values.get("price")
        if isinstance(price, Money) and price.amount_e4 < 0:
            text = str(price.amount)
            row.add(
                IssueCode.OUT_OF_RANGE,
                Severity.PROBLEM,
                self.reader.heading_of("price"),
                text=text,
            )

    def _check_currencies(self, group: SubscriptionGroup) -> None:
        currency = price_of(group.head).currency
        for row in group.steps:
            give_currency(row, "price", self.reader, currency)
            price = row.values.get("price")
            if isinstance(price, Money) and price.currency != currency:
                row.add(
                    IssueCode.OTHER_CURRENCY,
                    Severity.PROBLEM,
                    self.reader.heading_of("price"),
                    currency=currency,
                )

    @property
    def _day_heading(self) -> str | None:
        return self.reader.heading_of(
            "effective_on"
        ) or self.reader.heading_of("started_on")

    def _story(self, group: SubscriptionGroup) -> Story:
        head = group.head
        start = start_of(head)
        booked_until = (
            first_day_after(day_in(head, "booked_to")) or self.viewer.on + _DAY
        )
        steps = [self._step(row) for row in group.complete_steps]
        return Story(
            self._paid_by(head),
            start,
            price_of(head).amount_e4,
            steps,
            max(booked_until, start),
            first_day_after(day_in(head, "last_on")),
        )

    def _step(self, row: ReadRow) -> Step:
        kind = StepKind(str(row.values["entry"]))
        price = row.values.get("price")
        day = effective_day(row)
        assert day is not None  # noqa: S101 (steps without a day are problems)
        plan = self._paid_by(row) if kind is StepKind.PLAN else None
        price_e4 = price.amount_e4 if isinstance(price, Money) else None
        return Step(kind, day, price_e4, plan)

    def _paid_by(self, row: ReadRow) -> PaidBy:
        plan = cast("int", row.values["plan"])
        text = row.values.get("half_month_days")
        cadence = self.cadences[plan]
        if text:
            cadence = replace(cadence, days=parse_days(str(text)))
        return PaidBy(plan, cadence)

    def _check_days(self, row: ReadRow) -> None:
        """Note days of the month that are none, or that the row's plan does not have."""
        text, plan = row.values.get("half_month_days"), row.values.get("plan")
        if not text:
            return
        try:
            parse_days(str(text))
        except ValueError:
            heading = self.reader.heading_of("half_month_days")
            row.add(
                IssueCode.DAYS_INVALID,
                Severity.PROBLEM,
                heading,
                text=str(text)[:100],
            )
            return
        cadence = self.cadences.get(cast("int", plan))
        if cadence is None or cadence.unit is not CadenceUnit.HALF_MONTH:
            row.add(
                IssueCode.DAYS_WITHOUT_PLAN,
                Severity.PROBLEM,
                self.reader.heading_of("half_month_days"),
            )

    def _new(self, group: SubscriptionGroup) -> PlannedRow:
        head = group.head
        story = self._story(group)
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
            check_required(
                head, self.reader, [self.catalog[key] for key in _NEEDED]
            )
        for name in refused(
            head, story, self.existing.stories[before["id"]], before
        ):
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
        if (
            differences(before, columns)
            and before["id"] not in self.existing.editable
        ):
            head.add(
                IssueCode.SUBSCRIPTION_NOT_YOURS,
                Severity.PROBLEM,
                None,
                id=before["id"],
            )
        return columns


def _planned_step(step: Step) -> PlannedStep:
    return PlannedStep(
        kind=step.kind,
        on=step.on.isoformat(),
        price_e4=step.price_e4,
        plan_id=None if step.plan is None else step.plan.key,
        days=_days_of(step.plan),
    )


def _days_of(plan: PaidBy | None) -> list[int] | None:
    """Return the two days of the month that a plan has, as they are stored; None for none."""
    return (
        list(plan.cadence.days)
        if plan is not None and plan.cadence.days
        else None
    )


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
