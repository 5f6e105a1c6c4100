"""The shared path of every change to records: access, blocks, history; kinds bring rules."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TypeVar, cast

from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.fields.columns import StoredColumns
from turnus.fields.models import Record, RecordQuerySet
from turnus.history.actions import lock_records, locked_rows, write_changes
from turnus.history.models import Event, Run
from turnus.history.tracked import Tracked
from turnus.kit.errors import UserError

#: Records changed at once: bounded memory, one statement each way.
BLOCK = 2_000

T = TypeVar("T")
R = TypeVar("R", bound=Record)

#: From a record's present columns, the columns that change.
Rule = Callable[[StoredColumns], StoredColumns]


def refuse_strangers(records: QuerySet[R], by: User) -> None:
    """Refuse with `access.denied` if `by` may not change every one of `records`; one query."""
    manager = records.model._default_manager  # noqa: SLF001 (Django documents it)
    editable = cast("RecordQuerySet[R]", manager.all()).editable_by(by)
    if records.exclude(pk__in=editable.values("pk")).exists():
        raise UserError("access.denied", permission="edit")


def change_each(
    kind: Tracked,
    ids: Iterable[int],
    rule: Rule,
    *,
    by: User,
    at: datetime,
    run: Run | None = None,
    action: Event.Action = Event.Action.UPDATED,
) -> int:
    """Apply `rule` to each record, in blocks, with history; return how many changed.

    For the caller's transaction.
    """
    changed = 0
    for block in blocks(ids, BLOCK):
        before = locked_rows(kind, block)
        after = {key: rule(row) for key, row in before.items()}
        changed += write_changes(
            kind, before, after, by_id=by.pk, at=at, run=run, action=action
        )
    return changed


def blocks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield `items` in lists of at most `size`."""
    block: list[T] = []
    for item in items:
        block.append(item)
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block


def present_ids(records: QuerySet[Record]) -> list[int]:
    """Lock the records outside the trash for the caller; return their ids in order."""
    return lock_records(records.filter(trashed_at__isnull=True))


def trashed_ids(records: QuerySet[Record]) -> list[int]:
    """Lock the records in the trash, for the caller's transaction; return their ids in order."""
    return lock_records(records.filter(trashed_at__isnull=False))
