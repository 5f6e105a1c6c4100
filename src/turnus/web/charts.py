"""A report's chart as the page's script draws it; the table beside it is its text."""

from typing import NotRequired, TypedDict

from turnus.core.money import Money, from_e4
from turnus.reports.charts import Chart
from turnus.reports.shape import Report
from turnus.reports.words import line_name

#: Columns of a waterfall that stand at their own height instead of on the step before.
_STATES = frozenset({"opening", "closing"})
_NO_STEPS = frozenset({"net", "rounding"})


class SeriesShown(TypedDict):
    """A series for the script; `code` gives a class of movements its color."""

    name: str
    code: str
    values: list[float | None]
    counts: NotRequired[list[int]]


class ChartShown(TypedDict):
    """A chart for the script."""

    kind: str
    language: str
    currency: str
    unit: str
    periods: list[str]
    series: list[SeriesShown]


#: One step of a waterfall: from where it starts `to` where it ends.
Step = TypedDict(
    "Step",
    {
        "name": str,
        "from": float,
        "to": float,
        "amount": float,
        "isState": bool,
    },
)


class WaterfallShown(TypedDict):
    """A waterfall for the script."""

    kind: str
    language: str
    currency: str
    steps: list[Step]


def chart_shown(chart: Chart, report: Report, language: str) -> ChartShown:
    """Return a report's chart with the names of its periods."""
    series: list[SeriesShown] = []
    for line in chart.series:
        shown: SeriesShown = {
            "name": line.name,
            "code": line.code,
            "values": list(line.values),
        }
        if line.counts is not None:
            shown["counts"] = list(line.counts)
        series.append(shown)
    return {
        "kind": str(chart.kind),
        "language": language,
        "currency": report.currency,
        "unit": str(chart.unit),
        "periods": [
            line_name(report, line, language) for line in report.whole
        ],
        "series": series,
    }


def waterfall_shown(report: Report, language: str) -> WaterfallShown:
    """Return the last period's movements as steps from the opening to the closing."""
    steps: list[Step] = []
    level = 0.0
    for column, cell in zip(
        report.columns, report.lines[-1].cells, strict=True
    ):
        if not isinstance(cell, Money) or column.code in _NO_STEPS:
            continue
        amount = float(from_e4(cell.amount_e4))
        is_state = column.code in _STATES
        start = 0.0 if is_state else level
        level = amount if is_state else level + amount
        steps.append(
            {
                "name": str(column.heading),
                "from": start,
                "to": level,
                "amount": amount,
                "isState": is_state,
            }
        )
    return {
        "kind": "waterfall",
        "language": language,
        "currency": report.currency,
        "steps": steps,
    }
