"""Which records of any kind a user may see or change."""

from collections.abc import Collection
from typing import cast

from turnus.accounts.models import User
from turnus.core.records import RecordKind
from turnus.fields.models import Record, RecordQuerySet
from turnus.history.tracked import tracked


def visible_ids(
    kind: RecordKind, ids: Collection[int], user: User
) -> set[int]:
    """Return which of these records exist, outside the trash, and `user` may see; one query."""
    if not ids:
        return set()
    records = _records(kind).present().visible_to(user)
    return set(records.filter(pk__in=ids).values_list("pk", flat=True))


def editable_ids(
    kind: RecordKind, ids: Collection[int], user: User
) -> set[int]:
    """Return which of these records `user` may change; one query."""
    if not ids:
        return set()
    records = _records(kind).editable_by(user)
    return set(records.filter(pk__in=ids).values_list("pk", flat=True))


def _records(kind: RecordKind) -> RecordQuerySet[Record]:
    """Return all records of a kind, with the methods that all records share."""
    manager = tracked(kind).model._default_manager  # noqa: SLF001 (Django documents it)
    return cast("RecordQuerySet[Record]", manager.all())
