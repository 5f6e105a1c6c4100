"""A filter tree as a query: the same meaning as `core.filters.matching`, on both databases."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q, TextField, Value
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
from turnus.core.filters import AnyOf, Between, Condition, Node, Not, gone_fields
from turnus.core.filters.matching import NEGATIVE, fits, is_unfinished, settled
from turnus.core.folding import fold
from turnus.fields.catalog import Catalog
from turnus.fields.queries import former_name
from turnus.kit.errors import UserError
from turnus.kit.sql import json_list_has
from turnus.listing.expressions import Place, comparable, day_column, folded, place_of
from turnus.listing.links import is_to_contact

O = Operator  # noqa: E741 (tables below read better with one letter)

_COMPARISONS: Mapping[Operator, Any] = {
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
    """Turns the filters of one person into conditions."""

    catalog: Catalog
    viewer: Viewer

    def compiled(self, node: Node) -> Q:
        if isinstance(node, Not):
            return ~_true(self.compiled(node.part))
        if isinstance(node, Condition):
            return self._condition(node)
        parts = [self.compiled(part) for part in node.parts]
        if isinstance(node, AnyOf) and parts and not all(parts):
            return Q()  # one part holds for every record
        joined = Q()
        for part in parts:
            joined = joined | part if isinstance(node, AnyOf) else joined & part
        return joined

    def _condition(self, condition: Condition) -> Q:
        if is_unfinished(condition):
            return Q()
        if not fits(condition, self.catalog[condition.field].kind):
            raise UserError(
                "filter.broken", place=condition.field, expected=str(condition.operator)
            )
        positive = NEGATIVE.get(condition.operator)
        if positive:
            # Every positive condition below is false, never unknown, where the field is empty: so
            # denying it is safe.
            return ~self._condition(
                Condition(condition.field, positive, condition.value)
            )
        place = place_of(
            condition.field, self.catalog, viewer=self.viewer.user, on=self.viewer.on
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
    return place.seen & Q(**{f"{place.prefix}{place.field.column}__isnull": False})


def _known(expression: Any) -> Q:
    return Q(IsNull(expression, False))


def _is_known(place: Place) -> Q:
    return _known(comparable(place))


def _has_text(place: Place) -> Q:
    return _known(folded(place)) & ~Q(Exact(folded(place), Value("")))


def _has_choices(place: Place) -> Q:
    if place.field.is_custom:
        return Q(**{f"{place.prefix}custom__has_key": place.field.storage_key})
    return ~Q(**{f"{place.prefix}labels": []})


def _holds_choices(place: Place, operator: Operator, value: Any, _viewer: Viewer) -> Q:
    wanted = list(value) if isinstance(value, tuple) else [value]
    column = (
        f"{place.prefix}custom" if place.field.is_custom else f"{place.prefix}labels"
    )
    key = place.field.storage_key if place.field.is_custom else None
    if operator is not O.IS_ALL_OF:
        return json_list_has(column, key, wanted)
    held = Q()
    for one in wanted:
        held &= json_list_has(column, key, [one])
    return held


def _holds_text(place: Place, operator: Operator, value: Any, _viewer: Viewer) -> Q:
    column = Lower(folded(place)) if place.prefix == "owner__" else folded(place)
    present = _known(column)
    if isinstance(value, tuple):
        return present & Q(In(column, [fold(str(one)) for one in value]))
    return present & Q(_TEXT[operator](column, fold(str(value))))


# SQLite's LIKE knows no case; folded texts have none, so that is no matter here.
_TEXT: Mapping[Operator, Callable[[Any, str], Any]] = {
    O.IS: lambda column, text: Exact(column, Value(text, output_field=TextField())),
    O.IS_ANY_OF: lambda column, text: Exact(
        column, Value(text, output_field=TextField())
    ),
    O.CONTAINS: Contains,
    O.STARTS_WITH: StartsWith,
    O.ENDS_WITH: EndsWith,
}


def _holds_plainly(place: Place, operator: Operator, value: Any, _viewer: Viewer) -> Q:
    return _plain(comparable(place), operator, value)


def _plain(column: Any, operator: Operator, value: Any) -> Q:
    known = _known(column)
    if isinstance(value, Between):
        return (
            known
            & Q(GreaterThanOrEqual(column, value.start))
            & Q(LessThanOrEqual(column, value.end))
        )
    if isinstance(value, tuple):
        return known & Q(In(column, list(value)))
    lookup = _COMPARISONS.get(operator, Exact)
    return known & Q(lookup(column, value))


def _holds_moment(place: Place, operator: Operator, value: Any, viewer: Viewer) -> Q:
    """Compare moments by their day: by the day column if there is one, else by its bounds."""
    if column := day_column(place):
        return _plain(F(column), operator, _days(value))
    moment = comparable(place)
    if isinstance(value, tuple):
        joined = Q()
        for one in value:
            joined |= _within(moment, one, one, viewer)
        return joined
    if isinstance(value, Between):
        return _within(moment, value.start, value.end, viewer)
    if operator in {O.IS, O.IN_PERIOD}:
        return _within(moment, value, value, viewer)
    start, after = _bounds(value, viewer)
    edges = {
        O.BEFORE: (LessThan, start),
        O.ON_OR_BEFORE: (LessThan, after),
        O.AFTER: (GreaterThanOrEqual, after),
    }
    lookup, edge = edges.get(operator, (GreaterThanOrEqual, start))
    return _known(moment) & Q(lookup(moment, edge))


def _days(value: Any) -> Any:
    if isinstance(value, Between):
        return Between(_day(value.start), _day(value.end))  # type: ignore[arg-type]  # days instead of their text
    return tuple(map(_day, value)) if isinstance(value, tuple) else _day(value)


def _day(text: Any) -> date:
    return date.fromisoformat(str(text)[:10])


def _within(moment: Any, first: Any, last: Any, viewer: Viewer) -> Q:
    start, _ = _bounds(first, viewer)
    _, after = _bounds(last, viewer)
    return (
        _known(moment)
        & Q(GreaterThanOrEqual(moment, start))
        & Q(LessThan(moment, after))
    )


def _bounds(day: Any, viewer: Viewer) -> tuple[Any, Any]:
    start = _day(day)
    return start_of_day(start, viewer.zone), start_of_day(
        start + timedelta(days=1), viewer.zone
    )


@dataclass(frozen=True, slots=True)
class SqlComparison:
    """How one way to compare is said in SQL."""

    is_present: Callable[[Place], Q]
    #: Whether a present value meets a positive condition: operator, settled value, who asks.
    holds: Callable[[Place, Operator, Any, Viewer], Q]


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
