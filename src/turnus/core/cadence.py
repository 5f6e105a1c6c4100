"""How something recurs: billings per year, and the due dates and terms that follow from an anchor and never drift."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from turnus.core.calendar import DateRange, add_months


class Unit(StrEnum):
    """What the length of a term is counted in; the value is its letter in a cadence's text form."""

    YEAR = "y"
    MONTH = "m"
    #: Two billings in each month, on two days of their own.
    HALF_MONTH = "h"
    WEEK = "w"
    DAY = "d"


#: The longest term is 999 units: far beyond any contract, and dates still fit.
MAX_EVERY = 999
#: As an anchor day: the last day of the month, however long it is.
LAST = 31
#: The later first day of a pair would fall on the second one in a plain February.
_LATEST_FIRST_DAY = 27
_MONTHS = {Unit.YEAR: 12, Unit.MONTH: 1}
_DAYS = {Unit.WEEK: 7, Unit.DAY: 1}
#: Days of the month that short months clip.
_CLIPPED_DAYS = (29, 30, 31)
_FORM = re.compile(
    r"(?P<every>[1-9]\d{0,2})(?P<unit>[ymwd])(?P<last>-last)?(?::(?P<day>\d\d))?"
    r"|2/m(?::(?P<first>\d\d?),(?P<second>\d\d?))?"
)


@dataclass(frozen=True, slots=True)
class Term:
    """Term `number` (the first is 0) of an uninterrupted stretch; `days` is half-open and begins on the due date."""

    number: int
    days: DateRange


