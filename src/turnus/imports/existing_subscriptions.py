"""Existing subscriptions, so that a file that comes twice begins nothing twice."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.db.models import Q

from turnus.accounts.access import editable
from turnus.accounts.viewer import Viewer
from turnus.contacts.billing import bought_by
from turnus.contacts.queries import names_seen
from turnus.core.customers import Customer
from turnus.core.naming import name_key
from turnus.core.revenue.steps import Story
from turnus.fields.columns import StoredColumns
from turnus.imports.customers import RowContacts
from turnus.revenue.models import Subscription
from turnus.revenue.subscriptions.stories import stories_of

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
    """What a row says of a new subscription.

    `end_on` is the first day that is not covered, None for open-ended.
    """

    name: str
    plan: int
    price_e4: int
    currency: str
    started_on: date
    end_on: date | None

    def is_like(self, existing: StoredColumns) -> bool:
        """Return whether the subscription `existing` of the same customer may well be this one.

        It begins within days and has two of name, plan and price; or it has all three and runs at
        the same time.
        """
        start: date = existing["started_on"]
        same_count = self._same_count(existing)
        days_apart = abs((self.started_on - start).days)
        if days_apart <= NEAR_DAYS:
            return same_count >= _MOST_OF_THREE
        if same_count <= _MOST_OF_THREE:
            return False
        end: date | None = existing["end_on"]
        is_over_before = end is not None and end <= self.started_on
        begins_after = self.end_on is not None and self.end_on <= start
        return not is_over_before and not begins_after

    def _same_count(self, existing: StoredColumns) -> int:
        """Return how many of name, plan and price are the same."""
        price = (self.price_e4, self.currency)
        existing_price = (existing["price_e4"], existing["currency"])
        has_name: bool = name_key(self.name) == name_key(existing["name"])
        has_plan: bool = self.plan == existing["plan_id"]
        has_price = price == existing_price
        return has_name + has_plan + has_price


class ExistingSubscriptions:
    """What one person sees of them; each answers to one row of a file only."""

    def __init__(
        self, viewer: Viewer, *, ignores: Callable[[int], bool] | None = None
    ) -> None:
        self.viewer = viewer
        self.user = viewer.user
        #: Returns whether one counts as if it did not exist.
        self.ignores = ignores
        #: Of those that the block at hand means: what they tell, and which the person may change.
        self.stories: Mapping[int, Story] = {}
        self.editable: set[int] = set()
        #: Of the block at hand: those that its rows name by their IDs.
        self.by_id: Mapping[int, StoredColumns] = {}
        self.by_key: dict[SubscriptionKey, list[StoredColumns]] = defaultdict(
            list
        )
        self.by_customer: dict[Customer, list[StoredColumns]] = defaultdict(
            list
        )
        self.known_customers: set[Customer] = set()
        self.taken: set[int] = set()

    def look_up(
        self, ids: Iterable[int | None], contacts: Iterable[RowContacts]
    ) -> None:
        """Read the subscriptions with these ids, and those of these customers; two queries."""
        wanted = {
            subscription for subscription in ids if subscription is not None
        }
        self.by_id = {}
        if wanted:
            rows = self._rows(Q(pk__in=wanted))
            self.by_id = {row["id"]: row for row in rows}
        customers = map(_customer, contacts)
        named = {customer for customer in customers if customer is not None}
        new = named - self.known_customers
        self.known_customers |= new
        if new:
            self._remember(new)

    def look_into(self, ids: Collection[int]) -> None:
        """Read what the subscriptions tell that rows of a block mean; five queries."""
        self.stories = {}
        self.editable = set()
        if not ids:
            return
        self.stories = stories_of(ids, self.viewer)
        mine = Subscription.objects.filter(editable(self.user), pk__in=ids)
        self.editable = set(mine.values_list("pk", flat=True))

    def like(
        self, contacts: RowContacts, name: str, start: date | None
    ) -> StoredColumns | None:
        """Return the free subscription with this customer, name and first day."""
        customer = _customer(contacts)
        if customer is None or start is None:
            return None
        key = SubscriptionKey(customer, name, start)
        for subscription in self.by_key.get(key, ()):
            pk = subscription["id"]
            if pk not in self.taken:
                self.taken.add(pk)
                return subscription
        return None

    def nearly(
        self, contacts: RowContacts, begins: Beginning
    ) -> StoredColumns | None:
        """Return the oldest subscription of this customer that may be the one a row begins."""
        for subscription in self.of_customer(contacts):
            if begins.is_like(subscription):
                return subscription
        return None

    def of_customer(self, contacts: RowContacts) -> Sequence[StoredColumns]:
        """Return the subscriptions of a row's customer, the oldest first."""
        customer = _customer(contacts)
        return self.by_customer.get(customer, ()) if customer else ()

    def _remember(self, customers: Collection[Customer]) -> None:
        for row in self._rows(bought_by(customers)):
            if self.ignores is not None and self.ignores(row["id"]):
                continue
            customer = Customer.of(row["organization_id"], row["person_id"])
            key = SubscriptionKey(
                customer, row["name_folded"], row["started_on"]
            )
            self.by_key[key].append(row)
            self.by_customer[customer].append(row)

    def _rows(self, wanted: Q) -> Iterable[StoredColumns]:
        visible = (
            Subscription.objects.present().visible_to(self.user).filter(wanted)
        )
        rows = visible.order_by("pk").values(
            *_COLUMNS, **names_seen(self.user)
        )
        return cast("Iterable[StoredColumns]", rows)


def _customer(contacts: RowContacts) -> Customer | None:
    """Return the customer of a row's contacts; None for one that is new."""
    organization = contacts.organization
    person = contacts.person
    if organization is not None:
        return (
            None if organization.is_new else Customer.of(organization.id, None)
        )
    if person is None or person.id is None:
        return None
    return Customer.of(None, person.id)
