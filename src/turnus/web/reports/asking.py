"""What a report's address asks for."""

from dataclasses import dataclass
from datetime import date

from django.http import Http404, QueryDict
from django.utils.dateparse import parse_date

from turnus.accounts.queries import rates
from turnus.accounts.viewer import Viewer
from turnus.core.calendar import DateRange, Period
from turnus.core.filters import EVERYTHING
from turnus.fields.catalog import Catalog, catalog
from turnus.kit.days import reckonable
from turnus.kit.errors import UserError
from turnus.listing.models import SavedFilter
from turnus.listing.queries import filter_chosen, filters_for
from turnus.listing.trees import tree_in
from turnus.reports.asking import (
    refuse_too_many_lines,
    report_currency,
    report_days,
)
from turnus.reports.catalog import REPORTS
from turnus.reports.definition import AnyDefinition, Parameter
from turnus.reports.shape import Basis, Measure, Params
from turnus.web.gate import SignedInRequest
from turnus.web.viewer import viewer_of

PERIODS = (Period.DAY, Period.MONTH, Period.QUARTER, Period.YEAR)


@dataclass(frozen=True, slots=True)
class AskedReport:
    """A report as an address asks for it, and what it is computed from."""

    definition: AnyDefinition
    params: Params
    fields: Catalog
    filters: list[SavedFilter]
    saved: SavedFilter | None
    viewer: Viewer
    #: Of the type that the definition makes and takes.
    source: object


def asked_report(request: SignedInRequest, name: str) -> AskedReport:
    """Return what the address asks for; refuses what the report cannot show."""
    definition = REPORTS.get(name)
    if definition is None:
        raise Http404
    fields = catalog(definition.record_kind)
    filters = list(filters_for(request.user, definition.record_kind))
    saved = filter_chosen(filters, request.GET.get("filter", ""))
    params = _params(request, definition, fields, saved)
    viewer = viewer_of(request, known_on=params.known_on)
    source = definition.source(viewer, params, fields, rates=rates())
    return AskedReport(
        definition, params, fields, filters, saved, viewer, source
    )


def _params(
    request: SignedInRequest,
    definition: AnyDefinition,
    fields: Catalog,
    saved: SavedFilter | None,
) -> Params:
    query = request.GET
    known_on = None
    currency = request.company.currency
    if definition.takes(Parameter.CURRENCY):
        currency = report_currency(query.get("currency", ""), currency)
    if definition.takes(Parameter.KNOWN_ON):
        known_on = asked_day(query.get("known"))
    split = query.get("split", "")
    period = _period(query)
    return Params(
        days=_days(request, definition, period, known_on),
        period=period,
        split=split if split in definition.splits(fields) else "",
        tree=tree_in(saved.tree) if saved else EVERYTHING,
        currency=currency,
        basis=_basis(query),
        known_on=known_on,
        measure=_measure(query),
    )


def asked_day(text: str | None) -> date | None:
    """Return the day that a text names, None for an empty one; refuses anything else."""
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:  # a day that the calendar does not have
        day = None
    if day is None:
        raise UserError("day.invalid", day=text)
    return reckonable(day)


def _days(
    request: SignedInRequest,
    definition: AnyDefinition,
    period: Period,
    known_on: date | None,
) -> DateRange:
    """Return the days that the report is asked for; refuses days that it cannot show."""
    first = asked_day(request.GET.get("from"))
    last = asked_day(request.GET.get("until"))
    days = report_days(
        definition, first=first, last=last, on=request.on, known_on=known_on
    )
    refuse_too_many_lines(days, period)
    return days


def _period(query: QueryDict) -> Period:
    asked = query.get("by")
    return next(
        (period for period in PERIODS if str(period) == asked), Period.MONTH
    )


def _basis(query: QueryDict) -> Basis:
    asked = query.get("rates")
    return next(
        (basis for basis in Basis if str(basis) == asked), Basis.BOOKING
    )


def _measure(query: QueryDict) -> Measure:
    asked = query.get("measure")
    return next(
        (measure for measure in Measure if str(measure) == asked),
        Measure.REVENUE,
    )
