"""Words that all reports share: of periods, parts and rates; and cells as text."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
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
    OpenedFigure,
    Report,
    Unit,
)

#: A class of movements -> what it is called.
HEADINGS: Mapping[str, Promise] = {
    "opening": gettext_lazy("Opening"),
    "new": gettext_lazy("New"),
    "reactivation": gettext_lazy("Reactivation"),
    "expansion": gettext_lazy("Expansion"),
    "contraction": gettext_lazy("Contraction"),
    "churn": gettext_lazy("Churn"),
    "fx": gettext_lazy("Exchange rates"),
    "transfer_in": gettext_lazy("From other parts"),
    "transfer_out": gettext_lazy("To other parts"),
    "closing": gettext_lazy("Closing"),
}
#: What a part of a figure is.
PARTS: Mapping[str, Promise] = {
    "started": gettext_lazy("started"),
    "resumed": gettext_lazy("resumed"),
    "price_up": gettext_lazy("price went up"),
    "price_down": gettext_lazy("price went down"),
    "plan_changed": gettext_lazy("plan changed"),
    "rate": gettext_lazy("exchange rate only"),
    "moved": gettext_lazy("moved to another part"),
    "paused": gettext_lazy("paused"),
    "ended": gettext_lazy("ended"),
    "lapsed": gettext_lazy("was not renewed"),
    "overdue": gettext_lazy("renewal overdue"),
    "opening": gettext_lazy("recurring today"),
    "total": gettext_lazy("recurring then"),
    "signed": gettext_lazy("starts"),
    "prices": gettext_lazy("price changes"),
    "ends": gettext_lazy("known to end"),
    "booked": gettext_lazy("booked"),
    "expected": gettext_lazy("expected to renew"),
    "new": gettext_lazy("new"),
    "renewal": gettext_lazy("renewal"),
    "expansion": gettext_lazy("expansion"),
    "one_off": gettext_lazy("one-off"),
    "negative": gettext_lazy("credit"),
}
BASES: Mapping[Basis, Promise] = {
    Basis.BOOKING: gettext_lazy("rates of each booking"),
    Basis.CONSTANT: gettext_lazy("rates of the first day"),
    Basis.TODAY: gettext_lazy("rates of today"),
}
MEASURES: Mapping[Measure, Promise] = {
    Measure.REVENUE: gettext_lazy("by revenue"),
    Measure.CUSTOMERS: gettext_lazy("by customers"),
}


#: Of records without a day, or with one outside the days asked for.
BEYOND = gettext_lazy("No date, or outside these dates")


def file_heading(column: Column) -> str:
    """Return the heading of a column where no other stands above it."""
    return (
        f"{column.group}: {column.heading}"
        if column.group
        else str(column.heading)
    )


def group_heading(figure: OpenedFigure, group: Group, language: str) -> str:
    """Return what a group of parts is called: like the figure itself if they add up to it."""
    if figure.is_sum:
        return str(figure.column.heading)
    name = str(figure.group_words[group.code])
    if group.days is None or len(figure.groups) == _DIVIDED:
        return name
    return f"{name}, {period_name(group.days.start, Period.MONTH, language)}"


#: One group is divided by the other.
_DIVIDED = 2


def rule_of(figure: OpenedFigure, language: str) -> str:
    """Return in words how a figure is made of its groups; empty if it is their sum."""
    if figure.is_sum:
        return ""
    if figure.rule:
        return str(figure.rule)
    return " ÷ ".join(
        group_heading(figure, group, language) for group in figure.groups
    )


def period_name(start: date, period: Period, language: str) -> str:
    """Return what a period is called: `14/11/2018`, `November 2018`, `Q4 2018`, `2018`."""
    if period is Period.DAY:
        return formats.day(start, language)
    if period is Period.YEAR:
        return str(start.year)
    if period is Period.QUARTER:
        return _("Q%(quarter)s %(year)s") % {
            "quarter": (start.month + 2) // 3,
            "year": start.year,
        }
    return formats.month(start, language)


def line_name(report: Report, line: Line, language: str) -> str:
    """Return what a line is called."""
    return period_name(line.days.start, report.params.period, language)


def part_name(line: Line) -> str:
    """Return the name of a line's part of the split; of a whole period, that it is all."""
    return _("All") if line.part is None else line.part_name or _("not set")


def cell_text(cell: Cell, unit: Unit, language: str) -> str:
    """Return a cell as people read it; a dash where it is undefined."""
    if cell is None:
        return "–"
    if isinstance(cell, Money):
        return formats.money(cell.amount_e4, cell.currency, language)
    if unit is Unit.RATE:
        percent = _with_two_decimals(Decimal(cell) * 100)
        return f"{formats.number(percent, language)}\u00a0%"
    if unit is Unit.RATIO:
        return formats.number(_with_two_decimals(Decimal(cell)), language)
    return formats.number(cell, language)


def _with_two_decimals(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))


def cell_value(cell: Cell) -> Decimal | int | None:
    """Return a cell for a spreadsheet: a number of units, of per ones, or nothing."""
    return cell.amount if isinstance(cell, Money) else cell
