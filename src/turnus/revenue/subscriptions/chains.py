"""Won deals of one customer, title, plan and currency, and the terms they would book."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from turnus.accounts.models import User
from turnus.contacts.billing import bought_by
from turnus.core.cadence_days import beginning, with_days_shown
from turnus.core.customers import Customer, CustomerKey
from turnus.core.deal_lines import read_lines, sum_e4
from turnus.core.revenue.chaining import booked_terms
from turnus.core.revenue.runs import BookedTerm, Booking, SubscriptionFact
from turnus.fields.changing import blocks
from turnus.revenue.models import Plan, Subscription
from turnus.sales.models import Deal

States = Subscription.State

Deals = Sequence[Mapping[str, Any]]

_HELD = ("pk", "organization_id", "person_id", "name_folded", "plan_id", "currency")

_DEAL = (
    "pk",
    "organization_id",
    "person_id",
    "owner_id",
    "visibility",
    "title",
    "title_folded",
    "value_e4",
    "currency",
    "won_on",
    "lines",
)

BLOCK = 2_000


@dataclass(frozen=True, slots=True)
class CopyKey:
    """What the copies of one deal, the terms of one subscription, have in common."""

    customer: Customer
    title_folded: str
    plan_id: int
    currency: str


def lines_of(plans: Mapping[int, int]) -> dict[CopyKey, Deals]:
    """Return the won deals (`plans`: deal -> plan) of which something recurs and that book no term yet, by line, the first won first."""
    lines: dict[CopyKey, list[Mapping[str, Any]]] = {}
    for block in blocks(sorted(plans), BLOCK):
        won = Deal.objects.present().filter(pk__in=block, status=Deal.Status.WON, term__isnull=True)
        for row in won.order_by("pk").values(*_DEAL):
            if recurring_e4(row) > 0:
                customer = Customer.of(row["organization_id"], row["person_id"])
                plan_id = plans[row["pk"]]
                line = CopyKey(customer, row["title_folded"], plan_id, row["currency"])
                lines.setdefault(line, []).append(row)
    return {
        line: sorted(deals, key=lambda row: (row["won_on"], row["pk"]))
        for line, deals in lines.items()
    }


@dataclass(frozen=True, slots=True)
class Chain:
    """Won deals of one customer, title, plan and currency, in order, and the terms that they book."""

    plan: Plan
    deals: Deals
    terms: Sequence[BookedTerm]

    def ended_on(self, on: date) -> date | None:
        """Return the end of the last term if it and its grace are over on the day `on`, else None: the customer may still renew."""
        end = self.terms[-1].days.end
        return end if end + timedelta(days=self.plan.grace) < on else None


def new_chains(lines: Mapping[CopyKey, Deals], *, by: User) -> list[Chain]:
    """Return what lines of won deals would begin, those left out that a subscription here stands for already.

    The first deal of a customer, title, plan and currency books term 0; later ones book the following terms, or begin a new stretch if
    they come later than the grace.
    """
    held, known = lines_covered(lines, by), plans_by_id(lines)
    return [
        Chain(known[line.plan_id], deals, _terms(deals, known[line.plan_id]))
        for line, deals in lines.items()
        if line not in held
    ]


def lines_covered(lines: Mapping[CopyKey, Deals], by: User) -> dict[CopyKey, list[int]]:
    """Return the subscriptions that stand for lines already: the ids of those that run and that `by` may change.

    Two queries for each block of customers.
    """
    held: dict[CopyKey, list[int]] = {}
    for block in blocks(sorted({line.customer for line in lines}), BLOCK):
        found = Subscription.objects.present().filter(bought_by(block))
        changeable = found.editable_by(by).filter(state=States.ACTIVE)
        running = set(changeable.values_list("pk", flat=True))
        for row in found.order_by("pk").values(*_HELD):
            customer = Customer.of(row["organization_id"], row["person_id"])
            line = CopyKey(customer, row["name_folded"], row["plan_id"], row["currency"])
            if line not in lines:
                continue
            covering = held.setdefault(line, [])
            if row["pk"] in running:
                covering.append(row["pk"])
    return held


def plans_by_id(lines: Mapping[CopyKey, Deals]) -> dict[int, Plan]:
    """Return the plans of lines by id; one query."""
    return {plan.pk: plan for plan in Plan.objects.filter(pk__in={line.plan_id for line in lines})}


def recurring_e4(row: Mapping[str, Any]) -> int:
    """Return what of the deal's value recurs."""
    lines = read_lines(row["lines"])
    return sum_e4(lines, recurs=True) if lines else int(row["value_e4"])


def _terms(deals: Deals, plan: Plan) -> list[BookedTerm]:
    bookings = [Booking(row["pk"], row["won_on"], recurring_e4(row)) for row in deals]
    cadence = with_days_shown(plan.how, [row["won_on"] for row in deals])
    if cadence.days and len(bookings) > 1:
        bookings[0] = replace(bookings[0], starts_on=beginning(cadence.days, bookings[0].won_on))
    fact = SubscriptionFact(
        0, CustomerKey(0), deals[0]["currency"], cadence, bookings, grace_days=plan.grace
    )
    chain = booked_terms(fact, as_of=date.max)
    return [term for term in chain.terms if term.deal is not None]
