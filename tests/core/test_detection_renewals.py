"""Which terms of detected subscriptions fall due, and what stands against renewing them."""

from collections.abc import Collection  # noqa: I001
from dataclasses import replace
from datetime import date

import pytest
from turnus.core.detection.detecting import detect

from tests.core.test_detection import AS_OF, copies, numbered, purchase
from turnus.core.cadence import (
    MONTHLY,
    QUARTERLY,
    TWICE_A_MONTH,
    WEEKLY,
    YEARLY,
    Cadence,
)
from turnus.core.calendar import DateRange, Period, period_of
from turnus.core.detection.facts import Sold
from turnus.core.detection.renewals import RenewalStanding, TermDue, terms_due

NOVEMBER, DECEMBER = (
    period_of(date(2018, month, 1), Period.MONTH) for month in (11, 12)
)
QUARTER = DateRange(date(2019, 1, 1), date(2019, 4, 1))


def due(
    sold: list[Sold],
    days: DateRange = DECEMBER,
    *,
    as_of: date = AS_OF,
    asked: Collection[int] = (),
) -> list[TermDue]:
    known_on = max([as_of, *(deal.won_on for deal in sold)])
    return terms_due(
        detect(sold, as_of=known_on), sold, days=days, as_of=as_of, asked=asked
    )


def told(found: list[TermDue]) -> list[tuple[str, str]]:
    return [(str(term.starts_on), term.standing.value) for term in found]


@pytest.mark.parametrize(
    ("cadence", "days"),
    [
        (MONTHLY, ["2018-12-10"]),
        (WEEKLY, ["2018-12-04", "2018-12-11", "2018-12-18", "2018-12-25"]),
        (TWICE_A_MONTH, ["2018-12-10", "2018-12-25"]),
        (QUARTERLY, []),
        (YEARLY, []),
    ],
    ids=str,
)
def test_the_next_terms_in_the_period_are_due(
    cadence: Cadence, days: list[str]
) -> None:
    found = due(
        numbered(copies(cadence, until=date(2018, 12, 1))),
        as_of=date(2018, 11, 30),
    )
    assert told(found) == [(day, "due") for day in days]


def test_each_term_is_the_copy_of_the_last_deal() -> None:
    sold = numbered(
        copies(until=date(2018, 6, 1)),
        copies(start=date(2018, 6, 10), price=105),
    )
    assert {term.deal for term in due(sold, QUARTER)} == {sold[-1].deal}
    assert [
        str(term.starts_on)
        for term in due(sold, QUARTER)
        if term.standing is RenewalStanding.DUE
    ] == [
        "2019-01-10",
        "2019-02-10",
        "2019-03-10",
    ]


def test_what_a_deal_pays_for_is_booked_also_when_it_was_won_ahead() -> None:
    ahead = replace(copies()[-1], won_on=date(2018, 12, 8))
    assert told(due(numbered(copies(), [ahead]))) == [("2018-12-10", "booked")]
    assert told(due(numbered(copies()), NOVEMBER)) == [
        ("2018-11-10", "booked")
    ]


def test_what_was_due_before_the_period_is_told_apart() -> None:
    assert told(due(numbered(copies(until=date(2018, 11, 1))))) == [
        ("2018-11-10", "earlier"),
        ("2018-12-10", "due"),
    ]


def test_a_forgotten_copy_of_the_period_is_due_with_the_price_before_it() -> (
    None
):
    sold = numbered(copies(leave_out={20}))
    (found,) = due(sold, period_of(date(2018, 9, 1), Period.MONTH))
    assert (str(found.starts_on), found.standing, found.deal) == (
        "2018-09-10",
        RenewalStanding.DUE,
        sold[19].deal,
    )


@pytest.mark.parametrize(
    ("until", "days", "standing"),
    [
        (
            date(2018, 10, 1),
            DECEMBER,
            "lapsed",
        ),  # October's and November's are missing
        (
            date(2018, 11, 1),
            NOVEMBER,
            "due",
        ),  # today is within the month, and the grace had not begun
        (
            date(2018, 10, 1),
            period_of(date(2018, 10, 1), Period.MONTH),
            "due",
        ),  # the month that was forgotten
        (
            date(2018, 3, 1),
            period_of(date(2018, 1, 1), Period.YEAR),
            "lapsed",
        ),  # looking back has an end
    ],
)
def test_who_still_runs_is_judged_on_the_first_day_of_the_period(
    until: date, days: DateRange, standing: str
) -> None:
    found = [
        term
        for term in due(numbered(copies(until=until)), days)
        if term.starts_on >= until
    ]
    assert {term.standing.value for term in found} == {standing}


def test_a_negative_deal_ends_it() -> None:
    sold = numbered(
        copies(),
        [purchase(date(2018, 11, 12), price=-100, title="Storno Wartung")],
    )
    assert told(due(sold)) == [("2018-12-10", "ended")]


