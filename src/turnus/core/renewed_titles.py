"""The title of a renewal: what moved from term to term in the titles before it moves on.

Only what the history shows is moved: at least two different months, years or numbers that keep
pace with the terms. "Office 2019" or a product number stands still, and stays.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

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


#: What stands between a number and its total.
_OUT_OF = frozenset({"/", "von", "of"})


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

    @property
    def values(self) -> list[int]:
        return [mark.value for mark in self.marks]

    @property
    def first_days(self) -> list[date]:
        return [term.starts_on for term in self.terms]

    def distances(self, places: Sequence[int]) -> list[int]:
        """Return how far each mark is from the place of its term."""
        pairs = zip(self.values, places, strict=True)
        return [value - place for value, place in pairs]

    def proven(self, distances: Sequence[int]) -> int | None:
        """Return the usual distance; None unless two different values of the mark have it."""
        usual = _usual(distances)
        values: set[int] = set()
        for value, distance in zip(self.values, distances, strict=True):
            if distance == usual:
                values.add(value)
        return usual if len(values) > 1 else None


@dataclass(frozen=True, slots=True)
class _MovedMark:
    """A mark that says something else in the next term, and its new text."""

    mark: TitleMark
    text: str

    @property
    def start(self) -> int:
        return self.mark.found.start()

    @property
    def end(self) -> int:
        return self.mark.found.end()


def renewed_title(
    history: Sequence[TitledTerm],
    *,
    starts_on: date,
    number: int,
    language: str,
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
    skeleton = _skeleton(title, last_marks)
    terms: list[TitledTerm] = []
    marks_of_terms: list[list[TitleMark]] = []
    for term in history:
        marks = marks_in(term.title, near=term.starts_on)
        if _skeleton(term.title, marks) == skeleton:
            terms.append(term)
            marks_of_terms.append(marks)
    moved: list[_MovedMark] = []
    for index, mark in enumerate(last_marks):
        marks_here = [marks[index] for marks in marks_of_terms]
        column = _Column(marks_here, terms, starts_on, number)
        value = _next_value(column)
        if value is not None and value != mark.value:
            text = _text(column, value, language)
            moved.append(_MovedMark(mark, text))
    if _exceeds_its_total(last_marks, moved, title):
        return title
    return _with_texts(title, moved)


def _with_texts(title: str, moved: Sequence[_MovedMark]) -> str:
    """Return the title with the new texts of the marks that moved."""
    pieces: list[str] = []
    end = 0
    for mark in moved:
        pieces.append(title[end : mark.start])
        pieces.append(mark.text)
        end = mark.end
    pieces.append(title[end:])
    return "".join(pieces)


def _skeleton(title: str, marks: Sequence[TitleMark]) -> tuple[str, ...]:
    """Return what is left of a title without its marks, and what kinds of marks they are."""
    pieces: list[str] = []
    end = 0
    for mark in marks:
        before = title[end : mark.found.start()]
        pieces.append(_plain(before))
        pieces.append(mark.form.pattern.pattern)
        end = mark.found.end()
    return (*pieces, title[end:])


def _plain(text: str) -> str:
    words = text.casefold().split()
    return " ".join(words)


def _next_value(column: _Column) -> int | None:
    """Return what the mark says in the next term; None where nothing shows that it moves."""
    if len(set(column.values)) < 2:
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
    places = [place(day) for day in column.first_days]
    distance = column.proven(column.distances(places))
    if distance is None or _is_far(column, distance):
        return None
    return place(column.starts_on) + distance


def _is_far(column: _Column, distance: int) -> bool:
    days = abs(distance) * _DAYS_OF[column.last.kind]
    return days > _FAR_DAYS


def _usual(distances: Sequence[int]) -> int:
    """Return the most frequent distance, of equally frequent ones the latest."""
    counts = Counter(distances)
    return max(reversed(distances), key=lambda distance: counts[distance])


def _next_year(column: _Column) -> int | None:
    """Return the next year; one that turns within the calendar year as it did a year before."""
    if column.values != sorted(column.values):
        return None
    years = [day.year for day in column.first_days]
    distances = column.distances(years)
    same_month: list[int] = []
    for day, distance in zip(column.first_days, distances, strict=True):
        if day.month == column.starts_on.month:
            same_month.append(distance)
    if same_month:
        distance = same_month[-1]
    elif len(set(distances)) == 1:
        distance = distances[0]
    else:
        return None
    if _is_far(column, distance):
        return None
    return column.starts_on.year + distance


def _next_day(column: _Column) -> int | None:
    """Return the next day: as many days from the term's first, or the same day of a month."""
    days = [date.fromordinal(value) for value in column.values]
    first_of_month = _next_month(column, days)
    if first_of_month is not None:
        last_day = days_in_month(first_of_month)
        if all(day.day == days_in_month(day) for day in days):
            return first_of_month.replace(day=last_day).toordinal()
        if len({day.day for day in days}) == 1:
            same_day = min(days[-1].day, last_day)
            return first_of_month.replace(day=same_day).toordinal()
    return _moved_on(column, date.toordinal)


