"""Values -> text that reads back as the same value, for files, forms and messages."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from turnus.core.fields.kinds import CHOICE_KINDS, LINK_KINDS, SET_KINDS
from turnus.core.fields.kinds import FieldKind as K
from turnus.core.fields.notation import Notation
from turnus.core.fields.points import show_points
from turnus.core.fields.rules import Choices
from turnus.core.fields.values import ContactPoint, Value
from turnus.core.money import Money


def show(
    kind: K, value: Value | None, *, notation: Notation, choices: Choices | None = None
) -> str:
    """Return `value` as text in a notation, empty for None; `parse` gives the value back."""
    if value is None:
        return ""
    if kind in SET_KINDS and isinstance(value, tuple):
        return ", ".join(_name(one, choices) for one in value)
    if kind in CHOICE_KINDS or kind in LINK_KINDS:
        return _name(value, choices)
    shown = _SHOW.get(kind)
    return shown(value, notation) if shown else str(value)


def _name(stored: Any, choices: Choices | None) -> str:
    return choices.name(stored) if choices else str(stored)


def _number(value: Decimal | int, notation: Notation) -> str:
    text = f"{value:f}"
    return text.replace(".", ",") if notation.decimal_comma else text


def _money(value: Money, notation: Notation) -> str:
    return f"{_number(value.amount, notation)} {value.currency}"


def _day(value: date, notation: Notation) -> str:
    return f"{value:%d.%m.%Y}" if notation.decimal_comma else value.isoformat()


def _moment(value: date, notation: Notation) -> str:
    if not isinstance(value, datetime):
        return _day(value, notation)
    return f"{_day(value.date(), notation)} {value:%H:%M:%S}"


def _time(value: time, _notation: Notation) -> str:
    return f"{value:%H:%M:%S}"


def _points(points: tuple[ContactPoint, ...], notation: Notation) -> str:
    return show_points(points, "de" if notation.decimal_comma else "en")


_SHOW: dict[K, Callable[[Any, Notation], str]] = {
    K.NUMBER: _number,
    K.PERCENT: _number,
    K.MONEY: _money,
    K.DATE: _day,
    K.MOMENT: _moment,
    K.TIME: _time,
    K.DATE_RANGE: lambda span, notation: (
        f"{_day(span.start, notation)} – {_day(span.end, notation)}"
    ),
    K.TIME_RANGE: lambda span, notation: (
        f"{_time(span.start, notation)} – {_time(span.end, notation)}"
    ),
    K.ADDRESS: lambda address, _notation: address.text,
    K.EMAILS: _points,
    K.PHONES: _points,
}
