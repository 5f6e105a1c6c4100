"""Figures of records that change with the day; packages above register how to compute them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models.expressions import Combinable

from turnus.accounts.viewer import Viewer
from turnus.core.money import Money, Rates
from turnus.core.records import RecordKind
from turnus.fields.models import AnyRecords


@dataclass(frozen=True, slots=True)
class FigureSums:
    """A figure of many records: by currency, and converted, without currencies that lack a rate."""

    by_currency: Mapping[str, Money]
    total: Money
    without_rate: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """How a figure is computed: for each record, for all together, and as a SQL expression.

    All three agree to the decimals of the currency. `of` leaves records out that have nothing.
    """

    of: Callable[[AnyRecords, Viewer], Mapping[int, Money]]
    sums: Callable[[AnyRecords, Viewer, Rates], FigureSums]
    expression: Callable[[date], Combinable]


_figures: dict[tuple[RecordKind, str], Figure] = {}


def register_figure(kind: RecordKind, key: str, figure: Figure) -> None:
    """Let the field `key` of a kind of record be worked out by `figure`."""
    _figures[kind, key] = figure


def figure_of(kind: RecordKind, key: str) -> Figure | None:
    """Return how a field is worked out; None for one that is stored."""
    return _figures.get((kind, key))
