"""The terms of customers as paid time, to be compared with won deals that book none."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.db.models import F, Q, QuerySet

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.contacts.billing import bought_by
from turnus.core.calendar import DateRange
from turnus.core.customers import Customer
from turnus.core.detection.covered import PaidTime, Sale
from turnus.core.records import RecordKind
from turnus.listing.links import where_seen
from turnus.revenue.models import Term

#: From the first day of one month to the last of the next.
_COPIED = timedelta(days=62)

TERM_CELLS = (
    "pk",
    "subscription_id",
    "number",
    "starts_on",
    "ends_on",
    "price_e4",
    "currency",
    "deal_id",
    "deal__status",
    "deal__trashed_at",
    "subscription__name",
    "subscription__plan__name",
    "subscription__organization_id",
    "subscription__person_id",
)


@dataclass(frozen=True, slots=True, order=True)
class Lookup:
    """Under what a deal looks for its subscriptions: their customer, or the person whom they name."""

    customer: Customer
    #: Of a person: the subscription may name an organization as well. Files often name one of the two only.
    is_beside: bool = False

    @classmethod
    def organization(cls, organization: int) -> "Lookup":
        """Return the lookup of an organization's subscriptions."""
        return cls(Customer(RecordKind.ORGANIZATION, organization))

    @classmethod
    def person_alone(cls, person: int) -> "Lookup":
        """Return the lookup of subscriptions that a person has without an organization."""
        return cls(Customer(RecordKind.PERSON, person))

    @classmethod
    def person(cls, person: int) -> "Lookup":
        """Return the lookup of subscriptions that name a person, be it beside an organization."""
        return cls(Customer(RecordKind.PERSON, person), is_beside=True)


def deal_customers(
    organization: int | None, person: int | None, employer: int | None
) -> tuple[Lookup, ...]:
    """Return under what a deal's subscriptions are looked for; `employer`: the organization of its person.

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
def subscription_customers(organization: int | None, person: int | None) -> tuple[Lookup, ...]:
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
        if lookup.is_beside:
            named_persons.append(lookup.customer.id)
        else:
            customers.append(lookup.customer)
    return bought_by(customers, prefix) | Q(**{f"{prefix}person__in": named_persons})


def booked_terms() -> QuerySet[Term]:
    """Return the terms that a won deal books, of subscriptions that are not in the trash."""
    present = Term.objects.filter(subscription__trashed_at__isnull=True)
    return present.filter(deal__status="won", deal__trashed_at__isnull=True)


@dataclass(frozen=True, slots=True)
class StoredTime:
    """A term as paid time, and the row that it was read from (`TERM_CELLS`)."""

    time: PaidTime
    row: Mapping[str, Any]

    @property
    def customers(self) -> tuple[Lookup, ...]:
        """Under what deals find it."""
        return subscription_customers(
            self.row["subscription__organization_id"], self.row["subscription__person_id"]
        )


def stored_times(terms: QuerySet[Term], *, viewer: User) -> Iterator[StoredTime]:
    """Yield terms as paid time, in order of subscription and number; one query.

    The title, value and day of a deal that `viewer` may not see are left out: only the term says then what was paid.
    A term may have cost what those before it did, back to the month before: people copy the deals of last month.
    """
    before: list[Mapping[str, Any]] = []
    # The order also keeps the databases from beginning with the deals.
    rows = terms.order_by("subscription_id", "number").values(*TERM_CELLS, **_deal_seen(viewer))
    for row in rows.iterator(chunk_size=2_000):
        before = [
            one
            for place, one in enumerate(before)
            if _is_copied(one, row, is_last=place == len(before) - 1)
        ]
        before.append(row)
        yield StoredTime(_time(row, before), row)


def _deal_seen(viewer: User) -> dict[str, Any]:
    seen = visible(viewer, through="deal__")
    return {
        f"deal_{column}": where_seen(seen, F(f"deal__{column}"))
        for column in ("title", "value_e4", "won_on")
    }


def _is_copied(one: Mapping[str, Any], row: Mapping[str, Any], *, is_last: bool) -> bool:
    """Return whether a copy of an earlier term's deal may be meant for the term of `row`: the last one, or of the month before."""
    is_near = row["starts_on"] - one["starts_on"] <= _COPIED
    return bool(one["subscription_id"] == row["subscription_id"] and (is_last or is_near))


def sale_of(row: Mapping[str, Any]) -> Sale:
    """Return a deal, from its own columns and `names_seen` of its contacts, as it is compared with paid time."""
    names = tuple(row[key] for key in ("organization_name", "person_name") if row[key])
    return Sale(row["title"], names, row["won_on"], row["value_e4"])


def _amounts(row: Mapping[str, Any]) -> frozenset[int]:
    return frozenset(one for one in (row["price_e4"], row["deal_value_e4"]) if one)


def _time(row: Mapping[str, Any], copied: Sequence[Mapping[str, Any]]) -> PaidTime:
    amounts = frozenset[int]().union(*map(_amounts, copied))
    names = (row["subscription__name"], row["deal_title"] or "", row["subscription__plan__name"])
    days = DateRange(row["starts_on"], row["ends_on"])
    return PaidTime(row["subscription_id"], row["number"], days, amounts, names, row["pk"])