def _next_month(column: _Column, days: Sequence[date]) -> date | None:
    """Return the first day of the month that comes next; None unless months keep pace."""
    months = [_month_number(day) for day in days]
    first_months = [_month_number(day) for day in column.first_days]
    pairs = zip(months, first_months, strict=True)
    distances = {month - first_month for month, first_month in pairs}
    if len(distances) > 1 or len(set(months)) == 1:
        return None
    (distance,) = distances
    year, month_index = divmod(_month_number(column.starts_on) + distance, 12)
    return date(year, month_index + 1, 1)


def _month_number(day: date) -> int:
    return position(MarkKind.MONTH, day)


def _next_within_year(column: _Column) -> int | None:
    """Return the next week, month, quarter or half-year, which begin again with each year."""
    kind = column.last.kind
    if kind is MarkKind.WEEK:
        weeks = [day.isocalendar().week for day in column.first_days]
        is_week_of_term = column.proven(column.distances(weeks)) == 0
        return column.starts_on.isocalendar().week if is_week_of_term else None
    part_count = PARTS_OF_YEAR[kind]
    places = [position(kind, day) + 1 for day in column.first_days]
    distances = [
        distance % part_count for distance in column.distances(places)
    ]
    distance = column.proven(distances)
    if distance is None:
        return None
    next_place = position(kind, column.starts_on) + distance
    return next_place % part_count + 1


def _next_number(column: _Column) -> int | None:
    """Return the next running number: one more for each term, or for each deal."""
    counts_of_terms = [term.number for term in column.terms]
    counts_of_deals = list(range(len(column.terms)))
    ahead = column.number - counts_of_terms[-1]
    for counts in (counts_of_terms, counts_of_deals):
        distances = column.distances(counts)
        distance = column.proven(distances)
        if distance is not None and distances[-1] == distance:
            return counts[-1] + ahead + distance
    return None


def _exceeds_its_total(
    marks: Sequence[TitleMark], moved: Sequence[_MovedMark], title: str
) -> bool:
    """Return whether a number would pass the one behind it: "Rate 12/12" is the last one."""
    new_texts = {mark.start: mark.text for mark in moved}
    for mark, following in pairwise(marks):
        text = new_texts.get(mark.found.start())
        total_moves = following.found.start() in new_texts
        if text is None or total_moves:
            continue
        is_total = _is_total_of(mark, following, title)
        if is_total and int(text) > following.value:
            return True
    return False


def _is_total_of(mark: TitleMark, following: TitleMark, title: str) -> bool:
    """Return whether a number says of how many the one before it is."""
    kinds = {mark.kind, following.kind}
    if kinds != {MarkKind.NUMBER}:
        return False
    between = title[mark.found.end() : following.found.start()]
    return _plain(between) in _OUT_OF


def _text(column: _Column, value: int, language: str) -> str:
    figures = [mark.figure for mark in column.marks]
    has_zeros = any(
        len(figure) > 1 and figure.startswith("0") for figure in figures
    )
    is_dated = column.last.kind in {
        MarkKind.MONTH,
        MarkKind.DAY,
        MarkKind.WEEK,
    }
    has_short = any(len(figure) == 1 for figure in figures)
    is_padded = has_zeros or (is_dated and not has_short)
    names = _names(column, language) if column.last.name else None
    return written(column.last, value, is_padded=is_padded, names=names)


def _names(column: _Column, language: str) -> Sequence[str]:
    """Return the names of the months of which the history has its own."""
    used = {mark.name for mark in column.marks}
    languages = sorted(MONTH_NAMES, key=lambda each: each != language)
    for each in languages:
        for names in MONTH_NAMES[each]:
            if used <= set(names):
                return names
    return MONTH_NAMES[language][0]
