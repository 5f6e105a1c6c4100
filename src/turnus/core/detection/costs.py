"""What each step of a story costs: minus the logarithm of how likely it is, in natural units.

The probabilities are round figures for how people keep such lists, not fitted to any file: a factor
of two in one of them is 0.7, while readings that differ by less than 3 are shown to a person
anyway.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, log, pi, sqrt

from turnus.core.cadence import (
    EVERY_TWO_WEEKS,
    HALF_YEARLY,
    MONTHLY,
    QUARTERLY,
    TWICE_A_MONTH,
    WEEKLY,
    YEARLY,
    Cadence,
    CadenceUnit,
)
from turnus.core.cadence_words import TWO_MONTHLY, TWO_YEARLY, Certainty
from turnus.core.detection.facts import Copy, Sitting

#: How common each cadence is among subscriptions, before anything is known.
COMMON = {
    MONTHLY: 0.32,
    YEARLY: 0.26,
    QUARTERLY: 0.12,
    WEEKLY: 0.07,
    TWICE_A_MONTH: 0.07,
    HALF_YEARLY: 0.05,
    TWO_MONTHLY: 0.04,
    Cadence(CadenceUnit.WEEK, 4): 0.04,
    EVERY_TWO_WEEKS: 0.015,
    TWO_YEARLY: 0.015,
}
CADENCE = {cadence: -log(share) for cadence, share in COMMON.items()}
#: A cadence that few agree on: 4 or 18 months. One in ninety.
RARE_CADENCE = 4.5
#: Still fewer count weeks or days that nobody has a word for.
RARE_WEEKS, RARE_DAYS = 6.5, 7.5

_DAYS_A_YEAR = 365.25
#: New subscriptions and single purchases of a customer, a year; with every new deal come a price
#: and a title of its own.
BIRTH = log(_DAYS_A_YEAR / 0.3)
ONE_OFF = log(_DAYS_A_YEAR / 0.6)
#: A subscription that had ended begins again.
COMEBACK = log(_DAYS_A_YEAR / 0.18)
#: One subscription in thirty is for a season; the next one begins within some forty days.
SEASONAL, SEASON_RETURNS = 3.4, 3.7
#: One term in fifty costs nothing.
FREE = 3.9
#: Several terms are paid at once: one renewal in a hundred; how many, of four.
PREPAID = 4.6 + 1.4
#: About 150 prices are in use in a price list of one company.
FRESH_PRICE = 5.0
#: About twenty services.
FRESH_TITLE = 3.0
#: Subscriptions that end, a year.
_DEATHS = 0.18

#: A renewal names another contact person than the one before: one in twenty.
OTHER_CONTACT, SAME_CONTACT = 3.0, 0.05

#: Copies forgotten: one in twenty; more than three in a row are an end.
MISSING = 3.0
MOST_MISSING = 3

#: A deal was entered twice: one in a hundred.
ENTERED_TWICE = 4.6

#: A plan's word is wrong in one deal of a hundred; which one it then is, is as likely as that
#: cadence.
WRONG_WORD = 4.6
#: Who chooses a word of recurrence for a single purchase does so against better knowledge: one of
#: 250.
WRONG_WORD_FOR_SINGLE = 5.5
#: The cadence in a title may be part of a product's name.
WRONG_TITLE_WORD = 2.5
#: Subscriptions that recur as others of their title do.
_HABITUAL = 0.8
#: The first deal was entered late, and the others count from an earlier day: one subscription in
#: twenty.
LATE_FIRST = 3.0
#: From some renewal on copies are made on another day: one renewal in a hundred, and
#: that day is one of about forty.
DUE_DAY_MOVES = 4.6 + 3.7
MOVED_REACH = 45
#: The customer changes to another cadence at a due date: a handful in a thousand renewals.
SWITCH = 5.5
#: Work that is done once rarely recurs; it is one in three of the single purchases.
WORK_RECURS = 3.5
WORK_IS_SINGLE = 1.0
#: One purchase in twelve has a title that sounds like a service although it does not recur.
SERVICE_IS_SINGLE = 2.5
#: One in a hundred calls itself a subscription or a renewal.
SUBSCRIPTION_IS_SINGLE = 4.5

#: Days that a residual may have at most, either way, before the share of the period.
_REACH = 40
#: How many copies have the day of a list instead of their own, within a month.
_LISTED_SHARE = {
    Sitting.UNKNOWN: 0.1,
    Sitting.ALONE: 0.05,
    Sitting.FEW: 0.1,
    Sitting.SEVERAL: 0.3,
    Sitting.LIST: 0.8,
    Sitting.SECOND_LIST: 0.8,
    Sitting.REPEATED_LIST: 0.8,
}
_LISTED_DAYS = 30
#: How fast lists thin out that are further off; imports of several periods are late.
_FURTHER_DAYS, _LATE_DAYS = 8, 30
#: Days that a list may be late at least.
_LATE_REACH = 130
_SESSIONS = {
    Sitting.SEVERAL,
    Sitting.LIST,
    Sitting.SECOND_LIST,
    Sitting.REPEATED_LIST,
}
#: Of those with a day of their own, so many are made by somebody careless.
_CARELESS_SHARE, _CARELESS_TIMES = 0.28, 3


@dataclass(frozen=True, slots=True)
class ResidualCosts:
    """What it costs to be won some days off the due date, from `-reach` days on."""

    reach: int
    costs: tuple[float, ...]


def cadence_cost(cadence: Cadence) -> float:
    """Return what it costs that a subscription recurs so, before anything is known."""
    if cadence in CADENCE:
        return CADENCE[cadence]
    if cadence.unit is CadenceUnit.WEEK:
        return RARE_WEEKS
    if cadence.unit is CadenceUnit.DAY:
        return RARE_DAYS
    return RARE_CADENCE


def habitual_cadence_cost(copy: Copy, cadence: Cadence) -> float:
    """Return what it costs that a subscription that begins with this deal recurs so.

    Four of five are like others of their title, one in five is like any subscription.
    """
    if copy.habit is None or not copy.habit.cadence_shares:
        return cadence_cost(cadence)
    general = (1 - _HABITUAL) * exp(-cadence_cost(cadence))
    habitual = _HABITUAL * copy.habit.cadence_shares.get(cadence, 0.0)
    return -log(general + habitual)


def plan_cost(copy: Copy, cadence: Cadence) -> float:
    """Return what it costs that a deal with these plan words belongs to a chain of `cadence`."""
    if cadence in copy.plan.candidates:
        return 0.0
    return wrong_plan_cost(copy)


def wrong_plan_cost(copy: Copy) -> float:
    """Return what it costs that a deal recurs otherwise than its plan words say."""
    if copy.plan.certainty is Certainty.NONE:
        return 0.0
    wrong = WRONG_TITLE_WORD if copy.is_plan_from_title else WRONG_WORD
    return wrong + _word_cost(copy)


def work_cost(copy: Copy) -> float:
    """Return what it costs that the deal recurs though its words name work."""
    return WORK_RECURS if copy.is_work else 0.0


def one_off_cost(copy: Copy) -> float:
    """Return what it costs that the deal is a single purchase."""
    cost = ONE_OFF + FRESH_PRICE + (FRESH_TITLE if copy.title else 0.0)
    if copy.is_work:
        cost += WORK_IS_SINGLE - FRESH_TITLE
    if copy.is_subscription:
        cost += SUBSCRIPTION_IS_SINGLE
    elif copy.is_service:
        cost += SERVICE_IS_SINGLE
    if copy.habit is not None:
        cost += copy.habit.recurring_odds
    # A duration in a title says how long something takes as often as how often it
    # comes: of one deal it says nothing.
    if copy.plan.candidates and not copy.is_plan_from_title:
        cost += WRONG_WORD_FOR_SINGLE + _word_cost(copy)
    return cost


def _word_cost(copy: Copy) -> float:
    """Return how rare the cadence is that the words name.

    0 where they say that it does not recur.
    """
    return min(
        (cadence_cost(each) for each in copy.plan.candidates), default=0.0
    )


@lru_cache(maxsize=8192)
def price_cost(before_e4: int, after_e4: int) -> float:
    """Return what a price, more than nothing, after another costs.

    Most stay, some rise a little, a few change by a step people agree on.
    """
    if before_e4 == after_e4:
        return 0.1
    ratio = after_e4 / before_e4
    if 1 < ratio <= 1.095:
        return 4.0
    # Seats and discounts: a half, two thirds, three quarters, four fifths and their inverses;
    # prices are rounded to 2 %.
    if any(
        abs(ratio / step - 1) < 0.02
        for step in (0.5, 2 / 3, 0.75, 0.8, 1.25, 4 / 3, 1.5, 2.0)
    ):
        return 5.0
    # Anything else is rarer than the fresh price of another purchase would be.
    return 8.5 if 0.43 <= ratio <= 2.3 else 10.5


def title_cost(alike: float) -> float:
    """Return what it costs that a title follows another that it is so much like.

    Typing errors in one of three, another name in one of 150.

    A name that has nothing in common with the one before is rarer still.
    """
    if alike == 1:
        return 0.2
    return 1.2 if alike >= 0.9 else 8.0 - 6 * alike


def death_cost(cadence: Cadence) -> float:
    """Return what it costs that a subscription ends at a due date."""
    return -log(1 - exp(-_DEATHS / float(cadence.billings_per_year)))


def survival_cost(cadence: Cadence) -> float:
    """Return what it costs that a subscription does not end at a due date."""
    return _DEATHS / float(cadence.billings_per_year)


@lru_cache(maxsize=1024)
def prepaid_cost(share: float) -> float:
    """Return what it costs that terms are paid at once for this share of their price.

    Nine in ten pay the whole, one in ten up to an eighth less, one in fifty less than that.

    >>> prepaid_cost(1.0) < prepaid_cost(0.9) < prepaid_cost(0.8)
    True
    """
    if share >= 0.98:
        discount = 0.1
    elif share >= 0.875:
        discount = 2.3
    else:
        discount = 3.9
    return PREPAID + discount


def residual_costs(cadence: Cadence, sitting: Sitting) -> ResidualCosts:
    """Return what it costs to be won so many days off the due date.

    Most copies are made within two days and 3 % of the period, half a day late; some by
    somebody three times as careless. A share, by `sitting`, came with a list.
    """
    period = _DAYS_A_YEAR / float(cadence.billings_per_year)
    narrow = 1.5 + 0.03 * period
    reach = int(_REACH + min(0.2 * period, 60))
    late_reach = max(reach, _LATE_REACH) if sitting in _SESSIONS else reach
    days = range(-reach, late_reach + 1)
    costs = tuple(-log(_density(day, narrow, sitting)) for day in days)
    return ResidualCosts(reach, costs)


def _density(day: int, narrow: float, sitting: Sitting) -> float:
    listed_share = _LISTED_SHARE[sitting]
    careful = _normal(day - 0.5, narrow)
    careless = _normal(day - 0.5, _CARELESS_TIMES * narrow)
    own_day = (1 - _CARELESS_SHARE) * careful + _CARELESS_SHARE * careless
    listed = _listed_density(day, is_session=sitting in _SESSIONS)
    return (1 - listed_share) * own_day + listed_share * listed


def _listed_density(day: int, *, is_session: bool) -> float:
    further = max(abs(day) - _LISTED_DAYS, 0)
    thins_out = _LATE_DAYS if is_session and day > 0 else _FURTHER_DAYS
    late = _LATE_DAYS if is_session else _FURTHER_DAYS
    whole = 2 * _LISTED_DAYS + 1 + _FURTHER_DAYS + late
    return exp(-further / thins_out) / whole


def _normal(distance: float, width: float) -> float:
    return exp(-((distance / width) ** 2) / 2) / (width * sqrt(2 * pi))
