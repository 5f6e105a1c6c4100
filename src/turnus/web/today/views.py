"""The first page: recurring revenue and its movements, renewals, won and closing deals."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from turnus.accounts.queries import rates
from turnus.core.money import Money
from turnus.core.revenue.conversion import Withheld
from turnus.reports.shape import Cell, Report
from turnus.reports.today import RevenueToday, Today, closing_soon, today
from turnus.reports.words import cell_text, cell_value
from turnus.web.charts import WaterfallShown, waterfall_shown
from turnus.web.clock import jump_shown_to
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.viewer import viewer_of


@dataclass(frozen=True, slots=True)
class MovementFigure:
    """A movement of this month: its name, its amount, and where it is opened (or nothing)."""

    name: str
    amount: str
    address: str


@dataclass(frozen=True, slots=True)
class RevenueShown:
    """Recurring revenue now, and how it moved this month; `change` is without its sign."""

    mrr: Money
    arr: Money
    customers: Cell
    change: Money
    is_up: bool
    is_down: bool
    movements: list[MovementFigure]
    chart: WaterfallShown
    is_provisional: bool
    withheld: tuple[Withheld, ...]
    is_empty: bool


@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    language = language_of(request)
    viewer = viewer_of(request)
    is_part = request.GET.get("part") == "figures"
    found = today(viewer, rates(), at_once=is_part)
    context: dict[str, object] = {"is_current": found.is_current}
    if found.figures is not None:
        context |= _figures(found.figures, language)
    if is_part:
        return render(request, "today/_figures.html", context)
    page = {
        "closing": closing_soon(viewer),
        "on": request.on,
        "jump": jump_shown_to(request),
    }
    return render(request, "today/page.html", context | page)


def _figures(found: Today, language: str) -> dict[str, object]:
    return {
        "found": found,
        "won": Money(found.won.value_e4, found.currency),
        "won_before": Money(found.won_before.value_e4, found.currency),
        "revenue": _revenue(found.revenue, language),
    }


def _revenue(figures: RevenueToday, language: str) -> RevenueShown:
    mrr = figures.mrr
    moved = figures.movements
    now = mrr.lines[-1]
    net = moved.cell(moved.lines[-1].cells, "net")
    change = _money(net, mrr.currency).amount_e4
    has_moved = False
    for line in moved.lines:
        has_moved |= any(cell_value(cell) for cell in line.cells)
    return RevenueShown(
        mrr=_money(mrr.cell(now.cells, "mrr"), mrr.currency),
        arr=_money(mrr.cell(now.cells, "arr"), mrr.currency),
        customers=mrr.cell(now.cells, "customers"),
        change=Money(abs(change), mrr.currency),
        is_up=change > 0,
        is_down=change < 0,
        movements=_movements(moved, language),
        chart=waterfall_shown(moved, language),
        is_provisional=now.is_provisional,
        withheld=mrr.withheld,
        is_empty=not has_moved,
    )


def _movements(moved: Report, language: str) -> list[MovementFigure]:
    """Return this month's line as rows, without the net change, which stands above them."""
    found = []
    for column, cell in zip(moved.columns, moved.lines[-1].cells, strict=True):
        is_moot = column.code == "net" or (
            column.code == "rounding" and not cell_value(cell)
        )
        if is_moot:
            continue
        is_opened = column.has_parts and cell_value(cell)
        address = _address(moved, column.code) if is_opened else ""
        text = cell_text(cell, column.unit, language)
        found.append(MovementFigure(str(column.heading), text, address))
    return found


def _money(cell: Cell, currency: str) -> Money:
    return cell if isinstance(cell, Money) else Money(0, currency)


def _address(report: Report, code: str) -> str:
    """Return where a movement of this month is opened."""
    days = report.lines[-1].days
    query = {
        "from": days.start.isoformat(),
        "until": days.last_day.isoformat(),
        "figure": code,
        "at": days.start.isoformat(),
    }
    return f"/reports/movements/parts/?{urlencode(query)}"
