"""The one way in which subscriptions change: checked, locked, with history."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import cast

from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.core.records import RecordKind
from turnus.fields.changing import BLOCK, blocks, present_ids, refuse_strangers
from turnus.history.actions import locked_rows, write_changes
from turnus.history.models import Event, Run
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError
from turnus.kit.sql import update_rows
from turnus.revenue.models import Subscription
from turnus.revenue.rows import SubscriptionChange, SubscriptionRow

#: From a subscription's present columns, those that change.
Rule = Callable[[SubscriptionRow], SubscriptionChange]


def change(
    subscriptions: QuerySet[Subscription],
    rule: Rule,
    *,
    by: User,
    at: datetime,
    run: Run | None = None,
    action: Event.Action = Event.Action.UPDATED,
) -> int:
    """Apply `rule` to each subscription that is not in the trash; return how many changed.

    For the caller's transaction.
    """
    refuse_strangers(subscriptions, by)
    ids = present_ids(subscriptions)
    return change_ids(ids, rule, by=by, at=at, run=run, action=action)


def change_ids(
    ids: Iterable[int],
    rule: Rule,
    *,
    by: User,
    at: datetime,
    run: Run | None = None,
    action: Event.Action = Event.Action.UPDATED,
) -> int:
    """Apply `rule` to the subscriptions `ids`, whose access has been checked."""
    kind = tracked(RecordKind.SUBSCRIPTION)
    changed = 0
    for block in blocks(ids, BLOCK):
        before = locked(block)
        after = {key: rule(row) for key, row in before.items()}
        changed += write_changes(
            kind, before, after, by_id=by.pk, at=at, run=run, action=action
        )
    return changed


def write_planned(
    after: Mapping[int, SubscriptionChange],
    *,
    by: User,
    at: datetime,
    run: Run | None = None,
) -> int:
    """Write changes that are known by id, access checked; return how many subscriptions changed."""
    return change_ids(
        after, lambda row: after[row["id"]], by=by, at=at, run=run
    )


def locked(ids: Iterable[int]) -> dict[int, SubscriptionRow]:
    """Return id -> columns of subscriptions; nobody else changes them before the transaction ends.

    The due day follows from several columns: whoever computes it from columns that a renewal is
    just changing would book a term twice.
    """
    rows = locked_rows(tracked(RecordKind.SUBSCRIPTION), ids)
    return cast("dict[int, SubscriptionRow]", rows)


def lock_next_term(subscription: Subscription, number: int) -> date:
    """Lock the subscription and return the day on which its next term is due.

    Refused where the next term is not `number`, or nothing is due: somebody was quicker.
    """
    row = locked([subscription.pk])[subscription.pk]
    due_on = row["next_due_on"]
    is_next = row["next_number"] == number and row["trashed_at"] is None
    if due_on is None or not is_next:
        raise UserError("renewal.moved_on")
    return due_on


def write_subscriptions(
    columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Set columns of subscriptions by the fast lane, the id last in each row.

    This is how all changes are stored. For the caller's transaction; history is written by
    whoever calls (`history.actions.write_changes`).
    """
    update_rows(Subscription, columns, rows)
