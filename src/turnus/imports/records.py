"""Which records of any kind a user may see or change."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.core.records import RecordKind
from turnus.history.tracked import tracked


def visible_ids(kind: RecordKind, ids: Collection[int], user: User) -> set[int]:
    """Return which of these records exist, outside the trash, and `user` may see; one query."""
    if not ids:
        return set()
    records = _records(kind).present().visible_to(user)
    return set(records.filter(pk__in=ids).values_list("pk", flat=True))


def editable_ids(kind: RecordKind, ids: Collection[int], user: User) -> set[int]:
    """Return which of these records `user` may change; one query."""
    if not ids:
        return set()
    records = _records(kind).editable_by(user)
    return set(records.filter(pk__in=ids).values_list("pk", flat=True))


def _records(
    kind: RecordKind,
) -> Any:  # a query set with the methods that all records share
    model = tracked(kind).model
    records: QuerySet[Any] = model._default_manager.all()  # noqa: SLF001 (Django documents it)
    return records
