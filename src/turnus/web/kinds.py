"""How each field kind looks on screen: its name, its input, its text. No other table does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, auto
from typing import cast
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from turnus.core.fields import (
    ContactPoint,
    DateSpan,
    FieldKind,
    Notation,
    TimeSpan,
    from_cells,
    parse,
    show,
)
from turnus.core.money import Money, from_e4
from turnus.fields.choices import Choice, KnownChoices
from turnus.fields.part_words import label_name
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


class CellForm(Enum):
    """What a cell of a list shows."""

    TEXT = auto()
    #: In the color of the status.
    STATUS = auto()
    #: Behind a ring, with the pipeline beside it.
    STAGE = auto()
    #: Each in its color.
    LABELS = auto()
    #: The day, with the time of day dimmed beside it.
    MOMENT = auto()


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


def _iso(value: date | time, _screen: Screen) -> str:
    return value.isoformat()


def _local_minute(value: datetime, screen: Screen) -> str:
    return f"{value.astimezone(screen.zone):%Y-%m-%dT%H:%M}"


#: What a condition of a filter compares a field with, in stored form.
Compared = str | int


@dataclass(frozen=True, slots=True)
class ComparedValue:
    """The value of a condition: in words, and from what was typed."""

    words: Callable[[Compared, Notation], str]
    stored: Callable[[str, Notation], Compared]


def _words_as_is(stored: Compared, _notation: Notation) -> str:
    return str(stored)


def _words_as(kind: FieldKind) -> Callable[[Compared, Notation], str]:
    def words(stored: Compared, notation: Notation) -> str:
        return show(
            kind, from_cells(kind, "it", {"it": stored}), notation=notation
        )

    return words


def _amount_words(stored: Compared, notation: Notation) -> str:
    return show(FieldKind.NUMBER, from_e4(int(stored)), notation=notation)


def _typed_text(text: str, _notation: Notation) -> str:
    return text.strip()


def _typed_amount(text: str, notation: Notation) -> int:
    amount = parse(FieldKind.MONEY, text, notation=notation, currency="EUR")
    return cast("Money", amount).amount_e4


def _typed_number(text: str, notation: Notation) -> int:
    return int(_decimal(text, notation) * _MILLIONTH)


def _typed_whole(text: str, notation: Notation) -> int:
    return int(_decimal(text, notation))


def _decimal(text: str, notation: Notation) -> Decimal:
    return cast("Decimal", parse(FieldKind.NUMBER, text, notation=notation))


#: Conditions compare stored numbers, which count millionths.
_MILLIONTH = 1_000_000
_TEXT = ComparedValue(_words_as_is, _typed_text)
_NUMBER = ComparedValue(_words_as(FieldKind.NUMBER), _typed_number)
_AMOUNT = ComparedValue(_amount_words, _typed_amount)
_WHOLE = ComparedValue(_words_as_is, _typed_whole)
_DAY = ComparedValue(_words_as(FieldKind.DATE), _typed_text)
_TIME = ComparedValue(_words_as(FieldKind.TIME), _typed_text)


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
    #: From a value to the text of its input; None: as it is typed.
    input_text: Callable[..., str] | None = None
    #: What a cell of a list shows.
    cell: CellForm = CellForm.TEXT
    #: Of a span: the kind of either end.
    end: FieldKind | None = None
    #: The value of a condition, where it is no choice and no contact.
    compared: ComparedValue = _TEXT


def choice_words(choices: KnownChoices, value: object) -> str:
    """Return the words of a choice, or of several."""
    stored = value if isinstance(value, tuple) else (value,)
    words = [choices.name(cast("Choice", each)) for each in stored]
    return ", ".join(words)


def points_in(value: object) -> list[ContactPoint]:
    """Return the e-mails or phones that a value lists; none for other values."""
    if not isinstance(value, tuple):
        return []
    return [point for point in value if isinstance(point, ContactPoint)]


def point_text(point: ContactPoint, language: str) -> str:
    """Return an e-mail or a phone with what it is for."""
    return f"{point.value} ({label_name(point.label, language)})"


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
        compared=_NUMBER,
    ),
    FieldKind.MONEY: Face(
        Widget.MONEY, _("Monetary value"), look="number", compared=_AMOUNT
    ),
    FieldKind.OPTION: Face(Widget.CHOICE, _("Single option")),
    FieldKind.OPTIONS: Face(Widget.CHOICES, _("Multiple options")),
    FieldKind.USER: Face(Widget.CHOICE, _("User"), look="user"),
    FieldKind.PERSON: Face(Widget.CONTACT, _("Person")),
    FieldKind.ORGANIZATION: Face(Widget.CONTACT, _("Organization")),
    FieldKind.PHONE: Face(name=_("Phone"), html="tel"),
    FieldKind.DATE: Face(
        name=_("Date"), html="date", text=_day, input_text=_iso, compared=_DAY
    ),
    FieldKind.DATE_RANGE: Face(
        Widget.SPAN,
        _("Date range"),
        html="date",
        hint=_("First and last day; a single day needs no second date"),
        text=_days,
        end=FieldKind.DATE,
        compared=_DAY,
    ),
    FieldKind.TIME: Face(
        name=_("Time"), html="time", input_text=_iso, compared=_TIME
    ),
    FieldKind.TIME_RANGE: Face(
        Widget.SPAN,
        _("Time range"),
        html="time",
        hint=_("Start and end, for example 22:00 and 06:30"),
        text=_times,
        end=FieldKind.TIME,
    ),
    FieldKind.ADDRESS: Face(name=_("Address")),
    FieldKind.ID: Face(look="number", compared=_WHOLE),
    FieldKind.PERCENT: Face(
        mode="numeric",
        hint=_("A whole number from 0 to 100"),
        look="number",
        compared=_WHOLE,
    ),
    FieldKind.MOMENT: Face(
        html="datetime-local",
        text=_moment,
        input_text=_local_minute,
        cell=CellForm.MOMENT,
        compared=_DAY,
    ),
    FieldKind.EMAILS: Face(Widget.POINTS, mode="email"),
    FieldKind.PHONES: Face(Widget.POINTS, mode="tel"),
    FieldKind.LABELS: Face(Widget.CHOICES, cell=CellForm.LABELS),
    FieldKind.STAGE: Face(Widget.CHOICE, look="stage", cell=CellForm.STAGE),
    FieldKind.STATUS: Face(Widget.CHOICE, cell=CellForm.STATUS),
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
