"""Which period each deal of a run pays for.

Twice a month they begin on the two days that the deals show.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from turnus.core.cadence import CadenceUnit
from turnus.core.cadence_days import beginning, with_days_shown
from turnus.core.detection.facts import Paid
from turnus.core.detection.rhythm import Rhythm
from turnus.core.detection.runs import DealPlace, DealRun, places_of


def paid_in(run: DealRun, won_on: Mapping[int, date]) -> list[Paid]:
    """Return the places of the run's deals in its best reading, in order of their periods.

    `won_on` by deal.
    """
    places = sorted(places_of(run), key=_due_day)
    twice_a_month = [
        place
        for place in places
        if place.rhythm.cadence.unit is CadenceUnit.HALF_MONTH
    ]
    if not twice_a_month:
        return [_paid(place) for place in places]
    shown = _on_days_shown(twice_a_month, won_on)
    return [shown.get(place.deal) or _paid(place) for place in places]


def _due_day(place: DealPlace) -> tuple[int, int]:
    return place.rhythm.due(place.number), place.deal


def _paid(place: DealPlace) -> Paid:
    cadence = place.rhythm.cadence
    if place.period_count > 1:
        cadence = place.rhythm.several(place.period_count) or cadence
    return Paid(
        place.deal, date.fromordinal(place.rhythm.due(place.number)), cadence
    )


def _on_days_shown(
    places: Sequence[DealPlace], won_on: Mapping[int, date]
) -> dict[int, Paid]:
    """Return the places of the deals, each counted in the pair that they all show.

    The search had only the first deal to go by.
    """
    cadence = with_days_shown(
        places[0].rhythm.cadence, [won_on[place.deal] for place in places]
    )
    assert cadence.days is not None  # noqa: S101 (twice a month has its two days by now)
    paid: dict[int, Paid] = {}
    following: date | None = None
    for rhythm in reversed(_rhythms(places)):
        anchor = date.fromordinal(rhythm.anchor)
        begins_on = beginning(cadence.days, anchor)
        if following is not None and begins_on >= following:
            begins_on = anchor
        for place in places:
            if place.rhythm is rhythm:
                paid[place.deal] = Paid(
                    place.deal, cadence.due(begins_on, place.number), cadence
                )
        following = begins_on
    return paid


def _rhythms(places: Sequence[DealPlace]) -> list[Rhythm]:
    """Return the rhythms that the run had one after the other."""
    return list({id(place.rhythm): place.rhythm for place in places}.values())
