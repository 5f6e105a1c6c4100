"""Writing what was approved: subscriptions with the terms that their deals pay for, or further terms of those that are here; taking it back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.accounts.queries import company
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.detection.costs import MOST_MISSING
from turnus.core.detection.facts import Paid
from turnus.core.detection.money import fact_of
from turnus.core.revenue.runs import BookedTerm
from turnus.core.revenue.timeline import Timeline, timeline_of
from turnus.detection.actions import move_on, require_own
from turnus.detection.facts import Facts, facts_of
from turnus.detection.models import History, Proposal
from turnus.detection.reading import DetectedLine, restored
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.history.undoing import UndoResult
from turnus.jobs.actions import enqueue
from turnus.kit.errors import UserError
from turnus.revenue.models import Plan, Subscription
from turnus.revenue.plans.actions import PlanValues, save_plan
from turnus.revenue.renewals.actions.undo import undo_renewals
from turnus.revenue.rows import NewColumns, SubscriptionChange
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
    "title",
    "currency",
)


@dataclass(frozen=True, slots=True)
class Approval:
    """What a person approved: `expected` histories, those without an open question if `only_sure`.

    `adds_e4`: what it adds to the MRR, as the person confirmed it, in ten-thousandths of the company's currency (None: nothing was shown).
    `renewal_way`: what happens when a term of theirs is due, empty for as the plan says; `plan_names`: what plans that are missing are called.
    """

    only_sure: bool
    expected: int
    adds_e4: int | None = None
    renewal_way: str = ""
    plan_names: Mapping[Cadence, str] = field(default_factory=dict)


def to_write(proposal: Proposal, *, only_sure: bool) -> QuerySet[History]:
    """Return the histories that approval writes; `only_sure`: those without an open question."""
    open_ones = proposal.histories.filter(
        state__in=(History.State.PROPOSED, History.State.CONFIRMED),
        subscription_count__gt=0,
    )
    return open_ones.filter(question_count=0) if only_sure else open_ones


def missing_plans(histories: QuerySet[History]) -> list[Cadence]:
    """Return the cadences of subscriptions to be begun for which no plan is in use, the most frequent first."""
    known = {plan.how.bare for plan in Plan.objects.filter(is_active=True)}
    found: Counter[Cadence] = Counter()
    for held in histories.values_list("reading", flat=True).iterator():
        found.update(
            line.plan for line in restored(held).lines if line.subscription is None
        )
    return [cadence for cadence, _ in found.most_common() if cadence not in known]


def added_e4(proposal: Proposal, histories: QuerySet[History]) -> int:
    """Return what writing these histories adds to the MRR of the proposal's day, rounded to ten-thousandths."""
    month = f"{proposal.on:%Y-%m}"
    return round(
        sum(
            (
                Fraction(held.get(month, 0))
                for held in histories.values_list("months", flat=True)
            ),
            Fraction(0),
        )
    )


@transaction.atomic
def approve(*, proposal: Proposal, by: User, at: datetime, approval: Approval) -> Run:
    """Let a job write the proposal as a run, with plans for the cadences that have none; refused if it is not what was looked at."""
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    require_own(proposal, by)
    if proposal.state != Proposal.State.READY:
        raise UserError("detection.closed")
    chosen = to_write(proposal, only_sure=approval.only_sure)
    if chosen.count() != approval.expected or not approval.expected:
        raise UserError("detection.moved")
    if approval.adds_e4 is not None and approval.adds_e4 != added_e4(proposal, chosen):
        raise UserError("detection.moved")
    missing = missing_plans(chosen)
    if not approval.plan_names.keys() >= set(missing):
        raise UserError("detection.moved")
    for cadence in missing:
        save_plan(
            by=by, values=PlanValues(name=approval.plan_names[cadence], cadence=cadence)
        )
    proposal.histories.exclude(pk__in=chosen.values("pk")).update(
        state=History.State.LEFT_OUT
    )
    run = start_run(kind=Run.Kind.DETECTION, by_id=by.pk, at=at, title=proposal.title)
    move_run(
        run=run,
        state=Run.State.RUNNING,
        at=at,
        totals={"renewal_way": approval.renewal_way},
    )
    proposal.run, proposal.state = run, Proposal.State.WRITING
    proposal.save(update_fields=["run", "state"])
    key = f"detection.write:{proposal.pk}"
    enqueue(
        "detection.write", at=at, by_id=by.pk, unique_key=key, proposal_id=proposal.pk
    )
    return run


def write_histories(
    proposal: Proposal, histories: Sequence[History], *, run: Run, at: datetime
) -> None:
    """Write the histories that are as they were when they were read; for the caller's transaction, a block of a job."""
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


