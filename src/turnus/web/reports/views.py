"""Reports of deals over time: controls, chart, table with links to the deals, the table as a file."""

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from turnus.accounts.access import Permission, require
from turnus.accounts.queries import rates
from turnus.accounts.viewer import Viewer
from turnus.core.calendar import DateRange, Period, elapsed_before, next_start
from turnus.core.fields import Operator
from turnus.core.filters import All, Between, Condition, Node, Not, to_json
from turnus.core.money import Money, from_e4
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog, catalog
from turnus.listing.queries import filter_chosen, filters_for
from turnus.listing.trees import tree_in
from turnus.reports.catalog import REPORTS
from turnus.reports.deals_over_time import BASIS, ReportKind, deals_over_time, segment_paths
from turnus.reports.report import Figure, Params, Report, Segment
from turnus.reports.words import period_name
from turnus.sheets.writing import writer
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.reports.asking import asked_days, asked_period, period_choices
from turnus.web.reports.recurring_views import recurring_page
from turnus.web.reports.stats import stats
from turnus.web.viewer import viewer_of


@dataclass(frozen=True, slots=True)
class Asked:
    """A report as its address asks for it."""

    kind: ReportKind
    params: Params
    filter_id: str


@require_GET
def reports(_request: SignedInRequest) -> HttpResponse:
    return redirect("report", "mrr")


@require_GET
def report_page(request: SignedInRequest, name: str) -> HttpResponse:
    return recurring_page(request, name) if name in REPORTS else _deals_page(request, name)


def _deals_page(request: SignedInRequest, name: str) -> HttpResponse:
    fields = catalog(RecordKind.DEAL)
    asked = _asked(request, name)
    language = language_of(request)
    viewer = viewer_of(request)
    report = deals_over_time(asked.kind, asked.params, fields, viewer=viewer, rates=rates())
    names = [_segment_name(segment) for segment in report.segments]
    if request.GET.get("file") in {"xlsx", "csv"}:
        require(request.user, Permission.EXPORT)
        return _file(request, report, names, language)
    context = {
        "name": name,
        "report": report,
        "names": names,
        "lines": _lines(asked, report, language),
        "totals": [_shown(figure, report) for figure in report.totals],
        "total": _shown(report.total, report),
        "stats": stats(report, _before(asked, fields, viewer)),
        "without": [
            (Money(figure.value_e4, code), figure.count)
            for code, figure in report.without_rate.items()
        ],
        "chart": _chart(report, names, language),
        "periods": period_choices(asked.params.period),
        "segments": _segment_choices(fields, asked, language),
        "filters": [
            (one, str(one.pk) == asked.filter_id)
            for one in filters_for(request.user, RecordKind.DEAL)
        ],
        "first": asked.params.days.start,
        "last": asked.params.days.last_day,
        "files": request.GET.urlencode(),
    }
    return render(request, "reports/page.html", context)


def _asked(request: SignedInRequest, name: str) -> Asked:
    if name not in set(ReportKind):
        raise Http404
    given = request.GET
    saved = filter_chosen(filters_for(request.user, RecordKind.DEAL), given.get("filter", ""))
    tree: Node = tree_in(saved.tree) if saved else All(())
    return Asked(
        ReportKind(name),
        Params(asked_days(request, name), asked_period(request), given.get("split", ""), tree),
        str(saved.pk) if saved else "",
    )


def _before(asked: Asked, fields: Catalog, viewer: Viewer) -> Figure | None:
    """Return the total of as many days before as have elapsed; None for open deals, which have no before."""
    if asked.kind is ReportKind.OPEN:
        return None
    params = Params(
        elapsed_before(asked.params.days, viewer.on), Period.YEAR, "", asked.params.tree
    )
    return deals_over_time(asked.kind, params, fields, viewer=viewer, rates=rates()).total


def _lines(asked: Asked, report: Report, language: str) -> list[dict[str, Any]]:
    lines = []
    for line in report.lines:
        end = next_start(line.start, asked.params.period)
        days = DateRange(max(line.start, asked.params.days.start), min(end, asked.params.days.end))
        cells = [
            _shown(figure, report)
            | {"address": _address(asked, days, segment) if figure.count else ""}
            for figure, segment in zip(line.figures, report.segments, strict=True)
        ]
        total = _shown(line.total, report) | {
            "address": _address(asked, days, None) if line.total.count else ""
        }
        lines.append(
            {
                "name": period_name(line.start, asked.params.period, language),
                "cells": cells,
                "total": total,
            }
        )
    return lines + _beyond(asked, report)


