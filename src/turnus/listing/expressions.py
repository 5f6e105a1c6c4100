"""Where the value of a field path lies in the database, to filter, sort and read by.

`folded` and `comparable` are bare values, for filters, which put the condition of `Place.seen`
beside them; whatever is shown, sorted or split by is `sortable` or `part_of`, which have no value
where the person may not see it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Exists,
    Expression,
    F,
    Model,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.core.fields import KINDS, LINK_KINDS, TEXT_KINDS
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog
from turnus.fields.field import Field
from turnus.fields.queries import records_of
from turnus.fields.values import column_of
from turnus.kit.json_columns import JsonValue, json_integer, json_text
from turnus.listing.figures import figure_of
from turnus.listing.links import value_seen, where_seen

#: Columns that hold the company's day of a moment beside it.
_DAY_COLUMNS = {"won_at": "won_on", "lost_at": "lost_on"}
_LINKS = ("person", "organization", "owner", "stage")


#: What rows can be sorted by.
SortKey = Expression | F | Subquery


@dataclass(frozen=True, slots=True)
class Place:
    """A field path taken apart, for one person: `prefix` follows the link, or is empty."""

    field: Field
    prefix: str
    viewer: User
    #: The day for which a figure is worked out that no column holds; None where none is compared.
    on: date | None = None

    @property
    def is_linked(self) -> bool:
        """Whether the field belongs to another record."""
        return bool(self.prefix)

    @property
    def seen(self) -> Q:
        """The condition that the person may see the value; empty where nothing has to be asked."""
        return value_seen(self.field, self.prefix, self.viewer)


def place_of(
    path: str, catalog: Catalog, *, viewer: User, on: date | None = None
) -> Place:
    """Return where the field at `path` lies for `viewer`; `on`: the day for which it is asked."""
    link, dot, _key = path.partition(".")
    is_linked = dot and link in _LINKS
    prefix = f"{link}__" if is_linked else ""
    return Place(catalog[path], prefix, viewer, on)


def folded(place: Place) -> Combinable:
    """Return the folded text of a text field: a column of its own, or a cell of `folded`."""
    field = place.field
    if field.key in {"title", "name"} and place.prefix != "owner__":
        return F(f"{place.prefix}{field.key}_folded")
    if place.prefix == "owner__":
        return F(f"owner__{field.column}")
    key = field.storage_key if field.is_custom else field.column
    return json_text(f"{place.prefix}folded", key)


def comparable(place: Place) -> Combinable:
    """Return what numbers, days and choices are compared by; a moment's day column if any."""
    field = place.field
    if field.is_custom:
        read = json_integer if KINDS[field.kind].is_integer else json_text
        return read(f"{place.prefix}custom", field.storage_key)
    figure = figure_of(field.record, field.key)
    if figure is not None and place.on is not None:
        return figure.expression(place.on)
    compute = _COMPUTED.get(field.key)
    if compute is not None:
        return compute(place)
    return F(f"{place.prefix}{column_of(field)}")


def day_column(place: Place) -> str | None:
    """Return the column with the company's day of a won or lost time, None for other fields."""
    return None if place.is_linked else _DAY_COLUMNS.get(place.field.key)


def may_be_missing(expression: Combinable, model: type[Model]) -> bool:
    """Return whether `expression` may be NULL: always, unless it is a column that cannot be."""
    if not isinstance(expression, F):
        return True
    name: str = expression.name  # type: ignore[attr-defined]  # Django has it, the stubs not
    if not name or "__" in name:
        return True
    column = model._meta.get_field(name)  # noqa: SLF001 (Django documents it)
    return bool(column.null)


def part_of(place: Place) -> Combinable:
    """Return what a report is split by: the value, none where the person may not see it."""
    shown: Combinable = where_seen(place.seen, comparable(place))
    return shown


def sortable(place: Place) -> SortKey:
    """Return what a list is sorted by: what the person may not see stands with what is empty."""
    shown = where_seen(place.seen, _in_order(place))
    return cast("SortKey", shown)


def _in_order(place: Place) -> Combinable:
    field = place.field
    if field.kind in TEXT_KINDS:
        return folded(place)
    if field.is_custom:
        is_link = field.kind in LINK_KINDS
        return _name_of_contact(place) if is_link else comparable(place)
    order_column = KINDS[field.kind].order_column
    if order_column:
        return F(f"{place.prefix}{field.column}__{order_column}")
    return comparable(place)


def _name_of_contact(place: Place) -> Combinable:
    """Return the folded name of the contact that a custom field holds."""
    contact_id = JsonValue(
        OuterRef(f"{place.prefix}custom"),
        place.field.storage_key,
        output_field=BigIntegerField(),
    )
    contact = records_of(place.field.kind).filter(pk=contact_id)
    return Subquery(contact.values("name_folded")[:1])


def closed_at(_place: Place) -> Combinable:
    """Return the moment at which a deal was won or lost."""
    return Coalesce(F("won_at"), F("lost_at"))


def weighted(_place: Place) -> Combinable:
    """Return a deal's value times its weight (`core.deals.weight_of`), in ten-thousandths."""
    weight = Case(
        When(status="won", then=Value(100)),
        When(status="lost", then=Value(0)),
        When(probability__isnull=False, then=F("probability")),
        default=F("stage__probability"),
        output_field=BigIntegerField(),
    )
    return F("value_e4") * weight / Value(100)


def first_or_repeat(place: Place) -> Combinable:
    """Return `repeat` for a won deal whose contact won a visible earlier one, else `first`.

    The contact is the organization, or without one the person; deals in the trash do not count.
    Deals of a contact that the person may not see are each the first: otherwise they would show
    that they are of one contact.
    """
    viewer = place.viewer
    won_on = OuterRef("won_on")
    is_earlier = Q(won_on__lt=won_on) | Q(won_on=won_on, pk__lt=OuterRef("pk"))
    seen = records_of(RecordKind.DEAL).present().visible_to(viewer)
    won_earlier = seen.filter(is_earlier, status="won")

    of_organization = won_earlier.filter(organization=OuterRef("organization"))
    has_organization = Q(organization__isnull=False)
    organization_seen = (
        visible(viewer, through="organization__") & has_organization
    )
    organization_repeats = organization_seen & Q(Exists(of_organization))

    without_organization = Q(organization__isnull=True)
    of_person = won_earlier.filter(
        without_organization, person=OuterRef("person")
    )
    person_seen = visible(viewer, through="person__") & without_organization
    person_repeats = person_seen & Q(Exists(of_person))

    return Case(
        When(organization_repeats, then=Value("repeat")),
        When(person_repeats, then=Value("repeat")),
        default=Value("first"),
        output_field=CharField(),
    )


#: Fields of deals that no column holds.
_COMPUTED: Mapping[str, Callable[[Place], Combinable]] = {
    "closed_at": closed_at,
    "weighted_value": weighted,
    "sequence": first_or_repeat,
}
