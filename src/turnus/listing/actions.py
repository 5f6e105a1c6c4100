"""Saving, changing and deleting filters; choosing columns."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from turnus.accounts.models import User
from turnus.core.records import RecordKind
from turnus.kit.errors import UserError
from turnus.kit.lines import named
from turnus.kit.sql import take_turns
from turnus.listing.models import ColumnSet, SavedFilter
from turnus.listing.trees import tree_in

_LONGEST_SORT = 100


@transaction.atomic
def save_filter(
    *,
    by: User,
    kind: RecordKind,
    name: str,
    tree: Mapping[str, object],
    is_shared: bool,
    at: datetime,
    columns: Sequence[str] = (),
    sort: str = "",
) -> SavedFilter:
    """Save a filter under a name that is new for its owner and list; `sort` as in an address."""
    name = _checked(kind, by, name, None)
    position = SavedFilter.objects.filter(record_kind=str(kind)).count()
    return SavedFilter.objects.create(
        record_kind=str(kind),
        owner=by,
        name=name,
        tree=_tree(tree),
        is_shared=is_shared,
        columns=list(columns),
        sort=sort[:_LONGEST_SORT],
        position=position,
        created_at=at,
    )


@transaction.atomic
def update_filter(
    *,
    saved: SavedFilter,
    by: User,
    name: str,
    tree: Mapping[str, object],
    is_shared: bool,
    sort: str = "",
) -> None:
    """Change a filter; only its owner, and for shared ones an admin."""
    refuse_others(saved, by)
    kind = RecordKind(saved.record_kind)
    saved.name = _checked(kind, saved.owner, name, saved)
    saved.tree = _tree(tree)
    saved.is_shared = is_shared
    saved.sort = sort[:_LONGEST_SORT]
    saved.save(update_fields=["name", "tree", "is_shared", "sort"])


@transaction.atomic
def delete_filter(*, saved: SavedFilter, by: User) -> None:
    """Delete a filter; only its owner, and for shared ones an admin."""
    refuse_others(saved, by)
    saved.delete()


@transaction.atomic
def choose_columns(
    *,
    by: User,
    kind: RecordKind,
    columns: Sequence[str],
    saved: SavedFilter | None = None,
) -> None:
    """Save the columns of a person's list.

    Of a filter: for everybody who uses it; of somebody else's filter: for `by` alone.
    """
    if saved is not None and may_change(saved, by):
        saved.columns = list(columns)
        saved.save(update_fields=["columns"])
        # From before the person could change it.
        ColumnSet.objects.filter(user=by, filter=saved).delete()
        return
    ColumnSet.objects.update_or_create(
        user=by,
        record_kind=str(kind),
        filter=saved,
        defaults={"columns": list(columns)},
    )


def may_change(saved: SavedFilter, by: User) -> bool:
    """Return whether `by` may change the filter."""
    return saved.owner_id == by.pk or (by.is_admin and saved.is_shared)


def refuse_others(saved: SavedFilter, by: User) -> None:
    """Refuse with `access.denied` whoever may not change the filter."""
    if not may_change(saved, by):
        raise UserError("access.denied", permission="filter")


def _tree(tree: Mapping[str, object]) -> dict[str, object]:
    tree_in(tree)
    return dict(tree)


def _checked(
    kind: RecordKind, owner: User, name: str, saved: SavedFilter | None
) -> str:
    name = named(name)
    take_turns(f"listing.filter.{owner.pk}")
    same = SavedFilter.objects.filter(
        record_kind=str(kind), owner=owner, name=name
    )
    own_id = saved.pk if saved else 0
    if same.exclude(pk=own_id).exists():
        raise UserError("name.taken", name=name)
    return name
