"""What a report's chart is drawn from; the table beside it is its text."""

from collections.abc import Mapping, Sequence
from typing import Any

from turnus.core.money import Money, from_e4
from turnus.reports.shape import Column, RevenueReport, Unit
from turnus.reports.words import cell_value, heading, line_name

_MOVED = (
    "new",
    "reactivation",
    "expansion",
    "contraction",
    "churn",
    "fx",
    "transfer_in",
    "transfer_out",
)
#: Report -> the columns that are drawn, and how.
_DRAWN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "mrr": ("area", ("mrr",)),
    "movements": ("stack", _MOVED),
    "rates": ("line", ("nrr", "grr")),
    "bookings": ("stack", ("new", "renewal", "expansion", "one_off", "negative")),
    "forecast": ("stack", ("booked", "overdue", "expected")),
}


def chart_of(report: RevenueReport, language: str) -> dict[str, Any]:
    """Return the chart; without series where the table says it better (cohorts)."""
    kind, codes = _DRAWN.get(report.name, ("", ()))
    columns = [(index, one) for index, one in enumerate(report.columns) if one.code in codes]
    if report.name == "mrr" and report.params.split:
        kind, columns = "stack", list(enumerate(report.columns))[:-1]
    return {
        "kind": kind,
        "language": language,
        "currency": report.currency,
        "unit": "rate" if report.name == "rates" else "money",
        "periods": [line_name(report, line, language) for line in report.whole],
        "series": [_series(report, index, one) for index, one in columns],
    }


def waterfall_chart(report: RevenueReport, language: str) -> dict[str, Any]:
    """Return the last period's movements as a waterfall: steps from the opening to the closing."""
    line, steps = report.lines[-1], []
    level = 0.0
    for column, cell in zip(report.columns, line.cells, strict=True):
        if not isinstance(cell, Money) or column.code in {"net", "rounding"}:
            continue
        amount = float(from_e4(cell.amount_e4))
        is_state = column.code in {"opening", "closing"}
        start = 0.0 if is_state else level
        level = amount if is_state else level + amount
        steps.append(
            {
                "name": heading(column),
                "from": start,
                "to": level,
                "amount": amount,
                "isState": is_state,
            }
        )
    return {"kind": "waterfall", "language": language, "currency": report.currency, "steps": steps}


def _series(report: RevenueReport, index: int, column: Column) -> dict[str, Any]:
    cells: Sequence[Any] = [cell_value(line.cells[index]) for line in report.whole]
    factor = 100 if column.unit is Unit.RATE else 1
    values = [None if cell is None else float(cell) * factor for cell in cells]
    return {"name": heading(column), "code": column.code, "values": values}
