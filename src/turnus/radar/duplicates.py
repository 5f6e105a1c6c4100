"""Finding what was booked twice: deals beside the terms they repeat, and subscriptions that bill the same thing."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.contacts.queries import employer_seen, names_seen
from turnus.core.cadence import Cadence
from turnus.core.customers import Customer
from turnus.core.detection.covered import EARLY_DAYS, Cover, Sale, Wording, covering, service
from turnus.core.folding import fold
from turnus.core.money import Money
from turnus.fields.changing import blocks
from turnus.radar.findings import Finding, Kind
from turnus.revenue.models import Subscription
from turnus.revenue.terms.covering import (
    Lookup,
    StoredTime,
    booked_terms,
    deal_customers,
    of_customers,
    sale_of,
    stored_times,
)
from turnus.sales.models import Deal

_BLOCK = 2_000
#: So many services of different names at one price are a list of prices, not one thing that is there again and again.
_PRICE_LIST = 3
#: Words that people, or Pipedrive, add to a copy or a renewal, and everything that is no word.
_NO_PART = re.compile(
    r"\b(copy|kopie|copie|of|von|verlangerung|verlaengerung|renewal|renewed|erneuerung)\b|[\W\d_]+"
)
_DEAL = (
    "pk",
    "organization_id",
    "person_id",
    "currency",
    "value_e4",
    "won_on",
    "title",
    "origin",
)
_SUBSCRIPTION = (
    "pk",
    "organization_id",
    "person_id",
    "name",
    "cadence",
    "price_e4",
    "currency",
    "started_on",
    "end_on",
    "next_due_on",
)


def thing(title: str) -> str:
    """Return what a title names: the same for "Wartung Süd (Kopie)" and "Verlängerung: Wartung Süd 2018"."""
    folded = fold(title)
    return " ".join(_NO_PART.sub(" ", folded).split()) or folded


@dataclass(frozen=True, slots=True)
class _Repeat:
    """The term that a deal repeats, and how."""

    term: StoredTime
    cover: Cover


@dataclass(slots=True)
class _Free:
    """A won deal that books no term; `repeat`: the term that it repeats, None for an ordinary deal."""

    row: Mapping[str, Any]
    sale: Sale
    repeat: _Repeat | None = None

    def compare(self, term: StoredTime) -> None:
        """Keep the term if the deal repeats it, and repeats the one kept so far less likely."""
        times = [term.time] if self.repeat is None else [self.repeat.term.time, term.time]
        cover = covering(self.sale, times)
        if cover is not None and cover.time is term.time:
            self.repeat = _Repeat(term, cover)


def deals_twice(user: User) -> Iterator[Finding]:
    """Yield the won deals that book no term and lie in days that a term of their customer, of the same amount, has booked.

    Two queries, and one for each two thousand customers who have both. See docs/decisions/0026.
    """
    rows = _free(user).values(*_DEAL, **names_seen(user), **employer_seen(user))
    deals = [_Free(row, sale_of(row)) for row in rows.iterator()]
    _compare_all(deals, user)
    repeats = [(deal, deal.repeat) for deal in deals if deal.repeat is not None]
    names = Counter(_other_thing(deal, repeat) for deal, repeat in repeats)
    for deal, repeat in repeats:
        other = _other_thing(deal, repeat)
        # What comes again and again under another name is another thing that the customer pays for.
        if other is None or names[other] == 1:
            yield _twice(deal, repeat)


def _compare_all(deals: Iterable[_Free], user: User) -> None:
    """Let each deal find the term that it repeats, among those of its customer, currency and amount that `user` may see."""
    free: dict[tuple[Lookup, str, int], list[_Free]] = defaultdict(list)
    for deal in deals:
        row = deal.row
        for customer in deal_customers(
            row["organization_id"], row["person_id"], row["employer_id"]
        ):
            free[customer, row["currency"], row["value_e4"]].append(deal)
    for term in _terms_of({customer for customer, _currency, _value in free}, user):
        for customer, amount in product(term.customers, term.time.amounts_e4):
            for deal in free.get((customer, term.row["currency"], amount), ()):
                deal.compare(term)


def _free(user: User) -> QuerySet[Deal]:
    """Return the won deals without a term of customers who have subscriptions."""
    theirs = Subscription.objects.present()
    organizations = theirs.filter(organization__isnull=False).values("organization")
    persons = theirs.filter(person__isnull=False).values("person")
    by_person = Q(person__in=persons) | Q(person__organization__in=organizations)
    by_contact = Q(organization__in=organizations) | Q(organization__isnull=True) & by_person
    by_person_alone = Q(person__in=persons.filter(organization__isnull=True))
    won = (
        Deal.objects.present()
        .visible_to(user)
        .filter(status="won", value_e4__gt=0, term__isnull=True)
    )
    return won.filter(by_contact | by_person_alone).order_by("pk")


def _terms_of(customers: Iterable[Lookup], user: User) -> Iterator[StoredTime]:
    """Yield the terms that won deals book, of the subscriptions of `customers` that `user` may see."""
    seen = booked_terms().filter(visible(user, through="subscription__"))
    for block in blocks(sorted(customers), _BLOCK):
        yield from stored_times(seen.filter(of_customers(block, "subscription__")), viewer=user)


def _other_thing(deal: _Free, repeat: _Repeat) -> tuple[int, int, str] | None:
    """Return which other service a deal names, beside which subscription, at which price; None if it names no other one."""
    if repeat.cover.wording is not Wording.OTHER:
        return None
    named = service(deal.sale.title, deal.sale.customers)
    return repeat.cover.time.subscription, deal.sale.value_e4, named


def _twice(deal: _Free, repeat: _Repeat) -> Finding:
    row, term, time = deal.row, repeat.term, repeat.cover.time
    params = {
        "title": row["title"],
        "other": term.row["deal_title"],
        "other_on": term.row["deal_won_on"],
        "starts_on": time.days.start,
        "last_on": time.days.last_day,
        "wording": str(repeat.cover.wording),
        "is_imported": row["origin"] == "import",
    }
    money = Money(row["value_e4"], row["currency"])
    return Finding(
        Kind.DEAL_TWICE,
        row["pk"],
        term.row["pk"],
        time.subscription,
        row["won_on"],
        money,
        params=params,
    )


def subscriptions_twice(user: User) -> Iterator[Finding]:
    """Yield the running subscriptions that bill a customer what an earlier one bills: same price, as often, on the same days.

    Of those that `user` may see; one query. Those that name another service are found only if they fall due on the same days.
    """
    seen = Subscription.objects.present().visible_to(user)
    running = seen.exclude(state=Subscription.State.ENDED).filter(price_e4__gt=0)
    twins = running.filter(price_e4=OuterRef("price_e4"), currency=OuterRef("currency")).exclude(
        pk=OuterRef("pk")
    )
    theirs = Exists(twins.filter(organization=OuterRef("organization"))) | Exists(
        twins.filter(organization__isnull=True, person=OuterRef("person"))
    )
    same: dict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    twice = running.filter(theirs).order_by("started_on", "pk")
    for row in twice.values(*_SUBSCRIPTION, **names_seen(user)).iterator():
        # Organizations that are billed together may well buy the same: only the same one repeats itself.
        customer = Customer.of(row["organization_id"], row["person_id"])
        how_often = Cadence.parse(row["cadence"]).billings_per_year
        same[customer, how_often, row["price_e4"], row["currency"]].append(row)
    for alike in same.values():
        for later, earlier in _pairs(alike):
            params = {"other": earlier["name"], "other_on": earlier["started_on"]}
            money = Money(later["price_e4"], later["currency"])
            kind, pk = Kind.SUBSCRIPTION_TWICE, later["pk"]
            yield Finding(kind, pk, earlier["pk"], pk, later["started_on"], money, params=params)


def _pairs(
    alike: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield each subscription without an end, with the earlier one that still runs when it begins and that it repeats."""
    is_price_list = len({_service(row) for row in alike} - {""}) >= _PRICE_LIST
    for place, later in enumerate(alike):
        if later["end_on"] is not None:
            continue
        running = [
            row
            for row in alike[:place]
            if row["end_on"] is None or row["end_on"] > later["started_on"]
        ]
        same = [row for row in running if _names_the_same(row, later)]
        if not is_price_list:
            same += [row for row in running if _falls_due_with(row, later)]
        if same:
            yield later, same[0]


def _names_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two subscriptions name the same service, or one of them names none."""
    mine, theirs = _service(one), _service(other)
    return not mine or not theirs or mine == theirs


def _falls_due_with(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    mine, theirs = one["next_due_on"], other["next_due_on"]
    return mine is not None and theirs is not None and abs((mine - theirs).days) <= EARLY_DAYS


def _service(row: Mapping[str, Any]) -> str:
    names = tuple(row[key] for key in ("organization_name", "person_name") if row[key])
    return service(row["name"], names)
