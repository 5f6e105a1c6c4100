"""How something recurs: billings per year, and due dates and terms that never drift."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from turnus.core.calendar import DateRange, add_months, days_in_month


class CadenceUnit(StrEnum):
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
_MONTHS = {CadenceUnit.YEAR: 12, CadenceUnit.MONTH: 1}
_DAYS = {CadenceUnit.WEEK: 7, CadenceUnit.DAY: 1}
#: Days of the month that short months clip.
_CLIPPED_DAYS = (29, 30, 31)
_FORM = re.compile(
    r"(?P<every>[1-9]\d{0,2})(?P<unit>[ymwd])(?P<last>-last)?(?::(?P<day>\d\d))?"
    r"|2/m(?::(?P<first>\d\d?),(?P<second>\d\d?))?"
)


@dataclass(frozen=True, slots=True)
class CadenceTerm:
    """A term of an uninterrupted stretch, numbered from 0.

    `days` is half-open and starts on the due date.
    """

    number: int
    days: DateRange


@dataclass(frozen=True, slots=True)
class Cadence:
    """Every so many units (cadence.md: Due dates come from the anchor).

    - `on_last_day`, for years and months: each due date after the anchor is the last of its month.
    - `days`, for twice a month: the two days of the month, 31 for the last. None takes the pair
      that suits the anchor.
    - `day`, for years and months: the day of the month of all due dates but the anchor, 29 to 31,
      where a short month clipped the anchor's. None takes the anchor's.

    Raises ValueError for a combination that makes no sense.

    >>> Cadence(CadenceUnit.MONTH, 3).billings_per_year
    Fraction(4, 1)
    >>> Cadence(CadenceUnit.HALF_MONTH).billings_per_year
    Fraction(24, 1)
    """

    unit: CadenceUnit
    every: int = 1
    on_last_day: bool = False
    days: tuple[int, int] | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        is_half_monthly = self.unit is CadenceUnit.HALF_MONTH
        most = 1 if is_half_monthly else MAX_EVERY
        if not 1 <= self.every <= most:
            message = f"every {self.every} {self.unit.name} is no cadence"
            raise ValueError(message)
        if self.on_last_day and self.unit not in _MONTHS:
            message = "only years and months end on a last day"
            raise ValueError(message)
        if self.days and not (is_half_monthly and is_pair(*self.days)):
            message = f"{self.days} are no two days of every month"
            raise ValueError(message)
        if self.day is not None and not self._may_have_day(self.day):
            message = f"{self.day} is no cadence's day of the month"
            raise ValueError(message)

    def _may_have_day(self, day: int) -> bool:
        if self.unit not in _MONTHS or self.on_last_day:
            return False
        return day in _CLIPPED_DAYS

    def __str__(self) -> str:
        """Return the stored form: `1y`, `1m-last`, `3m:31`, `2w`, `10d`, `2/m`, `2/m:1,15`."""
        if self.unit is CadenceUnit.HALF_MONTH:
            if self.days is None:
                return "2/m"
            first, second = self.days
            return f"2/m:{first},{second}"
        every = f"{self.every}{self.unit}"
        if self.on_last_day:
            return f"{every}-last"
        if self.day:
            return f"{every}:{self.day}"
        return every

    @staticmethod
    def parse(text: str) -> "Cadence":
        """Return the cadence whose stored form is `text`; raises ValueError for anything else.

        >>> Cadence.parse("2/m:15,31").days
        (15, 31)
        """
        return _parsed(text)

    @property
    def billings_per_year(self) -> Fraction:
        """How often a year is billed: the only factor between a price and ARR.

        A year has 52 weeks or 365 days; seven days are a week.
        """
        return _billings(self)

    @property
    def default_grace_days(self) -> int:
        """How many days late a renewal may be and still continue without a gap."""
        if self.billings_per_year >= 13:  # four weeks or less
            return 7
        if self.billings_per_year > 4:  # less than a quarter
            return 14
        return 30

    def anchored(self, anchor: date) -> "Cadence":
        """Return the cadence as a subscription stores it: twice a month with its two days."""
        if not self._suggests:
            return self
        days = suggested_days(anchor)
        return replace(self, days=days)

    @property
    def bare(self) -> "Cadence":
        """The cadence as a plan names it, without the days of the month taken from an anchor."""
        if self.days is None and self.day is None:
            return self
        return replace(self, days=None, day=None)

    def anew(self, anchor: date, on: date) -> "Cadence":
        """Return the cadence of a stretch that starts on `on`, after one that started on `anchor`.

        Two days of the month that merely suited `anchor` are dropped, so that the days that suit
        `on` are suggested: a full price would otherwise buy the few days up to the next of them.
        They stay if `on` is one of them, and if somebody chose them.

        >>> str(Cadence.parse("2/m:1,15").anew(date(2026, 1, 1), date(2026, 3, 14)))
        '2/m'
        """
        if self.days is None or self.days != suggested_days(anchor):
            return self
        is_due = self.day_of_month(anchor, on) is not None
        return self if is_due else self.bare

    def continuing(
        self, before: "Cadence", anchor: date, on: date
    ) -> "Cadence":
        """Return the cadence of a stretch starting on `on`, after `before` counted from `anchor`.

        On a due day of `before` no new count starts: the day of the month stays what it was before
        a short month clipped it. On any other day, that day is the new anchor. Two days of the
        month that are set stay.

        >>> quarterly = QUARTERLY.continuing(MONTHLY, date(2025, 12, 31), date(2026, 2, 28))
        >>> str(quarterly), [str(quarterly.due(date(2026, 2, 28), k)) for k in (1, 2)]
        ('3m:31', ['2026-05-31', '2026-08-31'])
        """
        day = before.day_of_month(anchor, on) or on.day
        if self._suggests:
            days = _pair_with(day, on)
            return replace(self, days=days)
        counts_months = self.unit in _MONTHS and not self.on_last_day
        if counts_months and day > on.day:
            return replace(self, day=day)
        return replace(self, day=None)

    def day_of_month(self, anchor: date, on: date) -> int | None:
        """Return which day of the month the due day `on` stands for, 31 for the last.

        None if `on` is not a due day, or if the cadence counts days or weeks.
        """
        if self.unit in _DAYS or not self._is_due(anchor, on):
            return None
        if self.unit is CadenceUnit.HALF_MONTH:
            return self._day_of_pair(anchor, on)
        if self.on_last_day:
            return anchor.day if on == anchor else LAST
        return self.day or anchor.day

    def _is_due(self, anchor: date, on: date) -> bool:
        number = self.number_on(anchor, on)
        return number is not None and self.due(anchor, number) == on

    def _day_of_pair(self, anchor: date, on: date) -> int:
        last_day = days_in_month(on)
        for day in self._pair(anchor):
            if min(day, last_day) == on.day:
                return day
        return on.day

    def due(self, anchor: date, number: int) -> date:
        """Return the first day of term `number` (0 or more), always counted from `anchor`.

        >>> [MONTHLY.due(date(2026, 1, 31), k).isoformat() for k in (1, 2)]
        ['2026-02-28', '2026-03-31']
        """
        if number == 0:
            return anchor
        if self.unit in _DAYS:
            day_count = number * self.every * _DAYS[self.unit]
            return anchor + timedelta(days=day_count)
        if self.unit is CadenceUnit.HALF_MONTH:
            pair = self._pair(anchor)
            count_at_anchor = _half_months_until(pair, anchor)
            return _half_month(pair, count_at_anchor + number - 1)
        month_count = number * self.every * _MONTHS[self.unit]
        clipped = add_months(anchor, month_count)
        wanted_day = LAST if self.on_last_day else self.day
        if wanted_day is None:
            return clipped
        last_day = days_in_month(clipped)
        return clipped.replace(day=min(wanted_day, last_day))

    def term(self, anchor: date, number: int) -> CadenceTerm:
        """Return term `number` (0 or more) of a stretch that starts on `anchor`."""
        start = self.due(anchor, number)
        end = self.due(anchor, number + 1)
        return CadenceTerm(number, DateRange(start, end))

    def number_on(self, anchor: date, day: date) -> int | None:
        """Return the number of the term that `day` lies in; None before the anchor.

        Costs the same at any distance.
        """
        if day < anchor:
            return None
        if self.unit in _DAYS:
            term_length = self.every * _DAYS[self.unit]
            return (day - anchor).days // term_length
        if self.unit is CadenceUnit.HALF_MONTH:
            pair = self._pair(anchor)
            count_at_anchor = _half_months_until(pair, anchor)
            return _half_months_until(pair, day) - count_at_anchor
        year_count = day.year - anchor.year
        month_count = year_count * 12 + day.month - anchor.month
        number = month_count // (self.every * _MONTHS[self.unit])
        has_begun = self.due(anchor, number) <= day
        return number if has_begun else number - 1

    def term_on(self, anchor: date, day: date) -> CadenceTerm | None:
        """Return the term that `day` lies in; None before the anchor."""
        number = self.number_on(anchor, day)
        if number is None:
            return None
        return self.term(anchor, number)

    def terms(self, anchor: date, *, until: date) -> Iterator[CadenceTerm]:
        """Yield the terms that start before `until`, from the first one."""
        last_day = until - timedelta(days=1)
        yield from self._terms_from(anchor, 0, last_day=last_day)

    def terms_due(
        self, anchor: date, *, after: date, until: date
    ) -> Iterator[CadenceTerm]:
        """Yield the terms that fell due after the day `after`, up to and including `until`.

        >>> due = YEARLY.terms_due(date(1999, 5, 1), after=date(2025, 5, 1), until=date(2026, 5, 1))
        >>> [str(term.days.start) for term in due]
        ['2026-05-01']
        """
        last_number = self.number_on(anchor, after)
        first_number = 0 if last_number is None else last_number + 1
        yield from self._terms_from(anchor, first_number, last_day=until)

    def _terms_from(
        self, anchor: date, number: int, *, last_day: date
    ) -> Iterator[CadenceTerm]:
        start = self.due(anchor, number)
        while start <= last_day:
            end = self.due(anchor, number + 1)
            yield CadenceTerm(number, DateRange(start, end))
            start = end
            number += 1

    @property
    def _suggests(self) -> bool:
        return self.unit is CadenceUnit.HALF_MONTH and self.days is None

    def _pair(self, anchor: date) -> tuple[int, int]:
        return self.days or suggested_days(anchor)


def suggested_days(anchor: date) -> tuple[int, int]:
    """Return the two days of the month that suit a stretch starting on `anchor`, 15 days apart.

    >>> suggested_days(date(2026, 1, 1)), suggested_days(date(2026, 2, 28))
    ((1, 15), (15, 31))
    >>> suggested_days(date(2026, 3, 14))
    (14, 29)
    """
    return _pair_with(anchor.day, anchor)


def _pair_with(day: int, anchor: date) -> tuple[int, int]:
    """Return the pair that suits a stretch starting on `anchor`, which stands for `day`."""
    if day in {1, 15}:
        return (1, 15)
    is_last_of_its_month = day == anchor.day == days_in_month(anchor)
    if day == LAST or is_last_of_its_month:
        return (15, LAST)
    if day < 15:
        return (day, day + 15)
    return (day - 15, day)


def is_pair(first: int, second: int) -> bool:
    """Return whether these are two days of every month, the earlier first; 31 is the last day."""
    is_in_every_month = 1 <= first <= _LATEST_FIRST_DAY
    return is_in_every_month and first < second <= LAST


def _half_month(pair: tuple[int, int], count: int) -> date:
    """Return the `count`-th of the pair's days, counted from the year 0."""
    month_count, index = divmod(count, 2)
    year, month_index = divmod(month_count, 12)
    first_of_month = date(year, month_index + 1, 1)
    last_day = days_in_month(first_of_month)
    return first_of_month.replace(day=min(pair[index], last_day))


