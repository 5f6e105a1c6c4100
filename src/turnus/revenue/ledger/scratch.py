"""The ledger computed from scratch, and where what is stored is not the same."""

from collections.abc import Collection, Iterator
from itertools import chain

from django.db.models import F

from turnus.accounts.viewer import Viewer
from turnus.contacts.billing import Billing
from turnus.core.customers import Customer, CustomerKey
from turnus.fields.changing import blocks
from turnus.kit.memory import many_objects
from turnus.revenue.ledger.folding import (
    CustomerRow,
    FoldedRows,
    MovementRow,
    SegmentRow,
    folded,
)
from turnus.revenue.ledger.stale import (
    marked_subscriptions,
    stale_by_time,
    stale_customers,
)
from turnus.revenue.loading import load_segments
from turnus.revenue.models import (
    LedgerCustomer,
    LedgerMovement,
    LedgerSegment,
    Subscription,
)

_BLOCK = 5_000


def rows_of(
    keys: Collection[CustomerKey], billing: Billing, viewer: Viewer
) -> FoldedRows:
    """Return what should be stored of some customers, on the day of `viewer`."""
    customers = map(Customer.of_key, keys)
    among = Subscription.objects.filter(billing.bought_by(customers))
    with many_objects():
        segments = load_segments(
            viewer,
            part=F("plan_id"),
            merges=lambda _currency: True,
            among=among,
            by_plan=True,
        )
        return folded(keys, segments, on=viewer.as_of)


def wrong_customers(viewer: Viewer) -> Iterator[CustomerKey]:
    """Yield the customers of whom something else is stored than follows from their terms.

    Not those that are known to be stale: nobody reads what is stored of them.
    """
    billing = Billing.load()
    stale = stale_customers(marked_subscriptions(), billing)
    stale |= stale_by_time(viewer.as_of)
    keys = _all_customers(billing) - stale
    for block in blocks(sorted(keys), _BLOCK):
        should_be = rows_of(block, billing, viewer)
        yield from _wrong_among(should_be, block)


def _all_customers(billing: Billing) -> set[CustomerKey]:
    rows = Subscription.objects.values_list("organization_id", "person_id")
    keys = {billing.key_of(*contacts) for contacts in rows.iterator()}
    stored = LedgerCustomer.objects.values_list("key", flat=True)
    return keys | {CustomerKey(key) for key in stored.iterator()}


def _wrong_among(
    should_be: FoldedRows, block: Collection[CustomerKey]
) -> set[CustomerKey]:
    """Return the customers of whose rows one is missing, too many, or another one."""
    movements = LedgerMovement.objects.filter(customer__in=block)
    segments = LedgerSegment.objects.filter(customer__in=block)
    customers = LedgerCustomer.objects.filter(key__in=block)
    stored = {
        *movements.values_list(*MovementRow._fields),
        *segments.values_list(*SegmentRow._fields),
        *customers.values_list(*_KEPT),
    }
    computed = {
        *map(tuple, chain(should_be.movements, should_be.segments)),
        *((row.key, row.currency) for row in should_be.customers),
    }
    keys = (row[0] for row in stored ^ computed)
    return {CustomerKey(key) for key in keys if isinstance(key, int)}


#: Of a customer's own row: the day of the fold is not the day of the check.
_KEPT = CustomerRow._fields[:2]