@pytest.mark.parametrize(
    "position", [-1, -2], ids=["the last", "the last before today"]
)
def test_a_last_deal_in_question_makes_it_doubtful(position: int) -> None:
    sold = numbered(copies(until=date(2018, 12, 11)))
    found = due(sold, QUARTER, asked={sold[position].deal})
    assert {term.standing for term in found} == {RenewalStanding.DOUBTFUL}
    assert {
        term.standing for term in due(sold, QUARTER, asked={sold[3].deal})
    } == {RenewalStanding.DUE}


def test_the_very_copy_counts_as_booked_whatever_it_was_taken_for() -> None:
    yearly = copies(
        YEARLY,
        start=date(2015, 12, 10),
        until=date(2017, 12, 31),
        plan="jährlich",
    )
    sold = numbered(yearly, [replace(yearly[-1], won_on=date(2018, 12, 10))])
    past = detect(sold[:-1], as_of=AS_OF)
    alone = terms_due(past, sold, days=DECEMBER, as_of=AS_OF, asked=())
    assert told(alone) == [("2018-12-10", "booked")]


def test_two_lines_alike_each_have_their_own_copy() -> None:
    lines = copies(start=date(2017, 1, 10)) + copies(start=date(2017, 1, 10))
    sold = numbered(sorted(lines, key=lambda deal: deal.won_on))
    assert told(due(sold)) == [("2018-12-10", "due")] * 2
    renewed = numbered(
        sold, [replace(sold[-1], won_on=date(2018, 12, 10))] * 2
    )
    assert told(due(renewed)) == [("2018-12-10", "booked")] * 2


def test_the_first_unpaid_day_of_a_stopped_chain_is_named_for_a_year() -> None:
    sold = numbered(copies(until=date(2018, 3, 1)))
    first_unpaid = "2018-03-10"
    for year, month in ((2018, 12), (2019, 3)):
        days = period_of(date(year, month, 1), Period.MONTH)
        found = due(sold, days, as_of=days.start)
        assert told(found) == [(first_unpaid, "lapsed")]
    april = period_of(date(2019, 4, 1), Period.MONTH)
    assert told(due(sold, april, as_of=april.start)) == []


def test_the_copy_has_the_title_that_comes_next() -> None:
    sold = numbered(
        replace(deal, title=f"Wartung {deal.won_on:%m/%Y}")
        for deal in copies()
    )
    december, january = due(
        sold, DateRange(date(2018, 12, 1), date(2019, 2, 1)), as_of=AS_OF
    )
    assert (december.title, january.title) == (
        "Wartung 12/2018",
        "Wartung 01/2019",
    )
    booked = numbered(
        sold,
        [replace(sold[-1], won_on=date(2018, 12, 10), title=december.title)],
    )
    assert told(due(booked)) == [("2018-12-10", "booked")]


def test_a_missed_term_has_the_title_of_its_own_period() -> None:
    sold = numbered(
        replace(deal, title=f"Wartung {deal.won_on:%m/%Y}")
        for deal in copies(leave_out={20})
    )
    (found,) = due(sold, period_of(date(2018, 9, 1), Period.MONTH))
    assert (found.standing, found.title) == (
        RenewalStanding.DUE,
        "Wartung 09/2018",
    )


def test_a_doubtful_term_due_before_the_period_is_not_told() -> None:
    sold = numbered(copies(until=date(2018, 11, 1)))
    assert told(due(sold, asked={sold[-1].deal})) == [
        ("2018-12-10", "doubtful")
    ]


def _summers(first_days: list[date]) -> list[Sold]:
    seasons = [
        copies(start=day, until=day.replace(month=9), title="Platzpflege")
        for day in first_days
    ]
    return numbered(*seasons)


def test_the_next_season_is_due_where_the_last_one_began() -> None:
    sold = _summers([date(year, 4, 2) for year in (2016, 2017, 2018)])
    april = period_of(date(2019, 4, 1), Period.MONTH)
    (term,) = due(sold, april, as_of=date(2019, 3, 20))
    assert (str(term.starts_on), term.standing) == (
        "2019-04-02",
        RenewalStanding.DUE,
    )
    assert sold[term.deal - 1].won_on == date(2018, 4, 2)
    asked = due(sold, april, as_of=date(2019, 3, 20), asked=[sold[-1].deal])
    assert told(asked) == [("2019-04-02", "doubtful")]


def test_a_single_comeback_is_no_season() -> None:
    sold = _summers([date(2016, 4, 2), date(2018, 3, 2)])
    march = period_of(date(2019, 3, 1), Period.MONTH)
    assert {
        term.standing for term in due(sold, march, as_of=date(2019, 2, 20))
    } <= {RenewalStanding.LAPSED}
