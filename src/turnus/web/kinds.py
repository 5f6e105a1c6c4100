"""How each field kind looks on screen: its name, its input, its text. No other table does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, auto
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from turnus.core.fields import DateSpan, FieldKind, TimeSpan
from turnus.kit import formats


class Widget(Enum):
    """What a person types or picks a value with."""

    LINE = auto()
    AUTOCOMPLETE = auto()
    TEXTAREA = auto()
    MONEY = auto()
    CONTACT = auto()
    SPAN = auto()
    POINTS = auto()
    CHOICE = auto()
    CHOICES = auto()


@dataclass(frozen=True, slots=True)
class Screen:
    """In whose zone and language values are shown."""

    zone: ZoneInfo
    language: str


def _as_is(value: object, _screen: Screen) -> str:
    """Return the text of a value; an address is its own text."""
    return str(getattr(value, "text", value))


def _number(value: Decimal | int, screen: Screen) -> str:
    return formats.number(value, screen.language)


def _day(value: date, screen: Screen) -> str:
    return formats.day(value, screen.language)


def _moment(value: datetime, screen: Screen) -> str:
    return formats.moment(value, screen.zone, screen.language)


def _days(value: DateSpan, screen: Screen) -> str:
    return f"{_day(value.start, screen)} – {_day(value.end, screen)}"


def _times(value: TimeSpan, _screen: Screen) -> str:
    return f"{value.start:%H:%M} – {value.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class Face:
    """One kind on screen."""

    widget: Widget = Widget.LINE
    #: Its name in the list of types; empty for kinds that no custom field has.
    name: Promise | str = ""
    #: The HTML type of its input.
    html: str = "text"
    #: Which keys a touch screen offers where the input itself is text.
    mode: str = ""
    #: How a value is written, where the input does not show it by itself.
    hint: Promise | str = ""
    #: How cells of a list look: `number` stands on the right.
    look: str = ""
    #: From a value, which is neither an amount nor a choice nor a list, to its text.
    text: Callable[..., str] = _as_is


_CHOICE = Face(Widget.CHOICE)

FACES: Mapping[FieldKind, Face] = {
    FieldKind.TEXT: Face(name=_("Text")),
    FieldKind.LARGE_TEXT: Face(Widget.TEXTAREA, _("Large text")),
    FieldKind.AUTOCOMPLETE: Face(Widget.AUTOCOMPLETE, _("Autocomplete")),
    FieldKind.NUMBER: Face(
        name=_("Number"),
        mode="decimal",
        hint=_("For example 1,234.5"),
        look="number",
        text=_number,
    ),
    FieldKind.MONEY: Face(Widget.MONEY, _("Monetary value"), look="number"),
    FieldKind.OPTION: Face(Widget.CHOICE, _("Single option")),
    FieldKind.OPTIONS: Face(Widget.CHOICES, _("Multiple options")),
    FieldKind.USER: Face(Widget.CHOICE, _("User"), look="user"),
    FieldKind.PERSON: Face(Widget.CONTACT, _("Person")),
    FieldKind.ORGANIZATION: Face(Widget.CONTACT, _("Organization")),
    FieldKind.PHONE: Face(name=_("Phone"), html="tel"),
    FieldKind.DATE: Face(name=_("Date"), html="date", text=_day),
    FieldKind.DATE_RANGE: Face(
        Widget.SPAN,
        _("Date range"),
        html="date",
        hint=_("First and last day; a single day needs no second date"),
        text=_days,
    ),
    FieldKind.TIME: Face(name=_("Time"), html="time"),
    FieldKind.TIME_RANGE: Face(
        Widget.SPAN,
        _("Time range"),
        html="time",
        hint=_("Start and end, for example 22:00 and 06:30"),
        text=_times,
    ),
    FieldKind.ADDRESS: Face(name=_("Address")),
    FieldKind.ID: Face(look="number"),
    FieldKind.PERCENT: Face(
        mode="numeric", hint=_("A whole number from 0 to 100"), look="number"
    ),
    FieldKind.MOMENT: Face(html="datetime-local", text=_moment),
    FieldKind.EMAILS: Face(Widget.POINTS, mode="email"),
    FieldKind.PHONES: Face(Widget.POINTS, mode="tel"),
    FieldKind.LABELS: Face(Widget.CHOICES),
    FieldKind.STAGE: Face(Widget.CHOICE, look="stage"),
    FieldKind.STATUS: _CHOICE,
    FieldKind.PIPELINE: _CHOICE,
    FieldKind.VISIBILITY: _CHOICE,
    FieldKind.CURRENCY: _CHOICE,
    FieldKind.TEAM: _CHOICE,
    FieldKind.SEQUENCE: _CHOICE,
    FieldKind.PLAN: _CHOICE,
    FieldKind.SUBSCRIPTION_STATE: _CHOICE,
    FieldKind.RENEWAL_WAY: _CHOICE,
    FieldKind.SUBSCRIPTION_ENTRY: _CHOICE,
}
