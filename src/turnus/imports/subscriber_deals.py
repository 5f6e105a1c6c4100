"""New won deals of a file whose customers have subscriptions, and which these are, by block."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain

from django.db.models import F

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.contacts.models import Organization, Person
from turnus.core.records import RecordKind
from turnus.fields.columns import StoredColumns
from turnus.imports.plan import ContactRef, PlannedRow, Verdict
from turnus.imports.records import editable_ids
from turnus.imports.won_months import won_on
from turnus.listing.links import where_seen
from turnus.revenue.models import Subscription, Term
from turnus.revenue.terms.covering import (
    Lookup,
    StoredTime,
    deal_customers,
    of_customers,
    stored_times,
    subscription_customers,
)

#: Terms are read so far around a block: one before a yearly one, and one booked ahead.
_BEFORE = timedelta(days=2 * 366)
_AFTER = timedelta(days=40)
_HELD = (
    "pk",
    "name",
    "name_folded",
    "plan_id",
    "plan__name",
    "plan__grace_days",
    "organization_id",
    "person_id",
    "state",
    "cadence",
    "anchor_on",
    "anchor_number",
    "next_number",
    "next_due_on",
    "end_on",
    "price_e4",
    "currency",
)


@dataclass(slots=True)
class CustomerSubscription:
    """A subscription that the importer may see, with its terms near the days of the block."""

    row: StoredColumns
    is_editable: bool
    terms: list[StoredTime] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SubscriberDeal:
    """A new won deal of the file, its customer's names, and the subscriptions of the customer."""

    row: PlannedRow
    won_on: date
    names: tuple[str, ...]
    subscriptions: Sequence[CustomerSubscription]

    @property
    def value_e4(self) -> int:
        """Its value in ten-thousandths of its currency."""
        return self.row.columns.get("value_e4", 0)

    @property
    def currency(self) -> str:
        """The currency of its value."""
        return self.row.columns["currency"]


@dataclass(frozen=True, slots=True)
class _Person:
    """A person's name, and the organization if the importer may see it."""

    name: str
    employer: int | None


_NOBODY = _Person("", None)


def deals_of_subscribers(
    planned: Iterable[PlannedRow], *, by: User, on: date
) -> list[SubscriberDeal]:
    """Return the new won deals whose customers have subscriptions that `by` may see; five queries.

    `on`: the day of won times that the file leaves blank.
    """
    rows = [row for row in planned if _is_sale(row)]
    if not rows:
        return []
    people = _people(rows, by)
    customers = {row.number: _customers(row, people) for row in rows}
    days = {row.number: won_on(row, on) for row in rows}
    subscriptions = _subscriptions_of(
        set(chain.from_iterable(customers.values())),
        by=by,
        first=min(days.values()),
        last=max(days.values()),
    )
    if not subscriptions:
        return []
    organizations = _organization_names(rows)
    sold = []
    for row in rows:
        own: dict[int, CustomerSubscription] = {}
        for customer in customers[row.number]:
            for subscription in subscriptions.get(customer, ()):
                own[subscription.row["pk"]] = subscription
        if own:
            organization = organizations.get(_id(row.organization) or 0, "")
            person = people.get(_id(row.person) or 0, _NOBODY)
            names = tuple(filter(None, (organization, person.name)))
            sold.append(
                SubscriberDeal(
                    row, days[row.number], names, list(own.values())
                )
            )
    return sold


def _is_sale(row: PlannedRow) -> bool:
    """Return whether a row is a new won deal with a value and an existing contact."""
    is_won = row.verdict is Verdict.NEW and row.columns.get("status") == "won"
    has_contact = bool(_id(row.organization) or _id(row.person))
    return is_won and has_contact and bool(row.columns.get("value_e4"))


def _id(ref: ContactRef | None) -> int | None:
    """Return the id of a contact; None for a new or absent one."""
    return None if ref is None else ref.id


def _organization_names(rows: Sequence[PlannedRow]) -> dict[int, str]:
    ids = {_id(row.organization) or 0 for row in rows}
    return dict(
        Organization.objects.filter(pk__in=ids).values_list("pk", "name")
    )


def _people(rows: Sequence[PlannedRow], by: User) -> dict[int, _Person]:
    """Return the persons that rows name."""
    ids = {_id(row.person) or 0 for row in rows}
    employer = where_seen(
        visible(by, through="organization__"), F("organization_id")
    )
    people = Person.objects.filter(pk__in=ids).annotate(employer=employer)
    found = people.values_list("pk", "name", "employer")
    return {pk: _Person(name, employer_id) for pk, name, employer_id in found}


def _customers(
    row: PlannedRow, people: Mapping[int, _Person]
) -> tuple[Lookup, ...]:
    organization = _id(row.organization)
    person = _id(row.person)
    if row.organization is not None and organization is None:
        # A new organization has no subscription, its person may have one.
        return (Lookup.person_alone(person),) if person else ()
    employer = people.get(person or 0, _NOBODY).employer
    return deal_customers(organization, person, employer)


def _subscriptions_of(
    customers: set[Lookup], *, by: User, first: date, last: date
) -> Mapping[Lookup, list[CustomerSubscription]]:
    """Return by customer the subscriptions that `by` may see.

    With their terms near the days from `first` to `last`.
    """
    seen = (
        Subscription.objects.present()
        .visible_to(by)
        .filter(of_customers(customers))
    )
    rows = list(seen.order_by("pk").values(*_HELD))
    ids = [row["pk"] for row in rows]
    if not ids:
        return {}
    editable = editable_ids(RecordKind.SUBSCRIPTION, ids, by)
    found = {
        row["pk"]: CustomerSubscription(row, row["pk"] in editable)
        for row in rows
    }
    near = Term.objects.filter(
        subscription__in=ids,
        ends_on__gt=first - _BEFORE,
        starts_on__lte=last + _AFTER,
    )
    for term in stored_times(near, viewer=by):
        found[term.row["subscription_id"]].terms.append(term)
    by_customer: dict[Lookup, list[CustomerSubscription]] = defaultdict(list)
    for subscription in found.values():
        row = subscription.row
        for customer in subscription_customers(
            row["organization_id"], row["person_id"]
        ):
            by_customer[customer].append(subscription)
    return by_customer