@dataclass(frozen=True, slots=True)
class Cadence:
    """Every so many units. Source of the rules: metrics 0.2, 0.7, 1.2.

    `on_last_day` (years and months only): every due date after the anchor is the last day of its month. `days` (twice a month only): the
    two days of the month, 31 for the last; None takes the pair that suits the anchor. `day` (years and months only): the day of the month
    of all due dates but the anchor, 29 to 31, where a short month clipped the anchor's; None takes the anchor's. Raises ValueError for what
    cannot be.

    >>> Cadence(Unit.MONTH, 3).billings_per_year, Cadence(Unit.HALF_MONTH).billings_per_year
    (Fraction(4, 1), Fraction(24, 1))
    """

    unit: Unit
    every: int = 1
    on_last_day: bool = False
    days: tuple[int, int] | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.every <= MAX_EVERY or (self.unit is Unit.HALF_MONTH and self.every != 1):
            message = f"every {self.every} {self.unit.name} is no cadence"
            raise ValueError(message)
        if self.on_last_day and self.unit not in _MONTHS:
            message = "only years and months end on a last day"
            raise ValueError(message)
        if self.days and not (self.unit is Unit.HALF_MONTH and is_pair(*self.days)):
            message = f"{self.days} are no two days of every month"
            raise ValueError(message)
        if self.day is not None and not self._may_have_day(self.day):
            message = f"{self.day} is no cadence's day of the month"
            raise ValueError(message)

    def _may_have_day(self, day: int) -> bool:
        return self.unit in _MONTHS and not self.on_last_day and day in _CLIPPED_DAYS

    def __str__(self) -> str:
        """Return the form that is stored: `1y`, `3m`, `1m-last`, `3m:31`, `2w`, `10d`, `2/m`, `2/m:1,15`."""
        if self.unit is Unit.HALF_MONTH:
            return "2/m" + (f":{self.days[0]},{self.days[1]}" if self.days else "")
        day = f":{self.day}" if self.day else ""
        return f"{self.every}{self.unit}" + ("-last" if self.on_last_day else day)

    @staticmethod
    def parse(text: str) -> "Cadence":
        """Return the cadence whose stored form is `text`; raises ValueError for anything else.

        >>> Cadence.parse("2/m:15,31").days
        (15, 31)
        """
        return _parsed(text)

    @property
    def billings_per_year(self) -> Fraction:
        """How often a year is billed; the only factor between a price and ARR. 52 weeks, 365 days, 7 days as a week."""
        return _billings(self)

    @property
    def default_grace_days(self) -> int:
        """How many days late a renewal still continues its term: 7 up to four weeks, 14 below a quarter, 30 above."""
        return 7 if self.billings_per_year >= 13 else 14 if self.billings_per_year > 4 else 30

    def anchored(self, anchor: date) -> "Cadence":
        """Return the cadence as a subscription stores it: twice a month with its two days, else unchanged."""
        return replace(self, days=suggested_days(anchor)) if self._suggests else self

    @property
    def bare(self) -> "Cadence":
        """The cadence as a plan says it, without what followed from an anchor: the two days of the month, or a clipped day."""
        return replace(self, days=None, day=None) if self.days or self.day else self

    def anew(self, anchor: date, on: date) -> "Cadence":
        """Return the cadence as it is agreed for a stretch that begins on `on`, after one that began on `anchor`.

        Two days of the month that only suited `anchor` are dropped, so that those are suggested which suit `on`: else a full price would buy
        the few days up to the next of them. They stay where `on` is one of them, and where they are others: then they were given.

        >>> str(Cadence.parse("2/m:1,15").anew(date(2026, 1, 1), date(2026, 3, 14)))
        '2/m'
        """
        is_suggested = self.days is not None and self.days == suggested_days(anchor)
        return self.bare if is_suggested and self.day_of_month(anchor, on) is None else self

    def continuing(self, before: "Cadence", anchor: date, on: date) -> "Cadence":
        """Return the cadence of a stretch that begins on `on`, where `before` counted its due days from `anchor`.

        On one of those due days no new count begins: the day of the month stays what it was before a short month clipped it. On any other
        day, that day is the new anchor. Two days of the month that are known stay.

        >>> quarterly = QUARTERLY.continuing(MONTHLY, date(2025, 12, 31), date(2026, 2, 28))
        >>> str(quarterly), [str(quarterly.due(date(2026, 2, 28), k)) for k in (1, 2)]
        ('3m:31', ['2026-05-31', '2026-08-31'])
        """
        day = before.day_of_month(anchor, on) or on.day
        if self._suggests:
            return replace(self, days=_pair_with(day, on))
        is_clipped = self.unit in _MONTHS and not self.on_last_day and day > on.day
        return replace(self, day=day if is_clipped else None)

    def day_of_month(self, anchor: date, on: date) -> int | None:
        """Return which day of the month the due day `on` is meant to be, 31 for the last; None if it is no due day, or counted in days."""
        number = self.number_on(anchor, on)
        if number is None or self.unit in _DAYS or self.due(anchor, number) != on:
            return None
        if self.unit is Unit.HALF_MONTH:
            last = monthrange(on.year, on.month)[1]
            return next((day for day in self._pair(anchor) if min(day, last) == on.day), on.day)
        if self.on_last_day:
            return LAST if number else anchor.day
        return self.day or anchor.day

    def due(self, anchor: date, number: int) -> date:
        """Return the first day of term `number` (0 or more) of a stretch that begins on `anchor`: always counted from there.

        >>> [MONTHLY.due(date(2026, 1, 31), k).isoformat() for k in (1, 2)]
        ['2026-02-28', '2026-03-31']
        """
        if number == 0:
            return anchor
        if self.unit in _DAYS:
            return anchor + timedelta(days=number * self.every * _DAYS[self.unit])
        if self.unit is Unit.HALF_MONTH:
            pair = self._pair(anchor)
            return _half_month(pair, _half_months_until(pair, anchor) + number - 1)
        day = add_months(anchor, number * self.every * _MONTHS[self.unit])
        wanted = LAST if self.on_last_day else self.day
        return (
            day
            if wanted is None
            else day.replace(day=min(wanted, monthrange(day.year, day.month)[1]))
        )

    def term(self, anchor: date, number: int) -> Term:
        """Return term `number` (0 or more) of a stretch that begins on `anchor`."""
        return Term(number, DateRange(self.due(anchor, number), self.due(anchor, number + 1)))

    def number_on(self, anchor: date, day: date) -> int | None:
        """Return the number of the term that `day` lies in, at the same cost for any distance; None before the anchor."""
        if day < anchor:
            return None
        if self.unit in _DAYS:
            return (day - anchor).days // (self.every * _DAYS[self.unit])
        if self.unit is Unit.HALF_MONTH:
            pair = self._pair(anchor)
            return _half_months_until(pair, day) - _half_months_until(pair, anchor)
        months = (day.year - anchor.year) * 12 + day.month - anchor.month
        number = months // (self.every * _MONTHS[self.unit])
        return number if self.due(anchor, number) <= day else number - 1

    def term_on(self, anchor: date, day: date) -> Term | None:
        """Return the term that `day` lies in; None before the anchor."""
        number = self.number_on(anchor, day)
        return None if number is None else self.term(anchor, number)

    def terms(self, anchor: date, *, until: date) -> Iterator[Term]:
        """Yield the terms that begin before `until`, from the first one."""
        yield from self._terms_from(anchor, 0, last_day=until - timedelta(days=1))

    def terms_due(self, anchor: date, *, after: date, until: date) -> Iterator[Term]:
        """Yield the terms whose due date lies after `after` and not after `until`: what fell due since the last look.

        >>> [str(t.days.start) for t in YEARLY.terms_due(date(1999, 5, 1), after=date(2025, 5, 1), until=date(2026, 5, 1))]
        ['2026-05-01']
        """
        number = self.number_on(anchor, after)
        yield from self._terms_from(anchor, 0 if number is None else number + 1, last_day=until)

    def _terms_from(self, anchor: date, number: int, *, last_day: date) -> Iterator[Term]:
        start = self.due(anchor, number)
        while start <= last_day:
            end = self.due(anchor, number + 1)
            yield Term(number, DateRange(start, end))
            start, number = end, number + 1

    @property
    def _suggests(self) -> bool:
        return self.unit is Unit.HALF_MONTH and self.days is None

    def _pair(self, anchor: date) -> tuple[int, int]:
        return self.days or suggested_days(anchor)


