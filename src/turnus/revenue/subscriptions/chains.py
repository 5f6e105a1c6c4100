"""Won deals of one customer, title, plan and currency, and the terms they would book."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from turnus.accounts.models import User
from turnus.contacts.billing import bought_by
from turnus.core.cadence_days import beginning, with_days_shown
from turnus.core.customers import Customer, CustomerKey
from turnus.core.deal_lines import StoredLine, read_lines, sum_e4
from turnus.core.revenue.chaining import booked_terms
from turnus.core.revenue.runs import BookedTerm, Booking, SubscriptionFact
from turnus.fields.changing import blocks
from turnus.fields.models import RecordQuerySet
from turnus.revenue.models import Plan, Subscription
from turnus.sales.models import Deal

#: Deals, or customers, asked for in one query.
BLOCK = 2_000


@dataclass(frozen=True, slots=True)
class CopiedDeal:
    """A won deal that may be a copy of another one."""

    pk: int
    organization_id: int | None
    person_id: int | None
    owner_id: int
    visibility: str
    title: str
    title_folded: str
    value_e4: int
    currency: str
    won_on: date
    lines: list[StoredLine] | None

    @property
    def recurring_e4(self) -> int:
        """What of the value recurs."""
        lines = read_lines(self.lines)
        return sum_e4(lines, recurs=True) if lines else self.value_e4

    @property
    def customer(self) -> Customer:
        """Who bought."""
        return Customer.of(self.organization_id, self.person_id)


_DEAL_COLUMNS = tuple(CopiedDeal.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class CopyKey:
    """What copies of one deal have in common; `title` is folded."""

    customer: Customer
    title: str
    plan_id: int
    currency: str


#: Copies of one deal, the first won first.
Copies = Sequence[CopiedDeal]


def copies_of(plans: Mapping[int, int]) -> dict[CopyKey, Copies]:
    """Return the won deals of which something recurs and that book no term yet, with their copies.

    `plans`: deal -> plan.
    """
    copies: dict[CopyKey, list[CopiedDeal]] = {}
    for block in blocks(sorted(plans), BLOCK):
        won = Deal.objects.present().filter(
            pk__in=block, status=Deal.Status.WON, term__isnull=True
        )
        for cells in won.order_by("pk").values_list(*_DEAL_COLUMNS):
            deal = CopiedDeal(*cells)
            if deal.recurring_e4 > 0:
                key = CopyKey(
                    deal.customer,
                    deal.title_folded,
                    plans[deal.pk],
                    deal.currency,
                )
                copies.setdefault(key, []).append(deal)
    for deals in copies.values():
        deals.sort(key=lambda deal: (deal.won_on, deal.pk))
    return dict(copies)


@dataclass(frozen=True, slots=True)
class CopyChain:
    """Copies of one deal, in order, and the terms that they book."""

    plan: Plan
    deals: Copies
    terms: Sequence[BookedTerm]

    def ended_on(self, on: date) -> date | None:
        """Return the end of the last term if it and its grace are over on the day `on`.

        None: the customer may still renew.
        """
        end = self.terms[-1].days.end
        is_over = end + timedelta(days=self.plan.grace) < on
        return end if is_over else None


def new_chains(
    copies: Mapping[CopyKey, Copies], *, by: User
) -> list[CopyChain]:
    """Return what copies would start, without those that a subscription stands for already.

    The first deal of a customer, title, plan and currency books term 0; later ones book the
    following terms, or begin a new stretch if they come later than the grace.
    """
    covered = subscriptions_covering(copies, by)
    plans = plans_by_id(copies)
    chains = []
    for key, deals in copies.items():
        if key not in covered:
            plan = plans[key.plan_id]
            chains.append(CopyChain(plan, deals, _terms(deals, plan)))
    return chains


def subscriptions_covering(
    copies: Mapping[CopyKey, Copies], by: User
) -> dict[CopyKey, list[int]]:
    """Return which copies a subscription stands for already, with the ids of those that go on.

    Those are the ones that run and that `by` may change. Two queries for each block.
    """
    covering: dict[CopyKey, list[int]] = {}
    customers = {key.customer for key in copies}
    for block in blocks(sorted(customers), BLOCK):
        theirs = Subscription.objects.present().filter(bought_by(block))
        _note_covered(covering, copies, theirs, by)
    return covering


def _note_covered(
    covering: dict[CopyKey, list[int]],
    copies: Mapping[CopyKey, Copies],
    subscriptions: RecordQuerySet[Subscription],
    by: User,
) -> None:
    active = subscriptions.editable_by(by).filter(
        state=Subscription.State.ACTIVE
    )
    running = set(active.values_list("pk", flat=True))
    rows = subscriptions.order_by("pk").values_list(
        "pk",
        "organization_id",
        "person_id",
        "name_folded",
        "plan_id",
        "currency",
    )
    for pk, organization_id, person_id, title, plan_id, currency in rows:
        key = CopyKey(
            Customer.of(organization_id, person_id), title, plan_id, currency
        )
        if key in copies:
            ids = covering.setdefault(key, [])
            if pk in running:
                ids.append(pk)


def plans_by_id(copies: Mapping[CopyKey, Copies]) -> dict[int, Plan]:
    """Return the plans of copies by id; one query."""
    ids = {key.plan_id for key in copies}
    return {plan.pk: plan for plan in Plan.objects.filter(pk__in=ids)}


def _terms(deals: Copies, plan: Plan) -> list[BookedTerm]:
    bookings = [
        Booking(deal.pk, deal.won_on, deal.recurring_e4) for deal in deals
    ]
    cadence = with_days_shown(plan.how, [deal.won_on for deal in deals])
    if cadence.days and len(bookings) > 1:
        starts_on = beginning(cadence.days, bookings[0].won_on)
        bookings[0] = replace(bookings[0], starts_on=starts_on)
    fact = SubscriptionFact(
        subscription=0,
        customer=CustomerKey(0),
        currency=deals[0].currency,
        cadence=cadence,
        bookings=bookings,
        grace_days=plan.grace,
    )
    chain = booked_terms(fact, as_of=date.max)
    return [term for term in chain.terms if term.deal is not None]
