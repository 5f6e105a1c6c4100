"""What a file changes of existing subscriptions: plain fields and the end (decision 0015)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import cast

from turnus.core.money import Money
from turnus.core.naming import likeness
from turnus.core.revenue.steps import Past, Story, past_of
from turnus.fields.catalog import Catalog
from turnus.fields.columns import StoredColumns
from turnus.fields.values import put
from turnus.history.tracked import StoredRow
from turnus.imports.planned_columns import PlannedColumns
from turnus.imports.read_row import ReadRow
from turnus.revenue.subscriptions.actions.cancel import end_columns

_ENDED = "ended"
#: People write 31.12.9999 for "open-ended".
_NEVER = 9_000
#: What a file may change; a blank cell says nothing.
_SAFE = ("name", "owner", "renewal_way", "labels", "visibility", "end_reason")


def changed_columns(
    head: ReadRow, before: StoredColumns, catalog: Catalog, *, on: date
) -> PlannedColumns:
    """Return the columns that a row changes of the subscription `before`; `on` is today."""
    columns: StoredRow = {}
    for field in catalog.own:
        value = head.values.get(field.key)
        if value is not None and (field.is_custom or field.key in _SAFE):
            put(columns, field, value, before)
    if "name" in columns:
        columns["name"] = " ".join(columns["name"].split())[:255]
    end_on = _end(head)
    if end_on not in (None, before["end_on"]):
        columns |= end_columns(before["state"], end_on, on=on)
    return cast("PlannedColumns", columns)


def refused(
    head: ReadRow, told: Story | None, held: Story, before: StoredColumns
) -> Iterator[str]:
    """Yield the fields that a row says otherwise and a file may not change.

    `told` None: the row says nothing of figures.
    """
    end_on = _end(head)
    yield from _others(head, before, with_figures=told is None)
    if end_on not in (None, before["end_on"]) and before["state"] == _ENDED:
        yield "last_on"
    elif told is not None:
        found = list(
            _figures(
                told,
                held,
                end_on or before["end_on"],
                is_over=before["state"] == _ENDED,
            )
        )
        # What was paid differs wherever a figure does: then it says nothing more.
        yield from [one for one in found if one != "terms"] or found
        more = any(
            one.days.start >= held.booked_until and not one.is_skipped
            for one in past_of(told).terms
        )
        if more and head.values.get("booked_to"):
            yield "booked_to"


def _others(
    head: ReadRow, before: StoredColumns, *, with_figures: bool
) -> Iterator[str]:
    """Yield the cells of a row that the subscription has otherwise.

    Price, plan and start only `with_figures`.
    """
    price = head.values.get("price")
    for key in ("organization", "person"):
        name = head.values.get(key)
        if (
            name is not None
            and likeness(str(name), before[f"{key}_name"] or "") is None
        ):
            yield key
    if isinstance(price, Money) and price.currency != before["currency"]:
        yield "currency"
    if with_figures:
        given = {
            **head.values,
            "price": price.amount_e4 if isinstance(price, Money) else None,
        }
        here = {
            "started_on": before["started_on"],
            "plan": before["plan_id"],
            "price": before["price_e4"],
        }
        yield from (
            key for key, value in here.items() if given.get(key) not in (None, value)
        )


def _figures(
    told: Story, held: Story, end_on: date | None, *, is_over: bool
) -> Iterator[str]:
    """Yield what differs between two stories as far as both tell of terms, whatever their ends.

    `is_over`: the subscription has ended. Then nothing is booked any more, and whether it was
    paused in the end shows in what was paid.
    """
    one, other = (past_of(replace(each, end_on=end_on)) for each in (told, held))
    if told.started_on != held.started_on:
        yield "started_on"
    if one.plan.key != other.plan.key:
        yield "plan"
    if one.price_e4 != other.price_e4:
        yield "price"
    if one.paused_on != other.paused_on and not is_over:
        yield "paused_on"
    until = told.booked_until if is_over else min(told.booked_until, held.booked_until)
    if _paid(one, until) != _paid(other, until):
        yield "terms"


def _paid(past: Past, until: date) -> list[tuple[date, date, int, str]]:
    """Return days, price and cadence of what was paid before a day."""
    paid = [
        one
        for one in past.terms
        if not one.is_skipped and one.price_e4 and one.days.start < until
    ]
    return [
        (
            one.days.start,
            min(one.days.end, until),
            one.price_e4,
            str(one.plan.bare.cadence),
        )
        for one in paid
    ]


def _end(head: ReadRow) -> date | None:
    return first_day_after(cast("date | None", head.values.get("last_on")))


def first_day_after(day: date | None) -> date | None:
    """Return the day after a last day; None for an open end."""
    return None if day is None or day.year >= _NEVER else day + timedelta(days=1)
