"""Which tables are tracked, and how columns that follow from others are recomputed when a change is taken back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from turnus.core.records import RecordKind

#: From all stored columns of one row, the columns that follow from them.
Derive = Callable[[Mapping[str, Any]], dict[str, Any]]
#: Sets columns of rows, each in the order of the columns and with its primary key at the end: an action of the table's own package.
Write = Callable[[Sequence[str], Iterable[Sequence[Any]]], None]


@dataclass(frozen=True, slots=True)
class Tracked:
    """A kind of record whose changes are recorded.

    `links` are the tables that hang on it: (model, column). A record that a run created stays while others, which the
    run did not create, hang on it.
    """

    kind: RecordKind
    model: type[models.Model]
    derive: Derive
    write: Write
    links: tuple[tuple[type[models.Model], str], ...] = ()


_tracked: dict[RecordKind, Tracked] = {}


def register(kind: RecordKind, model: type[models.Model], derive: Derive, write: Write) -> None:
    """Track `model` as the table of `kind`, which `write` alone changes in bulk; called once, when its package is set up."""
    _tracked[kind] = Tracked(kind, model, derive, write)


def link(kind: RecordKind, model: type[models.Model], column: str) -> None:
    """Say that rows of `model` hang on records of `kind` by `column`."""
    known = _tracked[kind]
    _tracked[kind] = Tracked(
        known.kind, known.model, known.derive, known.write, (*known.links, (model, column))
    )


def tracked(kind: str) -> Tracked:
    """Return what is known about the kind of record."""
    return _tracked[RecordKind(kind)]
