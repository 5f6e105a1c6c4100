"""Finding duplicates: deals beside the terms they repeat, and subscriptions that bill the same."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import NamedTuple, cast

from django.db.models import Exists, OuterRef, Q, QuerySet

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.contacts.queries import employer_seen, names_seen
from turnus.core.cadence import Cadence
from turnus.core.customers import Customer
from turnus.core.detection.covered import (
    EARLY_DAYS,
    Cover,
    Sale,
    Wording,
    covering,
    service,
)
from turnus.core.folding import fold
from turnus.core.money import Money
from turnus.core.revenue.facts import Exact
from turnus.fields.changing import blocks
from turnus.radar.findings import Details, Finding, FindingKind
from turnus.revenue.models import Subscription
from turnus.revenue.terms.covering import (
    Lookup,
    SoldDeal,
    StoredTime,
    booked_terms,
    deal_customers,
    of_customers,
    sale_of,
    stored_times,
)
from turnus.sales.models import Deal

_BLOCK = 2_000
#: So many services of different names at one price are a list of prices, not one thing that is
#: there again and again.
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


class _DealRow(SoldDeal):
    """A won deal that books no term, and its person's organization as far as it may be seen."""

    pk: int
    organization_id: int | None
    person_id: int | None
    employer_id: int | None
    currency: str
    origin: str


class _Sameness(NamedTuple):
    """What subscriptions have in common that bill a customer the same."""

    customer: Customer
    billings_per_year: Exact
    price_e4: int
    currency: str


@dataclass(frozen=True, slots=True)
class _RunningSubscription:
    """A subscription with the names of its contacts, as far as the viewer may see them."""

    pk: int
    organization_id: int | None
    person_id: int | None
    name: str
    cadence: str
    price_e4: int
    currency: str
    started_on: date
    end_on: date | None
    next_due_on: date | None
    organization_name: str | None
    person_name: str | None

    @property
    def sameness(self) -> _Sameness:
        """What others have that bill the same."""
        # Organizations that are billed together may well buy the same: only the same one repeats
        # itself.
        customer = Customer.of(self.organization_id, self.person_id)
        how_often = Cadence.parse(self.cadence).billings_per_year
        return _Sameness(customer, how_often, self.price_e4, self.currency)

    @property
    def service(self) -> str:
        """The service that its name names; empty for none."""
        contact_names = (self.organization_name, self.person_name)
        present_names = tuple(name for name in contact_names if name)
        return service(self.name, present_names)

    def runs_on(self, day: date) -> bool:
        """Return whether it has not ended before the day."""
        return self.end_on is None or self.end_on > day

    def names_the_same(self, other: "_RunningSubscription") -> bool:
        """Return whether both name the same service, or one of them names none."""
        mine = self.service
        theirs = other.service
        return not mine or not theirs or mine == theirs

    def falls_due_with(self, other: "_RunningSubscription") -> bool:
        """Return whether both fall due on about the same day."""
        if self.next_due_on is None or other.next_due_on is None:
            return False
        distance = abs(self.next_due_on - other.next_due_on)
        return distance.days <= EARLY_DAYS


class _Pair(NamedTuple):
    later: _RunningSubscription
    earlier: _RunningSubscription


def thing(title: str) -> str:
    """Return what a title names.

    The same for "Wartung Süd (Kopie)" and "Verlängerung: Wartung Süd 2018".
    """
    folded = fold(title)
    words = _NO_PART.sub(" ", folded).split()
    return " ".join(words) or folded


@dataclass(frozen=True, slots=True)
class _Repeat:
    """The term that a deal repeats, and how."""

    term: StoredTime
    cover: Cover


@dataclass(slots=True)
class _Free:
    """A won deal that books no term; `repeat`: the term that it repeats, if it does."""

    row: _DealRow
    sale: Sale
    repeat: _Repeat | None = None

    def compare(self, term: StoredTime) -> None:
        """Keep the term if the deal repeats it more likely than the one kept so far."""
        times = [term.time]
        if self.repeat is not None:
            times.insert(0, self.repeat.term.time)
        cover = covering(self.sale, times)
        if cover is not None and cover.time is term.time:
            self.repeat = _Repeat(term, cover)


def deals_twice(user: User) -> Iterator[Finding]:
    """Yield the won deals that book no term and lie in days that another deal has booked.

    For a term of their customer, of the same amount. Two queries, and one for each two thousand
    customers who have both. See docs/decisions/0026.
    """
    cells = _free(user).values(
        *_DEAL, **names_seen(user), **employer_seen(user)
    )
    deals = []
    for cells_of_deal in cells.iterator():
        row = cast("_DealRow", cells_of_deal)
        deals.append(_Free(row, sale_of(row)))
    _compare_all(deals, user)
    repeats = [_Repetition(deal, deal.repeat) for deal in deals if deal.repeat]
    counts = Counter(repetition.other_thing for repetition in repeats)
    for repetition in repeats:
        other_thing = repetition.other_thing
        # What comes again and again under another name is another thing that the customer pays for.
        if other_thing is None or counts[other_thing] == 1:
            yield _duplicate_deal(repetition.deal, repetition.repeat)


def _compare_all(deals: Iterable[_Free], user: User) -> None:
    """Let each deal find the term that it repeats.

    Among those of its customer, currency and amount that `user` may see.
    """
    customers: set[Lookup] = set()
    free: dict[tuple[Lookup, str, int], list[_Free]] = defaultdict(list)
    for deal in deals:
        row = deal.row
        contacts = (
            row["organization_id"],
            row["person_id"],
            row["employer_id"],
        )
        for customer in deal_customers(*contacts):
            customers.add(customer)
            free[customer, row["currency"], row["value_e4"]].append(deal)
    for term in _terms_of(customers, user):
        currency = term.row["currency"]
        for customer, amount in product(term.customers, term.time.amounts_e4):
            for deal in free.get((customer, currency, amount), ()):
                deal.compare(term)


