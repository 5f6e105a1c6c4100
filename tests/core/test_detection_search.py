"""A search that goes on from where another one parts finds what a search of its own finds."""

from datetime import date, timedelta

import pytest

from turnus.core.cadence_words import guess_cadence
from turnus.core.detection.facts import Copy
from turnus.core.detection.runs import places_of
from turnus.core.detection.search import Search, SearchStory, runs_in

AS_OF = date(2018, 12, 31).toordinal()
DEALS = 30
BEGINNING = date(2016, 1, 31)


def copy_at(position: int, day: date, *, price: int) -> Copy:
    return Copy(
        position,
        day.toordinal(),
        price * 10_000,
        guess_cadence("monthly" if position % 5 else ""),
        is_plan_from_title=False,
        title="hosting" if position % 3 else "backup",
        is_work=False,
        is_service=True,
        is_subscription=False,
        position=position,
    )


def deals() -> list[Copy]:
    return [
        copy_at(
            position,
            BEGINNING + timedelta(days=20 * position + position % 4),
            price=40 + position % 2,
        )
        for position in range(DEALS)
    ]


def told(story: SearchStory) -> tuple[float, list[tuple[int, int, int]]]:
    places = [place for run in runs_in(story) for place in places_of(run)]
    return story.cost, [
        (place.deal, place.number, place.rhythm.anchor) for place in places
    ]


def stories_in(
    search: Search,
) -> list[tuple[float, list[tuple[int, int, int]]]]:
    return [told(story) for story in search.stories]


@pytest.mark.parametrize("place", [0, 7, 8, 9, 17, 29])
def test_a_search_goes_on_where_another_one_parts(place: int) -> None:
    copies = deals()
    rest = [*copies[:place], *copies[place + 1 :]]
    before = Search(rest, as_of=AS_OF)
    alone = Search(copies, as_of=AS_OF)
    going_on = Search(copies, as_of=AS_OF, before=[before])
    assert stories_in(going_on) == stories_in(alone)


def test_a_search_may_be_the_whole_beginning_of_another_one() -> None:
    copies = deals()
    before = Search(copies[:-1], as_of=AS_OF)
    alone = Search(copies, as_of=AS_OF)
    going_on = Search(copies, as_of=AS_OF, before=[before])
    assert stories_in(going_on) == stories_in(alone)
    assert going_on.marks[:4] == before.marks
