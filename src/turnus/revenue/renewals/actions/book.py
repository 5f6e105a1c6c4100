"""Booking renewals: the lines of a run block by block, or one term at once.

A term is booked once because its number is unique within its subscription; whoever comes second, in
another window, on another process or after a crash, finds the subscription moved on and leaves the
line alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from django.db import transaction
from django.db.models import Count, F, OuterRef, QuerySet, Subquery

from turnus.accounts.models import User
from turnus.accounts.queries import company
from turnus.core.deal_lines import read_lines, renewed_lines, stored_lines
from turnus.core.deals import Stamps, Status
from turnus.core.records import RecordKind
from turnus.core.renewed_titles import TitledTerm, renewed_title
from turnus.fields.changing import present_ids, refuse_strangers
from turnus.history.actions import move_run, start_run, write_changes
from turnus.history.models import Run
from turnus.history.tracked import StoredRow, tracked
from turnus.kit.errors import UserError
from turnus.kit.sql import update_rows
from turnus.revenue.models import Plan, RenewalLine, Subscription, Term
from turnus.revenue.renewals.actions.plan import insert_lines
from turnus.revenue.renewals.queries import due_terms
from turnus.revenue.rows import SubscriptionChange, SubscriptionRow
from turnus.revenue.rules import term_days
from turnus.revenue.subscriptions.actions.write import lock_next_term, locked
from turnus.revenue.terms.actions.write import NewTerm, insert_terms
from turnus.sales.actions import insert_deals, lock_contacts_for
from turnus.sales.models import Deal
from turnus.sales.rules import DealRules

#: Lines booked in one step of the job.
BLOCK = 500

#: Terms whose titles show how a title goes on: more than three years of months.
_TITLES_READ = 40

#: What a renewal deal takes over from the deal before it.
_COPIED = (
    "title",
    "person_id",
    "organization_id",
    "owner_id",
    "visibility",
    "labels",
    "custom",
    "stage_id",
    "pipeline_id",
)


@transaction.atomic
def renew_next(
    *, subscription: Subscription, number: int, by: User, at: datetime
) -> Run:
    """Book the next term of one subscription, now, as a run.

    Refused if `number` is not the next one any more, or the customer is in the trash.
    """
    due_on = lock_next_term(subscription, number)
    run = start_run(
        kind=Run.Kind.RENEWAL, by_id=by.pk, at=at, title=subscription.name
    )
    own = Subscription.objects.filter(pk=subscription.pk)
    count = book_due(run=run, subscriptions=own, by=by, at=at, until=due_on)
    move_run(run=run, state=Run.State.RUNNING, at=at, totals={"lines": count})
    finish_renewals(run, at=at)
    return run


@transaction.atomic
def book_due(
    *,
    run: Run,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    until: date,
) -> int:
    """Book every term that is due up to `until`, each won on its own day; return how many.

    Refused if a customer is in the trash.
    """
    refuse_strangers(subscriptions, by)
    locked(present_ids(subscriptions))
    terms = list(due_terms(subscriptions, until=until, as_plans_say=False))
    count = insert_lines(run, terms)
    rules = DealRules.load()
    for first in range(0, count, BLOCK):
        book_block(run, rules=rules, at=at, first=first)
    # Nothing else can have moved: the subscriptions were locked before their lines were planned.
    if run.renewal_lines.filter(state=RenewalLine.State.REFUSED).exists():
        raise UserError("deal.contact_trashed")
    return count


def book_block(
    run: Run, *, rules: DealRules, at: datetime, first: int, size: int = BLOCK
) -> None:
    """Book the planned lines from position `first` on, at most `size`, with deals and history.

    For the caller's transaction.
    """
    within = run.renewal_lines.filter(
        position__gte=first, position__lt=first + size
    )
    lines = list(within.filter(state="planned"))
    before = locked({line.subscription_id for line in lines})
    # Rights and records may have changed since the run was planned.
    editable = Subscription.objects.editable_by(run.by).filter(pk__in=before)
    mine = set(editable.values_list("pk", flat=True))
    after: dict[int, SubscriptionChange] = {}
    prices = _prices_booked_before(run, lines)
    deals = renewal_deals(lines, before, rules)
    booked: dict[RenewalLine, StoredRow] = {}
    for line, deal, may_insert in zip(
        lines, deals, lock_contacts_for(deals), strict=True
    ):
        pk = line.subscription_id
        row = cast("SubscriptionRow", {**before[pk], **after.get(pk, {})})
        expected_e4 = prices.get(pk, line.held_price_e4)
        may_book = may_insert and pk in mine
        if not may_book or _has_moved(line, row, expected_e4):
            line.state = RenewalLine.State.REFUSED
            continue
        booked[line] = deal
        prices[pk] = line.price_e4
        after[pk] = {"next_number": line.number + 1, "price_e4": line.price_e4}
    _book(run, booked, before, at)
    kind = tracked(RecordKind.SUBSCRIPTION)
    write_changes(kind, before, after, by_id=run.by_id, at=at, run=run)
    outcomes = ((line.state, line.deal_id, line.pk) for line in lines)
    update_rows(RenewalLine, ["state", "deal_id"], outcomes)


def _prices_booked_before(
    run: Run, lines: Sequence[RenewalLine]
) -> dict[int, int]:
    """Return the price that the block before gave the subscription of the first line, if any."""
    if not lines:
        return {}
    own = run.renewal_lines.filter(subscription=lines[0].subscription_id)
    booked = own.filter(state=RenewalLine.State.BOOKED).order_by("position")
    return dict(booked.values_list("subscription", "price_e4"))


def _has_moved(
    line: RenewalLine, row: SubscriptionRow, expected_e4: int
) -> bool:
    """Return whether a subscription is no longer as the preview showed it."""
    is_running = row["state"] == "active" and row["trashed_at"] is None
    if not is_running or row["next_number"] != line.number:
        return True
    has_price = (
        row["price_e4"] == expected_e4 and row["currency"] == line.currency
    )
    if not has_price:
        return True
    days = term_days(row, line.number)
    return line.starts_on != days.start or line.ends_on != days.end


def _book(
    run: Run,
    deals: Mapping[RenewalLine, StoredRow],
    subscriptions: Mapping[int, SubscriptionRow],
    at: datetime,
) -> None:
    """Insert the deals of lines, and the terms that they book."""
    deal_ids = insert_deals(
        rows=list(deals.values()), by=run.by, at=at, run=run
    )
    terms = []
    for line, deal_id in zip(deals, deal_ids, strict=True):
        line.deal_id = deal_id
        line.state = RenewalLine.State.BOOKED
        cadence = subscriptions[line.subscription_id]["cadence"]
        terms.append(_term(line, cadence, at))
    insert_terms(terms)


def _term(line: RenewalLine, cadence: str, at: datetime) -> NewTerm:
    return NewTerm(
        subscription_id=line.subscription_id,
        number=line.number,
        starts_on=line.starts_on,
        ends_on=line.ends_on,
        price_e4=line.price_e4,
        currency=line.currency,
        cadence=cadence,
        deal_id=line.deal_id,
        run_id=line.run_id,
        recorded_at=at,
    )


def renewal_deals(
    lines: Sequence[RenewalLine],
    subscriptions: Mapping[int, SubscriptionRow],
    rules: DealRules,
) -> list[StoredRow]:
    """Return the columns of the deals that book `lines`, like the deals before them.

    Four queries; another one where the deals of the latest terms are in the trash.
    """
    subscription_ids = {line.subscription_id for line in lines}
    titles = _titles_of(subscription_ids)
    earlier_deals = _deals_before(subscription_ids, titles)
    language = company().language
    plans = {plan.pk: plan for plan in Plan.objects.select_related("stage")}
    rows = []
    for line in lines:
        subscription = subscriptions[line.subscription_id]
        earlier = earlier_deals.get(line.subscription_id)
        row = _copied_columns(subscription, earlier, rules)
        before = [
            term.titled
            for term in titles.get(line.subscription_id, ())
            if term.titled.number < line.number
        ]
        if before:
            row["title"] = renewed_title(
                before,
                starts_on=line.starts_on,
                number=line.number,
                language=language,
            )
        row |= _agreed_columns(line, earlier)
        row |= _outcome_columns(line, plans[subscription["plan_id"]], rules)
        rows.append(row)
    return rows


@dataclass(frozen=True, slots=True)
class _DealTitle:
    """What the deal of a term is called."""

    deal_id: int
    titled: TitledTerm


def _titles_of(ids: set[int]) -> dict[int, list[_DealTitle]]:
    """Return for each subscription its latest deals with their titles, by number; one query."""
    terms = Term.objects.filter(
        subscription__in=ids,
        deal__trashed_at__isnull=True,
        deal__isnull=False,
        number__gte=F("subscription__next_number") - _TITLES_READ,
    ).order_by("subscription", "number")
    rows = terms.values_list(
        "subscription_id", "deal_id", "deal__title", "starts_on", "number"
    )
    titles: dict[int, list[_DealTitle]] = {}
    for subscription_id, deal_id, title, starts_on, number in rows:
        term = _DealTitle(deal_id, TitledTerm(title, starts_on, number))
        titles.setdefault(subscription_id, []).append(term)
    return titles


def _deals_before(
    ids: set[int], titles: Mapping[int, Sequence[_DealTitle]]
) -> dict[int, StoredRow]:
    """Return for each subscription what its last deal has that a renewal takes over.

    One query; two where a subscription has no deal among its latest terms.
    """
    deal_ids = {pk: terms[-1].deal_id for pk, terms in titles.items()}
    without = ids - deal_ids.keys()
    if without:
        deal_ids |= _last_deal_ids(without)
    columns = Deal.objects.filter(pk__in=deal_ids.values()).values(
        "pk", "lines", "currency", *_COPIED
    )
    deals: dict[int, StoredRow] = {row["pk"]: dict(row) for row in columns}
    return {
        pk: deals[deal_id]
        for pk, deal_id in deal_ids.items()
        if deal_id in deals
    }


def _last_deal_ids(ids: set[int]) -> dict[int, int]:
    """Return for each subscription the last deal of its terms, however long ago; one query."""
    with_deal = Term.objects.filter(
        subscription__in=ids, deal__trashed_at__isnull=True, deal__isnull=False
    )
    own = with_deal.filter(subscription=OuterRef("subscription"))
    last_number = own.order_by("-number").values("number")[:1]
    last = with_deal.filter(number=Subquery(last_number))
    return dict(last.values_list("subscription_id", "deal_id"))


def _copied_columns(
    subscription: SubscriptionRow, earlier: StoredRow | None, rules: DealRules
) -> StoredRow:
    """Return what a renewal deal takes over from the deal before it, or from its subscription."""
    if earlier is not None:
        return {key: earlier[key] for key in _COPIED}
    return {
        "title": subscription["name"],
        "stage_id": rules.default_stage,
        "pipeline_id": rules.pipeline_of[rules.default_stage],
        "person_id": subscription["person_id"],
        "organization_id": subscription["organization_id"],
        "owner_id": subscription["owner_id"],
        "visibility": subscription["visibility"],
    }


def _agreed_columns(line: RenewalLine, earlier: StoredRow | None) -> StoredRow:
    """Return what a renewal deal is worth; the lines of the deal before share the price."""
    is_same_currency = (
        earlier is not None and earlier["currency"] == line.currency
    )
    lines = (
        read_lines(earlier["lines"])
        if earlier is not None and is_same_currency
        else ()
    )
    return {
        "lines": stored_lines(
            renewed_lines(lines, line.price_e4, line.currency)
        ),
        "value_e4": line.price_e4,
        "currency": line.currency,
        "origin": "renewal",
    }


def _outcome_columns(
    line: RenewalLine, plan: Plan, rules: DealRules
) -> StoredRow:
    """Return the columns of a deal that is won on the line's day, or opened in the plan's stage."""
    if line.won_on is not None:
        moment = rules.moment(line.won_on)
        won = Stamps(Status.OPEN).to(Status.WON, moment)
        return dict(rules.stamp_columns(won))
    columns: StoredRow = {
        "status": "open",
        "expected_close_on": line.starts_on,
    }
    if plan.stage:
        columns["stage_id"] = plan.stage.pk
        columns["pipeline_id"] = plan.stage.pipeline_id
    return columns


@transaction.atomic
def finish_renewals(run: Run, *, at: datetime) -> None:
    """Mark the run done, with what it really did.

    Once only: a job that comes again finds it done, or undone by now.
    """
    _end(run, Run.State.DONE, at=at)


@transaction.atomic
def give_up_renewals(run: Run, *, at: datetime) -> None:
    """Mark a run failed whose job cannot go on; what it booked stays, and can be undone."""
    _end(run, Run.State.FAILED, at=at)


def _end(run: Run, state: Run.State, *, at: datetime) -> None:
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.state != Run.State.RUNNING:
        return
    by_state = (
        run.renewal_lines.values_list("state")
        .annotate(number=Count("pk"))
        .order_by()
    )
    totals = {f"lines_{word}": number for word, number in by_state}
    move_run(run=run, state=state, at=at, totals=totals)
