"""Which customers' ledgers are not right any more: marked by a change, or by time alone."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Q

from turnus.accounts.queries import company, is_set_up
from turnus.contacts.billing import Billing
from turnus.core.customers import CustomerKey
from turnus.fields.changing import blocks
from turnus.kit import clock
from turnus.revenue.ledger.folding import MIXED
from turnus.revenue.models import (
    LedgerCustomer,
    LedgerSegment,
    StaleSubscription,
    Subscription,
)

#: In place of a subscription: who bills with whom has changed.
EVERYONE = 0
_BLOCK = 5_000


def marked_subscriptions(*, most: int | None = None) -> set[int]:
    """Return the subscriptions that are marked; with `most` those of so many marks."""
    marks = StaleSubscription.objects.order_by("pk")
    return set(marks.values_list("subscription_id", flat=True)[:most])


def needs_folding() -> bool:
    """Return whether anything is stale today; two small queries."""
    if not is_set_up():
        return False
    if marked_subscriptions(most=1):
        return True
    return bool(stale_by_time(clock.today(company().zone), most=1))


def stale_customers(
    subscriptions: Collection[int], billing: Billing
) -> set[CustomerKey]:
    """Return the customers that `subscriptions` belong to, now or in what is stored."""
    keys: set[CustomerKey] = set()
    if EVERYONE in subscriptions:
        keys = _rebilled(billing)
    for block in blocks(subscriptions, _BLOCK):
        now = Subscription.objects.filter(pk__in=block)
        for organization_id, person_id in now.values_list(
            "organization_id", "person_id"
        ):
            keys.add(billing.key_of(organization_id, person_id))
        keys |= set(_stored_keys(block).values())
    return keys


def stale_by_time(on: date, *, most: int | None = None) -> set[CustomerKey]:
    """Return the customers of whom another day is stored than `on`; with `most` so many."""
    is_over = Q(good_until__lte=on) | Q(folded_on__gt=on)
    found = LedgerCustomer.objects.filter(is_over).order_by("key")
    return {
        CustomerKey(key) for key in found.values_list("key", flat=True)[:most]
    }


def _rebilled(billing: Billing) -> set[CustomerKey]:
    """Return the customers whose subscriptions are stored as those of somebody else.

    And those of whom nothing is stored that would tell.
    """
    mixed = LedgerCustomer.objects.filter(currency=MIXED)
    keys = {CustomerKey(key) for key in mixed.values_list("key", flat=True)}
    stored = _stored_keys()
    rows = Subscription.objects.values_list(
        "pk", "organization_id", "person_id"
    )
    for pk, organization_id, person_id in rows.iterator():
        now = billing.key_of(organization_id, person_id)
        before = stored.get(pk)
        if now != before:
            keys.add(now)
            if before is not None:
                keys.add(before)
    return keys


def _stored_keys(
    subscriptions: Collection[int] | None = None,
) -> Mapping[int, CustomerKey]:
    stored = LedgerSegment.objects.order_by()
    if subscriptions is not None:
        stored = stored.filter(subscription_id__in=subscriptions)
    rows = stored.values_list("subscription_id", "customer").distinct()
    return {pk: CustomerKey(customer) for pk, customer in rows}
