"""Two lines that exchange what comes after an odd place: another contact, say, took over."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from turnus.core.detection.facts import Copy
from turnus.core.detection.gaps import cadences_shown
from turnus.core.detection.lines import line_of, seam_cost
from turnus.core.detection.pieces import LineStretch, ReadingChange
from turnus.core.detection.rhythm import Rhythms
from turnus.core.detection.runs import DealRun

#: A seam that costs more is odd: another contact, title or price.
_REGULAR_SEAM = 2.0
#: Places of one line at which the other one may go on.
_MOST_PLACES = 2
#: An exchange that costs this much more is not worth a thought: one in 400.
_FAR = 6.0


def exchanges(
    first: LineStretch, second: LineStretch, as_of: int
) -> Iterator[ReadingChange]:
    """Yield the changes in which the second line goes on with the later deals of the first.

    And the first, where it can, with those of the second.
    """
    if first.run is None or second.run is None:
        return
    for place in _odd_places(first.copies):
        yield from _exchanged(first, second, place, as_of)


def _odd_places(copies: Sequence[Copy]) -> list[int]:
    costs = [seam_cost(before, copy) for before, copy in pairwise(copies)]
    odd = [
        (-cost, place)
        for place, cost in enumerate(costs, start=1)
        if cost > _REGULAR_SEAM
    ]
    return [place for _cost, place in sorted(odd)[:_MOST_PLACES]]


def _exchanged(
    first: LineStretch, second: LineStretch, place: int, as_of: int
) -> Iterator[ReadingChange]:
    head, tail = first.copies[:place], first.copies[place:]
    position = tail[0].position
    other_head = tuple(c for c in second.copies if c.position < position)
    other_tail = second.copies[len(other_head) :]
    if any(copy.said for copy in (*first.copies, *second.copies)):
        return
    before = _seams((head, tail), (other_head, other_tail))
    after = _seams((head, other_tail), (other_head, tail))
    if after >= before:
        return
    now = first.cost + second.cost
    runs: list[DealRun] = []
    for copies in ((*head, *other_tail), (*other_head, *tail)):
        run = line_of(copies, Rhythms(cadences_shown(copies)), now + _FAR)
        if run is None:
            return
        runs.append(run.ended(as_of))
    deals = tuple(copy.deal for copy in (*first.copies, *second.copies))
    yield ReadingChange(
        sum(run.cost for run in runs) - now, deals, tuple(runs)
    )


def _seams(*lines: tuple[Sequence[Copy], Sequence[Copy]]) -> float:
    """Return what the seams of lines cost, each between a head and a tail."""
    return sum(
        seam_cost(head[-1], tail[0]) for head, tail in lines if head and tail
    )
