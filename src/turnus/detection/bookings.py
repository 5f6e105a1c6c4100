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

    def repeats(self, price_e4: int, cadence: Cadence, start: date, end: date) -> bool:
        """Return whether it bills nearly as much as often, on days within `start` to `end`."""
        is_alike = (
            price_e4 <= self.price_e4 * _NEARLY and self.price_e4 <= price_e4 * _NEARLY
        )
        is_as_often = self.billings_per_year == cadence.billings_per_year
        return (
            is_alike
            and is_as_often
            and self.started_on < end
            and (self.end_on is None or self.end_on > start)
        )


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
    employers = _employers(
        (one for sold in groups.values() for one in sold if not one.organization_id), by
    )
    customers = {
        group: {customer for one in sold for customer in _customers(one, employers)}
        for group, sold in groups.items()
    }
    everybody = {customer for own in customers.values() for customer in own}
    times, running = _times(everybody, by), _running(everybody, by)
    found = {}
    for group, sold in groups.items():
        keys = [
            (customer, currency)
            for customer in customers[group]
            for currency in {one.currency for one in sold}
        ]
        own = {
            (time.subscription, time.number): time
            for key in keys
            for time in times.get(key, ())
        }
        found[group] = ExistingBookings(
            _covered(sold, list(own.values())),
            tuple(dict.fromkeys(one for key in keys for one in running.get(key, ()))),
        )
    return found


def _covered(sold: Sequence[Sold], times: Sequence[PaidTime]) -> frozenset[int]:
    """Return the deals that pay for booked terms.

    A deal that recurs under another name is for something else.
    """
    by_amount: dict[int, list[PaidTime]] = defaultdict(list)
    for time in times:
        for amount in time.amounts_e4:
            by_amount[amount].append(time)
    covers = {
        one.deal: (one, covering(_sale(one), by_amount.get(one.value_e4, ())))
        for one in sold
        if one.value_e4 > 0
    }
    named = Counter(
        _other_thing(one, cover) for one, cover in covers.values() if cover is not None
    )
    return frozenset(
        deal
        for deal, (one, cover) in covers.items()
        if cover is not None
        and (cover.wording is not Wording.OTHER or named[_other_thing(one, cover)] == 1)
    )


def _other_thing(one: Sold, cover: Cover) -> tuple[int, int, str]:
    return cover.time.subscription, one.value_e4, service(one.title, _names(one))


def _sale(one: Sold) -> Sale:
    return Sale(one.title, _names(one), one.won_on, one.value_e4)


def _names(one: Sold) -> tuple[str, ...]:
    return tuple(filter(None, (one.organization, one.person)))


def _employers(sold: Iterable[Sold], by: User) -> dict[int, int | None]:
    """Return the organization of each person whose deals name none, as far as `by` may see both."""
    people = {int(one.person_id) for one in sold if one.person_id}
    found: dict[int, int | None] = {}
    for block in blocks(sorted(people), _BLOCK):
        seen = Person.objects.visible_to(by).filter(
            visible(by, through="organization__")
        )
        found |= dict(seen.filter(pk__in=block).values_list("pk", "organization_id"))
    return found


def _customers(one: Sold, employers: Mapping[int, int | None]) -> tuple[Lookup, ...]:
    person = int(one.person_id) if one.person_id else None
    firm = int(one.organization_id) if one.organization_id else None
    return deal_customers(firm, person, employers.get(person or 0))


def _times(
    customers: Iterable[Lookup], by: User
) -> Mapping[tuple[Lookup, str], list[PaidTime]]:
    """Return the terms that count or that a deal stands for, by customer and currency."""
    times: dict[tuple[Lookup, str], list[PaidTime]] = defaultdict(list)
    for block in blocks(sorted(customers), _BLOCK):
        seen = Subscription.objects.present().visible_to(by).filter(of_customers(block))
        for one in stored_times(
            Term.objects.filter(subscription__in=seen, price_e4__gt=0), viewer=by
        ):
            for customer in one.customers:
                times[customer, one.row["currency"]].append(one.time)
    return times


def _running(
    customers: Iterable[Lookup], by: User
) -> Mapping[tuple[Lookup, str], list[BookedSubscription]]:
    """Return the running and ended subscriptions, by customer and currency."""
    running: dict[tuple[Lookup, str], list[BookedSubscription]] = defaultdict(list)
    for block in blocks(sorted(customers), _BLOCK):
        seen = Subscription.objects.present().visible_to(by).filter(of_customers(block))
        for row in seen.order_by("pk").values(*_RUNNING):
            one = _as_running(cast("_BookedColumns", row))
            for customer in subscription_customers(
                row["organization_id"], row["person_id"]
            ):
                running[customer, row["currency"]].append(one)
    return running


def _as_running(row: _BookedColumns) -> BookedSubscription:
    how_often = Cadence.parse(row["cadence"]).billings_per_year
    return BookedSubscription(
        row["price_e4"], how_often, row["started_on"], row["end_on"]
    )
