"""Starting subscriptions: one from a form or a deal, or many at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from django.db import transaction

from turnus.accounts.models import User
from turnus.contacts.models import Organization, Person
from turnus.core.cadence import Cadence, Unit
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.history.actions import record_changes, record_created
from turnus.history.cells import CellChange
from turnus.history.models import Event, Run
from turnus.kit.errors import UserError
from turnus.kit.lines import one_line
from turnus.kit.sql import insert_rows, reserve_ids
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.rules import derive_subscription
from turnus.revenue.terms.actions.book import fit_deal
from turnus.revenue.terms.actions.write import TERM_COLUMNS
from turnus.sales.actions import win_deals
from turnus.sales.models import Deal

States = Subscription.State

#: Of a term: number, first day, first day after it, price, cadence, deal, run.
TermCells = tuple[int, date, date, int, str, int | None, int | None]

#: A day, and the plan that held before it.
PlanBefore = tuple[str, int]

_DEFAULTS: Mapping[str, Any] = {
    "organization_id": None,
    "person_id": None,
    "end_reason": "",
    "renewal_way": "",
    "visibility": "everyone",
    "labels": [],
    "custom": {},
    "trashed_at": None,
    "trashed_by_id": None,
}


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


def _refuse_unseen(new: NewSubscription, by: User) -> None:
    """Refuse a customer that `by` cannot see, or that lies in the trash."""
    for customer in (new.organization, new.person):
        if customer is not None:
            seen: Any = type(customer)._default_manager  # noqa: SLF001 (Django documents it)
            if not seen.present().visible_to(by).filter(pk=customer.pk).exists():
                raise UserError("contact.unknown")


@transaction.atomic
def win_recurring(
    *, deal: Deal, by: User, at: datetime, won: date | None, new: NewSubscription
) -> Subscription:
    """Win a deal on the day `won` (None: now) and let it book the first term of `new`; if either is refused, nothing happens."""
    win_deals(deals=Deal.objects.filter(pk=deal.pk), by=by, at=at, won=won)
    return start_subscription(by=by, at=at, new=new, deal=deal)


def start_subscriptions(
    *,
    columns: Sequence[Mapping[str, Any]],
    terms: Sequence[Iterable[TermCells]],
    by: User,
    at: datetime,
    run: Run,
    plans: Sequence[Sequence[PlanBefore]] = (),
) -> Sequence[int]:
    """Insert subscriptions by their columns, each with its terms; return their ids. For the caller's transaction.

    `plans`: those that held before the present one; the event that tells of the beginning keeps them for `revenue.past`.
    """
    if not columns:
        return []
    common = {
        **_DEFAULTS,
        "owner_id": by.pk,
        "creator_id": by.pk,
        "created_at": at,
        "updated_at": at,
    }
    whole = [row | derive_subscription(row) for row in (common | dict(given) for given in columns)]
    ids, names = reserve_ids(Subscription, len(whole)), sorted(whole[0])
    picked = itemgetter(*names)
    insert_rows(
        Subscription,
        ["id", *names],
        ([one, *picked(row)] for one, row in zip(ids, whole, strict=True)),
    )
    insert_rows(
        Term,
        TERM_COLUMNS,
        (
            (one, number, start, end, price, row["currency"], cadence, deal, of_run, at)
            for one, row, own in zip(ids, whole, terms, strict=True)
            for number, start, end, price, cadence, deal, of_run in own
        ),
    )
    changed = {
        one: {"plans": CellChange(None, before)}
        for one, before in zip(ids, plans, strict=False)
        if before
    }
    plain = (one for one in ids if one not in changed)
    record_created(RecordKind.SUBSCRIPTION, plain, by_id=by.pk, at=at, run=run)
    record_changes(
        RecordKind.SUBSCRIPTION, changed, by_id=by.pk, at=at, run=run, action=Event.Action.CREATED
    )
    return ids
