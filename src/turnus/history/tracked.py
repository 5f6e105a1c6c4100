"""Which tables are tracked, which of their columns follow from others, and what goes together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db import models

from turnus.core.records import RecordKind

#: All columns of one stored row. Django gives their values no type: it depends on the table.
StoredRow = dict[str, Any]
#: From all stored columns of one row, the columns that follow from them.
Derive = Callable[[Mapping[str, object]], StoredRow]
#: Sets columns of rows: the values in the order of the columns, then the primary key. It is an
#: action of the table's own package.
Write = Callable[[Sequence[str], Iterable[Sequence[object]]], None]
#: Whether a cell may hold a value, in JSON form: the choices and fields that it names are there.
IsOffered = Callable[[str, object], bool]

#: Keys of custom fields have none: what follows it names a second part of the value.
_SECOND_PART = "_"


def _anything(_cell: str, _value: object) -> bool:
    return True


def _offer_anything() -> IsOffered:
    return _anything


class Link(NamedTuple):
    """A column by which the rows of a table hang on a tracked record."""

    model: type[models.Model]
    column: str


@dataclass(frozen=True, slots=True)
class Tracked:
    """A kind of record whose changes are recorded.

    A record that a run created stays while others, which the run did not create, hang on it by one
    of the `links`.
    """

    kind: RecordKind
    model: type[models.Model]
    derive: Derive
    write: Write
    links: tuple[Link, ...] = ()
    #: Columns that mean something together only: a status and its day, an amount and its currency.
    groups: tuple[frozenset[str], ...] = ()
    #: Columns one of which must hold something; empty: there is no such rule.
    one_of: tuple[str, ...] = ()
    #: Reads the choices and custom fields that there are.
    load_offered: Callable[[], IsOffered] = _offer_anything

    def rows(self, ids: Iterable[int]) -> "models.QuerySet[models.Model]":
        """Return the stored records with these ids, whoever may see them."""
        return self.model._default_manager.filter(pk__in=ids)  # noqa: SLF001 (Django documents it)

    def columns(self) -> Mapping[str, "models.Field[object, object]"]:
        """Return the stored columns by name."""
        fields = self.model._meta.concrete_fields  # noqa: SLF001 (Django documents it)
        return {field.attname: field for field in fields}

    def targets(self) -> Mapping[str, type[models.Model]]:
        """Return the tables that columns of this one point to, by column."""
        targets: dict[str, type[models.Model]] = {}
        for name, column in self.columns().items():
            if isinstance(column, models.ForeignKey):
                targets[name] = column.remote_field.model
        return targets

    def group_of(self, cell: str) -> str:
        """Return a name for the cells that mean something only together with `cell`.

        The parts of a custom value go with the cell of their field.
        """
        for group in self.groups:
            if cell in group:
                return min(group)
        if not cell.startswith("custom."):
            return cell
        field_cell, _underscore, _part = cell.partition(_SECOND_PART)
        return field_cell


_tracked: dict[RecordKind, Tracked] = {}


def register(table: Tracked) -> None:
    """Track a table; only its `write` changes it in bulk."""
    _tracked[table.kind] = table


def link(kind: RecordKind, model: type[models.Model], column: str) -> None:
    """Note that rows of `model` hang on records of `kind` by `column`."""
    target = _tracked[kind]
    links = (*target.links, Link(model, column))
    _tracked[kind] = replace(target, links=links)


def tracked(kind: str) -> Tracked:
    """Return the table of a kind of record, with what follows from its columns."""
    return _tracked[RecordKind(kind)]


def kind_of(model: type[models.Model]) -> RecordKind | None:
    """Return the kind of record whose table this is; None for a table that is not tracked."""
    for kind, table in _tracked.items():
        if table.model is model:
            return kind
    return None
