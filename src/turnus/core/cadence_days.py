"""Twice a month: the two days that deals show, and the two days that a person types."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations, product, starmap
from math import exp, log, pi, sqrt

from turnus.core.cadence import (
    LAST,
    Cadence,
    CadenceUnit,
    is_pair,
    suggested_days,
)
from turnus.core.calendar import add_months, days_in_month
from turnus.core.folding import fold

#: A first deal this near to a day of the pair was sold for it, late or early.
_NEAR_DAYS = 4
#: How many days of the month are considered: those on which the most deals fall.
_MOST_DAYS = 8
#: What it costs, in nats, to leave the pair that suits the first deal. Less where most deals fall
#: exactly on the other pair, which proves it; scattered deals prove little. About one subscription
#: in seven is sold on other days.
_OTHER_PAIR, _OTHER_PAIR_UNPROVEN = 2.0, 6.0
#: That share of deals on the very days is a proof.
_PROOF = 0.5
#: Where most deals fall exactly on the days, the others are late rather than early.
_EARLY, _LATE = 0.4, 1.6
#: The nearest of the same day in three months is never further away.
_REACH = 16
_LAST_WORDS = re.compile(
    r"last(?: day)?(?: of the month)?|ultimo|monatsletzter|monatsende|letzte[rn]?"
)
_NUMBERS = re.compile(r"\d+")
_BETWEEN = re.compile(r"[\d\s./,;&+-]*")
_AND = re.compile(
    r"\b(?:und|and|the|der|den|am|on)\b|(?<=\d)(?:st|nd|rd|th)\b"
)


def days_shown(won_on: Sequence[date]) -> tuple[int, int]:
    """Return the two days of the month on which deals were won, 31 for the last day.

    Deals a day or two late, and the short February, do not change the pair. Where the deals prove
    nothing (a single deal, deals scattered over the month) it is the pair that suits the first deal
    (cadence.md: Due dates come from the anchor). `won_on` is not empty, in any order.

    >>> days_shown([date(2026, 1, 31), date(2026, 2, 15), date(2026, 2, 28), date(2026, 3, 16)])
    (15, 31)
    >>> days_shown([date(2026, 1, 16), date(2026, 2, 1), date(2026, 2, 16)])
    (1, 16)
    """
    usual = suggested_days(min(won_on))
    frequent = _most_frequent_days(won_on)
    candidates = sorted({*usual, *frequent})
    days_late: dict[int, list[int]] = {}
    for day in candidates:
        days_late[day] = [_days_late(won, day) for won in won_on]

    def rank(pair: tuple[int, int]) -> tuple[float, bool, tuple[int, int]]:
        first, second = pair
        days_late_of_pair = map(_nearer, days_late[first], days_late[second])
        counts = Counter(days_late_of_pair)
        is_usual = pair == usual
        cost = min(
            habit.cost(counts, is_usual=is_usual) for habit in _habits()
        )
        return cost, not is_usual, pair

    pairs = [pair for pair in combinations(candidates, 2) if is_pair(*pair)]
    return min(pairs, key=rank)


def _nearer(days_late: int, other_days_late: int) -> int:
    """Return the smaller distance; of equal ones the first."""
    return min(days_late, other_days_late, key=abs)


def _most_frequent_days(won_on: Iterable[date]) -> list[int]:
    # Sorted, so that of equally frequent days the earlier counts, in any order of the deals.
    days = sorted(_day_in_month(won) for won in won_on)
    most_frequent = Counter(days).most_common(_MOST_DAYS)
    return [day for day, _count in most_frequent]


def with_days_shown(cadence: Cadence, won_on: Sequence[date]) -> Cadence:
    """Return the cadence with the two days that the deals show.

    Unchanged unless it is twice a month and names no days.
    """
    is_half_monthly = cadence.unit is CadenceUnit.HALF_MONTH
    if not is_half_monthly or cadence.days is not None:
        return cadence
    days = days_shown(won_on)
    return Cadence(CadenceUnit.HALF_MONTH, days=days)


def beginning(pair: tuple[int, int], day: date) -> date:
    """Return the day of the pair on which a stretch starts whose first deal was won on `day`.

    `day` itself if it is near neither: the first term is then a short one.
    """
    due_days: list[date] = []
    for day_of_month in pair:
        due_days += _dues_near(day, day_of_month)
    nearest = min(due_days, key=lambda due: abs(day - due))
    distance = abs(day - nearest)
    return nearest if distance.days <= _NEAR_DAYS else day


def parse_days(text: str) -> tuple[int, int]:
    """Return the two days that a text names, the earlier first; ValueError for anything else.

    >>> parse_days("25/10"), parse_days("15. und letzter"), parse_days("1st and 16th")
    ((10, 25), (15, 31), (1, 16))
    """
    with_numbers = _LAST_WORDS.sub(f" {LAST} ", fold(text))
    plain = _AND.sub(" ", with_numbers)
    has_other_words = _BETWEEN.fullmatch(plain) is None
    numbers = _NUMBERS.findall(plain)
    days = sorted(int(number) for number in numbers)
    names_two_days = len(days) == 2 and is_pair(*days)
    if has_other_words or not names_two_days:
        message = f"{text!r} names no two days of every month"
        raise ValueError(message)
    first, second = days
    return first, second


def _day_in_month(day: date) -> int:
    """Return the day of the month; the last one is `LAST`."""
    return LAST if day.day == days_in_month(day) else day.day


@dataclass(frozen=True, slots=True)
class _Habit:
    """One way to enter deals: a share on the very due day, the others late and spread."""

    exact: float
    late_days: int
    spread_days: float
    #: What a deal costs, in nats, by the days it is late; the first is for -`_REACH` days.
    deal_costs: Sequence[float]

    def cost(self, counts: Mapping[int, int], *, is_usual: bool) -> float:
        """Return how unlikely the deals are, in nats, with what the pair and the habit cost.

        `counts`: days late -> number of deals.
        """
        cost = 0.0
        for late, count in counts.items():
            cost += count * self.deal_costs[late + _REACH]
        cost += self.late_days
        if is_usual:
            return cost
        is_proven = self.exact > _PROOF
        return cost + (_OTHER_PAIR if is_proven else _OTHER_PAIR_UNPROVEN)


@lru_cache(maxsize=1)
def _habits() -> tuple[_Habit, ...]:
    exact_shares = (0.0, 0.3, 0.6, 0.9)
    late_days = (0, 1, 2)
    spread_days = (1.5, 3.0, 6.0)
    combined = product(exact_shares, late_days, spread_days)
    return tuple(starmap(_habit, combined))


def _habit(exact: float, late_days: int, spread_days: float) -> _Habit:
    any_day = 1 / (2 * _REACH + 1)
    normal_peak = spread_days * sqrt(2 * pi)
    costs = []
    for late in range(-_REACH, _REACH + 1):
        distance = (late - late_days) / spread_days
        about_due = exp(-distance * distance / 2) / normal_peak
        if exact > _PROOF:
            about_due *= _EARLY if late < 0 else _LATE
        likelihood = (1 - exact) * (0.9 * about_due + 0.1 * any_day)
        if late == 0:
            likelihood += exact
        costs.append(-log(likelihood))
    return _Habit(exact, late_days, spread_days, costs)


def _days_late(won: date, day: int) -> int:
    """Return how many days after the nearest `day` of a month a deal was won; negative if early."""
    distances = [won - due for due in _dues_near(won, day)]
    nearest = min(distances, key=abs)
    return nearest.days


def _dues_near(won: date, day: int) -> Iterable[date]:
    """Yield the `day` of the month in which a deal was won, and of the months around it."""
    first_of_month = won.replace(day=1)
    for step in (-1, 0, 1):
        month = add_months(first_of_month, step)
        last_day = days_in_month(month)
        yield month.replace(day=min(day, last_day))
