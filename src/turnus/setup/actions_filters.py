"""Applies saved filters."""

from collections.abc import Sequence
from dataclasses import dataclass

from turnus.accounts.models import User
from turnus.core.filters import Node, to_json
from turnus.core.records import RecordKind
from turnus.kit.errors import UserError
from turnus.listing.actions import choose_columns, save_filter, update_filter
from turnus.listing.models import SavedFilter
from turnus.listing.queries import paths_in
from turnus.listing.trees import tree_in
from turnus.setup.application import Application, found_by_name
from turnus.setup.filter_names import FilterNames
from turnus.setup.filter_notation import FilterReader
from turnus.setup.records import FilterSetup
from turnus.setup.words import LIST_WORDS


@dataclass(frozen=True, slots=True)
class _FilterValues:
    """What a filter is; a tree of None: one that cannot be read any more."""

    tree: Node | None
    is_shared: bool
    columns: tuple[str, ...]
    sort: str


def apply_filters(work: Application, wanted: Sequence[FilterSetup]) -> None:
    """Add the filters that are not there, and change what differs in those that are."""
    if not wanted:
        return
    users = {user.email.lower(): user for user in User.objects.all()}
    for record in RecordKind:
        names = FilterNames(record)
        of_record = [each for each in wanted if each.record is record]
        for each in of_record:
            with work.entry(each.line, _section(record)):
                _apply(work, each, names, _owner(work, each, users))


def _owner(
    work: Application, wanted: FilterSetup, users: dict[str, User]
) -> User:
    """Return whose filter it is: whoever applies the file, unless it says so.

    Only admins make filters of others.
    """
    if wanted.owner is None:
        return work.by
    email = wanted.owner.value.strip().lower()
    owner = found_by_name(users, email)
    if owner != work.by and not work.by.is_admin:
        raise UserError("access.denied", permission="filter")
    return owner


def _apply(
    work: Application,
    wanted: FilterSetup,
    names: FilterNames,
    owner: User,
) -> None:
    present = SavedFilter.objects.filter(
        record_kind=str(wanted.record), owner=owner, name=wanted.name
    ).first()
    before = None if present is None else _values_of(present)
    problem_count = len(work.problems.found)
    after = _values(work, wanted, names, before)
    is_wrong = len(work.problems.found) > problem_count
    if is_wrong or after == before:
        return
    saved = _save(work, wanted, after, present, owner)
    if saved.columns != list(after.columns):
        choose_columns(
            by=owner,
            kind=wanted.record,
            columns=after.columns,
            saved=saved,
        )
    _tell(work, wanted, before, after)


def _values_of(saved: SavedFilter) -> _FilterValues:
    try:
        tree = tree_in(saved.tree)
    except UserError:
        tree = None
    return _FilterValues(
        tree=tree,
        is_shared=saved.is_shared,
        columns=paths_in(saved.columns),
        sort=saved.sort,
    )


def _values(
    work: Application,
    wanted: FilterSetup,
    names: FilterNames,
    before: _FilterValues | None,
) -> _FilterValues:
    """Return what the filter should be: what the file names, else what it is."""
    if before is None:
        if wanted.where is None:
            raise UserError("apply.missing", key="where")
        before = _FilterValues(None, is_shared=False, columns=(), sort="")
    section = _section(wanted.record)
    tree = before.tree
    if wanted.where is not None:
        reader = FilterReader(names, work.problems, f"{section}.where")
        tree = reader.tree(wanted.where)
    columns = before.columns
    if wanted.columns is not None:
        columns = _columns(work, wanted, names)
    sort = before.sort
    if wanted.sort is not None:
        with work.entry(wanted.sort.line, f"{section}.sort"):
            sort = _sort(wanted.sort.value or "", names)
    is_shared = wanted.is_shared
    return _FilterValues(
        tree=tree,
        is_shared=before.is_shared if is_shared is None else is_shared,
        columns=columns,
        sort=sort,
    )


def _columns(
    work: Application, wanted: FilterSetup, names: FilterNames
) -> tuple[str, ...]:
    paths = []
    for each in wanted.columns or ():
        with work.entry(each.line, f"{_section(wanted.record)}.columns"):
            paths.append(names.path(each.value))
    return tuple(paths)


def _sort(word: str, names: FilterNames) -> str:
    """Return the order of a list as it is stored, such as `-won_at`."""
    if not word:
        return ""
    sign = "-" if word.startswith("-") else ""
    return sign + names.path(word.removeprefix("-"))


def _save(
    work: Application,
    wanted: FilterSetup,
    values: _FilterValues,
    present: SavedFilter | None,
    owner: User,
) -> SavedFilter:
    if values.tree is None:
        raise UserError("apply.missing", key="where")
    tree = to_json(values.tree)
    if present is None:
        return save_filter(
            by=owner,
            kind=wanted.record,
            name=wanted.name,
            tree=tree,
            is_shared=values.is_shared,
            at=work.at,
            columns=values.columns,
            sort=values.sort,
        )
    update_filter(
        saved=present,
        by=owner,
        name=wanted.name,
        tree=tree,
        is_shared=values.is_shared,
        sort=values.sort,
    )
    return present


def _tell(
    work: Application,
    wanted: FilterSetup,
    before: _FilterValues | None,
    after: _FilterValues,
) -> None:
    section = _section(wanted.record)
    if before is None:
        values = {"shared": after.is_shared}
        work.changes.added(section, wanted.name, values)
        return
    if before.tree != after.tree:
        work.changes.changed(section, wanted.name, "where", "…", "…")
    pairs = (
        ("shared", before.is_shared, after.is_shared),
        ("columns", _shown(before.columns), _shown(after.columns)),
        ("sort", before.sort, after.sort),
    )
    for key, value_before, value_after in pairs:
        if value_before != value_after:
            work.changes.changed(
                section, wanted.name, key, value_before, value_after
            )


def _shown(columns: Sequence[str]) -> str:
    return f"[{', '.join(columns)}]"


def _section(record: RecordKind) -> str:
    return f"filters.{LIST_WORDS[record]}"
