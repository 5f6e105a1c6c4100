"""What is true of every subscription: its due days, and the columns that follow from others."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import cast

from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.folding import fold_name
from turnus.fields.values import folded_cells
from turnus.history.tracked import StoredRow
from turnus.revenue.rows import ReadSchedule, ReadTermSchedule, SubscriptionRow

_MONTHS = 12
_HALF = Fraction(1, 2)
#: Columns that mean something together only.
SUBSCRIPTION_GROUPS = (
    frozenset({"plan_id", "cadence", "anchor_on", "anchor_number"}),
    frozenset({"state", "paused_on", "end_on", "end_reason"}),
)
#: Text fields that filters search, besides the name, which has a column of its own.
_TEXTS = ("end_reason",)


def due_on(row: ReadSchedule, number: int) -> date:
    """Return the first day of term `number` of a subscription's present stretch."""
    return _due(
        row["cadence"], row["anchor_on"], number - row["anchor_number"]
    )


def term_days(row: ReadTermSchedule, number: int) -> DateRange:
    """Return the days of term `number` of the present stretch, cut by an agreed end."""
    start = due_on(row, number)
    end = due_on(row, number + 1)
    if row["end_on"] is not None:
        end = min(end, row["end_on"])
    return DateRange(start, end)


@lru_cache(maxsize=10_000)
def _due(cadence: str, anchor: date, number: int) -> date:
    # Many subscriptions begin on the same day: a run of a hundred thousand asks for a few thousand
    # due days.
    return Cadence.parse(cadence).due(anchor, number)


@lru_cache(maxsize=10_000)
def monthly_e4(price_e4: int, cadence: Cadence) -> int:
    """Return a price as a month's share, in ten-thousandths, rounded half away from zero."""
    share = Fraction(price_e4) * cadence.billings_per_year / _MONTHS
    return half_away_from_zero(share)


def half_away_from_zero(exact: Fraction) -> int:
    """Return the nearest whole number; a half goes away from zero."""
    whole = int(abs(exact) + _HALF)
    return whole if exact >= 0 else -whole


def derive_subscription(columns: Mapping[str, object]) -> StoredRow:
    """Return the columns that follow from the others: folded texts, due day, month's share.

    A name is one line: those that deals lend may have several, and files bring back one.
    """
    row = cast("SubscriptionRow", columns)
    name = " ".join(row["name"].split())
    is_active = row["state"] == "active"
    cadence = Cadence.parse(row["cadence"])
    return {
        "name": name,
        "name_folded": fold_name(name),
        "folded": folded_cells(columns, _TEXTS),
        "next_due_on": _next_due(row) if is_active else None,
        "mrr_e4": monthly_e4(row["price_e4"], cadence) if is_active else 0,
    }


def _next_due(row: SubscriptionRow) -> date | None:
    """Return when the next term is due; None where the subscription ends before."""
    due = due_on(row, row["next_number"])
    end_on = row.get("end_on")
    return None if end_on is not None and due >= end_on else due