def suggested_days(anchor: date) -> tuple[int, int]:
    """Return the two days of the month that suit a twice-monthly stretch beginning on `anchor`; half a month is 15 days.

    >>> suggested_days(date(2026, 1, 1)), suggested_days(date(2026, 2, 28)), suggested_days(date(2026, 3, 14))
    ((1, 15), (15, 31), (14, 29))
    """
    return _pair_with(anchor.day, anchor)


def _pair_with(day: int, anchor: date) -> tuple[int, int]:
    """Return the pair that suits a stretch which begins on `anchor`, where that is meant to be the `day` of each month."""
    if day in {1, 15}:
        return (1, 15)
    is_last = day == LAST or (day == anchor.day and day == monthrange(anchor.year, anchor.month)[1])
    if is_last:
        return (15, LAST)
    return (day, day + 15) if day < 15 else (day - 15, day)


def is_pair(first: int, second: int) -> bool:
    """Return whether these are two days of every month, the earlier first; 31 is the last day."""
    return 1 <= first <= _LATEST_FIRST_DAY and first < second <= LAST


def _half_month(pair: tuple[int, int], count: int) -> date:
    """Return the `count`-th of the pair's days, counted through from the year 0."""
    months, which = divmod(count, 2)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(pair[which], monthrange(year, month + 1)[1]))


def _half_months_until(pair: tuple[int, int], day: date) -> int:
    """Return how many of the pair's days lie on or before `day`, counted from the year 0."""
    last = monthrange(day.year, day.month)[1]
    inside = sum(min(each, last) <= day.day for each in pair)
    return (day.year * 12 + day.month - 1) * 2 + inside


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Cadence:
    found = _FORM.fullmatch(text)
    if not found:
        message = f"{text!r} is no cadence"
        raise ValueError(message)
    if found["unit"]:
        day = int(found["day"]) if found["day"] else None
        return Cadence(
            Unit(found["unit"]), int(found["every"]), on_last_day=found["last"] is not None, day=day
        )
    days = (int(found["first"]), int(found["second"])) if found["first"] else None
    return Cadence(Unit.HALF_MONTH, days=days)


@lru_cache(maxsize=4096)
def _billings(cadence: Cadence) -> Fraction:
    if cadence.unit is Unit.HALF_MONTH:
        return Fraction(24)
    if cadence.unit in _MONTHS:
        return Fraction(12, cadence.every * _MONTHS[cadence.unit])
    days = cadence.every * _DAYS[cadence.unit]
    return Fraction(365, days) if days % 7 else Fraction(52 * 7, days)


YEARLY = Cadence(Unit.YEAR)
HALF_YEARLY = Cadence(Unit.MONTH, 6)
QUARTERLY = Cadence(Unit.MONTH, 3)
MONTHLY = Cadence(Unit.MONTH)
TWICE_A_MONTH = Cadence(Unit.HALF_MONTH)
EVERY_TWO_WEEKS = Cadence(Unit.WEEK, 2)
WEEKLY = Cadence(Unit.WEEK)

#: The plans that every new account has, by the stable key of their name.
READY_MADE = {
    "yearly": YEARLY,
    "half_yearly": HALF_YEARLY,
    "quarterly": QUARTERLY,
    "monthly": MONTHLY,
    "twice_a_month": TWICE_A_MONTH,
    "every_two_weeks": EVERY_TWO_WEEKS,
    "weekly": WEEKLY,
}
