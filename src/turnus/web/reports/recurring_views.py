"""Reports of recurring revenue: toolbar, cards, chart, table; each figure opens what it is made of; both as files."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from turnus.accounts.access import Permission, require
from turnus.accounts.queries import currency_codes, rates
from turnus.core.filters import EVERYTHING
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog, catalog
from turnus.listing.models import SavedFilter
from turnus.listing.queries import filter_chosen, filters_for
from turnus.listing.trees import tree_in
from turnus.reports.asking import report_currency
from turnus.reports.catalog import REPORTS, line_before, opened
from turnus.reports.recurring.part_names import named
from turnus.reports.recurring.source import Source, split_paths
from turnus.reports.shape import (
    Basis,
    Group,
    Measure,
    Parts,
    RevenueParams,
    RevenueReport,
    Unit,
)
from turnus.reports.words import (
    BASES,
    MEASURES,
    NAMES,
    PARTS,
    cell_text,
    cell_value,
    group_heading,
    heading,
    line_name,
    part_name,
    rule_of,
)
from turnus.sheets.writing import writer
from turnus.web.charts import chart_of
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.reports.asking import asked_day, asked_days, asked_period, period_choices
from turnus.web.reports.stats import revenue_stats
from turnus.web.viewer import viewer_of

#: Parts shown on a page, and of each group where there are more than a few; a file has all of them.
_SHOWN, _FEW, _SHOWN_OF_MANY = 500, 2, 50
#: What of an address only says which figure is opened, or how.
_OF_FIGURE = frozenset({"figure", "at", "part", "file"})


def recurring_page(request: SignedInRequest, name: str) -> HttpResponse:
    source, saved = _source(request, name)
    report, language = REPORTS[name].report(source), language_of(request)
    if request.GET.get("file") in {"xlsx", "csv"}:
        return _report_file(request, report, source, language)
    context = {
        "name": name,
        "report": report,
        "split": source.fields.name(source.params.split, language) if report.is_split else "",
        "entry": REPORTS[name],
        "headings": [heading(one) for one in report.columns],
        "lines": _lines(request, report, language),
        "stats": revenue_stats(report, line_before(name, source, report), language),
        "chart": chart_of(report, language),
        "files": request.GET.urlencode(),
        **_choices(request, source, saved),
        "names": [(key, word, key == name) for key, word in NAMES.items()],
        "is_heated": name == "cohorts",
        "is_withheld_by_line": any(line.without for line in report.lines),
    }
    return render(request, "reports/recurring.html", context)


@require_GET
def report_parts(request: SignedInRequest, name: str) -> HttpResponse:
    if name not in REPORTS:
        raise Http404
    source, _saved = _source(request, name)
    report, language = REPORTS[name].report(source), language_of(request)
    first = next((one.code for one in report.columns if one.has_parts), "")
    start = asked_day(request.GET.get("at")) or (
        report.lines[-1].days.start if report.lines else source.as_of
    )
    code, part = request.GET.get("figure") or first, request.GET.get("part")
    found = opened(name, source, report, code=code, start=start, part=part)
    if found is None:
        return render(
            request,
            "reports/parts.html",
            {"name": name, "title": NAMES[name], "back": _back(request)},
        )
    if request.GET.get("file") in {"xlsx", "csv"}:
        return _parts_file(request, found, source, language)
    line = found.line
    context = {
        "name": name,
        "title": NAMES[name],
        "back": _back(request),
        "found": found,
        "heading": heading(found.column),
        "shown": cell_text(found.cell, found.column.unit, language),
        "rule": rule_of(found, language),
        "part": part_name(line) if line.part is not None else "",
        "first": line.days.start,
        "last": min(line.days.last_day, max(source.as_of, line.days.start)),
        "files": request.GET.urlencode(),
        "groups": [_group(found, one, source, language) for one in found.groups],
    }
    return render(request, "reports/parts.html", context)


def _group(found: Parts, group: Group, source: Source, language: str) -> dict[str, Any]:
    """Return a group for the template; of many groups only the first few parts each."""
    rows = named(
        group, source.viewer, limit=_SHOWN if len(found.groups) <= _FEW else _SHOWN_OF_MANY
    )
    is_bare = not any(one.subscription or one.deal for one in group.parts)
    return {
        "is_bare": is_bare,
        "width": 3 if is_bare else 6,
        "heading": group_heading(found, group, language),
        "is_count": group.unit is Unit.COUNT,
        "shown": group.shown,
        "rows": [(one, PARTS.get(one.what, "")) for one in rows],
        "count": len(group.parts),
        "more": len(group.parts) - len(rows),
        "difference": group.rounding_difference,
    }


def _source(request: SignedInRequest, name: str) -> tuple[Source, SavedFilter | None]:
    given, fields = request.GET, catalog(RecordKind.SUBSCRIPTION)
    saved = filter_chosen(
        filters_for(request.user, RecordKind.SUBSCRIPTION), given.get("filter", "")
    )
    currency = report_currency(given.get("currency", ""), request.company.currency)
    known_on = asked_day(given.get("known"))
    params = RevenueParams(
        asked_days(request, name, known_on),
        asked_period(request),
        given.get("split", "") if given.get("split") in split_paths(fields) else "",
        tree_in(saved.tree) if saved else EVERYTHING,
        currency,
        next((one for one in Basis if str(one) == given.get("rates")), Basis.BOOKING),
        known_on,
        next((one for one in Measure if str(one) == given.get("measure")), Measure.REVENUE),
    )
    viewer = viewer_of(request, known_on=params.known_on)
    return Source(viewer, params, fields, rates=rates()), saved


def _choices(request: SignedInRequest, source: Source, saved: SavedFilter | None) -> dict[str, Any]:
    params = source.params
    filters = filters_for(request.user, RecordKind.SUBSCRIPTION)
    codes = sorted({*currency_codes(), source.currency})
    return {
        "first": params.days.start,
        "last": params.days.last_day,
        "known": params.known_on,
        "periods": period_choices(params.period),
        "splits": _splits(source.fields, params.split, source.viewer.language),
        "filters": [(one, saved == one) for one in filters],
        "currencies": [(code, code == source.currency) for code in codes],
        "bases": [(str(one), word, one is params.basis) for one, word in BASES.items()],
        "measures": [(str(one), word, one is params.measure) for one, word in MEASURES.items()],
    }


def _splits(fields: Catalog, chosen: str, language: str) -> list[tuple[str, str, bool]]:
    choices = [
        ("", _("no split")),
        *((path, fields.name(path, language)) for path in split_paths(fields)),
    ]
    return [(path, name, path == chosen) for path, name in choices]


def _lines(request: SignedInRequest, report: RevenueReport, language: str) -> list[dict[str, Any]]:
    asked = {key: value for key, value in request.GET.items() if key not in _OF_FIGURE}
    lines = []
    for line in report.lines:
        cells = []
        of_part = {} if line.part is None else {"part": line.part}
        for column, cell in zip(report.columns, line.cells, strict=True):
            opens = column.has_parts and (
                cell_value(cell) or (cell is not None and column.unit in {Unit.RATE, Unit.RATIO})
            )
            query = urlencode(
                {**asked, "figure": column.code, "at": line.days.start.isoformat(), **of_part}
            )
            heat = (
                _heat(cell_value(cell))
                if column.unit is Unit.RATE and report.name == "cohorts"
                else ""
            )
            cells.append(
                (cell_text(cell, column.unit, language), f"parts/?{query}" if opens else "", heat)
            )
        lines.append(
            {
                "name": line_name(report, line, language),
                "cells": cells,
                "is_provisional": line.is_provisional,
                "without": line.without,
                "part": part_name(line),
                "is_part": line.part is not None,
            }
        )
    return lines


def _heat(rate: Any) -> str:
    """Return how dark a cohort's cell is: 0 to 10; a class, for the policy forbids styles in the page."""
    return "" if rate is None else str(min(max(round(rate * 10), 0), 10))


