"""Report pages: toolbar, cards, chart, table; each figure opens; all as files."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from turnus.accounts.viewer import Viewer
from turnus.core.money import Money
from turnus.reports.recurring.part_names import NamedPart, named_parts
from turnus.reports.shape import Group, OpenedFigure, Report, Unit, Words
from turnus.reports.words import (
    PARTS,
    cell_text,
    group_heading,
    part_name,
    rule_of,
)
from turnus.web.charts import chart_shown
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.reports.asking import AskedReport, asked_day, asked_report
from turnus.web.reports.files import asks_for_file, parts_file, report_file
from turnus.web.reports.table import query_of_report, table_of
from turnus.web.reports.toolbar import toolbar_of

#: Parts shown on a page, and of each group where there are more than a few; a file has all of them.
_SHOWN = 500
_SHOWN_OF_MANY = 50
_FEW_GROUPS = 2
#: Columns of a table of parts: of customers only, and with what happened to their subscriptions.
_WIDTH_BARE = 3
_WIDTH = 6


@require_GET
def reports(_request: SignedInRequest) -> HttpResponse:
    return redirect("report", "mrr")


@require_GET
def report_page(request: SignedInRequest, name: str) -> HttpResponse:
    asked = asked_report(request, name)
    definition = asked.definition
    report = definition.report(asked.source)
    if asks_for_file(request):
        return report_file(request, report, asked)
    language = language_of(request)
    before = definition.before(asked.source, report)
    chart = definition.chart(report)
    context = {
        "name": name,
        "definition": definition,
        "report": report,
        "toolbar": toolbar_of(request, asked),
        "cards": definition.cards(report, before, language),
        "chart": chart_shown(chart, report, language) if chart else None,
        "table": table_of(report, asked, request.GET, language),
        "files": request.GET.urlencode(),
        "is_withheld_by_line": any(line.without for line in report.lines),
    }
    return render(request, "reports/page.html", context)


@require_GET
def report_parts(request: SignedInRequest, name: str) -> HttpResponse:
    asked = asked_report(request, name)
    context: dict[str, object] = {
        "name": name,
        "title": asked.definition.title,
        "back": f"?{urlencode(query_of_report(request.GET))}",
    }
    figure = _opened(request, asked)
    if figure is None:
        return render(request, "reports/parts.html", context)
    if asks_for_file(request):
        return parts_file(request, figure, asked)
    return render(
        request,
        "reports/parts.html",
        context | _parts_context(request, figure, asked),
    )


def _opened(
    request: SignedInRequest, asked: AskedReport
) -> OpenedFigure | None:
    """Return the figure that the address names; without a name the first one, of the last line."""
    report = asked.definition.report(asked.source)
    code = request.GET.get("figure") or _first_figure(report)
    start = asked_day(request.GET.get("at"))
    if start is None and report.lines:
        start = report.lines[-1].days.start
    if start is None:
        return None
    part = request.GET.get("part")
    return asked.definition.opened(
        asked.source, report, code=code, start=start, part=part
    )


def _first_figure(report: Report) -> str:
    return next(
        (column.code for column in report.columns if column.has_parts), ""
    )


def _parts_context(
    request: SignedInRequest, figure: OpenedFigure, asked: AskedReport
) -> dict[str, object]:
    language = language_of(request)
    line = figure.line
    viewer = asked.viewer
    return {
        "figure": figure,
        "shown": cell_text(figure.cell, figure.column.unit, language),
        "rule": rule_of(figure, language),
        "part": "" if line.part is None else part_name(line),
        "first": line.days.start,
        "last": min(line.days.last_day, max(viewer.as_of, line.days.start)),
        "files": request.GET.urlencode(),
        "groups": [
            _shown_group(figure, group, viewer) for group in figure.groups
        ],
    }


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part with what happened, in words."""

    part: NamedPart
    what: Words


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group of parts on the page: of many groups only the first few parts each."""

    heading: str
    shown: str
    is_count: bool
    #: Only customers, without what happened to their subscriptions.
    is_bare: bool
    width: int
    parts: list[ShownPart]
    count: int
    hidden_count: int
    #: None where the parts add up as they are shown.
    rounding_difference: Money | None


def _shown_group(
    figure: OpenedFigure, group: Group, viewer: Viewer
) -> ShownGroup:
    limit = _SHOWN if len(figure.groups) <= _FEW_GROUPS else _SHOWN_OF_MANY
    parts = named_parts(group, viewer, limit=limit)
    is_bare = not any(part.subscription or part.deal for part in group.parts)
    return ShownGroup(
        heading=group_heading(figure, group, viewer.language),
        shown=cell_text(group.shown, group.unit, viewer.language),
        is_count=group.unit is Unit.COUNT,
        is_bare=is_bare,
        width=_WIDTH_BARE if is_bare else _WIDTH,
        parts=[ShownPart(part, PARTS.get(part.what, "")) for part in parts],
        count=len(group.parts),
        hidden_count=len(group.parts) - len(parts),
        rounding_difference=group.rounding_difference,
    )
