"""Columns of a list: what must be read for each, and its value as a typed cell."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import Combinable

from turnus.accounts.models import User
from turnus.core.deals import weight_of, weighted_e4
from turnus.core.fields import KINDS, LINK_KINDS, FieldKind, FileForm, Value
from turnus.core.money import Money
from turnus.core.tables import Cell
from turnus.fields.catalog import Catalog
from turnus.fields.choices import KnownChoices, choices_of
from turnus.fields.columns import StoredColumns
from turnus.fields.part_words import PointLabels
from turnus.fields.values import column_of, value_of
from turnus.fields.words import notation_of
from turnus.history.tracked import StoredRow
from turnus.listing.expressions import Place, place_of
from turnus.listing.figures import Figure, figure_of
from turnus.listing.links import ContactNames, Unseen, link_seen, where_seen

M = TypeVar("M", bound=Model)

#: What a list shows of a field.
ListValue = Value | Unseen | None
CellMaker = Callable[[ListValue], Cell]


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column: the raw columns it is made from, and its value from a row of those."""

    path: str
    place: Place
    #: Raw column -> the condition for reading it; empty where nothing has to be asked.
    needs: Mapping[str, Q]
    #: Raw column, without the prefix of the place -> its key in a row of `rows_read`; None where
    #: both are the same.
    keys: Mapping[str, str] | None
    choices: KnownChoices | None

    def value(self, row: StoredColumns) -> ListValue:
        """Return the field's value from a row of `rows_read`; of a linked contact its name.

        `Unseen.CONTACT` where the record links to a contact that the person may not see. A custom
        field has the id of the contact: `values_in` puts the name in its place.
        """
        if self.figure is not None:
            figure: Money | None = row.get(
                self.path
            )  # `RecordList` has put it there
            return figure
        field = self.place.field
        own = row
        if self.keys is not None:
            own = {name: row[key] for name, key in self.keys.items()}
        if self.is_link:
            return self._linked_name(own)
        if field.key == "closed_at":
            closed_at: datetime | None = own["won_at"] or own["lost_at"]
            return closed_at
        if field.key == "weighted_value":
            return _weighted_value(own)
        return value_of(field, own)

    def contact_id(self, row: StoredColumns) -> int | None:
        """Return the id of the contact that a row links to, visible or not; None without one."""
        field = self.place.field
        if field.kind not in LINK_KINDS:
            return None
        if field.is_custom:
            return cast("int | None", self.value(row))
        key = f"{field.column}_id"
        if self.keys is not None:
            key = self.keys[key]
        return cast("int | None", row[key])

    @property
    def figure(self) -> Figure | None:
        """How the value is worked out, where no column holds it."""
        if self.place.is_linked:
            return None
        return figure_of(self.place.field.record, self.place.field.key)

    @property
    def is_link(self) -> bool:
        """Whether the field names a contact by a column of its own."""
        return (
            not self.place.field.is_custom
            and self.place.field.kind in LINK_KINDS
        )

    @property
    def is_custom_link(self) -> bool:
        """Whether the values are ids of contacts: their names are read apart, by `ContactNames`."""
        return (
            self.place.field.is_custom and self.place.field.kind in LINK_KINDS
        )

    def _linked_name(self, own: StoredColumns) -> str | Unseen | None:
        column = self.place.field.column
        name: str | None = own[f"{column}__name"]
        if name is not None:
            return name
        return None if own[f"{column}_id"] is None else Unseen.CONTACT


def _weighted_value(deal: StoredColumns) -> Money:
    probability = deal["probability"]
    if probability is None:
        probability = deal["stage__probability"]
    weight = weight_of(deal["status"], probability)
    amount_e4 = weighted_e4(deal["value_e4"], weight)
    return Money(amount_e4, deal["currency"])


def rows_read(
    records: QuerySet[M], columns: Iterable[ListColumn]
) -> QuerySet[M, StoredRow]:
    """Return the rows of `records` with what the columns are made from, and `id`; no query yet."""
    plain = {"id"}
    guarded: dict[str, Combinable] = {}
    for column in columns:
        for name, seen in column.needs.items():
            if seen:
                guarded[_key(name, seen)] = where_seen(seen, F(name))
            else:
                plain.add(name)
    return records.values(*sorted(plain), **guarded)


def _key(name: str, seen: Q) -> str:
    """Return the key of a raw column in a row: its name, or another if its value may be hidden."""
    return f"seen_{name}" if seen else name


def values_in(
    rows: Sequence[StoredColumns],
    columns: Sequence[ListColumn],
    names: ContactNames,
) -> list[tuple[ListValue, ...]]:
    """Return the values of rows of `rows_read` in the order of `columns`; of contacts the names."""
    values = [[column.value(row) for column in columns] for row in rows]
    link_kinds = {
        index: column.place.field.kind
        for index, column in enumerate(columns)
        if column.is_custom_link
    }
    names.read(_links_in(values, link_kinds))
    for row_values in values:
        for index, kind in link_kinds.items():
            contact_id = row_values[index]
            if isinstance(contact_id, int):
                row_values[index] = names.name(kind, contact_id)
    return [tuple(row_values) for row_values in values]


