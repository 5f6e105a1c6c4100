"""What the rows of a subscription say happened to it, and what is wrong with that."""

from dataclasses import replace
from datetime import date, timedelta
from typing import cast

from turnus.core.cadence import Cadence, CadenceUnit
from turnus.core.cadence_days import parse_days
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
from turnus.fields.catalog import Catalog
from turnus.imports.read_row import ReadRow
from turnus.imports.rows import RowReader, check_required, give_currency
from turnus.imports.subscription_cells import (
    day_in,
    effective_day,
    names_another,
    price_of,
    start_of,
)
from turnus.imports.subscription_changes import first_day_after
from turnus.imports.subscription_groups import SubscriptionGroup
from turnus.revenue.models import Plan

#: Terms that one subscription may bring: weekly ones of 75 years.
MOST_TERMS = 4_000
#: Without these a row has no story.
NEEDED = ("plan", "price", "started_on")
_DAY = timedelta(days=1)
_NEEDED_BY = {"price": "price", "plan": "plan"}
_REFUSALS = {
    Refusal.BEFORE_START: IssueCode.STEP_BEFORE_START,
    Refusal.AFTER_END: IssueCode.STEP_AFTER_END,
    Refusal.PAUSED_ALREADY: IssueCode.STEP_PAUSED_ALREADY,
    Refusal.NO_TERM_BEGINS: IssueCode.STEP_NO_TERM,
    Refusal.NOT_BOOKED: IssueCode.STEP_NOT_BOOKED,
}


class StoryReader:
    """A reader of stories from groups of rows; what is wrong is noted with the rows."""

    def __init__(
        self, reader: RowReader, catalog: Catalog, *, on: date
    ) -> None:
        """Take `on`, the day of the import: until then terms are booked."""
        self.reader = reader
        self.catalog = catalog
        self.on = on
        plans = Plan.objects.values_list("pk", "cadence")
        self.cadences = {pk: Cadence.parse(text) for pk, text in plans}

    def checked(self, group: SubscriptionGroup) -> Story | None:
        """Note what is wrong with the days and prices of a story; return it if it is complete."""
        head = group.head
        self._check_price(head)
        self._check_days(head)
        lacks_cells = any(head.values.get(key) is None for key in NEEDED)
        if head.has_problem or lacks_cells:
            return None
        self._check_currencies(group)
        story = self.story(group)
        if self._has_impossible_length(head, story):
            return None
        steps = group.complete_steps
        for position, refusal in past_of(story).refused:
            steps[position].add(
                _REFUSALS[refusal], Severity.PROBLEM, self._day_heading
            )
        return story

    def _has_impossible_length(self, head: ReadRow, story: Story) -> bool:
        """Return whether a story ends before it starts or is far too long, which is noted."""
        if story.end_on is not None and story.end_on <= story.started_on:
            heading = self.reader.heading_of("last_on")
            head.add(IssueCode.END_BEFORE_START, Severity.PROBLEM, heading)
            return True
        if story.most_terms > MOST_TERMS:
            heading = self.reader.heading_of("started_on")
            head.add(
                IssueCode.TERMS_TOO_MANY,
                Severity.PROBLEM,
                heading,
                limit=MOST_TERMS,
            )
            return True
        return False

    def check_steps(self, group: SubscriptionGroup) -> None:
        """Note what a step lacks to be one."""
        for row in group.steps:
            if names_another(row, group.head):
                row.add(IssueCode.ROW_ELSEWHERE, Severity.PROBLEM, None)
            if effective_day(row) is None and _is_ready(row):
                row.add(
                    IssueCode.REQUIRED_MISSING,
                    Severity.PROBLEM,
                    self._day_heading,
                    field="effective_on",
                )
            needed = _NEEDED_BY.get(str(row.values.get("entry")))
            if needed is not None and _is_ready(row):
                check_required(row, self.reader, [self.catalog[needed]])
            self._check_price(row)
            self._check_days(row)

    def _check_price(self, row: ReadRow) -> None:
        price = row.values.get("price")
        if isinstance(price, Money) and price.amount_e4 < 0:
            row.add(
                IssueCode.OUT_OF_RANGE,
                Severity.PROBLEM,
                self.reader.heading_of("price"),
                text=str(price.amount),
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
        heading = self.reader.heading_of("effective_on")
        return heading or self.reader.heading_of("started_on")

    def story(self, group: SubscriptionGroup) -> Story:
        """Return what happened to a subscription; for groups without a problem."""
        head = group.head
        start = start_of(head)
        booked_until = first_day_after(day_in(head, "booked_to"))
        if booked_until is None:
            booked_until = self.on + _DAY
        return Story(
            self._paid_by(head),
            start,
            price_of(head).amount_e4,
            [self._step(row) for row in group.complete_steps],
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
        text = row.values.get("half_month_days")
        if not text:
            return
        heading = self.reader.heading_of("half_month_days")
        try:
            parse_days(str(text))
        except ValueError:
            row.add(
                IssueCode.DAYS_INVALID,
                Severity.PROBLEM,
                heading,
                text=str(text)[:100],
            )
            return
        plan = cast("int", row.values.get("plan"))
        cadence = self.cadences.get(plan)
        if cadence is None or cadence.unit is not CadenceUnit.HALF_MONTH:
            row.add(
                IssueCode.DAYS_WITHOUT_PLAN,
                Severity.PROBLEM,
                heading,
            )


def _is_ready(row: ReadRow) -> bool:
    """Return whether nothing is wrong or open that would explain a missing cell."""
    return not row.has_problem and not row.is_waiting
