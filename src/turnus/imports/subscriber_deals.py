"""New won deals of a file whose customers have subscriptions, and which these are, by block."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import F

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.contacts.models import Organization, Person
from turnus.fields.columns import StoredColumns
from turnus.imports.plan import PlannedRow, Verdict
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
_BEFORE, _AFTER = timedelta(days=2 * 366), timedelta(days=40)
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
class SoldDeal:
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


def deals_of_subscribers(planned: Iterable[PlannedRow], *, by: User, on: date) -> list[SoldDeal]:
    """Return the new won deals whose customers have subscriptions that `by` may see; five queries.

    `on`: the day of won times that the file leaves blank.
    """
    won = [
        row for row in planned if row.verdict is Verdict.NEW and row.columns.get("status") == "won"
    ]
    rows = [row for row in won if row.columns.get("value_e4") and any(_ids(row))]
    if not rows:
        return []
    people = _people(rows, by)
    customers = {row.number: _customers(row, people) for row in rows}
    days = [won_on(row, on) for row in rows]
    held = _held(
        {one for own in customers.values() for one in own}, by=by, first=min(days), last=max(days)
    )
    if not held:
        return []
    firm_ids = {firm for firm, _person in map(_ids, rows) if firm}
    firms = dict(Organization.objects.filter(pk__in=firm_ids).values_list("pk", "name"))
    sold = []
    for row, day in zip(rows, days, strict=True):
        theirs = {
            one.row["pk"]: one
            for customer in customers[row.number]
            for one in held.get(customer, ())
        }
        firm, person = _ids(row)
        names = (firms.get(firm or 0, ""), people.get(person or 0, ("", None))[0])
        if theirs:
            sold.append(SoldDeal(row, day, tuple(filter(None, names)), list(theirs.values())))
    return sold


def _ids(row: PlannedRow) -> tuple[int | None, int | None]:
    """Return the ids of a row's organization and person; None for new or absent ones."""
    return row.organization.id if row.organization else None, row.person.id if row.person else None


def _people(rows: Sequence[PlannedRow], by: User) -> dict[int, tuple[str, int | None]]:
    """Return the name of each person that rows name, and the organization if `by` may see it."""
    person_ids = [person for _firm, person in map(_ids, rows) if person]
    people = Person.objects.filter(pk__in=set(person_ids))
    employer = where_seen(visible(by, through="organization__"), F("organization_id"))
    found = people.annotate(employer=employer).values_list("pk", "name", "employer")
    return {pk: (name, employer) for pk, name, employer in found}


def _customers(row: PlannedRow, people: Mapping[int, tuple[str, int | None]]) -> tuple[Lookup, ...]:
    firm, person = _ids(row)
    if row.organization is not None and firm is None:
        # A new organization has no subscription, its person may have one.
        return (Lookup.person_alone(person),) if person else ()
    return deal_customers(firm, person, people.get(person or 0, ("", None))[1])


def _held(
    customers: set[Lookup], *, by: User, first: date, last: date
) -> Mapping[Lookup, list[CustomerSubscription]]:
    """Return by customer the subscriptions that `by` may see.

    With their terms near the days from `first` to `last`.
    """
    seen = Subscription.objects.present().visible_to(by).filter(of_customers(customers))
    rows = list(seen.order_by("pk").values(*_HELD))
    ids = [row["pk"] for row in rows]
    if not ids:
        return {}
    mine = set(Subscription.objects.editable_by(by).filter(pk__in=ids).values_list("pk", flat=True))
    found = {row["pk"]: CustomerSubscription(row, row["pk"] in mine) for row in rows}
    near = Term.objects.filter(
        subscription__in=ids, ends_on__gt=first - _BEFORE, starts_on__lte=last + _AFTER
    )
    for term in stored_times(near, viewer=by):
        found[term.row["subscription_id"]].terms.append(term)
    by_customer: dict[Lookup, list[CustomerSubscription]] = defaultdict(list)
    for one in found.values():
        for customer in subscription_customers(one.row["organization_id"], one.row["person_id"]):
            by_customer[customer].append(one)
    return by_customer
