"""A filter tree as a query: the same meaning as `core.filters.matching`, on both databases."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias, cast

from django.db.models import F, Lookup, Q, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower
from django.db.models.lookups import (
    Contains,
    EndsWith,
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
    StartsWith,
)

from turnus.accounts.viewer import Viewer
from turnus.core.calendar import start_of_day
from turnus.core.fields import KINDS, LINK_KINDS, Comparison, Operator
from turnus.core.filters import (
    AnyOf,
    Between,
    Condition,
    Node,
    Not,
    gone_fields,
)
from turnus.core.filters.matching import (
    NEGATIVE,
    SettledValue,
    fits,
    is_unfinished,
    settled,
)
from turnus.core.folding import fold
from turnus.fields.catalog import Catalog
from turnus.fields.queries import former_name
from turnus.kit.errors import UserError
from turnus.kit.json_columns import json_list_has
from turnus.listing.expressions import (
    Place,
    comparable,
    day_column,
    folded,
    place_of,
)
from turnus.listing.links import is_to_contact

O = Operator  # noqa: E741 (tables below read better with one letter)

LookupClass: TypeAlias = "type[Lookup[object]]"
#: What a column is compared with: a stored value, or the day or moment that it stands for.
Edge = str | int | date

_COMPARISONS: Mapping[Operator, LookupClass] = {
    O.LESS_THAN: LessThan,
    O.BEFORE: LessThan,
    O.AT_MOST: LessThanOrEqual,
    O.ON_OR_BEFORE: LessThanOrEqual,
    O.MORE_THAN: GreaterThan,
    O.AFTER: GreaterThan,
    O.AT_LEAST: GreaterThanOrEqual,
    O.ON_OR_AFTER: GreaterThanOrEqual,
}


def compile_filter(node: Node, catalog: Catalog, viewer: Viewer) -> Q:
    """Return the condition that selects what `matches` would, of values that `viewer` may see.

    A field of a contact that the person may not see, and a link to one, are empty.

    Refuses with `filter.field_gone` a filter that names a field which does not exist any more:
    without that condition more records would pass than the person who saved it meant.
    """
    refuse_gone_fields(node, catalog)
    return _Compiler(catalog, viewer).compiled(node)


def refuse_gone_fields(node: Node, catalog: Catalog) -> None:
    """Refuse with `filter.field_gone` a filter that names a field which does not exist."""
    for path in gone_fields(node, catalog.by_path):
        raise UserError("filter.field_gone", field=former_name(path))


@dataclass(frozen=True, slots=True)
class _Compiler:
    """A compiler of one person's filters into conditions."""

    catalog: Catalog
    viewer: Viewer

    def compiled(self, node: Node) -> Q:
        if isinstance(node, Not):
            return ~_true(self.compiled(node.part))
        if isinstance(node, Condition):
            return self._condition(node)
        parts = [self.compiled(part) for part in node.parts]
        joined = Q()
        if not isinstance(node, AnyOf):
            for part in parts:
                joined &= part
            return joined
        if not all(parts):
            return Q()  # one part holds for every record
        for part in parts:
            joined |= part
        return joined

    def _condition(self, condition: Condition) -> Q:
        if is_unfinished(condition):
            return Q()
        if not fits(condition, self.catalog[condition.field].kind):
            raise UserError(
                "filter.broken",
                place=condition.field,
                expected=str(condition.operator),
            )
        positive = NEGATIVE.get(condition.operator)
        if positive:
            # Every positive condition below is false, never unknown, where the field is empty: so
            # denying it is safe.
            return ~self._condition(
                Condition(condition.field, positive, condition.value)
            )
        place = place_of(
            condition.field,
            self.catalog,
            viewer=self.viewer.user,
            on=self.viewer.on,
        )
        return _where_seen(place, self._holds(place, condition))

    def _holds(self, place: Place, condition: Condition) -> Q:
        comparison = SQL[KINDS[place.field.kind].comparison]
        if condition.operator is O.IS_NOT_EMPTY:
            return comparison.is_present(place)
        value = settled(condition.value, self.viewer)
        return comparison.holds(place, condition.operator, value, self.viewer)


def _true(condition: Q) -> Q:
    """Return `condition`, where one that holds for every record must be denied as such."""
    return condition or Q(pk__isnull=False)


def _where_seen(place: Place, condition: Q) -> Q:
    """Let a condition hold only for visible values; over an empty link it is false, not unknown."""
    if not is_to_contact(place.prefix):
        return condition & _known_link(place)
    link = place.prefix.removesuffix("__")
    return condition & Q(**{f"{link}__isnull": False}) & _known_link(place)


def _known_link(place: Place) -> Q:
    """Return the condition that the linked record is visible: false, not unknown, without one."""
    if not place.seen:
        return Q()
    if place.field.kind not in LINK_KINDS or place.field.is_custom:
        return place.seen
    return place.seen & Q(
        **{f"{place.prefix}{place.field.column}__isnull": False}
    )


def _known(expression: Combinable) -> Q:
    return Q(IsNull(expression, False))


def _is_known(place: Place) -> Q:
    return _known(comparable(place))


def _has_text(place: Place) -> Q:
    return _known(folded(place)) & ~Q(Exact(folded(place), Value("")))


def _has_choices(place: Place) -> Q:
    if place.field.is_custom:
        return Q(**{f"{place.prefix}custom__has_key": place.field.storage_key})
    return ~Q(**{f"{place.prefix}labels": []})


