"""Deals by day: won by won time, lost by lost time, open by expected close date; one grouped query, converted by day."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import CharField, Count, QuerySet, Sum, Value

from turnus.accounts.viewer import Viewer
from turnus.core.calendar import period_start, periods_in
from turnus.core.fields import FieldKind
from turnus.core.money import Rates
from turnus.fields.catalog import Catalog
from turnus.fields.choices import choices_of
from turnus.listing.compiling import compile_filter
from turnus.listing.expressions import part_of, place_of
from turnus.reports.report import Figure, Line, Params, Report, Segment
from turnus.sales.models import Deal


class ReportKind(StrEnum):
    """Which deals a report counts, and by which day."""

    WON = "won"
    LOST = "lost"
    OPEN = "open"


#: Report -> (status, day column, field path of that day).
BASIS: Mapping[ReportKind, tuple[str, str, str]] = {
    ReportKind.WON: ("won", "won_on", "won_at"),
    ReportKind.LOST: ("lost", "lost_on", "lost_at"),
    ReportKind.OPEN: ("open", "expected_close_on", "expected_close_on"),
}
_SEGMENT_KINDS = frozenset(
    {
        FieldKind.OPTION,
        FieldKind.USER,
        FieldKind.STAGE,
        FieldKind.PIPELINE,
        FieldKind.TEAM,
        FieldKind.SEQUENCE,
    }
)


def segment_paths(catalog: Catalog) -> list[str]:
    """Return the field paths that a report can be split by."""
    own = [field.key for field in catalog.own if field.kind in _SEGMENT_KINDS]
    return [*own, "owner.team"]


def deals_over_time(
    kind: ReportKind, params: Params, catalog: Catalog, *, viewer: Viewer, rates: Rates
) -> Report:
    """Return count and value of deals by period and segment; two queries (one more for the names of choices).

    Values are converted by the rate of each deal's day, of open deals by today's; without one, deals are counted in `without_rate` only.
    Open deals are all those that are open now: what lies outside the days, or has no day, is in `beyond`.
    """
    status, day, _path = BASIS[kind]
    is_open = kind is ReportKind.OPEN
    deals = _deals(status, day, params, catalog, viewer, is_whole=is_open)
    grouped = _grouped(deals, day, params.segment, catalog, viewer)
    cells: dict[tuple[date, Any], Figure] = defaultdict(Figure)
    without: dict[str, Figure] = defaultdict(Figure)
    outside: dict[Any, Figure] = defaultdict(Figure)
    for on, key, currency, count, value in grouped:
        converted = rates.convert(value, currency, viewer.on if is_open else on)
        if converted is None:
            without[currency] += Figure(count, value)
        elif on in params.days:
            cells[period_start(on, params.period), key] += Figure(count, converted)
        else:
            outside[key] += Figure(count, converted)
    segments = _segments(
        {key for _, key in cells} | outside.keys(), params.segment, catalog, viewer.language
    )
    lines = tuple(
        Line(start, tuple(cells.get((start, one.key), Figure()) for one in segments))
        for start in periods_in(params.days, params.period)
    )
    beyond = tuple(outside[one.key] for one in segments) if outside else ()
    return Report(params, rates.base, segments, lines, dict(without), beyond)


def _deals(
    status: str, day: str, params: Params, catalog: Catalog, viewer: Viewer, *, is_whole: bool
) -> QuerySet[Deal]:
    """Return the deals of a report; `is_whole`: whatever their day."""
    condition = compile_filter(params.tree, catalog, viewer)
    seen = Deal.objects.present().visible_to(viewer.user).filter(condition, status=status)
    if is_whole:
        return seen.order_by()
    return seen.filter(
        **{f"{day}__gte": params.days.start, f"{day}__lt": params.days.end}
    ).order_by()


def _grouped(
    deals: QuerySet[Deal], day: str, segment: str, catalog: Catalog, viewer: Viewer
) -> Any:
    figures = {"number": Count("id"), "total": Sum("value_e4")}
    if segment in catalog:
        deals = deals.annotate(part=part_of(place_of(segment, catalog, viewer=viewer.user)))
    else:
        deals = deals.annotate(part=Value("", output_field=CharField()))
    return (
        deals.values_list(day, "part", "currency")
        .annotate(**figures)
        .values_list(day, "part", "currency", "number", "total")
    )


def _segments(keys: set[Any], segment: str, catalog: Catalog, language: str) -> tuple[Segment, ...]:
    """Return the segments that occur, named, in the order of the choices; those without a value last."""
    if segment not in catalog:
        return (Segment("", ""),)
    choices = choices_of(catalog[segment], language)
    order = [key for key, _ in choices.items()] if choices else []
    named = [Segment(key, choices.name(key)) for key in order if key in keys] if choices else []
    rest = sorted((key for key in keys if key not in order and key is not None), key=str)
    return (
        *named,
        *(Segment(key, f"#{key}") for key in rest),
        *([Segment(None, "")] if None in keys or not keys else []),
    )
