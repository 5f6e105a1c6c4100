"""What the cells of a subscription's row say."""

from datetime import date
from typing import cast

from turnus.core.money import Money
from turnus.core.naming import likeness
from turnus.core.revenue.steps import StepKind
from turnus.fields.columns import StoredColumns
from turnus.imports.identity import all_names_differ
from turnus.imports.read_row import ReadRow


def names_another(row: ReadRow, head: ReadRow) -> bool:
    """Return whether a step names another subscription than the row above it."""
    for key in ("id", "name", "organization", "person"):
        own = row.values.get(key)
        above = head.values.get(key)
        if own is None or not above:
            continue
        if likeness(str(own), str(above)) is None:
            return True
    return False


def is_another(row: ReadRow, before: StoredColumns) -> bool:
    """Return whether a row with a subscription's ID can hardly be it.

    At least two of name, organization and person are given, and all differ.
    """
    names = {
        "name": before["name"],
        "organization": before["organization_name"],
        "person": before["person_name"],
    }
    return all_names_differ(row, names)


def name_of(row: ReadRow) -> str:
    """Return the name, else that of the customer."""
    values = row.values
    name = (
        values.get("name")
        or values.get("organization")
        or values.get("person")
        or ""
    )
    return " ".join(str(name).split())


def price_of(row: ReadRow) -> Money:
    """Return the price; for rows whose required cells are all there."""
    price = row.values["price"]
    assert isinstance(price, Money)  # noqa: S101 (what columns of prices are read as)
    return price


def is_complete(row: ReadRow) -> bool:
    """Return whether the row says what happened and when, and for a plan which."""
    entry = row.values.get("entry")
    return (
        bool(entry)
        and effective_day(row) is not None
        and (entry != StepKind.PLAN or row.values.get("plan") is not None)
    )


def effective_day(row: ReadRow) -> date | None:
    """Return the day on which the step of the row happened."""
    return day_in(row, "effective_on") or day_in(row, "started_on")


def day_in(row: ReadRow, path: str) -> date | None:
    """Return the day in a cell of the row."""
    return cast("date | None", row.values.get(path))


def start_of(head: ReadRow) -> date:
    """Return when it started; for rows whose required cells are all there."""
    return cast("date", head.values["started_on"])
