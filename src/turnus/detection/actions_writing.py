"""Writing an approved proposal: new subscriptions, and further terms of existing ones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TypedDict, cast

from turnus.accounts.queries import company
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.detection.costs import MOST_MISSING
from turnus.core.detection.facts import Paid
from turnus.core.detection.money import fact_of
from turnus.core.revenue.runs import BookedTerm
from turnus.core.revenue.timeline import Timeline, timeline_of
from turnus.detection.facts import Facts, facts_of
from turnus.detection.models import History, Proposal
from turnus.detection.reading import DetectedLine, restored
from turnus.history.models import Run
from turnus.revenue.models import Plan, Subscription
from turnus.revenue.rows import NewColumns, SubscriptionChange, SubscriptionRow
from turnus.revenue.rules import due_on, term_days
from turnus.revenue.subscriptions.actions.start import (
    PlanBefore,
    Start,
    StartedTerm,
    start_subscriptions,
)
from turnus.revenue.subscriptions.actions.write import change_ids, locked
from turnus.revenue.terms.actions.write import NewTerm, insert_terms
from turnus.sales.models import Deal

States = Subscription.State
_HEAD = (
    "pk",
    "organization_id",
    "person_id",
    "owner_id",
    "visibility",
    "currency",
)


class _DealHead(TypedDict):
    """Columns of a deal that its subscription takes over."""

    pk: int
    organization_id: int | None
    person_id: int | None
    owner_id: int
    visibility: str
    currency: str


def write_histories(
    proposal: Proposal, histories: Sequence[History], *, run: Run, at: datetime
) -> None:
    """Write the histories that have not changed since they were read.

    For the caller's transaction, a block of a job.
    """
    open_ones = [
        one
        for one in histories
        if one.state in {History.State.PROPOSED, History.State.CONFIRMED}
    ]
    facts = facts_of(open_ones, proposal, company().zone)
    written = WrittenBlock(proposal, run, at)
    for one in open_ones:
        holds = one.digest == facts[one.pk].digest
        one.state = History.State.WRITTEN if holds else History.State.MOVED
        for line in restored(one.reading).lines if holds else ():
            written.add(line, one, facts[one.pk])
    written.insert()
    History.objects.bulk_update(open_ones, ["state"])


class WrittenBlock:
    """The subscriptions that a block of histories starts, and those that it extends."""

    def __init__(self, proposal: Proposal, run: Run, at: datetime) -> None:
        self.proposal, self.run, self.at = proposal, run, at
        # Of several plans of a cadence the first that is in use, if one is.
        self.plans = {
            plan.how.bare: plan.pk
            for plan in Plan.objects.order_by("is_active", "-position", "-pk")
        }
        self.new_lines: list[_StartedLine] = []
        self.extensions: dict[int, tuple[DetectedLine, History, Facts]] = {}

    def add(self, line: DetectedLine, history: History, facts: Facts) -> None:
        """Add a line: a new subscription, or one that is extended."""
        if line.subscription is None:
            self.new_lines.append(
                _StartedLine(
                    line, history.currency, facts, self.plans[line.plan]
                )
            )
        else:
            self.extensions[line.subscription] = (line, history, facts)

    def insert(self) -> None:
        """Write everything, in bulk."""
        self._extend()
        heads = {
            row["pk"]: cast("_DealHead", row)
            for row in Deal.objects.filter(
                pk__in=[one.last for one in self.new_lines]
            ).values(*_HEAD)
        }
        way, on = self.run.totals.get("renewal_way", ""), self.proposal.on
        timelines = [
            timeline_of(
                fact_of(0, one.line.chain(one.currency), one.sold), as_of=on
            )
            for one in self.new_lines
        ]
        terms = [
            _booked(timeline, one.until)
            for timeline, one in zip(timelines, self.new_lines, strict=True)
        ]
        columns = [
            _columns(
                heads[one.last], one, own, is_over=timeline.next_due is None
            )
            | NewColumns(renewal_way=way)
            for one, own, timeline in zip(
                self.new_lines, terms, timelines, strict=True
            )
        ]
        cells = [
            [_cells(number, term, self.run) for number, term in enumerate(own)]
            for own in terms
        ]
        before = [_plans_before(own, self.plans) for own in terms]
        starts = [
            Start(row, terms, plans_before)
            for row, terms, plans_before in zip(
                columns, cells, before, strict=True
            )
        ]
        start_subscriptions(starts, by=self.run.by, at=self.at, run=self.run)

    def _extend(self) -> None:
        """Book the next terms of existing subscriptions.

        What lies before them, and what does not fit them, starts another subscription.
        """
        rows: list[NewTerm] = []
        after: dict[int, SubscriptionChange] = {}
        for pk, row in locked(self.extensions).items():
            line, history, facts = self.extensions[pk]
            first = facts.spans[pk].start
            paid = _paid_from_next_due(row, line.paid)
            priced = [(one, facts.value_e4(one.deal)) for one in paid]
            terms = _next_terms(_reopened(row), priced, run=self.run)
            changed = SubscriptionChange()
            if terms:
                last = terms[-1]
                changed = _columns_after(
                    _reopened(row), last, on=self.proposal.on
                )
            now = cast("SubscriptionRow", {**row, **changed})
            left = _paid_from_next_due(now, paid)
            rows += [_further_term(row, term, at=self.at) for term in terms]
            after[pk] = changed | _end_columns(now) if left else changed
            earlier = [one for one in line.paid if one.starts_on < first]
            self._start_another(earlier, history, facts, row, until=first)
            self._start_another(left, history, facts, row)
        insert_terms(rows)
        change_ids(
            after,
            lambda row: after[row["id"]],
            by=self.run.by,
            at=self.at,
            run=self.run,
        )

    def _start_another(
        self,
        paid: Sequence[Paid],
        history: History,
        facts: Facts,
        row: SubscriptionRow,
        until: date | None = None,
    ) -> None:
        """Start another subscription beside an existing one.

        Its plan is that of the existing one if none has the cadence.
        """
        if paid:
            line = DetectedLine(tuple(paid))
            self.new_lines.append(
                _StartedLine(
                    line,
                    history.currency,
                    facts,
                    self.plans.get(line.plan, row["plan_id"]),
                    until,
                )
            )


def _paid_from_next_due(
    row: SubscriptionRow, paid: Sequence[Paid]
) -> list[Paid]:
    """Return what pays terms of a subscription that nothing books yet."""
    next_due_on = due_on(row, row["next_number"])
    return [one for one in paid if one.starts_on >= next_due_on]


class _StartedLine:
    """A subscription to start; an existing one continues it from the day `until` on."""

    def __init__(
        self,
        line: DetectedLine,
        currency: str,
        facts: Facts,
        plan: int,
        until: date | None = None,
    ) -> None:
        self.line, self.currency, self.plan, self.until = (
            line,
            currency,
            plan,
            until,
        )
        self.sold = {one.deal: one for one in facts.sold}
        self.last = self.line.deals[-1]
        titles = Counter(
            self.sold[deal].title for deal in reversed(self.line.deals)
        )
        #: What most of the copies are called.
        self.name = titles.most_common(1)[0][0]


def _booked(timeline: Timeline, until: date | None) -> list[BookedTerm]:
    """Return the terms up to the last paid one, none beyond `until`; overdue terms stay due."""
    last = max(
        index
        for index, term in enumerate(timeline.terms)
        if term.deal is not None
    )
    return [
        replace(
            term,
            days=DateRange(
                term.days.start, min(term.days.end, until or term.days.end)
            ),
        )
        for term in timeline.terms[: last + 1]
    ]


def _columns(
    head: _DealHead,
    one: _StartedLine,
    terms: Sequence[BookedTerm],
    *,
    is_over: bool,
) -> NewColumns:
    last = terms[-1]
    return {
        "organization_id": head["organization_id"],
        "person_id": head["person_id"],
        "owner_id": head["owner_id"],
        "visibility": head["visibility"],
        "currency": head["currency"],
        "name": one.name,
        "plan_id": one.plan,
        "cadence": _stored(last),
        "price_e4": last.price_e4,
        "state": States.ENDED if is_over or one.until else States.ACTIVE,
        "started_on": terms[0].days.start,
        "anchor_on": last.anchor,
        "anchor_number": len(terms) - 1 - last.number,
        "next_number": len(terms),
        "end_on": last.days.end if is_over or one.until else None,
        "paused_on": None,
    }


def _plans_before(
    terms: Sequence[BookedTerm], plans: Mapping[Cadence, int]
) -> list[PlanBefore]:
    """Return the days on which the plan changed, with the plan before.

    A cadence without a plan shows in the terms alone.
    """
    starts = [
        (term.days.start, plans.get(term.cadence.bare)) for term in terms
    ]
    return [
        PlanBefore(on.isoformat(), before)
        for (_, before), (on, after) in pairwise(starts)
        if before is not None and before != after
    ]


def _cells(number: int, term: BookedTerm, run: Run) -> StartedTerm:
    days = term.days
    return StartedTerm(
        number,
        days.start,
        days.end,
        term.price_e4,
        _stored(term),
        term.deal,
        run.pk,
    )


def _stored(term: BookedTerm) -> str:
    return str(term.cadence.anchored(term.anchor))


def _reopened(row: SubscriptionRow) -> SubscriptionRow:
    """Return a subscription's columns without an end that only a missing renewal made."""
    lapsed = (
        row["state"] == States.ENDED
        and not row["end_reason"]
        and row["end_on"] == due_on(row, row["next_number"])
    )
    if not lapsed:
        return row
    reopened = {**row, "state": States.ACTIVE, "end_on": None}
    return cast("SubscriptionRow", reopened)


