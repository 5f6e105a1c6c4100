"""Ids and days as a form or an address brings them: anybody may type anything, and nonsense is refused, never a failure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_date

from turnus.core.cadence_days import parse_days
from turnus.kit.errors import UserError

M = TypeVar("M", bound=Model)
#: Longer numbers fit into no column.
_DIGITS = 18


def number_in(text: str | None) -> int | None:
    """Return the whole number, None if the text is none that a column could hold."""
    return int(text) if text and text.isdecimal() and len(text) <= _DIGITS else None


def ids_in(texts: Iterable[str]) -> list[int]:
    """Return the ids among the texts."""
    return [number for number in map(number_in, texts) if number is not None]


def row_after(text: str | None, otherwise: str = "") -> str:
    """Return the anchor of the row that comes after the one that was acted on, as its form says (keyboard.js); else `otherwise`."""
    return f"#{text}" if text and text.replace("-", "").isalnum() else otherwise


def chosen(objects: type[M] | QuerySet[M], text: str | None) -> M:
    """Return the object whose id was posted; 404 if there is none."""
    return get_object_or_404(objects, pk=number_in(text))


def day_in(text: str | None) -> date | None:
    """Return the day, None for a blank; refuses what is no day of the calendar."""
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:  # the thirty-first of February
        day = None
    if day is None:
        raise UserError("row.date_invalid", text=text)
    return day


def half_month_days(given: Mapping[str, str]) -> tuple[int, int] | None:
    """Return the two days of the month that were posted for a plan of twice a month, None for a blank."""
    text = given.get("half_month_days", "").strip()
    if not text:
        return None
    try:
        return parse_days(text)
    except ValueError:
        raise UserError("plan.days_invalid", days=text[:40]) from None
