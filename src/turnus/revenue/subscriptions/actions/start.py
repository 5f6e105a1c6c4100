"""Starting subscriptions: the one way for a form, a deal, chosen deals, a file and detection."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import itemgetter
from typing import NamedTuple

from django.db import transaction

from turnus.accounts.models import User
from turnus.contacts.models import Organization, Person
from turnus.core.cadence import Cadence, CadenceUnit
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.history.actions import record_changes, record_created
from turnus.history.cells import CellChange
from turnus.history.models import Event, Run
from turnus.history.tracked import StoredRow
from turnus.kit.errors import UserError
from turnus.kit.lines import one_line
from turnus.kit.sql import insert_rows, reserve_ids
from turnus.revenue.models import Plan, Subscription
from turnus.revenue.rows import NewColumns
from turnus.revenue.rules import derive_subscription
from turnus.revenue.terms.actions.book import fit_deal
from turnus.revenue.terms.actions.write import NewTerm, insert_terms
from turnus.sales.actions import win_deals
from turnus.sales.models import Deal

#: What a subscription has where nothing else is said.
_DEFAULTS: StoredRow = {
    "organization_id": None,
    "person_id": None,
    "end_on": None,
    "end_reason": "",
    "paused_on": None,
    "renewal_way": "",
    "visibility": "everyone",
    "labels": [],
    "custom": {},
    "trashed_at": None,
    "trashed_by_id": None,
}


class StartedTerm(NamedTuple):
    """A term that is paid when its subscription starts; `deal_id` None: no deal books it."""

    number: int
    starts_on: date
    ends_on: date
    price_e4: int
    cadence: str
    deal_id: int | None
    run_id: int | None


class PlanBefore(NamedTuple):
    """A day (ISO), and the plan that held before it."""

    on: str
    plan_id: int


@dataclass(frozen=True, slots=True)
class Start:
    """A subscription that starts, with the terms that are paid.

    `plans_before`: those that held before the present one, for `subscriptions.past`.
    """

    columns: NewColumns
    terms: Sequence[StartedTerm]
    plans_before: Sequence[PlanBefore] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSubscription:
    """What a person enters; `ends_on` is the first day not covered, None for open-ended."""

    plan: Plan
    price: Money
    starts_on: date
    name: str = ""
    ends_on: date | None = None
    organization: Organization | None = None
    person: Person | None = None
    owner_id: int | None = None
    renewal_way: str = ""
    #: For plans of twice a month: on which two days; None: as the plan says, else those that suit
    #: the first day.
    days: tuple[int, int] | None = None

    @property
    def cadence(self) -> Cadence:
        """How it recurs, with its two days; raises UserError for days that the plan has none of."""
        how = self.plan.how
        if self.days is None:
            return how.anchored(self.starts_on)
        if how.unit is not CadenceUnit.HALF_MONTH:
            raise UserError(
                "subscription.days_without_plan", plan=self.plan.name
            )
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
    """Start a subscription; `deal`, which must be won, books its first term.

    Without a deal the first term is still due.
    """
    if deal is not None:
        deal = fit_deal(deal, by)
    _refuse_unseen(new, by)
    columns = _entered_columns(new, by, deal)
    terms = [] if deal is None else [_first_term(new, deal, run)]
    ids = start_subscriptions([Start(columns, terms)], by=by, at=at, run=run)
    return Subscription.objects.get(pk__in=ids)


@transaction.atomic
def win_recurring(
    *,
    deal: Deal,
    by: User,
    at: datetime,
    won: date | None,
    new: NewSubscription,
) -> Subscription:
    """Win a deal on the day `won` (None: now) and let it book the first term of `new`.

    If either is refused, nothing happens.
    """
    win_deals(deals=Deal.objects.filter(pk=deal.pk), by=by, at=at, won=won)
    return start_subscription(by=by, at=at, new=new, deal=deal)


def start_subscriptions(
    starts: Sequence[Start], *, by: User, at: datetime, run: Run | None
) -> Sequence[int]:
    """Insert subscriptions, each with its terms, in bulk; return their ids.

    For the caller's transaction. Every way of starting subscriptions ends here.
    """
    if not starts:
        return []
    rows = [_stored_row(start, by, at) for start in starts]
    ids = reserve_ids(Subscription, len(rows))
    names = sorted(rows[0])
    values_of = itemgetter(*names)
    cells = ([pk, *values_of(row)] for pk, row in zip(ids, rows, strict=True))
    insert_rows(Subscription, ["id", *names], cells)
    insert_terms(_first_terms(ids, starts, at))
    _record_starts(ids, starts, by=by, at=at, run=run)
    return ids


def _stored_row(start: Start, by: User, at: datetime) -> StoredRow:
    row = {
        **_DEFAULTS,
        "owner_id": by.pk,
        "creator_id": by.pk,
        "created_at": at,
        "updated_at": at,
        **start.columns,
    }
    return row | derive_subscription(row)


def _first_terms(
    ids: Sequence[int], starts: Sequence[Start], at: datetime
) -> Iterator[NewTerm]:
    for subscription_id, start in zip(ids, starts, strict=True):
        currency = start.columns["currency"]
        for term in start.terms:
            yield NewTerm(
                subscription_id=subscription_id,
                number=term.number,
                starts_on=term.starts_on,
                ends_on=term.ends_on,
                price_e4=term.price_e4,
                currency=currency,
                cadence=term.cadence,
                deal_id=term.deal_id,
                run_id=term.run_id,
                recorded_at=at,
            )


def _record_starts(
    ids: Sequence[int],
    starts: Sequence[Start],
    *,
    by: User,
    at: datetime,
    run: Run | None,
) -> None:
    """Record that subscriptions started; the event keeps the plans that held before."""
    kind = RecordKind.SUBSCRIPTION
    plain = []
    with_plans = {}
    for pk, start in zip(ids, starts, strict=True):
        if start.plans_before:
            with_plans[pk] = {"plans": CellChange(None, start.plans_before)}
        else:
            plain.append(pk)
    record_created(kind, plain, by_id=by.pk, at=at, run=run)
    created = Event.Action.CREATED
    record_changes(
        kind, with_plans, by_id=by.pk, at=at, run=run, action=created
    )


def _first_term(
    new: NewSubscription, deal: Deal, run: Run | None
) -> StartedTerm:
    due_again_on = new.cadence.term(new.starts_on, 0).days.end
    return StartedTerm(
        number=0,
        starts_on=new.starts_on,
        ends_on=min(due_again_on, new.ends_on or due_again_on),
        price_e4=new.price.amount_e4,
        cadence=str(new.cadence),
        deal_id=deal.pk,
        run_id=run.pk if run else None,
    )


def _entered_columns(
    new: NewSubscription, by: User, deal: Deal | None
) -> NewColumns:
    organization = new.organization or (deal and deal.organization)
    person = new.person or (deal and deal.person)
    if organization is None and person is None:
        raise UserError("deal.contact_missing")
    if new.ends_on is not None and new.ends_on <= new.starts_on:
        raise UserError("subscription.end_before_start")
    usual_name = deal.title if deal else organization or person
    usual_owner_id = deal.owner_id if deal else by.pk
    return {
        "name": one_line(new.name, field="name") or str(usual_name),
        "organization_id": organization.pk if organization else None,
        "person_id": person.pk if person else None,
        "plan_id": new.plan.pk,
        "cadence": str(new.cadence),
        "price_e4": new.price.amount_e4,
        "currency": new.price.currency,
        "state": Subscription.State.ACTIVE,
        "started_on": new.starts_on,
        "anchor_on": new.starts_on,
        "anchor_number": 0,
        "next_number": 0 if deal is None else 1,
        "end_on": new.ends_on,
        "renewal_way": new.renewal_way,
        "owner_id": new.owner_id or usual_owner_id,
        "visibility": deal.visibility if deal else "everyone",
    }


def _refuse_unseen(new: NewSubscription, by: User) -> None:
    """Refuse a customer that `by` cannot see, or that lies in the trash."""
    organization = new.organization
    if organization is not None:
        seen = Organization.objects.present().visible_to(by)
        if not seen.filter(pk=organization.pk).exists():
            raise UserError("contact.unknown")
    person = new.person
    if person is not None:
        seen_persons = Person.objects.present().visible_to(by)
        if not seen_persons.filter(pk=person.pk).exists():
            raise UserError("contact.unknown")
