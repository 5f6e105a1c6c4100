"""The cards above a report: what it sums up to, and how that compares with the time before."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from turnus.core.money import Money
from turnus.reports.report import Figure, Report
from turnus.reports.shape import Line, RevenueReport, Unit
from turnus.reports.words import cell_text, cell_value, heading


@dataclass(frozen=True, slots=True)
class Stat:
    """One card. `count` or `money` is set; `change` is in whole per cent, None where there is nothing to compare."""

    name: str
    count: int | None = None
    money: Money | None = None
    change: int | None = None


def stats(report: Report, before: Figure | None) -> list[Stat]:
    """Return the cards: deals, value, value of a deal, value of a period on average."""
    total, then = report.total, before or Figure()
    inside = sum(
        (line.total for line in report.lines), Figure()
    )  # without open deals of another time
    periods = max(len(report.lines), 1)

    def money(name: str, now: int, earlier: int) -> Stat:
        return Stat(name, money=Money(now, report.currency), change=_change(now, earlier))

    return [
        Stat(_("Deals"), count=total.count, change=_change(total.count, then.count)),
        money(_("Value"), total.value_e4, then.value_e4),
        money(
            _("Average deal"),
            _average(total.value_e4, total.count),
            _average(then.value_e4, then.count),
        ),
        Stat(_("Average period"), money=Money(_average(inside.value_e4, periods), report.currency)),
    ]


def _average(value_e4: int, count: int) -> int:
    """Return the average, to the cent."""
    return round(value_e4 / count / 100) * 100 if count else 0


def _change(now: int, then: int) -> int | None:
    return round(100 * (now - then) / then) if then > 0 else None


@dataclass(frozen=True, slots=True)
class RevenueStat:
    """One card of a report of recurring revenue: the last line's figure, and how it compares with what was before (per cent)."""

    name: str
    shown: str
    change: int | None = None
    #: Whether more of it is worse.
    is_loss: bool = False


_MOST_CARDS = 5
#: Where the first columns are not what matters most.
_CARDS = {
    "movements": ("new", "expansion", "churn", "closing", "net"),
    "bookings": ("new", "renewal", "expansion", "won"),
    "mrr": ("mrr", "arr", "customers", "arpa", "committed"),
    "forecast": ("total", "booked", "overdue", "expected"),
}
_LOSSES = {"customer_churn", "gross_churn", "net_churn", "churn", "contraction", "overdue", "ends"}


def revenue_stats(report: RevenueReport, before: Line | None, language: str) -> list[RevenueStat]:
    """Return the cards of the last period, compared with the line `before`; none for cohorts, where the last one says little."""
    if not report.lines or report.name == "cohorts":
        return []
    now = report.whole[-1]
    cards = []
    first = tuple(one.code for one in report.columns[:_MOST_CARDS])
    shown_codes = (
        first if report.params.split and report.name == "mrr" else _CARDS.get(report.name, first)
    )
    for index, column in enumerate(report.columns):
        if column.code not in shown_codes:
            continue
        current, earlier = (
            cell_value(now.cells[index]),
            cell_value(before.cells[index]) if before else None,
        )
        compares = (
            column.unit in {Unit.MONEY, Unit.COUNT} and current is not None and earlier is not None
        )
        change = (
            _change(int(current * 100), int(earlier * 100))
            if compares and current and earlier
            else None
        )
        shown = cell_text(now.cells[index], column.unit, language)
        cards.append(RevenueStat(heading(column), shown, change, column.code in _LOSSES))
    return cards
