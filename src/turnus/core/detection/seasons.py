"""Subscriptions that pause every year: when the next season begins."""

from datetime import date
from itertools import pairwise

from turnus.core.calendar import add_months
from turnus.core.detection import costs
from turnus.core.detection.facts import Chain, Paid

#: A season begins so many days around the day on which the one before began.
_REACH_DAYS = 31
_MONTHS_IN_YEAR = 12


def next_season(chain: Chain) -> Paid | None:
    """Return the last season's first period as it comes a year later.

    None unless at least two seasons began a year apart. The deal is that of the last season.
    """
    beginnings = _beginnings(chain)
    if len(beginnings) < 2:
        return None
    for before, following in pairwise(beginnings):
        if (
            abs((following.starts_on - _a_year_after(before)).days)
            > _REACH_DAYS
        ):
            return None
    last = beginnings[-1]
    return Paid(last.deal, _a_year_after(last), last.cadence)


def _beginnings(chain: Chain) -> list[Paid]:
    """Return the first period of each stretch between pauses."""
    beginnings = [chain.paid[0]]
    for paid, following in pairwise(chain.paid):
        latest = paid.cadence.due(paid.starts_on, costs.MOST_MISSING + 1)
        if following.starts_on > latest:
            beginnings.append(following)
    return beginnings


def _a_year_after(paid: Paid) -> date:
    return add_months(paid.starts_on, _MONTHS_IN_YEAR)
