"""The words of reports of recurring revenue: names, headings, what parts are; and their cells as text."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from turnus.core.calendar import Period
from turnus.core.money import Money
from turnus.kit import formats
from turnus.reports.shape import (
    Basis,
    Cell,
    Column,
    Group,
    Line,
    Measure,
    Parts,
    RevenueReport,
    Unit,
)

#: Report -> its name.
NAMES: Mapping[str, Any] = {
    "mrr": gettext_lazy("MRR and ARR"),
    "movements": gettext_lazy("Movements"),
    "rates": gettext_lazy("Retention and churn"),
    "cohorts": gettext_lazy("Cohorts"),
    "bookings": gettext_lazy("Bookings"),
    "forecast": gettext_lazy("Forecast"),
}
HEADINGS: Mapping[str, Any] = {
    "mrr": gettext_lazy("MRR"),
    "arr": gettext_lazy("ARR"),
    "customers": gettext_lazy("Customers"),
    "arpa": gettext_lazy("MRR per customer"),
    "growth": gettext_lazy("Growth"),
    "opening": gettext_lazy("Opening"),
    "new": gettext_lazy("New"),
    "reactivation": gettext_lazy("Reactivation"),
    "expansion": gettext_lazy("Expansion"),
    "contraction": gettext_lazy("Contraction"),
    "churn": gettext_lazy("Churn"),
    "fx": gettext_lazy("Exchange rates"),
    "transfer_in": gettext_lazy("From other parts"),
    "transfer_out": gettext_lazy("To other parts"),
    "rounding": gettext_lazy("Rounding difference"),
    "closing": gettext_lazy("Closing"),
    "net": gettext_lazy("Net change"),
    "nrr": gettext_lazy("Net retention (12 months)"),
    "grr": gettext_lazy("Gross retention (12 months)"),
    "customer_churn": gettext_lazy("Customer churn"),
    "gross_churn": gettext_lazy("Gross MRR churn"),
    "net_churn": gettext_lazy("Net MRR churn"),
    "asp": gettext_lazy("New MRR per new customer"),
    "ltv": gettext_lazy("Lifetime value"),
    "quick_ratio": gettext_lazy("Quick ratio"),
    "size": gettext_lazy("Customers"),
    "base": gettext_lazy("New MRR"),
    "renewal": gettext_lazy("Renewal"),
    "one_off": gettext_lazy("One-off"),
    "negative": gettext_lazy("Credits"),
    "won": gettext_lazy("All won"),
    "committed": gettext_lazy("Committed MRR (in 12 months)"),
    "signed": gettext_lazy("Signed starts"),
    "prices": gettext_lazy("Known prices"),
    "ends": gettext_lazy("Known ends"),
    "total": gettext_lazy("Committed MRR"),
    "booked": gettext_lazy("of it booked"),
    "overdue": gettext_lazy("of it overdue"),
    "expected": gettext_lazy("of it expected to renew"),
}
#: What a rate divides, and by what; others are called like their column.
GROUPS: Mapping[str, Any] = {
    "kept_net": gettext_lazy("What these customers pay now"),
    "kept_gross": gettext_lazy("What is left of it"),
    "year_before": gettext_lazy("Paid twelve months before"),
    "left": gettext_lazy("Customers who left"),
    "at_opening": gettext_lazy("Customers at the beginning"),
    "losses": gettext_lazy("Churn and contraction"),
    "net_losses": gettext_lazy("Churn and contraction less expansion and reactivation"),
    "opening": gettext_lazy("MRR at the beginning"),
    "grown": gettext_lazy("New and expansion"),
    "new": gettext_lazy("New MRR"),
    "new_customers": gettext_lazy("New customers"),
    "size": gettext_lazy("Customers of the cohort"),
    "still_paying": gettext_lazy("Customers who still pay"),
    "paying_then": gettext_lazy("What they pay then"),
}
#: How a figure is made of more than two groups.
RULES: Mapping[str, Any] = {
    "ltv": gettext_lazy(
        "MRR ÷ customers, divided by the average of the months' rates (customers who left ÷ customers at the beginning)"
    ),
}
#: What a part of a figure is.
PARTS: Mapping[str, Any] = {
    "started": gettext_lazy("began"),
    "resumed": gettext_lazy("goes on"),
    "price_up": gettext_lazy("price went up"),
    "price_down": gettext_lazy("price went down"),
    "plan_changed": gettext_lazy("other plan"),
    "rate": gettext_lazy("only the exchange rate"),
    "moved": gettext_lazy("belongs to another part now"),
    "paused": gettext_lazy("paused"),
    "ended": gettext_lazy("ended"),
    "lapsed": gettext_lazy("was not renewed"),
    "overdue": gettext_lazy("renewal is overdue"),
    "opening": gettext_lazy("recurs today"),
    "total": gettext_lazy("recurs then"),
    "signed": gettext_lazy("begins"),
    "prices": gettext_lazy("price changes"),
    "ends": gettext_lazy("is known to end"),
    "booked": gettext_lazy("booked"),
    "expected": gettext_lazy("expected to renew"),
    "new": gettext_lazy("new"),
    "renewal": gettext_lazy("renewal"),
    "expansion": gettext_lazy("expansion"),
    "one_off": gettext_lazy("one-off"),
    "negative": gettext_lazy("credit"),
}
BASES: Mapping[Basis, Any] = {
    Basis.BOOKING: gettext_lazy("rates of each booking"),
    Basis.CONSTANT: gettext_lazy("rates of the first day"),
    Basis.TODAY: gettext_lazy("rates of today"),
}
MEASURES: Mapping[Measure, Any] = {
    Measure.REVENUE: gettext_lazy("by revenue"),
    Measure.CUSTOMERS: gettext_lazy("by customers"),
}


def heading(column: Column) -> str:
    """Return a column's heading."""
    if column.code.startswith("part:"):
        return column.name or _("not set")
    if column.code.startswith("month:"):
        return _("Month %(number)s") % {"number": column.name}
    return str(HEADINGS[column.code])


