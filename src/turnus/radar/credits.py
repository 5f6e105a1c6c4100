"""Finding negative won deals that take back what a subscription costs, while it goes on as if nothing had been said."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, cast

from django.db.models import F, Q

from turnus.accounts.models import User
from turnus.contacts.queries import employer_seen, names_seen
from turnus.core.detection.covered import Wording, wording
from turnus.core.detection.credits import NEAR_DAYS
from turnus.core.money import Money
from turnus.fields.changing import blocks
from turnus.radar.findings import Finding, Kind
from turnus.revenue.models import Subscription, Term
from turnus.revenue.terms.covering import (
    Lookup,
    SoldDeal,
    deal_customers,
    of_customers,
    sale_of,
    subscription_customers,
)
from turnus.sales.models import Deal

_BLOCK = 2_000
_NEAR = timedelta(days=NEAR_DAYS)
#: So long a credit is shown although the subscription was renewed since: most renew by themselves, whatever was agreed.
_SHOWN = timedelta(days=90)
_DEAL = (
    "pk",
    "organization_id",
    "person_id",
    "currency",
    "value_e4",
    "won_on",
    "title",
)
_RUNNING = (
    "pk",
    "name",
    "plan__name",
    "organization_id",
    "person_id",
    "price_e4",
    "currency",
    "next_due_on",
    "started_on",
)


def credits_without_end(user: User, on: date) -> Iterator[Finding]:
    """Yield the negative won deals of a subscription's whole price, in its last term or near a due day, while it has no end.

    One query, and two for each two thousand customers who have such deals.
    """
    negative = (
        Deal.objects.present()
        .visible_to(user)
        .filter(status="won", value_e4__lt=0, term__isnull=True)
    )
    late = negative.filter(won_on__gte=on - timedelta(days=2 * 366)).order_by("pk")
    deals = list(late.values(*_DEAL, **names_seen(user), **employer_seen(user)))
    customers = {one for row in deals for one in _customers(row)}
    running = _running(customers, user)
    taken: set[int] = set()
    for row in deals:
        own = {one["pk"]: one for customer in _customers(row) for one in running.get(customer, ())}
        meant = [
            one for one in own.values() if one["pk"] not in taken and _takes_back(row, one, on)
        ]
        if meant:
            one = min(meant, key=lambda each: _order(row, each))
            taken.add(one["pk"])
            yield _finding(row, one)


def _customers(row: Mapping[str, Any]) -> tuple[Lookup, ...]:
    return deal_customers(row["organization_id"], row["person_id"], row["employer_id"])


def _running(customers: Iterable[Lookup], user: User) -> Mapping[Lookup, list[dict[str, Any]]]:
    """Return the subscriptions that go on without an end, with what their last terms cost and when these began.

    Of those that `user` may see.
    """
    found: dict[Lookup, list[dict[str, Any]]] = defaultdict(list)
    for block in blocks(sorted(customers), _BLOCK):
        going_on = Q(state=Subscription.State.ACTIVE, end_on=None, next_due_on__isnull=False)
        seen = Subscription.objects.present().visible_to(user)
        rows = list(seen.filter(of_customers(block), going_on).order_by("pk").values(*_RUNNING))
        last = Term.objects.filter(
            subscription__in=[row["pk"] for row in rows], number=F("subscription__next_number") - 1
        )
        booked = {
            one: (start, price)
            for one, start, price in last.values_list("subscription", "starts_on", "price_e4")
        }
        for row in rows:
            start, price = booked.get(row["pk"], (row["next_due_on"], row["price_e4"]))
            known = {**row, "last_on": start, "prices": {price, row["price_e4"]}}
            for customer in subscription_customers(row["organization_id"], row["person_id"]):
                found[customer].append(known)
    return found


def _takes_back(deal: Mapping[str, Any], one: Mapping[str, Any], on: date) -> bool:
    if deal["currency"] != one["currency"] or -deal["value_e4"] not in one["prices"]:
        return False
    shown_since = min(one["last_on"] - _NEAR, on - _SHOWN)
    first_day = max(shown_since, one["started_on"])
    last_day = one["next_due_on"] + _NEAR
    return bool(first_day <= deal["won_on"] <= last_day)


def _order(deal: Mapping[str, Any], one: Mapping[str, Any]) -> tuple[int, int]:
    said = wording(
        deal["title"], (one["name"], one["plan__name"]), sale_of(cast("SoldDeal", deal)).customers
    )
    return list(Wording).index(said), one["pk"]


def _finding(deal: Mapping[str, Any], one: Mapping[str, Any]) -> Finding:
    money = Money(-deal["value_e4"], deal["currency"])
    params = {"title": deal["title"]}
    return Finding(
        Kind.CREDIT, deal["pk"], one["pk"], one["pk"], deal["won_on"], money, params=params
    )
