"""The one way in which subscriptions change: checked, locked, with history."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

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

Columns = Mapping[str, Any]

Rule = Callable[[Columns], Columns]


def change(
    subscriptions: QuerySet[Subscription],
    rule: Rule,
    *,
    by: User,
    at: datetime,
    run: Run | None = None,
    action: Event.Action = Event.Action.UPDATED,
) -> int:
    """Apply `rule` to each subscription that is not in the trash; return how many changed. For the caller's transaction."""
    refuse_strangers(subscriptions, by)
    return change_ids(present_ids(subscriptions), rule, by=by, at=at, run=run, action=action)


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
    kind, changed = tracked(RecordKind.SUBSCRIPTION), 0
    for block in blocks(ids, BLOCK):
        before = locked(block)
        after = {key: rule(row) for key, row in before.items()}
        changed += write_changes(kind, before, after, by_id=by.pk, at=at, run=run, action=action)
    return changed


def locked(ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return id -> columns of subscriptions as they are now; nobody else changes them before the transaction ends.

    The due day follows from several columns: whoever computes it from columns that a renewal is just changing would book a term twice.
    """
    return locked_rows(tracked(RecordKind.SUBSCRIPTION), ids)


def write_subscriptions(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Set columns of subscriptions by the fast lane, the id last in each row: the one way in which changes are stored.

    For the caller's transaction; history is written by whoever calls (`history.actions.write_changes`).
    """
    update_rows(Subscription, columns, rows)


def lock_next_term(subscription: Subscription, number: int) -> date:
    """Lock the subscription and return the day on which its next term, which must be `number`, is due."""
    row = locked([subscription.pk])[subscription.pk]
    due_on: date | None = row["next_due_on"]
    if row["next_number"] != number or due_on is None or row["trashed_at"] is not None:
        raise UserError("renewal.moved_on")
    return due_on