def _holds_choices(
    place: Place, operator: Operator, value: SettledValue, _viewer: Viewer
) -> Q:
    choices = value if isinstance(value, tuple) else (value,)
    # `fits` lets only ids pass.
    wanted = cast("list[int]", list(choices))
    column = f"{place.prefix}labels"
    key = None
    if place.field.is_custom:
        column = f"{place.prefix}custom"
        key = place.field.storage_key
    if operator is not O.IS_ALL_OF:
        return json_list_has(column, key, wanted)
    every = Q()
    for choice in wanted:
        every &= json_list_has(column, key, [choice])
    return every


def _holds_text(
    place: Place, operator: Operator, value: SettledValue, _viewer: Viewer
) -> Q:
    column = (
        Lower(folded(place)) if place.prefix == "owner__" else folded(place)
    )
    present = _known(column)
    if isinstance(value, tuple):
        texts = [fold(str(text)) for text in value]
        return present & Q(In(column, texts))
    return present & Q(_TEXT[operator](column, fold(str(value))))


def _is_text(column: Combinable, text: str) -> "Exact[str]":
    return Exact(column, Value(text, output_field=TextField()))


# SQLite's LIKE knows no case; folded texts have none, so that is no matter here.
_TEXT: Mapping[Operator, "Callable[[Combinable, str], Lookup[str]]"] = {
    O.IS: _is_text,
    O.IS_ANY_OF: _is_text,
    O.CONTAINS: Contains,
    O.STARTS_WITH: StartsWith,
    O.ENDS_WITH: EndsWith,
}


def _holds_plainly(
    place: Place, operator: Operator, value: SettledValue, _viewer: Viewer
) -> Q:
    column = comparable(place)
    if isinstance(value, Between):
        return _between(column, value.start, value.end)
    if isinstance(value, tuple):
        return _is_any(column, value)
    return _compared(column, operator, value)


def _between(column: Combinable, first: Edge, last: Edge) -> Q:
    """Return the condition that a column lies from `first` to `last`, both included."""
    is_after_start = Q(GreaterThanOrEqual(column, first))
    is_before_end = Q(LessThanOrEqual(column, last))
    return _known(column) & is_after_start & is_before_end


def _is_any(column: Combinable, wanted: Iterable[Edge]) -> Q:
    return _known(column) & Q(In(column, list(wanted)))


def _compared(column: Combinable, operator: Operator, edge: Edge | None) -> Q:
    lookup = _COMPARISONS.get(operator, Exact)
    return _known(column) & Q(lookup(column, edge))


def _holds_moment(
    place: Place, operator: Operator, value: SettledValue, viewer: Viewer
) -> Q:
    """Compare moments by their day: by the day column if there is one, else by its bounds."""
    if column := day_column(place):
        return _holds_day(F(column), operator, value)
    moment = comparable(place)
    if isinstance(value, tuple):
        joined = Q()
        for written in value:
            joined |= _within(moment, _day(written), _day(written), viewer)
        return joined
    if isinstance(value, Between):
        return _within(moment, _day(value.start), _day(value.end), viewer)
    day = _day(value)
    if operator in {O.IS, O.IN_PERIOD}:
        return _within(moment, day, day, viewer)
    start, after = _bounds(day, viewer)
    edges: Mapping[Operator, tuple[LookupClass, datetime]] = {
        O.BEFORE: (LessThan, start),
        O.ON_OR_BEFORE: (LessThan, after),
        O.AFTER: (GreaterThanOrEqual, after),
    }
    lookup, edge = edges.get(operator, (GreaterThanOrEqual, start))
    return _known(moment) & Q(lookup(moment, edge))


def _holds_day(
    column: Combinable, operator: Operator, value: SettledValue
) -> Q:
    if isinstance(value, Between):
        return _between(column, _day(value.start), _day(value.end))
    if isinstance(value, tuple):
        return _is_any(column, map(_day, value))
    return _compared(column, operator, _day(value))


def _day(written: str | int | None) -> date:
    return date.fromisoformat(str(written)[:10])


def _within(moment: Combinable, first: date, last: date, viewer: Viewer) -> Q:
    """Return the condition that a moment lies on one of the days from `first` to `last`."""
    start, _ = _bounds(first, viewer)
    _, after = _bounds(last, viewer)
    is_after_start = Q(GreaterThanOrEqual(moment, start))
    is_before_end = Q(LessThan(moment, after))
    return _known(moment) & is_after_start & is_before_end


def _bounds(day: date, viewer: Viewer) -> tuple[datetime, datetime]:
    """Return the moments at which a day and the day after it begin."""
    start = start_of_day(day, viewer.zone)
    return start, start_of_day(day + timedelta(days=1), viewer.zone)


@dataclass(frozen=True, slots=True)
class SqlComparison:
    """How one way to compare is said in SQL."""

    is_present: Callable[[Place], Q]
    #: Whether a present value meets a positive condition: operator, settled value, who asks.
    holds: Callable[[Place, Operator, SettledValue, Viewer], Q]


_PLAINLY = SqlComparison(_is_known, _holds_plainly)
#: Every way to compare in SQL, with the same meaning as `core.filters.matching`.
SQL: Mapping[Comparison, SqlComparison] = {
    Comparison.TEXT: SqlComparison(_has_text, _holds_text),
    Comparison.NUMBER: _PLAINLY,
    Comparison.DAY: _PLAINLY,
    Comparison.MOMENT: SqlComparison(_is_known, _holds_moment),
    Comparison.TIME: _PLAINLY,
    Comparison.CHOICE: _PLAINLY,
    Comparison.CHOICES: SqlComparison(_has_choices, _holds_choices),
    Comparison.LINK: _PLAINLY,
}
