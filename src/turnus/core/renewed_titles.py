"""The title of a renewal: what moved from term to term in the titles before it moves on.

Only what the history shows is moved: at least two different months, years or numbers that keep
pace with the terms. "Office 2019" or a product number stands still, and stays.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from turnus.core.calendar import days_in_month
from turnus.core.title_marks import (
    MONTH_NAMES,
    PARTS_OF_YEAR,
    MarkKind,
    TitleMark,
    marks_in,
    position,
    written,
)

#: A mark that is further from its term stands for something else: two years, in days.
_FAR_DAYS = 731
_DAYS_OF = {
    MarkKind.DAY: 1,
    MarkKind.WEEK: 7,
    MarkKind.MONTH: 30,
    MarkKind.QUARTER: 91,
    MarkKind.HALF_YEAR: 182,
    MarkKind.YEAR: 365,
}


@dataclass(frozen=True, slots=True)
class TitledTerm:
    """A term that was sold under a title; `number` counts the terms of its subscription."""

    title: str
    starts_on: date
    number: int


@dataclass(frozen=True, slots=True)
class _Column:
    """One mark through the history: what it was in each term, and the term to be written."""

    marks: Sequence[TitleMark]
    terms: Sequence[TitledTerm]
    starts_on: date
    number: int

    @property
    def last(self) -> TitleMark:
        return self.marks[-1]


def renewed_title(
    history: Sequence[TitledTerm], *, starts_on: date, number: int, language: str
) -> str:
    """Return the title of the term that starts on a day, after those of `history`, in order.

    `language` (`de` or `en`) decides where a month's name fits both.

    >>> def months(*titles: str) -> list[TitledTerm]:
    ...     return [
    ...         TitledTerm(title, date(2025, month, 1), month)
    ...         for month, title in enumerate(titles, 1)
    ...     ]
    >>> next_term = {"starts_on": date(2025, 3, 1), "number": 3, "language": "de"}
    >>> renewed_title(months("Hosting 01/2025", "Hosting 02/2025"), **next_term)
    'Hosting 03/2025'
    >>> renewed_title(months("Office 2019", "Office 2019"), **next_term)
    'Office 2019'
    """
    title = history[-1].title
    last_marks = marks_in(title, near=history[-1].starts_on)
    if not last_marks:
        return title
    rows = [(term, marks_in(term.title, near=term.starts_on)) for term in history]
    skeleton = _skeleton(title, last_marks)
    alike = [
        (term, marks)
        for term, marks in rows
        if _skeleton(term.title, marks) == skeleton
    ]
    terms = [term for term, _marks in alike]
    moved: list[tuple[TitleMark, str]] = []
    for index, mark in enumerate(last_marks):
        column = _Column(
            [marks[index] for _term, marks in alike], terms, starts_on, number
        )
        value = _next_value(column)
        if value is not None and value != mark.value:
            moved.append((mark, _text(column, value, language)))
    if _exceeds_its_total(last_marks, moved, title):
        return title
    for mark, text in reversed(moved):
        title = title[: mark.found.start()] + text + title[mark.found.end() :]
    return title


def _skeleton(title: str, marks: Sequence[TitleMark]) -> tuple[str, ...]:
    """Return what is left of a title without its marks, and what kinds of marks they are."""
    pieces = []
    end = 0
    for mark in marks:
        pieces += [title[end : mark.found.start()], mark.form.pattern.pattern]
        end = mark.found.end()
    return (*(" ".join(piece.casefold().split()) for piece in pieces), title[end:])


def _next_value(column: _Column) -> int | None:
    """Return what the mark says in the next term; None where nothing shows that it moves."""
    if len({mark.value for mark in column.marks}) < 2:
        return None
    kind = column.last.kind
    if kind is MarkKind.NUMBER:
        return _next_number(column)
    if kind is MarkKind.YEAR:
        return _next_year(column)
    if not column.last.has_year:
        return _next_within_year(column)
    if kind is MarkKind.DAY:
        return _next_day(column)
    return _moved_on(column, lambda day: position(kind, day))


def _moved_on(column: _Column, place: Callable[[date], int]) -> int | None:
    """Return the value as far from the next term as most are from theirs."""
    kind = column.last.kind
    distances = [
        mark.value - place(term.starts_on)
        for mark, term in zip(column.marks, column.terms, strict=True)
    ]
    distance = _shown_twice(distances, column.marks)
    if distance is None or abs(distance) * _DAYS_OF[kind] > _FAR_DAYS:
        return None
    return place(column.starts_on) + distance


def _shown_twice(distances: Sequence[int], marks: Sequence[TitleMark]) -> int | None:
    """Return the usual distance; None unless two different values of the mark have it."""
    usual = _usual(distances)
    values = {
        mark.value
        for mark, distance in zip(marks, distances, strict=True)
        if distance == usual
    }
    return usual if len(values) > 1 else None


def _usual(distances: Sequence[int]) -> int:
    """Return the most frequent distance, of equally frequent ones the latest."""
    counts = Counter(distances)
    return max(reversed(distances), key=lambda distance: counts[distance])


def _next_year(column: _Column) -> int | None:
    """Return the next year; one that turns within the calendar year as it did a year before."""
    values = [mark.value for mark in column.marks]
    if values != sorted(values):
        return None
    distances = [
        mark.value - term.starts_on.year
        for mark, term in zip(column.marks, column.terms, strict=True)
    ]
    same_month = [
        distance
        for distance, term in zip(distances, column.terms, strict=True)
        if term.starts_on.month == column.starts_on.month
    ]
    if same_month:
        distance = same_month[-1]
    elif len(set(distances)) == 1:
        distance = distances[0]
    else:
        return None
    is_near = abs(distance) * _DAYS_OF[MarkKind.YEAR] <= _FAR_DAYS
    return column.starts_on.year + distance if is_near else None


def _next_day(column: _Column) -> int | None:
    """Return the next day: as many days from the term's first, or the same day of a month."""
    kept_pace = _moved_on(column, date.toordinal)
    days = [date.fromordinal(mark.value) for mark in column.marks]
    months = [position(MarkKind.MONTH, day) for day in days]
    starts = [position(MarkKind.MONTH, term.starts_on) for term in column.terms]
    distances = [month - start for month, start in zip(months, starts, strict=True)]
    is_steady = len(set(distances)) == 1 and len(set(months)) > 1
    if not is_steady:
        return kept_pace
    month = position(MarkKind.MONTH, column.starts_on) + distances[0]
    first = date(month // 12, month % 12 + 1, 1)
    if all(day.day == days_in_month(day) for day in days):
        return first.replace(day=days_in_month(first)).toordinal()
    if len({day.day for day in days}) == 1:
        same_day = min(days[-1].day, days_in_month(first))
        return first.replace(day=same_day).toordinal()
    return kept_pace


def _next_within_year(column: _Column) -> int | None:
    """Return the next week, month, quarter or half-year, which begin again with each year."""
    kind = column.last.kind
    if kind is MarkKind.WEEK:
        distances = [
            mark.value - term.starts_on.isocalendar().week
            for mark, term in zip(column.marks, column.terms, strict=True)
        ]
        distance = _shown_twice(distances, column.marks)
        return column.starts_on.isocalendar().week if distance == 0 else None
    parts = PARTS_OF_YEAR[kind]
    distances = [
        (mark.value - 1 - position(kind, term.starts_on)) % parts
        for mark, term in zip(column.marks, column.terms, strict=True)
    ]
    distance = _shown_twice(distances, column.marks)
    if distance is None:
        return None
    return (position(kind, column.starts_on) + distance) % parts + 1


def _next_number(column: _Column) -> int | None:
    """Return the next running number: one more for each term, or for each deal."""
    counts_of_terms = [term.number for term in column.terms]
    counts_of_deals = list(range(len(column.terms)))
    ahead = column.number - counts_of_terms[-1]
    for counts in (counts_of_terms, counts_of_deals):
        distances = [
            mark.value - count for mark, count in zip(column.marks, counts, strict=True)
        ]
        distance = _shown_twice(distances, column.marks)
        if distance is not None and distances[-1] == distance:
            return counts[-1] + ahead + distance
    return None


def _exceeds_its_total(
    marks: Sequence[TitleMark], moved: Sequence[tuple[TitleMark, str]], title: str
) -> bool:
    """Return whether a number would pass the one behind it: "Rate 12/12" is the last one."""
    texts: Mapping[int, str] = {mark.found.start(): text for mark, text in moved}
    for index, mark in enumerate(marks[:-1]):
        following = marks[index + 1]
        between = title[mark.found.end() : following.found.start()].strip().casefold()
        are_numbers = mark.kind is following.kind is MarkKind.NUMBER
        text = texts.get(mark.found.start())
        if text is None or not are_numbers or between not in {"/", "von", "of"}:
            continue
        if following.found.start() not in texts and int(text) > following.value:
            return True
    return False


def _text(column: _Column, value: int, language: str) -> str:
    figures = [mark.figure for mark in column.marks]
    has_zeros = any(len(figure) > 1 and figure.startswith("0") for figure in figures)
    is_dated = column.last.kind in {MarkKind.MONTH, MarkKind.DAY, MarkKind.WEEK}
    has_short = any(len(figure) == 1 for figure in figures)
    is_padded = has_zeros or (is_dated and not has_short)
    names = _names(column, language) if column.last.name else None
    return written(column.last, value, is_padded=is_padded, names=names)


def _names(column: _Column, language: str) -> Sequence[str]:
    """Return the names of the months of which the history has its own."""
    used = {mark.name for mark in column.marks}
    languages = sorted(MONTH_NAMES, key=lambda each: each != language)
    fitting = [
        names for each in languages for names in MONTH_NAMES[each] if used <= set(names)
    ]
    return fitting[0] if fitting else MONTH_NAMES[language][0]
