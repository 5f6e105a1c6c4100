"""What could be otherwise in a reading, and how likely it is, in odds worked out by hand."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from math import exp, log

import pytest

from tests.core.test_detection import copies, found, numbered, purchase, sizes
from turnus.core.cadence import MONTHLY, QUARTERLY, Cadence, CadenceUnit
from turnus.core.cadence_words import Certainty, Guess
from turnus.core.detection import costs
from turnus.core.detection.alternatives import settled_reading
from turnus.core.detection.beginnings import begun, born
from turnus.core.detection.detecting import answer_for, group_of
from turnus.core.detection.facts import (
    Alternative,
    Copy,
    Detection,
    Doubt,
    Said,
    Sitting,
    Sold,
)
from turnus.core.detection.pieces import pieces_of
from turnus.core.detection.review import moved_deals, total_margin
from turnus.core.detection.rhythm import Rhythms
from turnus.core.detection.runs import DealRun

AS_OF = date(2018, 11, 14).toordinal()


def chains_in(alternative: Alternative) -> list[tuple[int, ...]]:
    return [chain.deals for chain in alternative.chains]


def alternatives_to(result: Detection) -> list[list[tuple[int, ...]]]:
    return [chains_in(alternative) for alternative in result.alternatives]


def settled(*lines: list[Sold]) -> list[tuple[Cadence, int]]:
    """What becomes of a reading in which these are lines, each in a usual rhythm."""
    names = [
        (number, deal) for number, line in enumerate(lines) for deal in line
    ]
    names.sort(key=lambda each: each[1].won_on)
    copies_of: dict[int, list[Copy]] = defaultdict(list)
    for position, (number, deal) in enumerate(names):
        copies_of[number].append(copy_of(deal, position))
    every = [copy for own in copies_of.values() for copy in own]
    pieces = pieces_of(every, [run_of(own) for own in copies_of.values()])
    runs = [
        run
        for piece in settled_reading(pieces, as_of=AS_OF).pieces
        for run in piece.runs
    ]
    found_lines = [
        (run.readings[0].rhythm.bare, run.copy_count) for run in runs
    ]
    return sorted(found_lines, key=str)


def copy_of(deal: Sold, position: int) -> Copy:
    return Copy(
        position,
        deal.won_on.toordinal(),
        deal.value_e4,
        Guess(Certainty.NONE, ()),
        is_plan_from_title=False,
        title=deal.title,
        is_work=False,
        is_service=False,
        is_subscription=False,
        position=position,
    )


def run_of(own: list[Copy]) -> DealRun:
    rhythms = Rhythms()
    run: DealRun | None = born(begun(own[0], rhythms), own[0])
    for copy in own[1:]:
        assert run is not None
        run = run.continued(copy, rhythms)
    assert run is not None
    return run.ended(AS_OF)


def pair(days: int, title: str = "Schulung") -> list[Sold]:
    first = date(2018, 9, 10)
    later = first + timedelta(days=days)
    return numbered([purchase(first, 40, title), purchase(later, 40, title)])


def test_two_trainings_a_month_apart_recur_at_the_odds_of_their_costs() -> (
    None
):
    result = found(pair(30, title="Schulung Tee"), as_of=date(2018, 10, 11))
    assert result.single == (1, 2)
    margin = min(each.margin for each in result.alternatives if each.chains)
    single = costs.ONE_OFF + costs.FRESH_PRICE + costs.WORK_IS_SINGLE
    new_line = costs.BIRTH + costs.FRESH_PRICE + costs.FRESH_TITLE
    monthly = costs.CADENCE[MONTHLY] + costs.survival_cost(MONTHLY)
    days_off = costs.residual_costs(MONTHLY, Sitting.UNKNOWN)
    renewal = (
        costs.price_cost(1, 1)
        + costs.title_cost(1)
        + days_off.costs[days_off.reach]
    )
    line = new_line + monthly + renewal + 2 * costs.WORK_RECURS
    assert margin == pytest.approx(line - 2 * single)


def test_a_lone_deal_has_no_other_readings_but_the_question_about_it() -> None:
    sold = numbered([purchase(date(2018, 3, 5), 402, "Hosting")])
    result = found(sold)
    assert [question.doubt for question in result.questions] == [Doubt.SINGLE]
    assert result.alternatives == ()


def test_a_line_goes_on_from_another_day() -> None:
    before = copies(until=date(2017, 4, 1), start=date(2017, 1, 25))
    after = copies(start=date(2017, 4, 8))
    sold = numbered(before, after)
    assert sizes(found(sold)) == [(MONTHLY, len(sold))]


def test_only_what_another_reading_is_about_changes() -> None:
    before = copies(until=date(2017, 4, 1), start=date(2017, 1, 25))
    after = copies(start=date(2017, 4, 8))
    other = copies(title="Hosting", price=33)
    lines = settled(before, after, other)
    assert lines == [
        (MONTHLY, len(before) + len(after)),
        (MONTHLY, len(other)),
    ]


def test_deals_are_read_in_the_rhythm_that_they_show() -> None:
    every_four = Cadence(CadenceUnit.MONTH, 4)
    sold = copies(every_four, start=date(2014, 1, 8))
    assert settled(sold) == [(every_four, len(sold))]


def test_a_line_of_another_rhythm_is_another_line() -> None:
    quarterly = copies(
        QUARTERLY, start=date(2015, 1, 3), until=date(2017, 2, 1)
    )
    monthly = copies(start=date(2017, 2, 10), price=260)
    lines = settled(quarterly, monthly)
    assert lines == [(MONTHLY, len(monthly)), (QUARTERLY, len(quarterly))]


def test_a_line_may_end_with_a_free_term() -> None:
    *paid, last = copies()
    assert settled([*paid, replace(last, value_e4=0)]) == [
        (MONTHLY, len(paid) + 1)
    ]


def test_the_shorter_piece_of_a_cut_line_is_asked_about() -> None:
    cut = {1: 1, 2: 2, 3: 2, 4: 2}
    assert moved_deals(dict.fromkeys(range(1, 5), 1), cut) == [1]
    assert moved_deals(cut, dict.fromkeys(range(1, 5), 1)) == [1]


def test_deals_that_change_places_are_both_asked_about() -> None:
    before = {1: 1, 2: 1, 3: 1, 4: 4, 5: 4, 6: 4}
    after = {1: 1, 2: 1, 6: 1, 4: 4, 5: 4, 3: 4}
    assert moved_deals(before, after) == [3, 6]


@pytest.mark.parametrize(
    ("shares", "sure"), [([0.25], 0.8), ([0.125, 0.125], 0.8)]
)
def test_the_likelihoods_of_other_readings_add_up(
    shares: list[float], sure: float
) -> None:
    margin = total_margin(-log(share) for share in shares)
    assert 1 / (1 + exp(-margin)) == pytest.approx(sure)


def test_what_a_person_said_is_not_in_doubt() -> None:
    sold = pair(30)
    group = group_of(0, "Elbe GmbH", "EUR", sold)
    day = date(2018, 10, 11)
    assert answer_for(group, day).alternatives
    said = dict.fromkeys((1, 2), Said(1))
    assert answer_for(group, day, said).alternatives == ()
    once = dict.fromkeys((1, 2), Said(None))
    assert answer_for(group, day, once).alternatives == ()