def _links_in(
    values: Sequence[Sequence[ListValue]], link_kinds: Mapping[int, FieldKind]
) -> Iterator[tuple[FieldKind, int]]:
    """Yield the contacts (kind, id) in the columns of custom links."""
    for row_values in values:
        for index, kind in link_kinds.items():
            contact_id = row_values[index]
            if isinstance(contact_id, int):
                yield kind, contact_id


def columns_for(
    paths: Sequence[str], catalog: Catalog, language: str, *, viewer: User
) -> list[ListColumn]:
    """Return the columns at `paths` as `viewer` may see them; fields that are gone are skipped.

    One query for each field with choices.
    """
    choices_of_fields: dict[
        tuple[FieldKind, int | None], KnownChoices | None
    ] = {}
    columns = []
    for path in paths:
        if path not in catalog or not catalog[path].is_listed:
            continue
        place = place_of(path, catalog, viewer=viewer)
        key = (place.field.kind, place.field.custom_id)
        if key not in choices_of_fields:
            choices_of_fields[key] = choices_of(place.field, language)
        column = _column(path, place, choices_of_fields[key])
        columns.append(column)
    return columns


def _column(
    path: str, place: Place, choices: KnownChoices | None
) -> ListColumn:
    needs = {name: _seen(name, place) for name in _needs(place)}
    keys = {
        name.removeprefix(place.prefix): _key(name, seen)
        for name, seen in needs.items()
    }
    is_renamed = any(name != key for name, key in keys.items())
    return ListColumn(
        path, place, needs, keys if is_renamed else None, choices
    )


def _seen(name: str, place: Place) -> Q:
    """Return the condition for reading a raw column; empty where nothing has to be asked.

    The id of a link may be read where only the contact behind it is hidden: there is one, and that
    is shown.
    """
    names_a_contact = (
        place.field.kind in LINK_KINDS and not place.field.is_custom
    )
    if names_a_contact and name.endswith("__name"):
        return place.seen
    return link_seen(place.prefix, place.viewer)


def _needs(place: Place) -> tuple[str, ...]:
    field = place.field
    prefix = place.prefix
    if figure_of(field.record, field.key) is not None:
        return (f"{prefix}currency",)
    if field.is_custom:
        return (f"{prefix}custom",)
    if field.key == "closed_at":
        return ("won_at", "lost_at")
    if field.key == "weighted_value":
        return (
            "value_e4",
            "currency",
            "status",
            "probability",
            "stage__probability",
        )
    if field.kind in LINK_KINDS:
        return (f"{prefix}{field.column}_id", f"{prefix}{field.column}__name")
    if KINDS[field.kind].has_currency:
        return (f"{prefix}{field.column}", f"{prefix}currency")
    return (f"{prefix}{column_of(field)}",)


def headings_of(column: ListColumn, language: str) -> list[str]:
    """Return the headings of a column in a file: one, and for custom amounts the currency's."""
    field = column.place.field
    heading = field.heading(language)
    if _has_currency(column):
        return [heading, field.currency_heading(language)]
    return [heading]


def cell_makers(
    column: ListColumn, *, zone: ZoneInfo, language: str
) -> list[CellMaker]:
    """Return the functions from a column's value to its cells in a file, as in `headings_of`."""
    maker = _cell_maker(column, zone=zone, language=language)
    return [maker, _currency] if _has_currency(column) else [maker]


def _has_currency(column: ListColumn) -> bool:
    field = column.place.field
    return field.is_custom and KINDS[field.kind].has_currency


def _currency(value: ListValue) -> Cell:
    return value.currency if isinstance(value, Money) else None


def _cell_maker(
    column: ListColumn, *, zone: ZoneInfo, language: str
) -> CellMaker:
    """Return the function from a column's value to its cell: days are days, amounts numbers."""
    field = column.place.field
    if field.kind in LINK_KINDS:
        return _name
    kind = KINDS[field.kind]
    form = FileForm(
        notation=notation_of(language),
        zone=zone,
        choices=column.choices or PointLabels(language),
        is_computed=not field.is_importable,
    )

    def cell(value: ListValue) -> Cell:
        if value is None or isinstance(value, Unseen):
            return None
        return kind.cell(value, form)

    return cell


def _name(name: ListValue) -> Cell:
    """Return the name of a contact; nothing for a hidden one, lest a file bring that word back."""
    return name if isinstance(name, str) else None


def is_moment(value: object) -> bool:
    """Return whether a value has a time of day."""
    return isinstance(value, datetime)
