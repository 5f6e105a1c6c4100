"""Deals that were imported twice: the same customer, amount and title within minutes of one another."""

from collections.abc import Sequence

from turnus.core.recognise.facts import Copy, Sold

#: Somebody who presses a button again does so within minutes; two copies made on purpose on one day lie further apart or differ.
_MINUTES = 15


def doubles_in(sold: Sequence[Sold], copies: Sequence[Copy]) -> set[int]:
    """Return the positions of the deals that repeat the one before them; both sequences are in order of time.

    Where a file knows days only, nothing tells a double import from two subscriptions: nothing is a double then.
    Nor is a deal of which a person said what it is.
    """
    last: dict[tuple[int, str, str, int], int] = {}
    doubles: set[int] = set()
    for index, (deal, copy) in enumerate(zip(sold, copies, strict=True)):
        if deal.minute is None or copy.said is not None:
            continue
        key = (deal.value_e4, deal.title, deal.plan, copy.day)
        first = last.get(key)
        if first is not None and deal.minute - first <= _MINUTES:
            doubles.add(index)
        else:
            last[key] = deal.minute
    return doubles