def _next_terms(
    row: SubscriptionRow, paid: Sequence[tuple[Paid, int]], *, run: Run
) -> list[StartedTerm]:
    """Return the next terms, up to the first deal that fits none.

    What nobody entered in between costs what the term before did.
    """
    terms: list[StartedTerm] = []
    number, price = row["next_number"], row["price_e4"]
    for one, value in paid:
        fitting = _number_of(row, number, one)
        if fitting is None:
            break
        terms += [
            _next_term(row, missing, price, None, run=run)
            for missing in range(number, fitting)
        ]
        terms.append(_next_term(row, fitting, value, one.deal, run=run))
        number, price = fitting + 1, value
    return terms


def _further_term(
    row: SubscriptionRow, term: StartedTerm, *, at: datetime
) -> NewTerm:
    """Return a term as it is inserted for an existing subscription."""
    return NewTerm(
        subscription_id=row["id"],
        number=term.number,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        price_e4=term.price_e4,
        currency=row["currency"],
        cadence=term.cadence,
        deal_id=term.deal_id,
        run_id=term.run_id,
        recorded_at=at,
    )


def _next_term(
    row: SubscriptionRow,
    number: int,
    price_e4: int,
    deal: int | None,
    *,
    run: Run,
) -> StartedTerm:
    days = term_days(row, number)
    cadence = row["cadence"]
    return StartedTerm(
        number, days.start, days.end, price_e4, cadence, deal, run.pk
    )


