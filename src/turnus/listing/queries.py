"""Reading saved filters and chosen columns."""

from collections.abc import Iterable, Sequence

from django.db.models import Q

from turnus.accounts.models import User
from turnus.core.records import RecordKind
from turnus.kit.errors import UserError
from turnus.listing.models import ColumnSet, SavedFilter


def filters_for(user: User, kind: RecordKind) -> Sequence[SavedFilter]:
    """Return the filters that `user` may use: the own ones and the shared ones; one query."""
    usable = Q(owner=user) | Q(is_shared=True)
    filters = SavedFilter.objects.filter(usable, record_kind=str(kind))
    return list(filters.select_related("owner"))


def filter_named(user: User, kind: RecordKind, name: str) -> SavedFilter:
    """Return the filter with this name, the own one first; refuses with `filter.unknown`."""
    named = [saved for saved in filters_for(user, kind) if saved.name == name]
    if not named:
        raise UserError("filter.unknown", name=name)
    for saved in named:
        if saved.owner_id == user.pk:
            return saved
    return named[0]


def filter_chosen(
    usable: Iterable[SavedFilter], number: str
) -> SavedFilter | None:
    """Return the one of the `usable` filters with this id; None where none was asked for.

    Refuses with `filter.gone` where there is no such filter (any more): without it everything would
    pass.
    """
    if not number:
        return None
    for saved in usable:
        if str(saved.pk) == number:
            return saved
    raise UserError("filter.gone")


def columns_chosen(
    user: User, kind: RecordKind, saved: SavedFilter | None = None
) -> tuple[str, ...]:
    """Return the columns of a list for `user`; empty: the usual ones. One query.

    Those that `user` chose for the saved filter, else the filter's own, else those that `user`
    chose for the list.
    """
    is_applicable = Q(filter=None) | Q(filter=saved)
    own = ColumnSet.objects.filter(
        is_applicable, user=user, record_kind=str(kind)
    )
    chosen: dict[int | None, tuple[str, ...]] = {}
    for filter_id, stored in own.values_list("filter_id", "columns"):
        chosen[filter_id] = paths_in(stored)
    of_list = chosen.get(None, ())
    if saved is None:
        return of_list
    return chosen.get(saved.pk) or paths_in(saved.columns) or of_list


def paths_in(stored: object) -> tuple[str, ...]:
    """Return the field paths that stored JSON holds, and nothing else that it may hold."""
    if not isinstance(stored, list):
        return ()
    return tuple(path for path in stored if isinstance(path, str))
