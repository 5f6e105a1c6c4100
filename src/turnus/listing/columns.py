"""Columns of a list: what must be read for each, and its value as a typed cell in the reader's words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from turnus.core.deals import weight_of, weighted_e4
from turnus.core.fields import Address, DateSpan, FieldKind, Notation, TimeSpan, show
from turnus.core.fields.kinds import CHOICE_KINDS, SET_KINDS
from turnus.core.money import Money, from_e4
from turnus.core.tables import Cell
from turnus.fields.catalogue import Catalogue
from turnus.fields.choices import KnownChoices, choices_of
from turnus.fields.values import column_of, value_of
from turnus.history.tracked import tracked
from turnus.listing.expressions import Place, place_of
from turnus.listing.figures import Figure, figure_of

GERMAN, ENGLISH = Notation(decimal_comma=True, day_first=True), Notation(decimal_comma=False, day_first=True)
#: Ids in custom fields that name records: read with one query a page.
_NAMED = frozenset({FieldKind.PERSON, FieldKind.ORGANISATION})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the raw columns it is made from, and its value from a row of those."""

    path: str
    place: Place
    needs: tuple[str, ...]
    choices: KnownChoices | None

    def value(self, row: Mapping[str, Any]) -> Any:
        """Return the field's value (`core.fields`), with names of linked records in place of their ids."""
        field, prefix = self.place.field, self.place.prefix
        if self.figure is not None:
            return row.get(self.path)  # `RecordList` has put it there
        if not field.is_custom and field.kind in _NAMED:
            return row.get(f"{prefix}{field.column}__name")
        if field.key == "closed_at":
            return row["won_at"] or row["lost_at"]
        if field.key == "weighted_value":
            probability = row["stage__probability"] if row["probability"] is None else row["probability"]
            weight = weight_of(row["status"], probability)
            return Money(weighted_e4(row["value_e4"], weight), row["currency"])
        own = {key.removeprefix(prefix): row[key] for key in self.needs} if prefix else row
        return value_of(field, own)

    @property
    def figure(self) -> Figure | None:
        """How the value is worked out, where no column holds it."""
        return None if self.place.is_linked else figure_of(self.place.field.record, self.place.field.key)

    @property
    def is_custom_link(self) -> bool:
        """Whether the values are ids of contacts: their names are read apart, by `ContactNames`."""
        return self.place.field.is_custom and self.place.field.kind in _NAMED


class ContactNames:
    """Names of the contacts that custom fields link to; one query for each kind of contact and lot of rows."""

    def __init__(self) -> None:
        self.known: dict[tuple[FieldKind, int], str] = {}

    def read(self, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> None:
        """Read the names in `rows` (values in the order of `columns`) that are not known yet."""
        links = [(index, column.place.field.kind) for index, column in enumerate(columns) if column.is_custom_link]
        held = (
            {(kind, row[index]) for row in rows for index, kind in links if row[index] is not None} if links else set()
        )
        wanted = held - self.known.keys()
        for kind in {kind for kind, _ in wanted}:
            model: Any = tracked(str(kind)).model
            ids = [pk for one, pk in wanted if one is kind]
            self.known |= {(kind, pk): name for pk, name in model.objects.filter(pk__in=ids).values_list("pk", "name")}

    def name(self, kind: FieldKind, pk: int) -> str:
        """Return the name of a contact that was read; its number if it is gone for good."""
        return self.known.get((kind, pk), f"#{pk}")


def columns_for(paths: Sequence[str], catalogue: Catalogue, language: str) -> list[Column]:
    """Return the columns at `paths`; paths of fields that are gone are left out. A query for each choice field."""
    known: dict[tuple[FieldKind, int | None], KnownChoices | None] = {}
    columns = []
    for path in paths:
        if path not in catalogue or not catalogue[path].is_listed:
            continue
        place = place_of(path, catalogue)
        key = (place.field.kind, place.field.custom_id)
        if key not in known:
            known[key] = choices_of(place.field, language)
        columns.append(Column(path, place, _needs(place), known[key]))
    return columns


def _needs(place: Place) -> tuple[str, ...]:
    field, prefix = place.field, place.prefix
    if figure_of(field.record, field.key) is not None:
        return (f"{prefix}currency",)
    if field.is_custom:
        return (f"{prefix}custom",)
    if field.key == "closed_at":
        return ("won_at", "lost_at")
    if field.key == "weighted_value":
        return ("value_e4", "currency", "status", "probability", "stage__probability")
    if field.kind in _NAMED:
        return (f"{prefix}{field.column}_id", f"{prefix}{field.column}__name")
    if field.kind is FieldKind.MONEY:
        return (f"{prefix}{field.column}", f"{prefix}currency")
    return (f"{prefix}{column_of(field)}",)


def headings_of(column: Column, language: str) -> list[str]:
    """Return the headings of a column in a file: one, and for a custom amount that of its currency beside it."""
    field = column.place.field
    return [field.heading(language), *([field.currency_heading(language)] if _has_currency(column) else [])]


def cell_makers(column: Column, *, zone: ZoneInfo, language: str, names: ContactNames) -> list[Callable[[Any], Cell]]:
    """Return the functions from a column's value to its cells in a file, in the order of `headings_of`."""
    maker = _cell_maker(column, zone=zone, language=language, names=names)
    return [maker, _currency] if _has_currency(column) else [maker]


def _has_currency(column: Column) -> bool:
    return column.place.field.is_custom and column.place.field.kind is FieldKind.MONEY


def _currency(money: Money | None) -> Cell:
    return None if money is None else money.currency


def _cell_maker(column: Column, *, zone: ZoneInfo, language: str, names: ContactNames) -> Callable[[Any], Cell]:
    """Return the function from a column's value to its typed cell: days are days, amounts are numbers."""
    field = column.place.field
    kind = field.kind
    if kind in CHOICE_KINDS or kind in SET_KINDS:
        choices = column.choices or KnownChoices({}, {})
        return lambda value: _words(value, choices)
    if column.is_custom_link:
        return lambda value: None if value is None else names.name(kind, value)
    if kind is FieldKind.MOMENT:
        return lambda value: value and value.astimezone(zone).replace(tzinfo=None, microsecond=0)
    if kind is FieldKind.MONEY:
        return _amount if field.is_importable else _shown_amount
    notation = GERMAN if language == "de" else ENGLISH
    return lambda value: _plain(value, kind, notation)


def _amount(money: Money | None) -> Cell:
    return None if money is None else from_e4(money.amount_e4)


def _shown_amount(money: Money | None) -> Cell:
    """Return an amount that was computed, such as MRR, as lists show it: with the decimals of its currency."""
    return None if money is None else Money.rounded_from(money.amount_e4, money.currency).amount


def _words(value: Any, choices: KnownChoices) -> str | None:
    if isinstance(value, tuple):
        return ", ".join(choices.name(one) for one in value) or None
    return None if value is None else choices.name(value)


def _plain(value: Any, kind: FieldKind, notation: Notation) -> Cell:
    if isinstance(value, DateSpan | TimeSpan | Address | tuple):
        return show(kind, value, notation=notation)
    return value  # type: ignore[no-any-return]  # a cell already


def is_moment(value: object) -> bool:
    """Say whether a value has a time of day."""
    return isinstance(value, datetime)
