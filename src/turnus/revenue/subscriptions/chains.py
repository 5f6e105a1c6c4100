"""Won deals of one customer, title, plan and currency, and the terms they would book."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from turnus.accounts.models import User
from turnus.core.cadence_days import beginning, with_days_shown
from turnus.core.customers import CustomerKey
from turnus.core.deal_lines import read_lines, sum_e4
from turnus.core.revenue.chaining import booked_terms
from turnus.core.revenue.runs import BookedTerm, Booking, SubscriptionFact
from turnus.fields.changing import blocks
from turnus.revenue.models import Plan, Subscription
from turnus.sales.models import Deal

States = Subscription.State

Deals = Sequence[Mapping[str, Any]]

#: Customer (`o` or `p` and id), folded title, plan, currency.
Line = tuple[str, int, str, int, str]

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


def lines_of(plans: Mapping[int, int]) -> dict[Line, Deals]:
    """Return the won deals (`plans`: deal -> plan) of which something recurs and that book no term yet, by line, the first won first."""
    lines: dict[Line, list[Mapping[str, Any]]] = {}
    for block in blocks(sorted(plans), BLOCK):
        won = Deal.objects.present().filter(pk__in=block, status=Deal.Status.WON, term__isnull=True)
        for row in won.order_by("pk").values(*_DEAL):
            if recurring_e4(row) > 0:
                line = (*_customer(row), row["title_folded"], plans[row["pk"]], row["currency"])
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


def new_chains(lines: Mapping[Line, Deals], *, by: User) -> list[Chain]:
    """Return what lines of won deals would begin, those left out that a subscription here stands for already.

    The first deal of a customer, title, plan and currency books term 0; later ones book the following terms, or begin a new stretch if
    they come later than the grace.
    """
    held, known = lines_covered(lines, by), plans_by_id(lines)
    return [
        Chain(known[line[3]], deals, _terms(deals, known[line[3]]))
        for line, deals in lines.items()
        if line not in held
    ]


def lines_covered(lines: Mapping[Line, Deals], by: User) -> dict[Line, list[int]]:
    """Return the subscriptions that stand for lines already; of those that `by` may change and that run, the ids. Two queries for each block."""
    held: dict[Line, list[int]] = {}
    for kind, column in (("o", "organization_id"), ("p", "person_id")):
        for block in blocks({line[1] for line in lines if line[0] == kind}, BLOCK):
            found = Subscription.objects.present().filter(**{f"{column}__in": block})
            running = set(
                found.editable_by(by).filter(state=States.ACTIVE).values_list("pk", flat=True)
            )
            for row in found.order_by("pk").values(*_HELD):
                line = (*_customer(row), row["name_folded"], row["plan_id"], row["currency"])
                if line[0] == kind and line in lines:
                    held.setdefault(line, []).extend([row["pk"]] if row["pk"] in running else [])
    return held


def plans_by_id(lines: Mapping[Line, Deals]) -> dict[int, Plan]:
    """Return the plans of lines by id; one query."""
    return {plan.pk: plan for plan in Plan.objects.filter(pk__in={line[3] for line in lines})}


def _customer(row: Mapping[str, Any]) -> tuple[str, int]:
    return ("o", row["organization_id"]) if row["organization_id"] else ("p", row["person_id"])


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
