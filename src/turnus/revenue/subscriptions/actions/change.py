"""Changing fields and prices of subscriptions, the trash, and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.fields.changing import refuse_strangers, trashed_ids
from turnus.fields.values import put
from turnus.history.models import Event, Run
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription
from turnus.revenue.subscriptions.actions.write import change, change_ids


@transaction.atomic
def update_subscriptions(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    values: Mapping[str, Any],
    run: Run | None = None,
) -> int:
    """Give plain fields (name, owner, labels ...) new values; return how many subscriptions changed."""
    fields = catalog(RecordKind.SUBSCRIPTION)

    def rule(row: Mapping[str, Any]) -> Mapping[str, Any]:
        columns: dict[str, Any] = {}
        for key, value in values.items():
            put(columns, fields[key], value, row)
        if not str(columns.get("name", row["name"]) or "").strip():
            raise UserError("field.required", field="name")
        return {**columns, "renewal_way": columns.get("renewal_way") or row["renewal_way"]}

    return change(subscriptions, rule, by=by, at=at, run=run)


@transaction.atomic
def change_price(
    *,
    subscriptions: QuerySet[Subscription],
    by: User,
    at: datetime,
    price: Money,
    run: Run | None = None,
) -> int:
    """Let the next term cost `price`; the terms that are booked keep theirs. Refused in another currency."""
    if subscriptions.exclude(currency=price.currency).exists():
        raise UserError("subscription.other_currency")
    return change(subscriptions, lambda _row: {"price_e4": price.amount_e4}, by=by, at=at, run=run)


@transaction.atomic
def trash_subscriptions(
    *, subscriptions: QuerySet[Subscription], by: User, at: datetime, run: Run | None = None
) -> int:
    """Move subscriptions to the trash; their deals stay."""
    rule = {"trashed_at": at, "trashed_by_id": by.pk}
    return change(
        subscriptions, lambda _row: rule, by=by, at=at, run=run, action=Event.Action.TRASHED
    )


@transaction.atomic
def restore_subscriptions(*, subscriptions: QuerySet[Subscription], by: User, at: datetime) -> int:
    """Take subscriptions out of the trash."""
    refuse_strangers(subscriptions, by)
    rule = {"trashed_at": None, "trashed_by_id": None}
    ids = trashed_ids(subscriptions)
    return change_ids(ids, lambda _row: rule, by=by, at=at, action=Event.Action.RESTORED)
