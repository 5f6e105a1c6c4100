"""How a run begins: as something new, or as the comeback of one that had ended."""

from turnus.core.detection import costs
from turnus.core.detection.facts import Copy
from turnus.core.detection.rhythm import Rhythms, first_window
from turnus.core.detection.runs import (
    DealPlace,
    DealRun,
    RhythmReading,
    RunOrigin,
    reading_order,
)
from turnus.core.detection.titles import likeness

#: How alike two titles are that differ by a typing error.
_TYPING_ERROR = 0.9


def begun(copy: Copy, rhythms: Rhythms) -> DealRun:
    """Return a run that begins with this deal, at the cost of its possible rhythms alone."""
    readings = []
    kinds = rhythms.possible_for(copy)
    for kind in kinds:
        rhythm = rhythms.counted(kind, copy.day)
        cost = kind.common
        if copy.habit is not None:
            cost = costs.habitual_cadence_cost(copy, kind.bare)
        cost += rhythms.plan_cost(copy, kind)
        place = DealPlace(None, copy.deal, 0, rhythm)
        readings.append(RhythmReading(cost, rhythm, 0, (), place))
    said = copy.said
    run = DealRun(
        sorted(readings, key=reading_order),
        copy.value_e4,
        copy.title,
        1,
        said.together if said else None,
        0.0,
        copy.contact,
        RunOrigin(copy.deal, copy.day),
    )
    run.window = first_window(kinds, copy.day)
    return run


def born(start: DealRun, copy: Copy) -> DealRun:
    """Return the run that begins with this deal as something new."""
    fresh = (
        costs.BIRTH
        + costs.FRESH_PRICE
        + (costs.FRESH_TITLE if copy.title else 0.0)
        + costs.work_cost(copy)
    )
    return start.dearer(fresh, copy.title, start.origin)


def reborn(start: DealRun, copy: Copy, ended: DealRun) -> DealRun:
    """Return the run that begins with this deal as the comeback of one that had ended."""
    is_season = ended.origin.is_a_year_before(copy.day)
    cost = costs.COMEBACK
    if is_season:
        usual = 0.0 if ended.origin.is_season else costs.SEASONAL
        cost = min(cost, usual + costs.SEASON_RETURNS)
    cost += (
        costs.price_cost(ended.price_e4, copy.value_e4)
        + ended.title_cost(copy)
        + ended.contact_cost(copy)
        + costs.work_cost(copy)
    )
    is_same = is_season or _is_same_line(ended, copy)
    origin = RunOrigin(
        ended.origin.line if is_same else copy.deal, copy.day, is_season
    )
    return start.dearer(cost, copy.title or ended.title, origin)


def _is_same_line(ended: DealRun, copy: Copy) -> bool:
    """Return whether a run that comes back with this deal is named as before.

    Of a price alone several lines may be.
    """
    if not copy.title or not ended.title:
        return False
    return likeness(ended.title, copy.title) >= _TYPING_ERROR
