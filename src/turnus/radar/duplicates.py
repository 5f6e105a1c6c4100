"""Finding what was booked twice: deals beside the terms they repeat, and subscriptions that bill the same thing."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from turnus.accounts.models import User
from turnus.core.folding import fold
from turnus.core.money import Money
from turnus.fields.changing import blocks
from turnus.radar.findings import Finding, Kind
from turnus.revenue.loading import customer_key, customer_of
from turnus.revenue.models import Subscription, Term
from turnus.sales.models import Deal

#: A copy made by hand is dated the same day, or a working day or two beside it.
NEAR_DAYS = 3
_BLOCK = 2_000
#: Words that people, or Pipedrive, add to a copy or a renewal, and everything that is no word.
_NO_PART = re.compile(r"\b(copy|kopie|copie|of|von|verlangerung|verlaengerung|renewal|renewed|erneuerung)\b|[\W\d_]+")


def thing(title: str) -> str:
    """Return what a title names: the same for "Wartung Süd (Kopie)" and "Verlängerung: Wartung Süd 2018"."""
    folded = fold(title)
    return " ".join(_NO_PART.sub(" ", folded).split()) or folded


#: Organisations that are billed together may well buy the same: only the same organisation repeats itself.
_APART: Mapping[int, int] = {}


@dataclass(slots=True)
class _Free:
    """A won deal that books no term, and the nearest term's deal that says the same."""

    pk: int
    won_on: date
    title: str
    origin: str
    apart: int = NEAR_DAYS + 1
    term: Any = None


def deals_twice(user: User) -> Iterator[Finding]:
    """Yield the won deals that book no term and repeat one that does: same customer, amount and words, at most three days apart.

    Two queries, and one for each two thousand customers who have both.
    """
    free: dict[tuple[Any, ...], list[_Free]] = defaultdict(list)
    columns = ("organisation_id", "person_id", "currency", "value_e4", "pk", "won_on", "title", "origin")
    for organisation, person, currency, value, *rest in _free(user).values_list(*columns).iterator():
        free[customer_key(organisation, person, _APART), currency, value].append(_Free(*rest))
    for terms in _terms_of({key[0] for key in free}):
        for term in terms:
            key = (
                customer_key(term["deal__organisation_id"], term["deal__person_id"], _APART),
                term["deal__currency"],
                term["deal__value_e4"],
            )
            for deal in free.get(key, ()):
                _compare(deal, term)
    for (_customer, currency, value), deals in free.items():
        for deal in deals:
            if deal.term is not None:
                yield _twice(deal, Money(value, currency))


def _free(user: User) -> QuerySet[Deal]:
    """Return the won deals without a term of customers who have subscriptions."""
    theirs = Subscription.objects.present()
    organisations = theirs.filter(organisation__isnull=False).values("organisation")
    persons = theirs.filter(organisation__isnull=True).values("person")
    customers = Q(organisation__in=organisations) | Q(organisation__isnull=True, person__in=persons)
    won = Deal.objects.present().visible_to(user).filter(status="won", value_e4__gt=0, term__isnull=True)
    return won.filter(customers).order_by("pk")


def _terms_of(customers: Iterable[int]) -> Iterator[Iterable[dict[str, Any]]]:
    """Yield the terms, block by block, that won deals of `customers` book."""
    booked = Term.objects.order_by("pk").filter(
        deal__status="won", deal__trashed_at__isnull=True, subscription__trashed_at__isnull=True
    )
    columns = (
        "pk", "subscription_id", "starts_on", "subscription__name", "deal__organisation_id", "deal__person_id", "deal__currency",
        "deal__value_e4", "deal__won_on", "deal__title",
    )  # fmt: skip
    for block in blocks(sorted(customers), _BLOCK):
        pairs = [customer_of(key) for key in block]
        organisations, persons = [one for one, _ in pairs if one], [one for _, one in pairs if one]
        theirs = Q(deal__organisation__in=organisations) | Q(deal__organisation__isnull=True, deal__person__in=persons)
        yield booked.filter(theirs).values(*columns).iterator()


def _compare(deal: _Free, term: dict[str, Any]) -> None:
    apart = abs((deal.won_on - term["deal__won_on"]).days)
    if apart < deal.apart and thing(deal.title) in {thing(term["deal__title"]), thing(term["subscription__name"])}:
        deal.apart, deal.term = apart, term


def _twice(deal: _Free, money: Money) -> Finding:
    term = deal.term
    params = {
        "title": deal.title, "other": term["deal__title"], "other_on": term["deal__won_on"], "apart": deal.apart, "is_imported": deal.origin == "import",
    }  # fmt: skip
    return Finding(Kind.DEAL_TWICE, deal.pk, term["pk"], term["subscription_id"], deal.won_on, money, params=params)


def subscriptions_twice() -> Iterator[Finding]:
    """Yield the running subscriptions that bill a customer what an earlier one bills: same plan, price and words, same days."""
    running = Subscription.objects.present().exclude(state=Subscription.State.ENDED)
    alike_too = {one: OuterRef(one) for one in ("plan", "price_e4", "currency")}
    twins = running.filter(**alike_too).exclude(pk=OuterRef("pk"))
    theirs = Exists(twins.filter(organisation=OuterRef("organisation"))) | Exists(
        twins.filter(organisation__isnull=True, person=OuterRef("person"))
    )
    columns = ("organisation_id", "person_id", "plan_id", "price_e4", "currency", "pk", "started_on", "end_on", "name")
    same: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for organisation, person, plan, price, currency, *rest in (
        running.filter(theirs).order_by("started_on", "pk").values_list(*columns).iterator()
    ):
        same[customer_key(organisation, person, _APART), plan, price, currency].append(tuple(rest))
    for (_customer, _plan, price, currency), alike in same.items():
        for (pk, start, end, _name), earlier in _pairs(alike):
            if end is None and price > 0:
                params = {"other": earlier[3], "other_on": earlier[1]}
                yield Finding(Kind.SUBSCRIPTION_TWICE, pk, earlier[0], pk, start, Money(price, currency), params=params)


def _pairs(alike: list[tuple[Any, ...]]) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """Yield each subscription that has the words of an earlier one that still runs when it begins, with that one."""
    first: dict[str, tuple[Any, ...]] = {}
    for one in alike:
        earlier = first.setdefault(thing(one[3]), one)
        if earlier is not one and (earlier[2] is None or earlier[2] > one[1]):
            yield one, earlier