def _back(request: SignedInRequest) -> str:
    kept = {key: value for key, value in request.GET.items() if key not in _OF_FIGURE}
    return f"?{urlencode(kept)}"


def _report_file(
    request: SignedInRequest, report: RevenueReport, source: Source, language: str
) -> HttpResponse:
    is_split = report.is_split
    rows = (
        [
            line_name(report, line, language),
            *([part_name(line)] if is_split else []),
            *map(cell_value, line.cells),
        ]
        for line in report.lines
    )
    split = [source.fields.name(report.params.split, language)] if is_split else []
    headings = [_("Period"), *split, *(heading(one) for one in report.columns)]
    return _file(request, f"{report.name}-{report.currency}", headings, rows, language)


def _parts_file(
    request: SignedInRequest, found: Parts, source: Source, language: str
) -> HttpResponse:
    headings = [
        _("Day"),
        _("Customer"),
        _("Subscription"),
        _("Deal"),
        _("What happened"),
        _("By"),
        _("Recorded"),
        _("Amount"),
        _("Currency"),
        _("Part of"),
    ]
    zone = request.company.zone
    rows = (
        [
            one.on,
            one.customer,
            one.subscription_name,
            one.deal_title or one.imported_from or "",
            str(PARTS.get(one.what, "")),
            one.event_by,
            one.event_at and one.event_at.astimezone(zone).replace(tzinfo=None),
            *_amount(one.amount),
            group_heading(found, group, language),
        ]
        for group in found.groups
        for one in named(group, source.viewer)
    )
    return _file(request, "parts", headings, rows, language)


def _amount(amount: Money | int) -> tuple[Any, str]:
    return (amount.amount, amount.currency) if isinstance(amount, Money) else (amount, "")


def _file(
    request: SignedInRequest,
    name: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    language: str,
) -> HttpResponse:
    require(request.user, Permission.EXPORT)
    ending = request.GET["file"]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"report.{ending}"
        with writer(
            path, headings, sheet="Report", delimiter=";" if language == "de" else ","
        ) as file:
            for row in rows:
                file.write_row(list(row))
        response = HttpResponse(path.read_bytes(), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response
