"""Deals that were imported twice: the same customer, amount and title within minutes of one another."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from turnus.core.detection.facts import Copy, Sold

#: Somebody who presses a button again does so within minutes; two copies made on purpose on one day lie further apart or differ.
_MINUTES = 15
#: Amount, title, plan, day.
_Key = tuple[int, str, str, date]


def doubles_in(sold: Sequence[Sold], copies: Sequence[Copy]) -> set[int]:
    """Return the positions of the deals that repeat the one before them; both sequences are in order of time.

    Where a file knows days only, nothing tells a double import from two subscriptions: nothing is a double then.
    Nor is a deal of which a person said what it is, but another one may repeat it.
    """
    last: dict[_Key, int] = {}
    doubles: set[int] = set()
    for index, (deal, copy) in enumerate(zip(sold, copies, strict=True)):
        if deal.minute is None:
            continue
        first = last.get(_key(deal))
        if first is not None and copy.said is None and deal.minute - first <= _MINUTES:
            doubles.add(index)
        else:
            last[_key(deal)] = deal.minute
    return doubles


def repeated_in(sold: Iterable[Sold], booked: Iterable[Sold]) -> set[int]:
    """Return the deals of `sold` that repeat one of `booked`, all of one customer; the order does not matter."""
    known: dict[_Key, list[int]] = defaultdict(list)
    for deal in booked:
        if deal.minute is not None:
            known[_key(deal)].append(deal.minute)
    return {
        deal.deal
        for deal in sold
        if deal.minute is not None
        and any(
            abs(deal.minute - minute) <= _MINUTES
            for minute in known.get(_key(deal), ())
        )
    }


def _key(deal: Sold) -> _Key:
    return deal.value_e4, deal.title, deal.plan, deal.won_on
