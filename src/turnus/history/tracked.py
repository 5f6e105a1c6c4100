"""Which tables are tracked, and which of their columns follow from others."""

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

    def rows(self, ids: Iterable[int]) -> "models.QuerySet[models.Model]":
        """Return the stored records with these ids, whoever may see them."""
        return self.model._default_manager.filter(pk__in=ids)  # noqa: SLF001 (Django documents it)

    def columns(self) -> Mapping[str, "models.Field[object, object]"]:
        """Return the stored columns by name."""
        fields = self.model._meta.concrete_fields  # noqa: SLF001 (Django documents it)
        return {field.attname: field for field in fields}


_tracked: dict[RecordKind, Tracked] = {}


def register(
    kind: RecordKind, model: type[models.Model], derive: Derive, write: Write
) -> None:
    """Track `model` as the table of `kind`; only `write` changes it in bulk."""
    _tracked[kind] = Tracked(kind, model, derive, write)


def link(kind: RecordKind, model: type[models.Model], column: str) -> None:
    """Note that rows of `model` hang on records of `kind` by `column`."""
    target = _tracked[kind]
    links = (*target.links, Link(model, column))
    _tracked[kind] = replace(target, links=links)


def tracked(kind: str) -> Tracked:
    """Return the table of a kind of record, with what follows from its columns."""
    return _tracked[RecordKind(kind)]
