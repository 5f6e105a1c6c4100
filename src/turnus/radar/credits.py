"""Finding negative won deals that take back what a subscription costs, while it goes on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import cast

from django.db.models import F, Q

from turnus.accounts.models import User
from turnus.contacts.queries import employer_seen, names_seen
from turnus.core.detection.covered import Wording, wording
from turnus.core.detection.credits import NEAR_DAYS
from turnus.core.money import Money
from turnus.fields.changing import blocks
from turnus.radar.findings import Details, Finding, FindingKind
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
#: How far back credits are looked for.
_LOOKED_BACK = timedelta(days=2 * 366)
#: So long a credit is shown although the subscription was renewed since: most renew by themselves,
#: whatever was agreed.
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


class _Credit(SoldDeal):
    """A negative won deal, and the organization of its person as far as the viewer may see it."""

    pk: int
    organization_id: int | None
    person_id: int | None
    employer_id: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class _Running:
    """A subscription that goes on without an end.

    `last_on`: when its last term began. `prices`: what that cost, and what the next one costs.
    """

    pk: int
    name: str
    plan_name: str
    currency: str
    started_on: date
    next_due_on: date
    last_on: date
    prices: frozenset[int]


def credits_without_end(user: User, on: date) -> Iterator[Finding]:
    """Yield the negative won deals of a subscription's whole price, while it has no end.

    In its last term or near a due day. One query, and two for each two thousand customers who have
    such deals.
    """
    won = (
        Deal.objects.present()
        .visible_to(user)
        .filter(status="won", term__isnull=True)
    )
    negative = won.filter(
        value_e4__lt=0, won_on__gte=on - _LOOKED_BACK
    ).order_by("pk")
    rows = negative.values(*_DEAL, **names_seen(user), **employer_seen(user))
    deals = [cast("_Credit", row) for row in rows]
    customers: set[Lookup] = set()
    for deal in deals:
        customers.update(_customers(deal))
    running = _running(customers, user)
    ended: set[int] = set()
    for deal in deals:
        own: dict[int, _Running] = {}
        for customer in _customers(deal):
            own |= {each.pk: each for each in running.get(customer, ())}
        free = [each for each in own.values() if each.pk not in ended]
        candidates = [each for each in free if _takes_back(deal, each, on)]
        if candidates:
            likeliest = min(candidates, key=partial(_order, deal))
            ended.add(likeliest.pk)
            yield _finding(deal, likeliest)


def _customers(deal: _Credit) -> tuple[Lookup, ...]:
    return deal_customers(
        deal["organization_id"], deal["person_id"], deal["employer_id"]
    )


def _running(
    customers: Iterable[Lookup], user: User
) -> Mapping[Lookup, list[_Running]]:
    """Return the subscriptions that go on without an end, of those that `user` may see."""
    going_on = Q(
        state=Subscription.State.ACTIVE, end_on=None, next_due_on__isnull=False
    )
    visible = Subscription.objects.present().visible_to(user)
    unended = visible.filter(going_on)
    found: dict[Lookup, list[_Running]] = defaultdict(list)
    for block in blocks(sorted(customers), _BLOCK):
        theirs = (
            unended.filter(of_customers(block))
            .select_related("plan")
            .order_by("pk")
        )
        subscriptions = list(theirs)
        last_terms = _last_terms(subscriptions)
        for subscription in subscriptions:
            running = _with_last_term(
                subscription, last_terms.get(subscription.pk)
            )
            for customer in subscription_customers(
                subscription.organization_id, subscription.person_id
            ):
                found[customer].append(running)
    return found


def _last_terms(subscriptions: Iterable[Subscription]) -> dict[int, Term]:
    ids = [subscription.pk for subscription in subscriptions]
    last = Term.objects.filter(
        subscription__in=ids, number=F("subscription__next_number") - 1
    )
    return {term.subscription_id: term for term in last}


def _with_last_term(subscription: Subscription, last: Term | None) -> _Running:
    assert subscription.next_due_on is not None  # noqa: S101 (asked for)
    last_on = subscription.next_due_on
    prices = {subscription.price_e4}
    if last is not None:
        last_on = last.starts_on
        prices.add(last.price_e4)
    return _Running(
        pk=subscription.pk,
        name=subscription.name,
        plan_name=subscription.plan.name,
        currency=subscription.currency,
        started_on=subscription.started_on,
        next_due_on=subscription.next_due_on,
        last_on=last_on,
        prices=frozenset(prices),
    )


def _takes_back(deal: _Credit, running: _Running, on: date) -> bool:
    is_whole_price = -deal["value_e4"] in running.prices
    if deal["currency"] != running.currency or not is_whole_price:
        return False
    shown_since = min(running.last_on - _NEAR, on - _SHOWN)
    first_day = max(shown_since, running.started_on)
    last_day = running.next_due_on + _NEAR
    return first_day <= deal["won_on"] <= last_day


def _order(deal: _Credit, running: _Running) -> tuple[int, int]:
    """Return what sorts the subscriptions that a credit may mean: the likeliest first."""
    names = (running.name, running.plan_name)
    likeness = wording(deal["title"], names, sale_of(deal).customers)
    return list(Wording).index(likeness), running.pk


def _finding(deal: _Credit, running: _Running) -> Finding:
    return Finding(
        kind=FindingKind.CREDIT,
        one=deal["pk"],
        other=running.pk,
        subscription_id=running.pk,
        on=deal["won_on"],
        money=Money(-deal["value_e4"], deal["currency"]),
        details=Details(title=deal["title"]),
    )
