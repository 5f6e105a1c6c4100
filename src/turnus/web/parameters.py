"""Ids and days from forms and addresses: anybody may type anything; nonsense is refused."""

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_date

from turnus.core.cadence_days import parse_days
from turnus.core.fields.currencies import is_code
from turnus.kit.days import reckonable
from turnus.kit.errors import UserError

M = TypeVar("M", bound=Model)
#: Longer numbers fit into no column.
_DIGITS = 18
_NEVER = 9_000
#: No list is so long; further on, databases would count beyond their numbers.
_LAST_PAGE = 1_000_000
#: No name that is searched for is longer.
_LONGEST_SEARCH = 255


def number_in(text: str | None) -> int | None:
    """Return the whole number, None if the text is none that a column could hold."""
    return (
        int(text)
        if text and text.isdecimal() and len(text) <= _DIGITS
        else None
    )


def ids_in(texts: Iterable[str]) -> list[int]:
    """Return the ids among the texts."""
    return [number for number in map(number_in, texts) if number is not None]


def page_in(text: str | None) -> int:
    """Return the number of a page, from 1 on; the first for what is no number."""
    return min(max(number_in(text) or 1, 1), _LAST_PAGE)


def currency_in(text: str | None, usual: str) -> str:
    """Return the posted code of a currency, `usual` for none; refuses what is no code."""
    code = (text or usual).strip().upper()
    if not is_code(code):
        raise UserError("currency.invalid", code=code)
    return code


def search_in(text: str | None) -> str:
    """Return the text that is searched for, empty for none; refuses one that no name can hold."""
    wanted = (text or "").strip()
    if len(wanted) > _LONGEST_SEARCH:
        raise UserError("search.too_long", limit=_LONGEST_SEARCH)
    return wanted


def row_after(text: str | None, otherwise: str = "") -> str:
    """Return the anchor of the next row that the form names (keyboard.js); else `otherwise`."""
    return (
        f"#{text}" if text and text.replace("-", "").isalnum() else otherwise
    )


def chosen(objects: type[M] | QuerySet[M], text: str | None) -> M:
    """Return the object whose id was posted; 404 if there is none."""
    return get_object_or_404(objects, pk=number_in(text))


def chosen_or_none(
    objects: type[M] | QuerySet[M], text: str | None
) -> M | None:
    """Return the object whose id was posted, None if none was; 404 if there is no such object."""
    return chosen(objects, text) if text else None


def day_in(text: str | None) -> date | None:
    """Return the day, None for a blank; refuses what is no day, or too far away."""
    day = _any_day_in(text)
    return None if day is None else reckonable(day)


def end_in(text: str | None) -> date | None:
    """Return the last day, None for a blank and for never (31.12.9999); refuses as `day_in`."""
    day = _any_day_in(text)
    return None if day is None or day.year >= _NEVER else reckonable(day)


def _any_day_in(text: str | None) -> date | None:
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:  # the thirty-first of February
        day = None
    if day is None:
        raise UserError("row.date_invalid", text=text)
    return day


def half_month_days(typed: str) -> tuple[int, int] | None:
    """Return the two posted days of the month for twice a month, None for a blank."""
    text = typed.strip()
    if not text:
        return None
    try:
        return parse_days(text)
    except ValueError:
        raise UserError("plan.days_invalid", days=text[:40]) from None