def _beyond(asked: Asked, report: Report) -> list[dict[str, Any]]:
    """Return the line of the open deals that no period shows, if there are any."""
    if not report.beyond:
        return []
    cells = [
        _shown(figure, report) | {"address": _address(asked, None, segment) if figure.count else ""}
        for figure, segment in zip(report.beyond, report.segments, strict=True)
    ]
    total = _shown(sum(report.beyond, Figure()), report) | {"address": _address(asked, None, None)}
    return [{"name": _("Without a date, or at another time"), "cells": cells, "total": total}]


def _address(asked: Asked, days: DateRange | None, segment: Segment | None) -> str:
    """Return the list of the deals that a figure is made of; `days` None: those outside the days that are asked for."""
    status, _column, path = BASIS[asked.kind]
    shown = days or asked.params.days
    between = Between(shown.start.isoformat(), shown.last_day.isoformat())
    inside = Condition(path, Operator.IN_PERIOD, between)
    parts: list[Node] = [Condition("status", Operator.IS, status), inside if days else Not(inside)]
    split = asked.params.segment
    if segment is not None and split:
        empty = segment.key is None
        parts.append(
            Condition(split, Operator.IS_EMPTY)
            if empty
            else Condition(split, Operator.IS, segment.key)
        )
    if isinstance(asked.params.tree, All):
        parts += asked.params.tree.parts
    else:
        parts.append(asked.params.tree)
    return f"/deals/?{urlencode({'where': json.dumps(to_json(All(tuple(parts))), separators=(',', ':'))})}"


def _shown(figure: Figure, report: Report) -> dict[str, Any]:
    return {"count": figure.count, "money": Money(figure.value_e4, report.currency)}


def _segment_name(segment: Segment) -> str:
    return segment.name or (_("not set") if segment.key is None else _("Value"))


def _segment_choices(fields: Catalog, asked: Asked, language: str) -> list[tuple[str, str, bool]]:
    choices = [("", _("no split"))]
    choices += [(path, fields.name(path, language)) for path in segment_paths(fields)]
    return [(path, name, path == asked.params.segment) for path, name in choices]


def _chart(report: Report, names: list[str], language: str) -> dict[str, Any]:
    return {
        "language": language,
        "currency": report.currency,
        "periods": [
            period_name(line.start, report.params.period, language) for line in report.lines
        ],
        "series": [
            {
                "name": name,
                "values": [float(from_e4(line.figures[number].value_e4)) for line in report.lines],
                "counts": [line.figures[number].count for line in report.lines],
            }
            for number, name in enumerate(names)
        ],
    }


def _file(
    request: SignedInRequest, report: Report, names: list[str], language: str
) -> HttpResponse:
    ending = request.GET["file"]
    is_split = len(names) > 1
    headings = [_("Period")] if is_split else [_("Period"), _("Count"), _("Value")]
    for name in [*names, _("Total")] if is_split else ():
        headings += [_("%(name)s: count") % {"name": name}, _("%(name)s: value") % {"name": name}]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"report.{ending}"
        with writer(
            path, headings, sheet="Report", delimiter=";" if language == "de" else ","
        ) as file:
            for line in report.lines:
                figures = [*line.figures, line.total] if is_split else line.figures
                cells = [
                    cell for figure in figures for cell in (figure.count, from_e4(figure.value_e4))
                ]
                file.write_row([period_name(line.start, report.params.period, language), *cells])
            if report.beyond:
                figures = (
                    [*report.beyond, sum(report.beyond, Figure())]
                    if is_split
                    else list(report.beyond)
                )
                cells = [
                    cell for figure in figures for cell in (figure.count, from_e4(figure.value_e4))
                ]
                file.write_row([_("Without a date, or at another time"), *cells])
        response = HttpResponse(path.read_bytes(), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="report.{ending}"'
    return response
