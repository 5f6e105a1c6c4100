"""Deals as one line, and what stands between two deals that follow one another."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import inf

from turnus.core.cadence import Cadence, CadenceUnit
from turnus.core.detection import costs
from turnus.core.detection.beginnings import begun, born
from turnus.core.detection.facts import Copy
from turnus.core.detection.rhythm import Rhythms, costs_of
from turnus.core.detection.runs import DealRun
from turnus.core.detection.titles import likeness

#: The shorter a period, the nearer are its deals to their due days: none is shorter.
_DAILY = costs_of(Cadence(CadenceUnit.DAY))
#: What a renewal costs at least, by sitting.
_LEAST = tuple(min(residual) for residual in _DAILY.residual)
#: Sums of the same numbers in another order are equal but for this.
_ROUNDING = 1e-6


class PieceReader:
    """Reads deals, or most of them, as one line; what begins alike is read once."""

    def __init__(
        self, copies: Sequence[Copy], rhythms: Rhythms, *, limit: float
    ) -> None:
        self.copies = copies
        self.rhythms = rhythms
        #: No line that is worth a thought ever costs more.
        self.limit = limit
        self._beginnings: list[DealRun | None] = [
            _beginning(copies[0], rhythms)
        ]

    def beginning(self, count: int) -> DealRun | None:
        """Return the first deals as one line; None if that cannot be, or costs too much."""
        beginnings = self._beginnings
        while len(beginnings) < count:
            run = beginnings[-1]
            if run is not None:
                run = _longer(
                    run, self.copies[len(beginnings)], self.rhythms, self.limit
                )
            beginnings.append(run)
        return beginnings[count - 1]

    def ending(self, place: int, *, most: float = inf) -> DealRun | None:
        """Return the deals from a place on as one line; None if it costs more than `most`."""
        return line_of(
            self.copies[place:], self.rhythms, self.limit, most=most
        )

    def without(self, place: int, *, most: float) -> DealRun | None:
        """Return all deals but one as one line; None if it costs more than `most`."""
        if place == 0:
            return self.ending(1, most=most)
        return _continued(
            self.beginning(place),
            self.copies[place + 1 :],
            self.rhythms,
            limit=self.limit,
            most=most,
        )


def line_of(
    copies: Sequence[Copy],
    rhythms: Rhythms,
    limit: float,
    *,
    most: float = inf,
) -> DealRun | None:
    """Return the deals as one line.

    None if that cannot be, if it costs more than `limit` on the way, or more than `most` in
    the end.
    """
    return _continued(
        _beginning(copies[0], rhythms),
        copies[1:],
        rhythms,
        limit=limit,
        most=most,
    )


def _beginning(copy: Copy, rhythms: Rhythms) -> DealRun | None:
    """Return the line that begins with a deal; none begins with a free one."""
    if copy.value_e4 <= 0:
        return None
    return born(begun(copy, rhythms), copy)


def _continued(
    run: DealRun | None,
    copies: Sequence[Copy],
    rhythms: Rhythms,
    *,
    limit: float,
    most: float,
) -> DealRun | None:
    most = min(limit, most) + _ROUNDING
    for copy, further in zip(copies, _least_further(copies), strict=True):
        if run is None or run.least_cost + further > most:
            return None
        run = _longer(run, copy, rhythms, limit)
    return run


def _least_further(copies: Sequence[Copy]) -> Iterator[float]:
    """Return for each deal what it and those after it cost at least."""
    backward = accumulate(_LEAST[copy.sitting] for copy in reversed(copies))
    return reversed(list(backward))


def _longer(
    run: DealRun, copy: Copy, rhythms: Rhythms, limit: float
) -> DealRun | None:
    ways = [run.continued(copy, rhythms), run.prepaid(copy)]
    possible = [way for way in ways if way is not None and way.cost <= limit]
    return min(possible, key=_cost, default=None)


def _cost(run: DealRun) -> float:
    return run.cost


def seam_cost(before: Copy, copy: Copy) -> float:
    """Return what stands between a deal and the one before it: price, title, contact."""
    cost = 0.0
    if before.value_e4 > 0 and copy.value_e4 > 0:
        cost += costs.price_cost(before.value_e4, copy.value_e4)
    if before.title and copy.title:
        cost += costs.title_cost(likeness(before.title, copy.title))
    if before.contact and copy.contact and before.contact != copy.contact:
        cost += costs.OTHER_CONTACT
    return cost
