"""What a file changes of existing subscriptions: plain fields and the end (decision 0015)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple, cast

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
    head: ReadRow, story: Story | None, stored: Story, before: StoredColumns
) -> Iterator[str]:
    """Yield the fields that a row says otherwise and a file may not change.

    `story` is what the file tells, None: it says nothing of figures; `stored` is what is
    there.
    """
    end_on = _end(head)
    is_over = before["state"] == _ENDED
    yield from _others(head, before, with_figures=story is None)
    if end_on not in (None, before["end_on"]) and is_over:
        yield "last_on"
        return
    if story is None:
        return
    common_end = end_on or before["end_on"]
    differing = list(_figures(story, stored, common_end, is_over=is_over))
    # What was paid differs wherever a figure does: then it says nothing more.
    yield from [key for key in differing if key != "terms"] or differing
    if head.values.get("booked_to") and _tells_later_terms(story, stored):
        yield "booked_to"


def _tells_later_terms(story: Story, stored: Story) -> bool:
    """Return whether a story has terms after all that are booked."""
    for term in past_of(story).terms:
        if term.days.start >= stored.booked_until and not term.is_skipped:
            return True
    return False


def _others(
    head: ReadRow, before: StoredColumns, *, with_figures: bool
) -> Iterator[str]:
    """Yield the cells of a row that the subscription has otherwise.

    Price, plan and start only `with_figures`.
    """
    for key in ("organization", "person"):
        name = head.values.get(key)
        if name is None:
            continue
        if likeness(str(name), before[f"{key}_name"] or "") is None:
            yield key
    price = head.values.get("price")
    if isinstance(price, Money) and price.currency != before["currency"]:
        yield "currency"
    if with_figures:
        yield from _other_figures(head, before)


def _other_figures(head: ReadRow, before: StoredColumns) -> Iterator[str]:
    if head.values.get("started_on") not in (None, before["started_on"]):
        yield "started_on"
    if head.values.get("plan") not in (None, before["plan_id"]):
        yield "plan"
    price = head.values.get("price")
    if isinstance(price, Money) and price.amount_e4 != before["price_e4"]:
        yield "price"


def _figures(
    story: Story, stored: Story, end_on: date | None, *, is_over: bool
) -> Iterator[str]:
    """Yield what differs between two stories as far as both tell of terms, whatever their ends.

    `is_over`: the subscription has ended. Then nothing is booked any more, and whether it was
    paused in the end shows in what was paid.
    """
    past = past_of(replace(story, end_on=end_on))
    stored_past = past_of(replace(stored, end_on=end_on))
    if story.started_on != stored.started_on:
        yield "started_on"
    if past.plan.key != stored_past.plan.key:
        yield "plan"
    if past.price_e4 != stored_past.price_e4:
        yield "price"
    if past.paused_on != stored_past.paused_on and not is_over:
        yield "paused_on"
    until = story.booked_until
    if not is_over:
        until = min(until, stored.booked_until)
    if _paid(past, until) != _paid(stored_past, until):
        yield "terms"


class _PaidTerm(NamedTuple):
    """What was paid for, at which price and how often."""

    start: date
    end: date
    price_e4: int
    cadence: str


def _paid(past: Past, until: date) -> list[_PaidTerm]:
    """Return what was paid before a day."""
    paid = []
    for term in past.terms:
        if term.is_skipped or not term.price_e4 or term.days.start >= until:
            continue
        end = min(term.days.end, until)
        cadence = str(term.plan.bare.cadence)
        paid.append(_PaidTerm(term.days.start, end, term.price_e4, cadence))
    return paid


def _end(head: ReadRow) -> date | None:
    return first_day_after(cast("date | None", head.values.get("last_on")))


def first_day_after(day: date | None) -> date | None:
    """Return the day after a last day; None for an open end."""
    return (
        None if day is None or day.year >= _NEVER else day + timedelta(days=1)
    )