@transaction.atomic
def finish_writing(proposal: Proposal, *, run: Run, at: datetime) -> None:
    """Say what was written; nothing where that was said before."""
    if not move_on(proposal, Proposal.State.WRITING, Proposal.State.WRITTEN):
        return
    begun = Subscription.objects.filter(
        pk__in=run.events.filter(action="created").values("record_id")
    )
    totals = {
        "count": begun.count(),
        "ended": begun.filter(state=States.ENDED).count(),
        "term_count": run.terms.count(),
        "moved": proposal.histories.filter(state=History.State.MOVED).count(),
    }
    move_run(run=run, state=Run.State.DONE, at=at, totals=totals)


@transaction.atomic
def undo_proposal(*, proposal: Proposal, by: User, at: datetime) -> UndoResult:
    """Take back what was written, whole; what people answered is remembered. About 3 seconds for 100,000 deals."""
    proposal = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("run")
        .get(pk=proposal.pk)
    )
    require_own(proposal, by)
    if proposal.state != Proposal.State.WRITTEN or proposal.run is None:
        raise UserError("detection.closed")
    result = undo_renewals(run=proposal.run, by=by, at=at)
    move_on(proposal, Proposal.State.WRITTEN, Proposal.State.UNDONE)
    return result


class WrittenBlock:
    """What a block of histories comes to: subscriptions to be begun, and lines that go on with one that is here."""

    def __init__(self, proposal: Proposal, run: Run, at: datetime) -> None:
        self.proposal, self.run, self.at = proposal, run, at
        # Of several plans of a cadence the first that is in use, if one is.
        self.plans = {
            plan.how.bare: plan.pk
            for plan in Plan.objects.order_by("is_active", "-position", "-pk")
        }
        self.begun: list[_Begun] = []
        self.going_on: dict[int, tuple[DetectedLine, History, Facts]] = {}

    def add(self, line: DetectedLine, history: History, facts: Facts) -> None:
        """Take in a line: a subscription of its own, or one that goes on."""
        if line.subscription is None:
            self.begun.append(
                _Begun(line, history.currency, facts, self.plans[line.plan])
            )
        else:
            self.going_on[line.subscription] = (line, history, facts)

    def insert(self) -> None:
        """Write everything, in bulk."""
        self._go_on()
        heads = {
            row["pk"]: row
            for row in Deal.objects.filter(
                pk__in=[one.last for one in self.begun]
            ).values(*_HEAD)
        }
        way, on = self.run.totals.get("renewal_way", ""), self.proposal.on
        timelines = [
            timeline_of(fact_of(0, one.line.chain(one.currency), one.sold), as_of=on)
            for one in self.begun
        ]
        terms = [
            _booked(timeline, one.until)
            for timeline, one in zip(timelines, self.begun, strict=True)
        ]
        columns = [
            _columns(heads[one.last], one, own, is_over=timeline.next_due is None)
            | {"renewal_way": way}
            for one, own, timeline in zip(self.begun, terms, timelines, strict=True)
        ]
        cells = [
            [_cells(number, term, self.run) for number, term in enumerate(own)]
            for own in terms
        ]
        before = [_plans_before(own, self.plans) for own in terms]
        starts = [
            Start(cast("NewColumns", row), terms, plans_before)
            for row, terms, plans_before in zip(columns, cells, before, strict=True)
        ]
        start_subscriptions(starts, by=self.run.by, at=self.at, run=self.run)

    def _go_on(self) -> None:
        """Book the next terms of subscriptions that are here; what lies before them, and what does not fit them, begins another one."""
        rows: list[NewTerm] = []
        after: dict[int, SubscriptionChange] = {}
        for pk, row in locked(self.going_on).items():
            line, history, facts = self.going_on[pk]
            first = facts.spans[pk].start
            paid = [
                one
                for one in line.paid
                if one.starts_on >= due_on(row, row["next_number"])
            ]
            terms = _next_terms(
                _reopened(row), [(one, facts.value_e4(one.deal)) for one in paid]
            )
            changed = (
                _changed(_reopened(row), terms[-1], on=self.proposal.on)
                if terms
                else {}
            )
            now = {**row, **changed}
            left = [
                one for one in paid if one.starts_on >= due_on(now, now["next_number"])
            ]
            rows += [
                NewTerm._make((pk, *cells, self.run.pk, self.at)) for cells in terms
            ]
            after[pk] = cast(
                "SubscriptionChange", changed | (_over(now) if left else {})
            )
            self._begin(
                [one for one in line.paid if one.starts_on < first],
                history,
                facts,
                row,
                until=first,
            )
            self._begin(left, history, facts, row)
        insert_terms(rows)
        change_ids(
            after,
            lambda row: after[row["id"]],
            by=self.run.by,
            at=self.at,
            run=self.run,
        )

    def _begin(
        self,
        paid: Sequence[Paid],
        history: History,
        facts: Facts,
        row: Mapping[str, Any],
        until: date | None = None,
    ) -> None:
        """Begin another subscription beside the one that is here: of its plan, if there is none of the cadence."""
        if paid:
            line = DetectedLine(tuple(paid))
            self.begun.append(
                _Begun(
                    line,
                    history.currency,
                    facts,
                    self.plans.get(line.plan, row["plan_id"]),
                    until,
                )
            )


