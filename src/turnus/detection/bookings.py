"""Which deals existing subscriptions have booked, and which of these repeat a proposal."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypedDict, cast

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.contacts.models import Person
from turnus.core.cadence import Cadence
from turnus.core.detection.covered import (
    Cover,
    PaidTime,
    Sale,
    Wording,
    covering,
    service,
)
from turnus.core.detection.facts import Sold
from turnus.fields.changing import blocks
from turnus.revenue.models import Subscription, Term
from turnus.revenue.terms.covering import (
    Lookup,
    deal_customers,
    of_customers,
    stored_times,
    subscription_customers,
)

_BLOCK = 2_000
#: A usual change of price.
_NEARLY = 1.1
_RUNNING = (
    "organization_id",
    "person_id",
    "price_e4",
    "currency",
    "cadence",
    "started_on",
    "end_on",
)


class _BookedColumns(TypedDict):
    """What is read of a subscription."""

    price_e4: int
    cadence: str
    started_on: date
    end_on: date | None


@dataclass(frozen=True, slots=True)
class BookedSubscription:
    """An existing subscription: price, billings a year, and its days (None: without an end)."""

    price_e4: int
    billings_per_year: Fraction
    started_on: date
    end_on: date | None

    def repeats(
        self, price_e4: int, cadence: Cadence, start: date, end: date
    ) -> bool:
        """Return whether it bills nearly as much as often, on days within `start` to `end`."""
        lower, higher = sorted((price_e4, self.price_e4))
        is_alike = higher <= lower * _NEARLY
        is_as_often = self.billings_per_year == cadence.billings_per_year
        runs_on = self.end_on is None or self.end_on > start
        runs_then = runs_on and self.started_on < end
        return is_alike and is_as_often and runs_then


@dataclass(frozen=True, slots=True)
class ExistingBookings:
    """The deals that terms have booked, and the customer's subscriptions in their currency."""

    covered: frozenset[int] = frozenset()
    running: tuple[BookedSubscription, ...] = ()


def bookings_of(
    groups: Mapping[int, Sequence[Sold]], by: User
) -> dict[int, ExistingBookings]:
    """Return for each group of deals the bookings of its customer that `by` may see.

    All deals of a group have one customer and one currency.

    Three queries for each two thousand customers.
    """
    deals = [deal for sold in groups.values() for deal in sold]
    employers = _employers(deals, by)
    keys_of = {group: _keys(sold, employers) for group, sold in groups.items()}
    customers = {
        customer for keys in keys_of.values() for customer, _currency in keys
    }
    times = _times(customers, by)
    running = _running(customers, by)
    found = {}
    for group, sold in groups.items():
        own_times: dict[tuple[int, int], PaidTime] = {}
        own_running: dict[BookedSubscription, None] = {}
        for key in keys_of[group]:
            own_running |= dict.fromkeys(running.get(key, ()))
            for time in times.get(key, ()):
                own_times[time.subscription, time.number] = time
        covered = _covered(sold, list(own_times.values()))
        found[group] = ExistingBookings(covered, tuple(own_running))
    return found


def _keys(
    sold: Sequence[Sold], employers: Mapping[int, int | None]
) -> list[tuple[Lookup, str]]:
    """Return the customers that the deals may be of, each with the currencies of the deals."""
    currencies = {deal.currency for deal in sold}
    customers = {
        customer for deal in sold for customer in _customers(deal, employers)
    }
    return [
        (customer, currency)
        for customer in customers
        for currency in currencies
    ]