def _half_months_until(pair: tuple[int, int], day: date) -> int:
    """Return how many of the pair's days lie on or before `day`, counted from the year 0."""
    last_day = days_in_month(day)
    passed_count = sum(min(due_day, last_day) <= day.day for due_day in pair)
    full_months = day.year * 12 + day.month - 1
    return full_months * 2 + passed_count


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Cadence:
    match = _FORM.fullmatch(text)
    if match is None:
        message = f"{text!r} is no cadence"
        raise ValueError(message)
    if match["unit"]:
        unit = CadenceUnit(match["unit"])
        every = int(match["every"])
        on_last_day = match["last"] is not None
        day = int(match["day"]) if match["day"] else None
        return Cadence(unit, every, on_last_day=on_last_day, day=day)
    if match["first"]:
        first = int(match["first"])
        second = int(match["second"])
        return Cadence(CadenceUnit.HALF_MONTH, days=(first, second))
    return Cadence(CadenceUnit.HALF_MONTH)


@lru_cache(maxsize=4096)
def _billings(cadence: Cadence) -> Fraction:
    if cadence.unit is CadenceUnit.HALF_MONTH:
        return Fraction(24)
    if cadence.unit in _MONTHS:
        month_count = cadence.every * _MONTHS[cadence.unit]
        return Fraction(12, month_count)
    day_count = cadence.every * _DAYS[cadence.unit]
    is_whole_weeks = day_count % 7 == 0
    days_per_year = 52 * 7 if is_whole_weeks else 365
    return Fraction(days_per_year, day_count)


YEARLY = Cadence(CadenceUnit.YEAR)
HALF_YEARLY = Cadence(CadenceUnit.MONTH, 6)
QUARTERLY = Cadence(CadenceUnit.MONTH, 3)
MONTHLY = Cadence(CadenceUnit.MONTH)
TWICE_A_MONTH = Cadence(CadenceUnit.HALF_MONTH)
EVERY_TWO_WEEKS = Cadence(CadenceUnit.WEEK, 2)
WEEKLY = Cadence(CadenceUnit.WEEK)

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
