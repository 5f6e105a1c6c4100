"""What is true of every subscription: its due dates, and the columns that follow from others."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.folding import fold_name
from turnus.fields.values import folded_cells

_MONTHS = 12
#: Text fields that filters search, besides the name, which has a column of its own.
_TEXTS = ("end_reason",)


def due_on(row: Mapping[str, Any], number: int) -> date:
    """Return the first day of term `number` of a subscription's present stretch, from its columns."""
    return _due(row["cadence"], row["anchor_on"], number - row["anchor_number"])


def term_days(row: Mapping[str, Any], number: int) -> DateRange:
    """Return the days of term `number` of the present stretch; the last term of a subscription that ends is cut there."""
    start, end = due_on(row, number), due_on(row, number + 1)
    return DateRange(start, min(end, row["end_on"]) if row["end_on"] is not None else end)


@lru_cache(maxsize=10_000)
def _due(cadence: str, anchor: date, number: int) -> date:
    # Many subscriptions begin on the same day: a run of a hundred thousand asks for a few thousand due days.
    return Cadence.parse(cadence).due(anchor, number)


@lru_cache(maxsize=10_000)
def monthly_e4(price_e4: int, cadence: Cadence) -> int:
    """Return a price as a month's share, in ten-thousandths, rounded half away from zero."""
    exact = Fraction(abs(price_e4)) * cadence.billings_per_year / _MONTHS
    share = int(exact + Fraction(1, 2))
    return share if price_e4 >= 0 else -share


def changed_price_e4(price_e4: int, *, percent: Decimal, amount_e4: int, step_e4: int) -> int:
    """Return a price after `percent` more and then `amount_e4` more, to the nearest multiple of `step_e4`, half away from zero."""
    exact = Fraction(price_e4) * (1 + Fraction(percent) / 100) + amount_e4
    steps = int(abs(exact) / step_e4 + Fraction(1, 2))
    return steps * step_e4 if exact >= 0 else -steps * step_e4


def derive_subscription(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that follow from the others: the folded name, the next due day, the month's share."""
    is_active = row["state"] == "active"
    due = due_on(row, row["next_number"]) if is_active else None
    if due is not None and row.get("end_on") is not None and due >= row["end_on"]:
        due = None
    share = monthly_e4(row["price_e4"], Cadence.parse(row["cadence"])) if is_active else 0
    return {
        "name_folded": fold_name(row["name"]),
        "folded": folded_cells(row, _TEXTS),
        "next_due_on": due,
        "mrr_e4": share,
    }
