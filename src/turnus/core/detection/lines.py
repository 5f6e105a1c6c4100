"""Deals as one line, and what stands between two deals that follow one another."""

from collections.abc import Sequence

from turnus.core.detection import costs
from turnus.core.detection.beginnings import begun, born
from turnus.core.detection.facts import Copy
from turnus.core.detection.rhythm import Rhythms
from turnus.core.detection.runs import DealRun
from turnus.core.detection.titles import likeness


def line_of(
    copies: Sequence[Copy], rhythms: Rhythms, limit: float
) -> DealRun | None:
    """Return the deals as one line; None if that cannot be, or costs more than `limit`."""
    first = copies[0]
    if first.value_e4 <= 0:
        return None
    return _continued(
        born(begun(first, rhythms), first), copies, rhythms, limit
    )


def _continued(
    run: DealRun, copies: Sequence[Copy], rhythms: Rhythms, limit: float
) -> DealRun | None:
    for copy in copies[1:]:
        ways = [run.continued(copy, rhythms), run.prepaid(copy)]
        possible = [
            way for way in ways if way is not None and way.cost <= limit
        ]
        if not possible:
            return None
        run = min(possible, key=lambda way: way.cost)
    return run


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
