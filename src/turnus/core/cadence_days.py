"""Twice a month: the two days that deals show, and the two days that a person types."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations, product
from math import exp, log, pi, sqrt

from turnus.core.cadence import LAST, Cadence, CadenceUnit, is_pair, suggested_days
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
_AND = re.compile(r"\b(?:und|and|the|der|den|am|on)\b|(?<=\d)(?:st|nd|rd|th)\b")


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
    candidates = sorted({*usual, *_most_frequent_days(won_on)})
    days_late = {day: [_days_late(won, day) for won in won_on] for day in candidates}

    def rank(pair: tuple[int, int]) -> tuple[float, bool, tuple[int, int]]:
        first, second = pair
        both = zip(days_late[first], days_late[second], strict=True)
        nearest = Counter(min(distances, key=abs) for distances in both)
        is_usual = pair == usual
        cost = min(habit.cost(nearest, is_usual=is_usual) for habit in _habits())
        return cost, not is_usual, pair

    pairs = [pair for pair in combinations(candidates, 2) if is_pair(*pair)]
    return min(pairs, key=rank)


def _most_frequent_days(won_on: Iterable[date]) -> list[int]:
    # Sorted, so that of equally frequent days the earlier counts, in any order of the deals.
    counts = Counter(sorted(map(_day_in_month, won_on)))
    return [day for day, _count in counts.most_common(_MOST_DAYS)]


def with_days_shown(cadence: Cadence, won_on: Sequence[date]) -> Cadence:
    """Return the cadence with the two days that the deals show.

    Unchanged unless it is twice a month and names no days.
    """
    if cadence.unit is not CadenceUnit.HALF_MONTH or cadence.days is not None:
        return cadence
    return Cadence(CadenceUnit.HALF_MONTH, days=days_shown(won_on))


def beginning(pair: tuple[int, int], day: date) -> date:
    """Return the day of the pair on which a stretch starts whose first deal was won on `day`.

    `day` itself if it is near neither: the first term is then a short one.
    """
    first, second = pair
    due_days = [*_dues_near(day, first), *_dues_near(day, second)]
    nearest = min(due_days, key=lambda due: abs(day - due))
    is_near = abs(day - nearest).days <= _NEAR_DAYS
    return nearest if is_near else day


def parse_days(text: str) -> tuple[int, int]:
    """Return the two days that a text names, the earlier first; ValueError for anything else.

    >>> parse_days("25/10"), parse_days("15. und letzter"), parse_days("1st and 16th")
    ((10, 25), (15, 31), (1, 16))
    """
    with_numbers = _LAST_WORDS.sub(f" {LAST} ", fold(text))
    plain = _AND.sub(" ", with_numbers)
    has_other_words = _BETWEEN.fullmatch(plain) is None
    days = sorted(map(int, _NUMBERS.findall(plain)))
    if has_other_words or len(days) != 2 or not is_pair(*days):
        message = f"{text!r} names no two days of every month"
        raise ValueError(message)
    return days[0], days[1]


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
        deals_cost = sum(
            count * self.deal_costs[late + _REACH] for late, count in counts.items()
        )
        habit_cost = float(self.late_days)
        if is_usual:
            return deals_cost + habit_cost
        pair_cost = _OTHER_PAIR if self.exact > _PROOF else _OTHER_PAIR_UNPROVEN
        return deals_cost + habit_cost + pair_cost


@lru_cache(maxsize=1)
def _habits() -> tuple[_Habit, ...]:
    exact_shares = (0.0, 0.3, 0.6, 0.9)
    late_days = (0, 1, 2)
    spread_days = (1.5, 3.0, 6.0)
    return tuple(
        _habit(*each) for each in product(exact_shares, late_days, spread_days)
    )


def _habit(exact: float, late_days: int, spread_days: float) -> _Habit:
    any_day = 1 / (2 * _REACH + 1)
    costs = []
    for late in range(-_REACH, _REACH + 1):
        distance = (late - late_days) / spread_days
        about_due = exp(-distance * distance / 2) / (spread_days * sqrt(2 * pi))
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
    return min(distances, key=abs).days


def _dues_near(won: date, day: int) -> Iterable[date]:
    """Yield the `day` of the month in which a deal was won, and of the months around it."""
    for step in (-1, 0, 1):
        month = add_months(won.replace(day=1), step)
        yield month.replace(day=min(day, days_in_month(month)))