class _Begun:
    """A subscription to be begun; `until`: the day on which one that is here goes on with it."""

    def __init__(
        self,
        line: DetectedLine,
        currency: str,
        facts: Facts,
        plan: int,
        until: date | None = None,
    ) -> None:
        self.line, self.currency, self.plan, self.until = line, currency, plan, until
        self.sold = {one.deal: one for one in facts.sold}
        self.last = self.line.deals[-1]
        titles = Counter(self.sold[deal].title for deal in reversed(self.line.deals))
        #: What most of the copies are called.
        self.name = titles.most_common(1)[0][0]


def _booked(timeline: Timeline, until: date | None) -> list[BookedTerm]:
    """Return the terms up to the last that a deal pays for, none of them beyond `until`; what is overdue stays due."""
    last = max(
        index for index, term in enumerate(timeline.terms) if term.deal is not None
    )
    return [
        replace(
            term,
            days=DateRange(term.days.start, min(term.days.end, until or term.days.end)),
        )
        for term in timeline.terms[: last + 1]
    ]


def _columns(
    head: Mapping[str, Any], one: _Begun, terms: Sequence[BookedTerm], *, is_over: bool
) -> dict[str, Any]:
    last = terms[-1]
    return {
        **{
            key: head[key]
            for key in (
                "organization_id",
                "person_id",
                "owner_id",
                "visibility",
                "currency",
            )
        },
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
    """Return the days on which the plan changed, and what it was before; a cadence that has no plan is told by its terms alone."""
    held = [(term.days.start, plans.get(term.cadence.bare)) for term in terms]
    return [
        PlanBefore(on.isoformat(), before)
        for (_, before), (on, after) in pairwise(held)
        if before is not None and before != after
    ]


def _cells(number: int, term: BookedTerm, run: Run) -> StartedTerm:
    days = term.days
    return StartedTerm(
        number, days.start, days.end, term.price_e4, _stored(term), term.deal, run.pk
    )


def _stored(term: BookedTerm) -> str:
    return str(term.cadence.anchored(term.anchor))


def _reopened(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a subscription's columns without the end that nobody agreed on: no renewal was known, and now there is one."""
    lapsed = (
        row["state"] == States.ENDED
        and not row["end_reason"]
        and row["end_on"] == due_on(row, row["next_number"])
    )
    return {**row, "state": States.ACTIVE, "end_on": None} if lapsed else row


def _next_terms(
    row: Mapping[str, Any], paid: Sequence[tuple[Paid, int]]
) -> list[tuple[Any, ...]]:
    """Return the cells of the next terms, from the number to the deal, up to the first deal that fits none.

    What nobody entered in between costs what the term before did.
    """
    cells: list[tuple[Any, ...]] = []
    number, price = row["next_number"], row["price_e4"]
    for one, value in paid:
        fitting = _number_of(row, number, one)
        if fitting is None:
            break
        paying = [(missing, price, None) for missing in range(number, fitting)] + [
            (fitting, value, one.deal)
        ]
        for each, cost, deal in paying:
            days = term_days(row, each)
            cells.append(
                (
                    each,
                    days.start,
                    days.end,
                    cost,
                    row["currency"],
                    row["cadence"],
                    deal,
                )
            )
        number, price = fitting + 1, value
    return cells


def _number_of(row: Mapping[str, Any], number: int, one: Paid) -> int | None:
    """Return which of the next terms a deal pays for, as many ahead as copies may be missing.

    None for another day, another cadence, or after the end.
    """
    start = one.starts_on
    if row["state"] != States.ACTIVE or (
        row["end_on"] is not None and start >= row["end_on"]
    ):
        return None
    if one.cadence.billings_per_year != Cadence.parse(row["cadence"]).billings_per_year:
        return None
    return next(
        (
            each
            for each in range(number, number + MOST_MISSING + 1)
            if due_on(row, each) == start
        ),
        None,
    )


def _over(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a subscription whose customer goes on with another one: it ends with what is paid, if nothing ended it before."""
    if row["state"] != States.ACTIVE or row["end_on"] is not None:
        return {}
    return {"state": States.ENDED, "end_on": due_on(row, row["next_number"])}


def _changed(
    row: Mapping[str, Any], last: Sequence[Any], *, on: date
) -> dict[str, Any]:
    """Return the columns of a subscription whose latest term is `last`; it has ended again if that and its grace are over."""
    number, _start, end, price, *_ = last
    grace = timedelta(days=Cadence.parse(row["cadence"]).default_grace_days)
    is_over = row["end_on"] is None and end + grace < on
    state, end_on = (States.ENDED, end) if is_over else (row["state"], row["end_on"])
    return {
        "next_number": number + 1,
        "price_e4": price,
        "state": state,
        "end_on": end_on,
    }
