"""Marks of time and running numbers in a deal's title, each read as a number and written back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain

from turnus.core.calendar import days_in_month


class MarkKind(StrEnum):
    """What a mark counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    NUMBER = "number"


#: How many there are in a year.
PARTS_OF_YEAR = {
    MarkKind.MONTH: 12,
    MarkKind.QUARTER: 4,
    MarkKind.HALF_YEAR: 2,
}

_GERMAN_MONTHS = (
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jan feb mär apr mai jun jul aug sep okt nov dez",
    "jan feb mrz apr mai jun jul aug sep okt nov dez",
    "jan feb märz apr mai juni juli aug sept okt nov dez",
)
_ENGLISH_MONTHS = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb mar apr may june july aug sept oct nov dec",
)
#: Language -> the ways to name the twelve months.
MONTH_NAMES: Mapping[str, Sequence[Sequence[str]]] = {
    "de": [names.split() for names in _GERMAN_MONTHS],
    "en": [names.split() for names in _ENGLISH_MONTHS],
}
_MONTH_OF_NAME = {
    name: number
    for names in chain.from_iterable(MONTH_NAMES.values())
    for number, name in enumerate(names, 1)
}

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_ALTERNATIVES = "|".join(sorted(_MONTH_OF_NAME, key=len, reverse=True))
_MONTH_NAME = rf"(?<![^\W_])(?P<name>{_ALTERNATIVES})(?![^\W_])"
_MONTH_NUMBER = r"(?P<part>1[0-2]|0?[1-9])"


def _figure(pattern: str) -> str:
    """Return the pattern for a figure that is no part of a longer one."""
    return rf"(?<![\d/])(?<!\d[.,-]){pattern}(?![\d/])(?![.,-]\d)"


def _text(pattern: str) -> str:
    return rf"(?<![^\W_]){pattern}(?![^\W_])"


@dataclass(frozen=True, slots=True)
class MarkForm:
    """A way to write a mark: groups `day`, `part` or `name`, `year`, `following` (year)."""

    kind: MarkKind
    pattern: re.Pattern[str]


def _form(kind: MarkKind, pattern: str) -> MarkForm:
    return MarkForm(kind, re.compile(pattern, re.IGNORECASE))


#: In the order in which they are looked for: what one has found, no later one reads.
_FORMS = (
    _form(MarkKind.DAY, _figure(rf"{_YEAR}-(?P<part>\d\d)-(?P<day>\d\d)")),
    _form(
        MarkKind.DAY,
        _figure(rf"(?P<day>\d\d?)\.\ ?(?P<part>\d\d?)\.\ ?{_YEAR}"),
    ),
    _form(
        MarkKind.WEEK,
        _text(rf"(?:KW|CW|week|Woche) ?(?P<part>\d\d?)[ /]+{_YEAR}"),
    ),
    _form(MarkKind.WEEK, _text(r"(?:KW|CW|week|Woche) ?(?P<part>\d\d?)")),
    _form(MarkKind.QUARTER, _text(rf"Q(?P<part>[1-4])[ /-]*{_YEAR}")),
    _form(MarkKind.QUARTER, _text(rf"{_YEAR}[ /-]*Q(?P<part>[1-4])")),
    _form(MarkKind.QUARTER, _text(rf"(?P<part>[1-4])\. Quartal[ /-]*{_YEAR}")),
    _form(MarkKind.QUARTER, _text(r"Q(?P<part>[1-4])")),
    _form(MarkKind.QUARTER, _text(r"(?P<part>[1-4])\. Quartal")),
    _form(MarkKind.HALF_YEAR, _text(rf"H(?P<part>[12])[ /-]*{_YEAR}")),
    _form(
        MarkKind.HALF_YEAR, _text(rf"(?P<part>[12])\. Halbjahr[ /-]*{_YEAR}")
    ),
    _form(MarkKind.HALF_YEAR, _text(r"H(?P<part>[12])")),
    _form(MarkKind.HALF_YEAR, _text(r"(?P<part>[12])\. Halbjahr")),
    _form(MarkKind.MONTH, rf"{_MONTH_NAME}[. /'’-]*{_YEAR}(?!\d)"),
    _form(MarkKind.MONTH, rf"{_MONTH_NAME}[. ]*[/'’ ](?P<year>\d\d)(?![\d.])"),
    _form(MarkKind.MONTH, _MONTH_NAME),
    _form(MarkKind.MONTH, _figure(rf"{_MONTH_NUMBER}[/.-]{_YEAR}")),
    _form(MarkKind.MONTH, _figure(rf"{_YEAR}[/.-]{_MONTH_NUMBER}")),
    _form(
        MarkKind.YEAR, _figure(rf"{_YEAR} ?[/–-] ?(?P<following>\d{{4}}|\d\d)")
    ),
    _form(MarkKind.MONTH, _figure(rf"{_MONTH_NUMBER}/(?P<year>\d\d)")),
    _form(MarkKind.YEAR, rf"(?<![\d]){_YEAR}(?!\d)"),
    _form(MarkKind.NUMBER, r"(?<!\d)(?P<part>\d{1,6})(?!\d)"),
)


