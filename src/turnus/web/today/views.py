"""The first page: recurring revenue and how it moved this month, renewals, what was won, what closes soon."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from turnus.accounts.queries import rates
from turnus.core.money import Money
from turnus.reports.shape import RevenueReport
from turnus.reports.today import RevenueToday, Today, closing_soon, today
from turnus.reports.words import cell_text, cell_value, heading
from turnus.web.charts import waterfall_chart
from turnus.web.clock import jump_shown_to
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.viewer import viewer_of


@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    language = language_of(request)
    viewer = viewer_of(request)
    is_part = request.GET.get("part") == "figures"
    found, is_current = today(viewer, rates(), at_once=is_part)
    context = {"is_current": is_current, **(_figures(found, language) if found else {})}
    if is_part:
        return render(request, "today/_figures.html", context)
    page = {"closing": closing_soon(viewer), "on": request.on, "jump": jump_shown_to(request)}
    return render(request, "today/page.html", {**context, **page})


def _figures(found: Today, language: str) -> dict[str, Any]:
    won, before = (
        Money(found.won.value_e4, found.currency),
        Money(found.won_before.value_e4, found.currency),
    )
    return {"found": found, "won": won, "won_before": before, **_revenue(found.revenue, language)}


def _revenue(figures: RevenueToday, language: str) -> dict[str, Any]:
    mrr, moved = figures.mrr, figures.movements
    now, last = mrr.lines[-1], moved.lines[-1]
    by_code = {column.code: cell for column, cell in zip(moved.columns, last.cells, strict=True)}
    change = _money(by_code["net"]).amount_e4
    lines = [
        (
            heading(column),
            cell_text(cell, column.unit, language),
            _address(moved, column.code) if column.has_parts and cell_value(cell) else "",
        )
        for column, cell in zip(moved.columns, last.cells, strict=True)
        if column.code != "net" and (column.code != "rounding" or cell_value(cell))
    ]
    return {
        "mrr": _money(now.cells[0]),
        "arr": _money(now.cells[1]),
        "customers": now.cells[2],
        "change": Money(abs(change), mrr.currency),
        "is_up": change > 0,
        "is_down": change < 0,
        "moved": lines,
        "chart": waterfall_chart(moved, language),
        "is_provisional": now.is_provisional,
        "withheld": mrr.withheld,
        "is_empty": not any(cell_value(cell) for line in moved.lines for cell in line.cells),
    }


def _money(cell: Any) -> Money:
    return cell if isinstance(cell, Money) else Money(0, "EUR")


def _address(report: RevenueReport, code: str) -> str:
    """Return where a movement of this month is opened."""
    days = report.lines[-1].days
    asked = {"from": days.start.isoformat(), "until": (days.end - timedelta(days=1)).isoformat()}
    return "/reports/movements/parts/?" + urlencode(
        {**asked, "figure": code, "at": days.start.isoformat()}
    )
