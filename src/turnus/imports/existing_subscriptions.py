"""Subscriptions that are here already, so that a file that comes twice begins nothing twice."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from turnus.accounts.access import editable
from turnus.accounts.viewer import Viewer
from turnus.contacts.billing import bought_by
from turnus.contacts.queries import names_seen
from turnus.core.customers import Customer
from turnus.core.naming import name_key
from turnus.core.revenue.steps import Story
from turnus.imports.plan import ContactRef
from turnus.revenue.models import Subscription
from turnus.revenue.subscriptions.stories import stories_of

Contacts = tuple[ContactRef | None, ContactRef | None]
#: First days this close may be one day: a slip of the time zone, a weekend between.
NEAR_DAYS = 7
#: Of name, plan and price, how many must agree where the first days are close.
_MOST_OF_THREE = 2
_COLUMNS = (
    "id",
    "name",
    "name_folded",
    "organization_id",
    "person_id",
    "plan_id",
    "price_e4",
    "currency",
    "started_on",
    "end_on",
    "paused_on",
    "state",
    "end_reason",
    "owner_id",
    "renewal_way",
    "labels",
    "visibility",
    "custom",
)


@dataclass(frozen=True, slots=True)
class SubscriptionKey:
    """What a row and the subscription that it means have in common, where the file names no ID."""

    customer: Customer
    name_folded: str
    started_on: date


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a row says of a new subscription; `end_on` is the first day that is not covered, None for open-ended."""

    name: str
    plan: int
    price_e4: int
    currency: str
    started_on: date
    end_on: date | None

    def is_like(self, held: Mapping[str, Any]) -> bool:
        """Return whether the subscription `held` of the same customer may well be this one.

        It begins within days and has two of name, plan and price; or it has all three and runs at the same time.
        """
        same_count: int = sum(
            (
                name_key(self.name) == name_key(held["name"]),
                self.plan == held["plan_id"],
                (self.price_e4, self.currency) == (held["price_e4"], held["currency"]),
            )
        )
        if abs((self.started_on - held["started_on"]).days) <= NEAR_DAYS:
            return same_count >= _MOST_OF_THREE
        held_end: date | None = held["end_on"]
        held_start: date = held["started_on"]
        is_over_before = held_end is not None and held_end <= self.started_on
        begins_after = self.end_on is not None and self.end_on <= held_start
        return same_count > _MOST_OF_THREE and not is_over_before and not begins_after


class ExistingSubscriptions:
    """What one person sees of them; each answers to one row of a file only."""

    def __init__(self, viewer: Viewer, *, ignores: Callable[[int], bool] | None = None) -> None:
        self.viewer = viewer
        self.user = viewer.user
        #: Says which count as if they were not here.
        self.ignores = ignores
        #: Of those that the block at hand means: what they tell, and which the person may change.
        self.stories: Mapping[int, Story] = {}
        self.editable: set[int] = set()
        #: Of the block at hand: those that its rows name by their IDs.
        self.by_id: Mapping[int, Mapping[str, Any]] = {}
        self.by_key: dict[SubscriptionKey, list[Mapping[str, Any]]] = defaultdict(list)
        self.by_customer: dict[Customer, list[Mapping[str, Any]]] = defaultdict(list)
        self.seen: set[Customer] = set()
        self.taken: set[int] = set()

    def look_up(self, ids: Iterable[Any], contacts: Iterable[Contacts]) -> None:
        """Read the subscriptions of a block: those with these ids, and those of these customers; two queries at the most."""
        wanted = {one for one in ids if one is not None}
        self.by_id = {row["id"]: row for row in self._rows(Q(pk__in=wanted))} if wanted else {}
        new = {customer for pair in contacts if (customer := _customer(pair))} - self.seen
        self.seen |= new
        if new:
            self._remember(new)

    def look_into(self, ids: Collection[int]) -> None:
        """Read what the subscriptions tell that rows of a block mean; five queries."""
        mine = Subscription.objects.filter(editable(self.user), pk__in=ids)
        self.stories = stories_of(ids, self.viewer) if ids else {}
        self.editable = set(mine.values_list("pk", flat=True)) if ids else set()

    def like(self, contacts: Contacts, name: str, start: Any) -> Mapping[str, Any] | None:
        """Return the subscription of this customer, name and first day that no row has taken yet."""
        customer = _customer(contacts)
        if customer is None or start is None:
            return None
        same = self.by_key.get(SubscriptionKey(customer, name, start), ())
        found = next((one for one in same if one["id"] not in self.taken), None)
        if found is not None:
            self.taken.add(found["id"])
        return found

    def nearly(self, contacts: Contacts, begins: Beginning) -> Mapping[str, Any] | None:
        """Return a subscription of this customer that may well be the one which a row begins anew, the oldest first."""
        return next((one for one in self.of_customer(contacts) if begins.is_like(one)), None)

    def of_customer(self, contacts: Contacts) -> Sequence[Mapping[str, Any]]:
        """Return the subscriptions of a row's customer, the oldest first."""
        customer = _customer(contacts)
        return self.by_customer.get(customer, ()) if customer else ()

    def _remember(self, customers: Collection[Customer]) -> None:
        for row in self._rows(bought_by(customers)):
            if self.ignores is not None and self.ignores(row["id"]):
                continue
            customer = Customer.of(row["organization_id"], row["person_id"])
            key = SubscriptionKey(customer, row["name_folded"], row["started_on"])
            self.by_key[key].append(row)
            self.by_customer[customer].append(row)

    def _rows(self, wanted: Q) -> Any:
        seen = Subscription.objects.present().visible_to(self.user).filter(wanted)
        return seen.order_by("pk").values(*_COLUMNS, **names_seen(self.user))


def _customer(contacts: Contacts) -> Customer | None:
    """Return the customer of a row's contacts; None for one that is new."""
    organization, person = contacts
    if organization is not None:
        is_new = organization.id is None
        return None if is_new else Customer.of(organization.id, None)
    if person is None or person.id is None:
        return None
    return Customer.of(None, person.id)
