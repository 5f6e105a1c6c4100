"""The life of a subscription: starting, changing price, pausing, resuming, canceling, coming back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from turnus.accounts.models import User
from turnus.contacts.models import Organization, Person
from turnus.core.cadence import Cadence, Unit
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.fields.changing import present_ids, refuse_strangers, trashed_ids
from turnus.fields.values import put
from turnus.history.actions import move_run, record_created, start_run
from turnus.history.models import Event, Run
from turnus.kit.errors import UserError
from turnus.kit.lines import one_line
from turnus.kit.sql import insert_rows
from turnus.revenue.actions_changing import change, change_ids, locked
from turnus.revenue.models import Plan, RenewalWay, Subscription, Term
from turnus.revenue.rules import derive_subscription, due_on
from turnus.sales.models import Deal

States = Subscription.State
#: What a term is written with, in bulk.
TERM_COLUMNS = (
    "subscription_id",
    "number",
    "starts_on",
    "ends_on",
    "price_e4",
    "currency",
    "cadence",
    "deal_id",
    "run_id",
    "recorded_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubscription:
    """What a subscription begins with; `ends_on` is the first day that is not covered, None for open-ended."""

    plan: Plan
    price: Money
    starts_on: date
    name: str = ""
    ends_on: date | None = None
    organization: Organization | None = None
    person: Person | None = None
    owner_id: int | None = None
    renewal_way: str = ""
    #: For plans of twice a month: on which two days; None: as the plan says, else those that suit the first day.
    days: tuple[int, int] | None = None

    @property
    def cadence(self) -> Cadence:
        """How it recurs, with its two days; raises UserError for days that the plan has none of."""
        how = self.plan.how
        if self.days is None:
            return how.anchored(self.starts_on)
        if how.unit is not Unit.HALF_MONTH:
            raise UserError("subscription.days_without_plan", plan=self.plan.name)
        return replace(how, days=self.days)


@transaction.atomic
def start_subscription(
    *,
    by: User,
    at: datetime,
    new: NewSubscription,
    deal: Deal | None = None,
    run: Run | None = None,
) -> Subscription:
    """Begin a subscription; `deal`, which must be won, books its first term. Without one the first term is still due."""
    if deal is not None:
        deal = fit_deal(deal, by)
    _refuse_unseen(new, by)
    columns = _columns(new, by, deal)
    created = Subscription.objects.create(
        creator=by, created_at=at, updated_at=at, **columns, **derive_subscription(columns)
    )
    if deal is not None:
        end = new.cadence.term(new.starts_on, 0).days.end
        Term.objects.create(
            subscription=created,
            number=0,
            starts_on=new.starts_on,
            ends_on=min(end, new.ends_on or end),
            price_e4=new.price.amount_e4,
            currency=new.price.currency,
            cadence=created.cadence,
            deal=deal,
            run=run,
            recorded_at=at,
        )
    record_created(RecordKind.SUBSCRIPTION, [created.pk], by_id=by.pk, at=at, run=run)
    return created


@transaction.atomic
def book_terms(
    *,
    subscription: Subscription,
    deals: Sequence[Deal],
    by: User,
    at: datetime,
    run: Run | None = None,
) -> None:
    """Let won deals, in order, book the subscription's next terms, each at what of the deal's own value recurs."""
    row = locked([subscription.pk])[subscription.pk]
    cadence, first = Cadence.parse(row["cadence"]), row["next_number"]
    terms = []
    for number, deal in enumerate(fit_deals(deals, by), first):
        days = cadence.term(row["anchor_on"], number - row["anchor_number"]).days
        price = (deal.recurring.amount_e4, deal.currency, row["cadence"])
        terms.append(
            (subscription.pk, number, days.start, days.end, *price, deal.pk, run and run.pk, at)
        )
    insert_rows(Term, TERM_COLUMNS, terms)
    after = {"next_number": first + len(terms)} | (
        {"price_e4": deals[-1].recurring.amount_e4} if deals else {}
    )
    one = Subscription.objects.filter(pk=subscription.pk)
    change(one, lambda _row: after, by=by, at=at, run=run)


@transaction.atomic
def update_subscriptions(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    values: Mapping[str, Any],
    run: Run | None = None,
) -> int:
    """Give plain fields (name, owner, labels ...) new values; return how many subscriptions changed."""
    fields = catalog(RecordKind.SUBSCRIPTION)

    def rule(row: Mapping[str, Any]) -> Mapping[str, Any]:
        columns: dict[str, Any] = {}
        for key, value in values.items():
            put(columns, fields[key], value, row)
        if not str(columns.get("name", row["name"]) or "").strip():
            raise UserError("field.required", field="name")
        return {**columns, "renewal_way": columns.get("renewal_way") or row["renewal_way"]}

    return change(subscriptions, rule, by=by, at=at, run=run)


@transaction.atomic
def change_price(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    price: Money,
    run: Run | None = None,
) -> int:
    """Let the next term cost `price`; the terms that are booked keep theirs. Refused in another currency."""
    if subscriptions.exclude(currency=price.currency).exists():
        raise UserError("subscription.other_currency")
    return change(subscriptions, lambda _row: {"price_e4": price.amount_e4}, by=by, at=at, run=run)


@transaction.atomic
def cancel_subscriptions(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    on: date,
    ends_on: date | None,
    reason: str = "",
    run: Run | None = None,
) -> int:
    """Let subscriptions end: with the term that is paid (`ends_on` None), or so that `ends_on` is not covered any more.

    The monthly revenue stays until then; `on` is today.
    """
    reason = one_line(reason, field="reason")

    def rule(row: Mapping[str, Any]) -> Mapping[str, Any]:
        end = ends_on or (row["paused_on"] or due_on(row, row["next_number"]))
        if end < row["started_on"]:
            raise UserError("subscription.end_before_start")
        return {"end_reason": reason, **end_columns(row, end, on=on)}

    return change(subscriptions.exclude(state=States.ENDED), rule, by=by, at=at, run=run)


def end_columns(row: Mapping[str, Any], end: date, *, on: date) -> dict[str, Any]:
    """Return what changes when a subscription ends, so that `end` is not covered any more; a paused one has ended at once."""
    state = States.ENDED if end <= on or row["state"] == States.PAUSED else row["state"]
    return {"end_on": end, "state": state, "paused_on": None}


@transaction.atomic
def pause_subscriptions(
    *, subscriptions: QuerySet[Subscription], by: User, at: datetime, pauses_on: date
) -> int:
    """Stop subscriptions from `pauses_on` on: nothing is due and nothing counts until they are resumed.

    The term that runs on the day ends there; one that begins on it, or was booked beyond it, covers no day any more.
    """
    active = subscriptions.filter(state=States.ACTIVE)
    ids = present_ids(active)
    refuse_strangers(active, by)
    rule = {"state": States.PAUSED, "paused_on": pauses_on}
    count = change_ids(ids, lambda _row: rule, by=by, at=at)
    _cut_terms(Term.objects.filter(subscription__in=ids), pauses_on)
    return count


@transaction.atomic
def resume_subscriptions(
    *, subscriptions: QuerySet[Subscription], by: User, at: datetime, resumes_on: date
) -> int:
    """Let paused or ended subscriptions go on: a new stretch, whose first term begins on `resumes_on`.

    An end that was agreed stays, if a paused one is resumed before it.
    """
    stopped = subscriptions.exclude(state=States.ACTIVE)
    ids = present_ids(stopped)
    refuse_strangers(stopped, by)
    _cut_at_the_end(ids)

    def rule(row: Mapping[str, Any]) -> Mapping[str, Any]:
        if resumes_on < (row["paused_on"] or row["end_on"] or resumes_on):
            raise UserError("subscription.resume_before_stop")
        stays = (
            row["state"] == States.PAUSED
            and row["end_on"] is not None
            and row["end_on"] > resumes_on
        )
        gone = {} if stays else {"end_on": None, "end_reason": ""}
        return {
            "state": States.ACTIVE,
            "paused_on": None,
            **gone,
            **new_stretch(row, resumes_on, row["next_number"]),
        }

    return change_ids(ids, rule, by=by, at=at)


def new_stretch(
    row: Mapping[str, Any], on: date, number: int, *, plan: Cadence | None = None
) -> dict[str, Any]:
    """Return the columns of a stretch that begins on the day `on` with term `number`: by `plan`, or as it was paid before.

    On a due day it goes on with the count of the stretch before (`Cadence.continuing`).
    """
    before = Cadence.parse(row["cadence"])
    cadence = plan or _agreed(row, before, on)
    if on < row["anchor_on"]:  # the two days of the month were those of a stretch that never began
        cadence = replace(cadence, days=None)
    cadence = cadence.continuing(before, row["anchor_on"], on)
    return {"anchor_on": on, "anchor_number": number, "cadence": str(cadence)}


def _agreed(row: Mapping[str, Any], before: Cadence, on: date) -> Cadence:
    """Return how a subscription recurs in a stretch anew: two days that its first day only suggested are suggested anew."""
    anew = before.anew(row["anchor_on"], on)
    if anew == before:
        return before
    plan = Plan.objects.values_list("cadence", flat=True).get(pk=row["plan_id"])
    return before if Cadence.parse(plan).days == before.days else anew


@transaction.atomic
def skip_terms(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    numbers: Mapping[int, int] | None = None,
    title: str = "",
    run: Run | None = None,
) -> Run:
    """Leave the next term of each subscription out: it is neither booked nor due again, and nothing is paid for it. A run.

    `numbers`: subscription -> the term that is meant; refused if it is not the next one any more, for somebody was quicker.
    None: whichever is next.
    """
    run = run or start_run(kind=Run.Kind.SUBSCRIPTIONS, by_id=by.pk, at=at, title=title)
    skipped: list[Term] = []

    def rule(row: Mapping[str, Any]) -> Mapping[str, Any]:
        number = row["next_number"]
        if numbers is not None and number != numbers.get(row["id"]):
            raise UserError("renewal.moved_on")
        start, end = due_on(row, number), due_on(row, number + 1)
        skipped.append(
            Term(
                subscription_id=row["id"],
                number=number,
                starts_on=start,
                ends_on=min(end, row["end_on"] or end),
                price_e4=0,
                currency=row["currency"],
                cadence=row["cadence"],
                run=run,
                recorded_at=at,
            )
        )
        return {"next_number": number + 1}

    count = change(subscriptions.filter(next_due_on__isnull=False), rule, by=by, at=at, run=run)
    if numbers is not None and count < len(numbers):
        raise UserError("renewal.moved_on")
    Term.objects.bulk_create(skipped)
    move_run(run=run, state=Run.State.DONE, at=at, totals={"skipped": count})
    return run


@transaction.atomic
def end_what_is_over(*, by: User, at: datetime, on: date) -> int:
    """Mark the subscriptions ended whose last day has passed; return how many.

    One that renews by itself and has terms to catch up is ended when those are booked.
    """
    over = Subscription.objects.present().filter(state=States.ACTIVE, end_on__lte=on)
    booking = Q(renewal_way=RenewalWay.BOOK) | Q(renewal_way="", plan__renewal_way=RenewalWay.BOOK)
    return change(
        over.exclude(booking, next_due_on__isnull=False),
        lambda _row: {"state": States.ENDED},
        by=by,
        at=at,
    )


@transaction.atomic
def trash_subscriptions(
    *, subscriptions: QuerySet[Subscription], by: User, at: datetime, run: Run | None = None
) -> int:
    """Move subscriptions to the trash; their deals stay."""
    rule = {"trashed_at": at, "trashed_by_id": by.pk}
    return change(
        subscriptions, lambda _row: rule, by=by, at=at, run=run, action=Event.Action.TRASHED
    )


@transaction.atomic
def restore_subscriptions(*, subscriptions: QuerySet[Subscription], by: User, at: datetime) -> int:
    """Take subscriptions out of the trash."""
    refuse_strangers(subscriptions, by)
    rule = {"trashed_at": None, "trashed_by_id": None}
    ids = trashed_ids(subscriptions)
    return change_ids(ids, lambda _row: rule, by=by, at=at, action=Event.Action.RESTORED)


def _cut_terms(terms: QuerySet[Term], day: date) -> None:
    """Let nothing of `terms` count from `day` on, though it was paid: what began before ends there, all else covers no day."""
    terms.filter(starts_on__gte=day, ends_on__gt=day).update(ends_on=F("starts_on"))
    terms.filter(starts_on__lt=day, ends_on__gt=day).update(ends_on=day)


def _cut_at_the_end(ids: list[int]) -> None:
    """Let nothing count beyond the end of subscriptions that have ended, before a new stretch begins."""
    ended = Subscription.objects.filter(pk__in=ids, state=States.ENDED, end_on__isnull=False)
    beyond = ended.filter(terms__ends_on__gt=F("end_on")).distinct()
    for subscription, end in beyond.order_by("pk").values_list("pk", "end_on"):
        if end is not None:
            _cut_terms(Term.objects.filter(subscription=subscription), end)


def _columns(new: NewSubscription, by: User, deal: Deal | None) -> dict[str, Any]:
    organization, person = (
        new.organization or (deal and deal.organization),
        new.person or (deal and deal.person),
    )
    if organization is None and person is None:
        raise UserError("deal.contact_missing")
    if new.ends_on is not None and new.ends_on <= new.starts_on:
        raise UserError("subscription.end_before_start")
    return {
        "name": one_line(new.name, field="name")
        or str(deal.title if deal else organization or person),
        "organization_id": organization.pk if organization else None,
        "person_id": person.pk if person else None,
        "plan_id": new.plan.pk,
        "cadence": str(new.cadence),
        "price_e4": new.price.amount_e4,
        "currency": new.price.currency,
        "state": States.ACTIVE,
        "started_on": new.starts_on,
        "anchor_on": new.starts_on,
        "anchor_number": 0,
        "next_number": 0 if deal is None else 1,
        "end_on": new.ends_on,
        "renewal_way": new.renewal_way,
        "owner_id": new.owner_id or (deal.owner_id if deal else by.pk),
        "visibility": deal.visibility if deal else "everyone",
    }


def fit_deal(deal: Deal, by: User) -> Deal:
    """Return the deal as it is now, locked: two windows that begin a subscription with it come one after the other."""
    return fit_deals([deal], by)[0]


def fit_deals(deals: Sequence[Deal], by: User) -> list[Deal]:
    """Return deals that may book a term, as they are now, locked and in the same order; three queries."""
    ids = [deal.pk for deal in deals]
    refuse_strangers(Deal.objects.filter(pk__in=ids), by)
    won = Deal.objects.select_for_update().filter(
        pk__in=ids, trashed_at__isnull=True, status=Deal.Status.WON
    )
    found = {deal.pk: deal for deal in won.order_by("pk")}
    if len(found) < len(ids):
        raise UserError("subscription.deal_not_won")
    if Term.objects.filter(deal__in=ids).exists():
        raise UserError("subscription.deal_taken")
    return [found[pk] for pk in ids]


def _refuse_unseen(new: NewSubscription, by: User) -> None:
    """Refuse a customer that `by` cannot see, or that lies in the trash."""
    for customer in (new.organization, new.person):
        if customer is not None:
            seen: Any = type(customer)._default_manager  # noqa: SLF001 (Django documents it)
            if not seen.present().visible_to(by).filter(pk=customer.pk).exists():
                raise UserError("contact.unknown")
