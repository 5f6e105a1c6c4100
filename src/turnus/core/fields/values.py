"""The values of compound kinds, and the union of all that a field can hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import TypedDict

from turnus.core.money import Money


@dataclass(frozen=True, slots=True)
class DateSpan:
    """From `start` to `end`, both days included, as people enter it."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """From `start` to `end` of a day; an end before the start is the next morning."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Address:
    """An address as written, with its parts if known (`street`, `house_number`, `city`, ...)."""

    text: str
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """An e-mail address or phone number with what it is for: `work`, `home`, `mobile`, `other`."""

    value: str
    label: str = "work"


#: A present value; an absent one is None. Ids of options, users, records are integers; several
#: choices a sorted tuple.
Value = (
    str
    | int
    | Decimal
    | Money
    | tuple[int, ...]
    | date
    | datetime
    | DateSpan
    | time
    | TimeSpan
    | Address
    | tuple[ContactPoint, ...]
)


class PointJson(TypedDict):
    """A contact point as the column of a built-in field holds it."""

    value: str
    label: str


#: What JSON holds of a value, under one key.
Json = str | int | list[int] | dict[str, str]
#: What the column of a built-in field holds.
ColumnValue = Value | list[int] | list[PointJson]
