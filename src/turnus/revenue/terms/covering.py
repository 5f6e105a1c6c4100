"""The terms of customers as paid time, to be compared with won deals that book none."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, TypedDict, cast

from django.db.models import F, Q, QuerySet

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.contacts.billing import bought_by
from turnus.core.calendar import DateRange
from turnus.core.customers import Customer, CustomerKey, customer_key
from turnus.core.detection.covered import PaidTime, Sale
from turnus.listing.links import where_seen
from turnus.revenue.models import Term

#: From the first day of one month to the last of the next.
_COPIED = timedelta(days=62)


class TermCells(TypedDict):
    """A term, its deal as far as the viewer may see it, and its subscription."""

    pk: int
    subscription_id: int
    number: int
    starts_on: date
    ends_on: date
    price_e4: int
    currency: str
    deal_id: int | None
    deal__status: str | None
    deal__trashed_at: datetime | None
    subscription__name: str
    subscription__plan__name: str
    subscription__organization_id: int | None
    subscription__person_id: int | None
    deal_title: str | None
    deal_value_e4: int | None
    deal_won_on: date | None


#: Of the deal: only what the viewer may see.
_SEEN_OF_DEAL = ("title", "value_e4", "won_on")
_SEEN_CELLS = tuple(f"deal_{column}" for column in _SEEN_OF_DEAL)
_STORED_CELLS = tuple(
    name for name in TermCells.__annotations__ if name not in _SEEN_CELLS
)


class Lookup(NamedTuple):
    """Under what a deal looks for its subscriptions: their customer, or the person whom they name.

    A tuple, for it is looked up with every term.
    """

    customer: CustomerKey
    #: Of a person: the subscription may name an organization too; files often name only one.
    is_beside: bool = False

    @classmethod
    def organization(cls, organization: int) -> "Lookup":
        """Return the lookup of an organization's subscriptions."""
        return cls(customer_key(organization, None))

    @classmethod
    def person_alone(cls, person: int) -> "Lookup":
        """Return the lookup of subscriptions that a person has without an organization."""
        return cls(customer_key(None, person))

    @classmethod
    def person(cls, person: int) -> "Lookup":
        """Return the lookup of subscriptions that name a person, be it beside an organization."""
        return cls(customer_key(None, person), is_beside=True)


def deal_customers(
    organization: int | None, person: int | None, employer: int | None
) -> tuple[Lookup, ...]:
    """Return under what a deal's subscriptions are looked for.

    `employer`: the organization of its person.
    Only a deal without an organization looks for those that name its person beside one.
    """
    lookups = [Lookup.person_alone(person)] if person else []
    if organization:
        return Lookup.organization(organization), *lookups
    if person:
        lookups.append(Lookup.person(person))
    if employer:
        lookups.append(Lookup.organization(employer))
    return tuple(lookups)


@lru_cache(maxsize=1_000)  # terms come by subscription
def subscription_customers(
    organization: int | None, person: int | None
) -> tuple[Lookup, ...]:
    """Return under what a subscription is found by deals."""
    lookups = [Lookup.organization(organization)] if organization else []
    if person:
        lookups.append(Lookup.person(person))
        if not organization:
            lookups.append(Lookup.person_alone(person))
    return tuple(lookups)


def of_customers(lookups: Iterable[Lookup], prefix: str = "") -> Q:
    """Return the condition of subscriptions that are found under `lookups`.

    `prefix` leads to the subscription, such as `subscription__`.
    """
    customers: list[Customer] = []
    named_persons: list[int] = []
    for lookup in lookups:
        customer = Customer.of_key(lookup.customer)
        if lookup.is_beside:
            named_persons.append(customer.id)
        else:
            customers.append(customer)
    return bought_by(customers, prefix) | Q(
        **{f"{prefix}person__in": named_persons}
    )


def booked_terms() -> QuerySet[Term]:
    """Return the terms that a won deal books, of subscriptions that are not in the trash."""
    present = Term.objects.filter(subscription__trashed_at__isnull=True)
    return present.filter(deal__status="won", deal__trashed_at__isnull=True)


@dataclass(frozen=True, slots=True)
class StoredTime:
    """A term as paid time, and the row that it was read from."""

    time: PaidTime
    row: TermCells

    @property
    def customers(self) -> tuple[Lookup, ...]:
        """Under what deals find it."""
        return subscription_customers(
            self.row["subscription__organization_id"],
            self.row["subscription__person_id"],
        )


def stored_times(
    terms: QuerySet[Term], *, viewer: User
) -> Iterator[StoredTime]:
    """Yield terms as paid time, in order of subscription and number; one query.

    The title, value and day of a deal that `viewer` may not see are absent: only the term says then
    what was paid. A term may have cost what those before it did, back to the month before: people
    copy the deals of last month.
    """
    seen = visible(viewer, through="deal__")
    seen_of_deal = {
        f"deal_{column}": where_seen(seen, F(f"deal__{column}"))
        for column in _SEEN_OF_DEAL
    }
    # The order also keeps the databases from beginning with the deals.
    in_order = terms.order_by("subscription_id", "number")
    copied: list[TermCells] = []
    for cells in in_order.values(*_STORED_CELLS, **seen_of_deal).iterator(
        chunk_size=2_000
    ):
        row = cast("TermCells", cells)
        copied = _copied_for(row, copied)
        copied.append(row)
        yield StoredTime(_time(row, copied), row)


def _copied_for(
    row: TermCells, before: Sequence[TermCells]
) -> list[TermCells]:
    """Return the terms before whose deals' copies may be meant for the term of `row`.

    The last one, and those of the month before.
    """
    copied = []
    for earlier in before:
        is_last = earlier is before[-1]
        is_near = row["starts_on"] - earlier["starts_on"] <= _COPIED
        is_same_subscription = (
            earlier["subscription_id"] == row["subscription_id"]
        )
        if is_same_subscription and (is_last or is_near):
            copied.append(earlier)
    return copied


class SoldDeal(TypedDict):
    """A deal, with the names of its contacts as far as the viewer may see them."""

    title: str
    won_on: date
    value_e4: int
    organization_name: str | None
    person_name: str | None


def sale_of(row: SoldDeal) -> Sale:
    """Return a deal as it is compared with paid time."""
    contact_names = (row["organization_name"], row["person_name"])
    names = tuple(name for name in contact_names if name)
    return Sale(row["title"], names, row["won_on"], row["value_e4"])


def _time(row: TermCells, copied: Sequence[TermCells]) -> PaidTime:
    amounts: set[int] = set()
    for term in copied:
        amounts.add(term["price_e4"])
        amounts.add(term["deal_value_e4"] or 0)
    names = (
        row["subscription__name"],
        row["deal_title"] or "",
        row["subscription__plan__name"],
    )
    days = DateRange(row["starts_on"], row["ends_on"])
    amounts.discard(0)
    return PaidTime(
        row["subscription_id"],
        row["number"],
        days,
        frozenset(amounts),
        names,
        row["pk"],
    )
