"""What the page of a check shows of rows that do not go in: name, amount, day."""

from datetime import date, datetime
from typing import cast

from turnus.core.money import Money
from turnus.imports.plan import PlannedRow, Verdict
from turnus.imports.planned_columns import PlannedColumns
from turnus.imports.read_row import ReadRow

_NAMES = ("title", "name", "organization", "person")
_AMOUNTS = {"value": "value_e4", "price": "price_e4"}
_DAYS = {"won_at": "won_on", "started_on": "started_on"}


def show_waiting(
    read: ReadRow, planned: PlannedRow, *, name_column: str
) -> None:
    """Give a row with a problem or a question the columns by which a person recognizes it.

    Such rows are never carried out.
    """
    if planned.columns or planned.verdict not in {
        Verdict.PROBLEM,
        Verdict.QUESTION,
    }:
        return
    values = read.values
    columns: dict[str, object] = {}
    name = next((str(values[key]) for key in _NAMES if values.get(key)), "")
    if name:
        columns[name_column] = name
    for key, column in _AMOUNTS.items():
        money = values.get(key)
        if isinstance(money, Money):
            columns[column] = money.amount_e4
            columns["currency"] = money.currency
    for key, column in _DAYS.items():
        day = values.get(key)
        if isinstance(day, date):
            columns[column] = day.date() if isinstance(day, datetime) else day
    planned.columns = cast("PlannedColumns", columns)
