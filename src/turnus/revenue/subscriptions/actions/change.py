"""Changing fields and prices of subscriptions, the trash, and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.core.fields import Value
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.fields.changing import refuse_strangers, trashed_ids
from turnus.fields.values import put
from turnus.history.models import Event, Run
from turnus.history.tracked import StoredRow
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription
from turnus.revenue.rows import SubscriptionChange, SubscriptionRow
from turnus.revenue.subscriptions.actions.write import change, change_ids


@transaction.atomic
def update_subscriptions(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    values: Mapping[str, Value | None],
    run: Run | None = None,
) -> int:
    """Give plain fields (name, owner, labels …) new values; return how many changed."""
    fields = catalog(RecordKind.SUBSCRIPTION)

    def with_values(row: SubscriptionRow) -> SubscriptionChange:
        columns: StoredRow = {}
        for key, value in values.items():
            put(columns, fields[key], value, row)
        name = columns.get("name", row["name"])
        if not str(name or "").strip():
            raise UserError("field.required", field="name")
        columns["renewal_way"] = (
            columns.get("renewal_way") or row["renewal_way"]
        )
        return cast("SubscriptionChange", columns)

    return change(subscriptions, with_values, by=by, at=at, run=run)


@transaction.atomic
def change_price(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    price: Money,
    run: Run | None = None,
) -> int:
    """Let the next term cost `price`; booked terms keep theirs. Refused in another currency."""
    if subscriptions.exclude(currency=price.currency).exists():
        raise UserError("subscription.other_currency")
    new_price = SubscriptionChange(price_e4=price.amount_e4)
    return change(subscriptions, lambda _row: new_price, by=by, at=at, run=run)


@transaction.atomic
def trash_subscriptions(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    run: Run | None = None,
) -> int:
    """Move subscriptions to the trash; their deals stay."""
    trashed = SubscriptionChange(trashed_at=at, trashed_by_id=by.pk)
    action = Event.Action.TRASHED
    return change(
        subscriptions,
        lambda _row: trashed,
        by=by,
        at=at,
        run=run,
        action=action,
    )


@transaction.atomic
def restore_subscriptions(
    *, subscriptions: QuerySet[Subscription], by: User, at: datetime
) -> int:
    """Take subscriptions out of the trash."""
    refuse_strangers(subscriptions, by)
    restored = SubscriptionChange(trashed_at=None, trashed_by_id=None)
    ids = trashed_ids(subscriptions)
    return change_ids(
        ids, lambda _row: restored, by=by, at=at, action=Event.Action.RESTORED
    )