def group_heading(parts: Parts, group: Group, language: str) -> str:
    """Return what a group of a figure's parts is called: like the figure itself if they add up to it."""
    if len(parts.groups) == 1:
        return heading(parts.column)
    name = str(GROUPS.get(group.code) or HEADINGS[group.code])
    return (
        f"{name}, {period_name(group.days.start, Period.MONTH, language)}"
        if group.days and len(parts.groups) > 2
        else name
    )


def rule_of(parts: Parts, language: str) -> str:
    """Return in words how a figure is made of its groups; empty if it is their sum."""
    if len(parts.groups) == 1:
        return ""
    divided = " ÷ ".join(group_heading(parts, one, language) for one in parts.groups)
    return str(RULES.get(parts.column.code) or divided)


def period_name(start: date, period: Period, language: str) -> str:
    """Return what a period is called: `14/11/2018`, `November 2018`, `Q4 2018`, `2018`."""
    if period is Period.DAY:
        return formats.day(start, language)
    if period is Period.YEAR:
        return str(start.year)
    if period is Period.QUARTER:
        return _("Q%(quarter)s %(year)s") % {"quarter": (start.month + 2) // 3, "year": start.year}
    return formats.month(start, language)


def line_name(report: RevenueReport, line: Line, language: str) -> str:
    """Return what a line is called."""
    period = Period.MONTH if report.name in {"cohorts", "forecast"} else report.params.period
    return period_name(line.days.start, period, language)


def part_name(line: Line) -> str:
    """Return what the part of the split in a line is called; of a whole period, that it is all."""
    return _("All") if line.part is None else line.part_name or _("not set")


def cell_text(cell: Cell, unit: Unit, language: str) -> str:
    """Return a cell as people read it; a dash where it is undefined."""
    if cell is None:
        return "–"
    if isinstance(cell, Money):
        return formats.money(cell.amount_e4, cell.currency, language)
    if unit is Unit.RATE:
        return f"{formats.number((Decimal(cell) * 100).quantize(Decimal('0.01')), language)}\u00a0%"
    if unit is Unit.RATIO:
        return formats.number(Decimal(cell).quantize(Decimal("0.01")), language)
    return formats.number(cell, language)


def cell_value(cell: Cell) -> Decimal | int | None:
    """Return a cell for a spreadsheet: a number of units, of per ones, or nothing."""
    return cell.amount if isinstance(cell, Money) else cell