def _free(user: User) -> QuerySet[Deal]:
    """Return the won deals without a term of customers who have subscriptions."""
    theirs = Subscription.objects.present()
    organizations = theirs.filter(organization__isnull=False).values(
        "organization"
    )
    persons = theirs.filter(person__isnull=False).values("person")
    by_person = Q(person__in=persons) | Q(
        person__organization__in=organizations
    )
    without_organization = Q(organization__isnull=True) & by_person
    by_contact = Q(organization__in=organizations) | without_organization
    by_person_alone = Q(person__in=persons.filter(organization__isnull=True))
    visible = Deal.objects.present().visible_to(user)
    won = visible.filter(status="won", term__isnull=True, value_e4__gt=0)
    theirs_too = won.filter(by_contact | by_person_alone)
    return theirs_too.order_by("pk")


def _terms_of(customers: Iterable[Lookup], user: User) -> Iterator[StoredTime]:
    """Yield the terms that won deals book, of subscriptions of `customers` that `user` may see."""
    is_visible = visible(user, through="subscription__")
    booked = booked_terms().filter(is_visible)
    for block in blocks(sorted(customers), _BLOCK):
        theirs = booked.filter(of_customers(block, "subscription__"))
        yield from stored_times(theirs, viewer=user)


class _OtherThing(NamedTuple):
    """A service that deals name beside a subscription to another one."""

    subscription: int
    price_e4: int
    name: str


@dataclass(frozen=True, slots=True)
class _Repetition:
    """A deal that repeats a term, and how."""

    deal: _Free
    repeat: _Repeat

    @property
    def other_thing(self) -> _OtherThing | None:
        """What the deal names in place of the subscription's service; None if nothing else."""
        cover = self.repeat.cover
        if cover.wording is not Wording.OTHER:
            return None
        sale = self.deal.sale
        name = service(sale.title, sale.customers)
        return _OtherThing(cover.time.subscription, sale.value_e4, name)


def _duplicate_deal(deal: _Free, repeat: _Repeat) -> Finding:
    row = deal.row
    term = repeat.term.row
    time = repeat.cover.time
    return Finding(
        kind=FindingKind.DEAL_TWICE,
        one=row["pk"],
        other=term["pk"],
        subscription_id=time.subscription,
        on=row["won_on"],
        money=Money(row["value_e4"], row["currency"]),
        details=Details(
            title=row["title"],
            other=term["deal_title"],
            other_on=term["deal_won_on"],
            starts_on=time.days.start,
            last_on=time.days.last_day,
            wording=str(repeat.cover.wording),
            is_imported=row["origin"] == "import",
        ),
    )


def subscriptions_twice(user: User) -> Iterator[Finding]:
    """Yield the running subscriptions that bill a customer what an earlier one bills.

    Same price, as often, on the same days. Of those that `user` may see; one query. Those that name
    another service are found only if they fall due on the same days.
    """
    subscriptions = Subscription.objects.present().visible_to(user)
    running = subscriptions.exclude(state=Subscription.State.ENDED).filter(
        price_e4__gt=0
    )
    in_order = _with_twins(running).order_by("started_on", "pk")
    cells = in_order.values(*_SUBSCRIPTION, **names_seen(user))
    alike: dict[_Sameness, list[_RunningSubscription]] = defaultdict(list)
    for row in cells.iterator():
        subscription = _RunningSubscription(**row)
        alike[subscription.sameness].append(subscription)
    for own in alike.values():
        for pair in _pairs(own):
            yield _duplicate_subscription(pair)


def _with_twins(running: QuerySet[Subscription]) -> QuerySet[Subscription]:
    """Return those of `running` beside which their customer has another one at the same price."""
    others = running.exclude(pk=OuterRef("pk"))
    twins = others.filter(
        price_e4=OuterRef("price_e4"), currency=OuterRef("currency")
    )
    of_organization = twins.filter(organization=OuterRef("organization"))
    alone = twins.filter(organization__isnull=True)
    of_person = alone.filter(person=OuterRef("person"))
    return running.filter(Exists(of_organization) | Exists(of_person))


def _duplicate_subscription(pair: _Pair) -> Finding:
    later = pair.later
    earlier = pair.earlier
    return Finding(
        kind=FindingKind.SUBSCRIPTION_TWICE,
        one=later.pk,
        other=earlier.pk,
        subscription_id=later.pk,
        on=later.started_on,
        money=Money(later.price_e4, later.currency),
        details=Details(other=earlier.name, other_on=earlier.started_on),
    )


def _pairs(alike: Sequence[_RunningSubscription]) -> Iterator[_Pair]:
    """Yield each subscription without an end with the earlier one that it repeats.

    That one still runs when it begins.
    """
    services = {subscription.service for subscription in alike} - {""}
    is_price_list = len(services) >= _PRICE_LIST
    for place, later in enumerate(alike):
        if later.end_on is not None:
            continue
        running = [
            each for each in alike[:place] if each.runs_on(later.started_on)
        ]
        same = [each for each in running if each.names_the_same(later)]
        if not is_price_list:
            same += [each for each in running if each.falls_due_with(later)]
        if same:
            yield _Pair(later, same[0])
