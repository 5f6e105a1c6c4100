"""Folding: what is stale in the ledger is stored anew, some thousand customers at a time."""

from collections.abc import Collection

from django.db import transaction

from turnus.accounts.queries import company, first_admin
from turnus.accounts.viewer import Viewer
from turnus.contacts.billing import Billing
from turnus.core.customers import CustomerKey
from turnus.fields.changing import blocks
from turnus.kit import clock
from turnus.kit.sql import insert_rows, take_turns
from turnus.revenue.ledger.folding import (
    CustomerRow,
    MovementRow,
    SegmentRow,
)
from turnus.revenue.ledger.scratch import rows_of
from turnus.revenue.ledger.stale import stale_by_time, stale_customers
from turnus.revenue.models import (
    LedgerCustomer,
    LedgerMovement,
    LedgerSegment,
    StaleSubscription,
)

#: Marks taken at once, and customers folded at once: about a second.
_MARKS = 50_000
_BLOCK = 5_000
#: Ids in one condition.
_IDS = 5_000


def viewer_of_everything() -> Viewer:
    """Return whose ledger is stored: of an admin, today."""
    zone = company().zone
    return Viewer(first_admin(), clock.today(zone), zone)


def fold_stale(viewer: Viewer) -> int:
    """Store anew what is stale, block by block; return how many blocks that took.

    `viewer` sees everything. Whoever changes something meanwhile leaves a new mark.
    """
    count = 0
    while fold_block(viewer):
        count += 1
    return count


@transaction.atomic
def fold_block(viewer: Viewer) -> bool:
    """Store the next stale customers anew; return whether there were any."""
    take_turns("ledger")
    first_marks = StaleSubscription.objects.order_by("pk")[:_MARKS]
    marks = dict(first_marks.values_list("pk", "subscription_id"))
    billing = Billing.load()
    if marks:
        keys = stale_customers(set(marks.values()), billing)
    else:
        keys = stale_by_time(viewer.as_of, most=_BLOCK)
    for block in blocks(keys, _BLOCK):
        _fold(block, billing, viewer)
    # By their ids: a mark that has come since stands for a change that was not read.
    for block_of_marks in blocks(marks, _IDS):
        StaleSubscription.objects.filter(pk__in=block_of_marks).delete()
    return bool(marks or keys)


@transaction.atomic
def fold_anew(keys: Collection[CustomerKey], viewer: Viewer) -> None:
    """Store some customers anew, whatever is stored of them."""
    take_turns("ledger")
    billing = Billing.load()
    for block in blocks(keys, _BLOCK):
        _fold(block, billing, viewer)


def _fold(
    keys: Collection[CustomerKey], billing: Billing, viewer: Viewer
) -> None:
    rows = rows_of(keys, billing, viewer)
    LedgerCustomer.objects.filter(key__in=keys).delete()
    LedgerMovement.objects.filter(customer__in=keys).delete()
    LedgerSegment.objects.filter(customer__in=keys).delete()
    insert_rows(LedgerCustomer, CustomerRow._fields, rows.customers)
    insert_rows(LedgerMovement, MovementRow._fields, rows.movements)
    insert_rows(LedgerSegment, SegmentRow._fields, rows.segments)