def _number_of(row: SubscriptionRow, number: int, one: Paid) -> int | None:
    """Return which of the next terms a deal pays for, as many ahead as copies may be missing.

    None for another day, another cadence, or after the end.
    """
    start = one.starts_on
    if row["state"] != States.ACTIVE or (
        row["end_on"] is not None and start >= row["end_on"]
    ):
        return None
    if (
        one.cadence.billings_per_year
        != Cadence.parse(row["cadence"]).billings_per_year
    ):
        return None
    return next(
        (
            each
            for each in range(number, number + MOST_MISSING + 1)
            if due_on(row, each) == start
        ),
        None,
    )


def _end_columns(row: SubscriptionRow) -> SubscriptionChange:
    """Return the columns of a subscription whose customer goes on with another one.

    It ends with what is paid, if nothing ended it before.
    """
    if row["state"] != States.ACTIVE or row["end_on"] is not None:
        return {}
    return {"state": States.ENDED, "end_on": due_on(row, row["next_number"])}


def _columns_after(
    row: SubscriptionRow, last: StartedTerm, *, on: date
) -> SubscriptionChange:
    """Return the columns of a subscription whose latest term is `last`.

    It has ended again if that term and its grace period are over.
    """
    end = last.ends_on
    grace = timedelta(days=Cadence.parse(row["cadence"]).default_grace_days)
    is_over = row["end_on"] is None and end + grace < on
    state, end_on = (
        (States.ENDED, end) if is_over else (row["state"], row["end_on"])
    )
    return {
        "next_number": last.number + 1,
        "price_e4": last.price_e4,
        "state": state,
        "end_on": end_on,
    }