#: Which of the two is the month, such a day does not say: it is no mark, nor are its numbers.
_SLASHED_DAY = re.compile(r"(?<![\d/])\d\d?/\d\d?/\d{2,4}(?![\d/])")
_NEAR_YEARS = 2
#: Every form has a digit or a month's name: most titles have neither, and many are read.
_MAY_HAVE_MARKS = re.compile(rf"\d|{_MONTH_NAME}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TitleMark:
    """A mark where it stands in a title.

    `value` counts the days, weeks, months, quarters, half-years or years of the calendar as
    `position` does. Without a year it is the number that the title says.
    """

    form: MarkForm
    value: int
    found: re.Match[str]

    @property
    def kind(self) -> MarkKind:
        """What it counts."""
        return self.form.kind

    @property
    def has_year(self) -> bool:
        """Whether the title says which year is meant."""
        return "year" in self.found.re.groupindex

    @property
    def name(self) -> str:
        """The month's name in lower case; empty where it is a number."""
        named = "name" in self.found.re.groupindex
        return self.found["name"].lower() if named else ""

    @property
    def figure(self) -> str:
        """The digits of its number, as the title writes them; empty where it has none."""
        numbered = "part" in self.found.re.groupindex
        return self.found["part"] if numbered else ""


def marks_in(title: str, *, near: date) -> list[TitleMark]:
    """Return the marks of a title, from left to right; two digits are a year only `near` a day.

    >>> marks = marks_in("Hosting Q3 2025, Rate 4", near=date(2025, 7, 1))
    >>> [(str(mark.kind), mark.found.group()) for mark in marks]
    [('quarter', 'Q3 2025'), ('number', '4')]
    """
    if not _MAY_HAVE_MARKS.search(title):
        return []
    marks: list[TitleMark] = []
    readable = _SLASHED_DAY.sub(lambda found: " " * len(found.group()), title)
    for form in _FORMS:
        for found in form.pattern.finditer(readable):
            is_free = all(
                found.end() <= mark.found.start()
                or mark.found.end() <= found.start()
                for mark in marks
            )
            if not is_free or _is_far(found, near):
                continue
            value = _value(form, found)
            if value is not None:
                marks.append(TitleMark(form, value, found))
    return sorted(marks, key=lambda mark: mark.found.start())


def _is_far(found: re.Match[str], near: date) -> bool:
    """Return whether two digits for a year mean one far from the day: they are a number."""
    text = found.groupdict().get("year")
    if text is None or len(text) == 4:
        return False
    return abs(_year(text) - near.year) > _NEAR_YEARS


def position(kind: MarkKind, day: date) -> int:
    """Return the number of the day's week, month, quarter or half-year."""
    if kind is MarkKind.WEEK:
        return (day.toordinal() - 1) // 7
    parts = PARTS_OF_YEAR[kind]
    return day.year * parts + (day.month - 1) * parts // 12


def written(
    mark: TitleMark,
    value: int,
    *,
    is_padded: bool,
    names: Sequence[str] | None,
) -> str:
    """Return the mark's text with another value; `names` are those of the twelve months."""
    numbers = _numbers(mark, value)
    texts = {}
    for group, number in numbers.items():
        before = mark.found[group]
        if group == "name":
            assert names is not None  # noqa: S101 (a named month comes with the names)
            texts[group] = _cased_like(before, names[number - 1])
        elif group in {"year", "following"}:
            texts[group] = f"{number:04}"[-len(before) :]
        else:
            texts[group] = (
                f"{number:0{len(before)}}" if is_padded else str(number)
            )
    return _replaced(mark.found, texts)


def _value(form: MarkForm, found: re.Match[str]) -> int | None:
    """Return what the mark says; None where it is no day, no span of years, no week."""
    groups = found.groupdict()
    year = _year(groups.get("year"))
    if form.kind is MarkKind.NUMBER:
        return int(groups["part"])
    if form.kind is MarkKind.YEAR:
        following = groups.get("following")
        is_span = (
            following is None or int(following) % 100 == (int(year) + 1) % 100
        )
        return year if is_span else None
    part = _MONTH_OF_NAME[groups["name"].lower()] if "name" in groups else None
    if part is None:
        part = int(groups["part"])
    if form.kind is MarkKind.DAY:
        return _day_number(year, part, int(groups["day"]))
    if "year" not in groups:
        return part
    if form.kind is MarkKind.WEEK:
        return _week_number(year, part)
    return year * PARTS_OF_YEAR[form.kind] + part - 1


def _year(text: str | None) -> int:
    if text is None:
        return 0
    return int(text) if len(text) == 4 else 2000 + int(text)


def _day_number(year: int, month: int, day: int) -> int | None:
    is_month = 1 <= month <= 12
    if not is_month or not 1 <= day <= days_in_month(date(year, month, 1)):
        return None
    return date(year, month, day).toordinal()


def _week_number(year: int, week: int) -> int | None:
    try:
        return position(MarkKind.WEEK, date.fromisocalendar(year, week, 1))
    except ValueError:
        return None


def _numbers(mark: TitleMark, value: int) -> dict[str, int]:
    """Return what stands in each group of the mark's pattern for a value."""
    if mark.kind is MarkKind.DAY:
        day = date.fromordinal(value)
        return {"year": day.year, "part": day.month, "day": day.day}
    if mark.kind is MarkKind.YEAR:
        has_span = "following" in mark.found.re.groupindex
        return {"year": value} | ({"following": value + 1} if has_span else {})
    part_group = "name" if mark.name else "part"
    if not mark.has_year:
        return {part_group: value}
    if mark.kind is MarkKind.WEEK:
        year, week, _weekday = date.fromordinal(value * 7 + 1).isocalendar()
        return {"year": year, "part": week}
    year, part = divmod(value, PARTS_OF_YEAR[mark.kind])
    return {"year": year, part_group: part + 1}


def _replaced(found: re.Match[str], texts: Mapping[str, str]) -> str:
    """Return what was found with other texts in its groups."""
    result = found.group()
    for group in sorted(texts, key=found.start, reverse=True):
        start = found.start(group) - found.start()
        end = found.end(group) - found.start()
        result = result[:start] + texts[group] + result[end:]
    return result


def _cased_like(before: str, name: str) -> str:
    if before.islower():
        return name
    return (
        name.upper()
        if before.isupper() and len(before) > 1
        else name.capitalize()
    )
