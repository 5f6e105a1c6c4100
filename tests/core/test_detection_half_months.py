"""Twice a month in detected chains: on which days each deal is due, and which renewals follow."""

from dataclasses import replace  # noqa: I001
from datetime import date, timedelta

import pytest
from turnus.core.detection.detecting import answer_for, detect, groups_of

from tests.core.test_cadence_days import deals
from turnus.core.cadence import TWICE_A_MONTH, Cadence
from turnus.core.calendar import DateRange
from turnus.core.detection.facts import Chain, Said, Sold
from turnus.core.detection.renewals import terms_due

PAIRS = [
    (1, 15),
    (1, 16),
    (5, 20),
    (7, 21),
    (10, 25),
    (15, 31),
    (2, 17),
    (14, 28),
    (10, 20),
    (5, 25),
]


def cleaning(days: list[date]) -> list[Sold]:
    one = Sold(
        deal=0,
        won_on=date.min,
        value_e4=600_000,
        currency="EUR",
        title="Reinigung",
        plan="zweimal monatlich",
        organization="Halb GmbH",
    )
    return [
        replace(one, deal=number, won_on=day)
        for number, day in enumerate(days, 1)
    ]


def chain_of(days: list[date]) -> Chain:
    (chain,) = detect(cleaning(days), as_of=max(days)).chains
    return chain


def renewed(days: list[date], *, month: date) -> list[str]:
    """The days in a month for which copies are made."""
    sold = cleaning(days)
    as_of = max(days)
    following = (month + timedelta(days=31)).replace(day=1)
    found = terms_due(
        detect(sold, as_of=as_of),
        sold,
        days=DateRange(month, following),
        as_of=as_of,
        asked=(),
    )
    return [term.starts_on.isoformat() for term in found]


@pytest.mark.parametrize("begins_with", [0, 1])
@pytest.mark.parametrize("pair", PAIRS)
def test_deals_are_due_on_the_two_days_that_they_show(
    pair: tuple[int, int], begins_with: int
) -> None:
    days = deals(pair, begins_with=begins_with)
    chain = chain_of(days)
    assert chain.cadence == Cadence.parse(f"2/m:{pair[0]},{pair[1]}")
    assert [paid.starts_on for paid in chain.paid] == days


@pytest.mark.parametrize(
    ("pair", "november", "december"),
    [
        ((1, 16), "2026-11-01 2026-11-16", "2026-12-01 2026-12-16"),
        ((7, 21), "2026-11-07 2026-11-21", "2026-12-07 2026-12-21"),
        ((10, 25), "2026-11-10 2026-11-25", "2026-12-10 2026-12-25"),
        ((15, 31), "2026-11-15 2026-11-30", "2026-12-15 2026-12-31"),
    ],
)
def test_copies_are_made_for_the_two_days_that_the_deals_show(
    pair: tuple[int, int], november: str, december: str
) -> None:
    assert renewed(deals(pair), month=date(2026, 11, 1)) == november.split()
    assert (
        renewed(deals(pair), month=date(2026, 12, 1))[-2:] == december.split()
    )


def test_late_deals_are_due_on_the_days_all_the_same() -> None:
    days = deals((10, 25), late={0: 1, 4: 2, 7: 1})
    assert [paid.starts_on for paid in chain_of(days).paid] == deals((10, 25))


def test_a_single_deal_has_the_pair_that_suits_it() -> None:
    assert chain_of([date(2026, 3, 14)]).cadence == Cadence.parse("2/m:14,29")


def test_a_short_first_period_stays_one() -> None:
    days = [date(2026, 5, 7), *deals((15, 31))]
    chain = chain_of(days)
    assert (chain.cadence, chain.paid[0].starts_on) == (
        Cadence.parse("2/m:15,31"),
        date(2026, 5, 7),
    )


def test_a_first_deal_that_was_entered_just_before_the_second_keeps_its_day() -> (
    None
):
    chain = chain_of([date(2026, 4, 29), *deals((1, 15))])
    starts = [paid.starts_on for paid in chain.paid]
    assert chain.cadence == Cadence.parse("2/m:1,15")
    assert starts == sorted(set(starts))
    assert starts[1:] == deals((1, 15))


def test_the_plan_of_a_chain_is_that_of_its_words() -> None:
    sold = cleaning(deals((10, 25)))
    assert detect(sold, as_of=sold[-1].won_on).questions == ()
    assert chain_of(deals((10, 25))).cadence.bare == TWICE_A_MONTH


def test_a_deal_whose_word_says_twice_a_month_goes_on_with_days_that_were_agreed() -> (
    None
):
    sold = cleaning(deals((10, 25)))
    (group,) = groups_of(sold)[0]
    agreed = Said(-1, Cadence.parse("2/m:10,25"))
    answer = answer_for(
        group, sold[-1].won_on, {deal.deal: agreed for deal in sold[:6]}
    )
    (chain,) = answer.chains
    assert (len(chain.paid), chain.cadence, answer.questions) == (
        12,
        Cadence.parse("2/m:10,25"),
        (),
    )