def _covered(
    sold: Sequence[Sold], times: Sequence[PaidTime]
) -> frozenset[int]:
    """Return the deals that pay for booked terms.

    A deal that recurs under another name is for something else.
    """
    by_amount: dict[int, list[PaidTime]] = defaultdict(list)
    for time in times:
        for amount in time.amounts_e4:
            by_amount[amount].append(time)
    covers = []
    for deal in sold:
        if deal.value_e4 > 0:
            cover = covering(_sale(deal), by_amount.get(deal.value_e4, ()))
            if cover is not None:
                covers.append(_CoveredDeal(deal, cover))
    counts = Counter(covered.other_thing for covered in covers)
    return frozenset(
        covered.deal.deal
        for covered in covers
        if not covered.is_named_otherwise or counts[covered.other_thing] == 1
    )


@dataclass(frozen=True, slots=True)
class _CoveredDeal:
    """A deal, and the term that it seems to pay for."""

    deal: Sold
    cover: Cover

    @property
    def is_named_otherwise(self) -> bool:
        return self.cover.wording is Wording.OTHER

    @property
    def other_thing(self) -> tuple[int, int, str]:
        """What the deal would be for if it recurred beside the subscription."""
        named = service(self.deal.title, _names(self.deal))
        return self.cover.time.subscription, self.deal.value_e4, named


def _sale(deal: Sold) -> Sale:
    return Sale(deal.title, _names(deal), deal.won_on, deal.value_e4)


def _names(deal: Sold) -> tuple[str, ...]:
    names = (deal.organization, deal.person)
    return tuple(name for name in names if name)


def _employers(sold: Iterable[Sold], by: User) -> dict[int, int | None]:
    """Return the organization of each person whose deals name none, as far as `by` may see both."""
    alone = [deal for deal in sold if not deal.organization_id]
    people = {int(deal.person_id) for deal in alone if deal.person_id}
    visible_people = Person.objects.visible_to(by).filter(
        visible(by, through="organization__")
    )
    found: dict[int, int | None] = {}
    for block in blocks(sorted(people), _BLOCK):
        own = visible_people.filter(pk__in=block)
        found |= dict(own.values_list("pk", "organization_id"))
    return found


def _customers(
    deal: Sold, employers: Mapping[int, int | None]
) -> tuple[Lookup, ...]:
    person = int(deal.person_id) if deal.person_id else None
    organization = int(deal.organization_id) if deal.organization_id else None
    return deal_customers(organization, person, employers.get(person or 0))


def _times(
    customers: Iterable[Lookup], by: User
) -> Mapping[tuple[Lookup, str], list[PaidTime]]:
    """Return the terms that count or that a deal stands for, by customer and currency."""
    times: dict[tuple[Lookup, str], list[PaidTime]] = defaultdict(list)
    visible_ones = Subscription.objects.present().visible_to(by)
    for block in blocks(sorted(customers), _BLOCK):
        own = visible_ones.filter(of_customers(block))
        terms = Term.objects.filter(subscription__in=own, price_e4__gt=0)
        for stored in stored_times(terms, viewer=by):
            currency = stored.row["currency"]
            for customer in stored.customers:
                times[customer, currency].append(stored.time)
    return times


def _running(
    customers: Iterable[Lookup], by: User
) -> Mapping[tuple[Lookup, str], list[BookedSubscription]]:
    """Return the running and ended subscriptions, by customer and currency."""
    running: dict[tuple[Lookup, str], list[BookedSubscription]] = defaultdict(
        list
    )
    visible_ones = Subscription.objects.present().visible_to(by)
    for block in blocks(sorted(customers), _BLOCK):
        own = visible_ones.filter(of_customers(block))
        for row in own.order_by("pk").values(*_RUNNING):
            booked = _as_running(cast("_BookedColumns", row))
            currency = row["currency"]
            buyers = subscription_customers(
                row["organization_id"], row["person_id"]
            )
            for customer in buyers:
                running[customer, currency].append(booked)
    return running


def _as_running(row: _BookedColumns) -> BookedSubscription:
    cadence = Cadence.parse(row["cadence"])
    return BookedSubscription(
        row["price_e4"],
        cadence.billings_per_year,
        row["started_on"],
        row["end_on"],
    )
