"""Twice a month: the two days of the month that deals show, and the two days that a person types."""

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations, product
from math import exp, log, pi, sqrt

from turnus.core.cadence import LAST, Cadence, Unit, is_pair, suggested_days
from turnus.core.folding import fold

#: A first deal so near to a day of the pair was sold for it, late or early.
_NEAR_DAYS = 4
#: So many days of the month come into question: those on which the most deals fall.
_MOST_DAYS = 8
#: What it costs, in nats, to leave the pair that suits the first deal: less where most deals fall exactly on the other one, for that
#: proves it; scattered deals prove little. About one subscription in seven is sold on other days.
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
_AND = re.compile(r"\b(?:und|and|the|der|den|am|on)\b|(?<=\d)(?:st|nd|rd|th)\b")


def days_shown(won_on: Sequence[date]) -> tuple[int, int]:
    """Return the two days of the month on which deals were won twice a month, 31 for the last day of the month.

    The pair that the deals show, whichever comes first; deals a day or two late, and the short February, do not change it. Where
    they prove nothing (a single deal, deals scattered over the month) it is the pair that suits the first deal (metrics 1.2).
    `won_on` is not empty; its order does not matter.

    >>> days_shown([date(2026, 1, 31), date(2026, 2, 15), date(2026, 2, 28), date(2026, 3, 16)])
    (15, 31)
    >>> days_shown([date(2026, 1, 16), date(2026, 2, 1), date(2026, 2, 16)])
    (1, 16)
    """
    usual = suggested_days(min(won_on))
    frequent = [
        day for day, _ in Counter(sorted(map(_day_in_month, won_on))).most_common(_MOST_DAYS)
    ]
    days = sorted({*usual, *frequent})
    late = {day: [_days_late(deal, day) for deal in won_on] for day in days}

    def cost(pair: tuple[int, int]) -> tuple[float, bool, tuple[int, int]]:
        first, second = pair
        nearest = Counter(
            min(days, key=abs) for days in zip(late[first], late[second], strict=True)
        )
        is_usual = pair == usual
        return (
            min(habit.cost(nearest, is_usual=is_usual) for habit in _habits()),
            not is_usual,
            pair,
        )

    return min((pair for pair in combinations(days, 2) if is_pair(*pair)), key=cost)


def with_days_shown(cadence: Cadence, won_on: Sequence[date]) -> Cadence:
    """Return the cadence with the two days that the deals show, if it is twice a month and names none; else unchanged."""
    if cadence.unit is not Unit.HALF_MONTH or cadence.days is not None:
        return cadence
    return Cadence(Unit.HALF_MONTH, days=days_shown(won_on))


def beginning(pair: tuple[int, int], day: date) -> date:
    """Return the day of the pair that a stretch begins on whose first deal was won on `day`.

    That day itself if it is none of the pair: the first period is a short one.
    """
    first, second = pair
    dues = [*_dues_near(day, first), *_dues_near(day, second)]
    nearest = min(dues, key=lambda due: abs(day - due))
    return nearest if abs(day - nearest).days <= _NEAR_DAYS else day


def parse_days(text: str) -> tuple[int, int]:
    """Return the two days that a text names, the earlier first; raises ValueError for anything else.

    >>> parse_days("25/10"), parse_days("15. und letzter"), parse_days("1st and 16th")
    ((10, 25), (15, 31), (1, 16))
    """
    plain = _LAST_WORDS.sub(f" {LAST} ", fold(text))
    plain = _AND.sub(" ", plain)
    days = sorted(map(int, _NUMBERS.findall(plain))) if _BETWEEN.fullmatch(plain) else []
    if len(days) != 2 or not is_pair(*days):
        message = f"{text!r} names no two days of every month"
        raise ValueError(message)
    return days[0], days[1]


def _day_in_month(day: date) -> int:
    """Return the day of the month, and the last one as such."""
    return LAST if day.day == _length(day.year, day.month) else day.day


@dataclass(frozen=True, slots=True)
class _Habit:
    """One way to enter deals: a share of them exactly on the due day, the others about so many days late, spread so widely."""

    exact: float
    late_days: int
    spread_days: float
    #: What each deal costs, in nats, by how late it is, from -`_REACH` days on.
    deal_costs: Sequence[float]

    def cost(self, late: Mapping[int, int], *, is_usual: bool) -> float:
        """Return how unlikely deals are that were so late (days -> how many), in nats, with what the pair and the habit cost."""
        habit_cost = float(self.late_days)
        pair_cost = _OTHER_PAIR if self.exact > _PROOF else _OTHER_PAIR_UNPROVEN
        deals_cost = sum(count * self.deal_costs[days + _REACH] for days, count in late.items())
        return deals_cost + habit_cost + (0.0 if is_usual else pair_cost)


@lru_cache(maxsize=1)
def _habits() -> tuple[_Habit, ...]:
    shares, lateness, spreads = (0.0, 0.3, 0.6, 0.9), (0, 1, 2), (1.5, 3.0, 6.0)
    return tuple(_habit(*each) for each in product(shares, lateness, spreads))


def _habit(exact: float, late_days: int, spread_days: float) -> _Habit:
    any_day = 1 / (2 * _REACH + 1)
    costs = []
    for late in range(-_REACH, _REACH + 1):
        distance = (late - late_days) / spread_days
        about_due = exp(-distance * distance / 2) / (spread_days * sqrt(2 * pi))
        if exact > _PROOF:
            about_due *= _EARLY if late < 0 else _LATE
        scattered = (1 - exact) * (0.9 * about_due + 0.1 * any_day)
        costs.append(-log(scattered + (exact if late == 0 else 0.0)))
    return _Habit(exact, late_days, spread_days, costs)


def _days_late(deal: date, day: int) -> int:
    """Return by how many days a deal misses the nearest day `day` of a month; negative if it was early."""
    return min((deal - due for due in _dues_near(deal, day)), key=abs).days


def _dues_near(deal: date, day: int) -> Iterable[date]:
    """Yield the days that are `day` in the month of the deal, before and after it."""
    for step in (-1, 0, 1):
        year, month = divmod(deal.year * 12 + deal.month - 1 + step, 12)
        yield date(year, month + 1, min(day, _length(year, month + 1)))


def _length(year: int, month: int) -> int:
    return monthrange(year, month)[1]
