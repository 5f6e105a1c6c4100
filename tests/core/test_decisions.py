"""What a person decides: doubts about the same deals come together, with readings and money."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from turnus.core.cadence import MONTHLY, YEARLY, Cadence
from turnus.core.detection.decisions import Decision, decisions_of
from turnus.core.detection.facts import (
    Alternative,
    Chain,
    DealQuestion,
    Detection,
    Doubt,
    Paid,
    Sold,
)

AS_OF = date(2025, 6, 15)
QUARTERLY = Cadence.parse("3m")


def sold(deal: int, month: int, euros: int = 100, **more: str) -> Sold:
    return Sold(
        deal,
        date(2025, month, 10),
        euros * 10_000,
        "EUR",
        **{"title": "Wartung", "organization": "Elbe GmbH", **more},
    )


def chain(*deals: Sold, cadence: Cadence = MONTHLY, credit: int = 0) -> Chain:
    paid = tuple(Paid(deal.deal, deal.won_on, cadence) for deal in deals)
    return Chain(0, "EUR", paid, (credit,) if credit else ())


def detection(
    *chains: Chain,
    questions: tuple[DealQuestion, ...] = (),
    alternatives: tuple[Alternative, ...] = (),
    customers: tuple[str, ...] = ("Elbe GmbH",),
) -> Detection:
    return Detection(chains, (), (), (), questions, customers, alternatives)


def asked(
    doubt: Doubt, *deals: int, margin: float = 1.0
) -> tuple[DealQuestion, ...]:
    return tuple(DealQuestion(deal, doubt, margin) for deal in deals)


def mrr(decision: Decision) -> list[int]:
    return [round(reading.mrr_e4 / 10_000) for reading in decision.readings]


def chains_in(decision: Decision) -> list[list[tuple[int, ...]]]:
    return [
        [each.deals for each in reading.chains]
        for reading in decision.readings
    ]


MAY, JUNE = sold(5, 5), sold(6, 6)
HALF_YEAR = [sold(month, month) for month in range(1, 7)]


def test_nothing_in_question_is_nothing_to_decide() -> None:
    assert (
        decisions_of(detection(chain(*HALF_YEAR)), HALF_YEAR, as_of=AS_OF)
        == []
    )


def test_doubts_about_one_subscription_are_one_decision() -> None:
    questions = (
        *asked(Doubt.PRICE_JUMP, 6),
        *asked(Doubt.CLOSE_CALL, 1, 2, 3, margin=0.5),
    )
    found = detection(chain(*HALF_YEAR), questions=questions)
    (decision,) = decisions_of(found, HALF_YEAR, as_of=AS_OF)
    assert (decision.doubt, decision.margin) == (Doubt.CLOSE_CALL, 0.5)
    assert (decision.asked, decision.deals) == (
        (1, 2, 3, 6),
        (1, 2, 3, 4, 5, 6),
    )


def test_another_reading_shows_only_where_it_differs() -> None:
    hosting = [
        sold(month + 10, month, title="Hosting") for month in range(1, 7)
    ]
    best = [chain(*HALF_YEAR), chain(*hosting)]
    other = (chain(*HALF_YEAR[:3]), chain(*HALF_YEAR[3:]), chain(*hosting))
    deals = tuple(deal.deal for deal in [*HALF_YEAR, *hosting])
    found = detection(*best, alternatives=(Alternative(0.7, deals, other),))
    (decision,) = decisions_of(found, [*HALF_YEAR, *hosting], as_of=AS_OF)
    assert chains_in(decision) == [
        [(1, 2, 3, 4, 5, 6)],
        [(1, 2, 3), (4, 5, 6)],
    ]
    assert (decision.asked, mrr(decision), decision.stake_e4) == (
        (4, 5, 6),
        [100, 100],
        0,
    )


def test_readings_that_differ_in_two_places_are_two_decisions() -> None:
    hosting = [sold(month + 10, month, title="Hosting") for month in (5, 6)]
    best = [chain(MAY, JUNE), chain(*hosting)]
    alternative = Alternative(0.7, (5, 6, 15, 16), ())
    found = detection(*best, alternatives=(alternative,))
    decisions = decisions_of(found, [MAY, JUNE, *hosting], as_of=AS_OF)
    assert [decision.deals for decision in decisions] == [(5, 6), (15, 16)]
    assert [mrr(decision) for decision in decisions] == [[100, 0], [100, 0]]


def test_another_rhythm_of_the_same_deals_asks_about_all_of_them() -> None:
    other = chain(MAY, JUNE, cadence=QUARTERLY)
    found = detection(
        chain(MAY, JUNE), alternatives=(Alternative(0.7, (5, 6), (other,)),)
    )
    (decision,) = decisions_of(found, [MAY, JUNE], as_of=AS_OF)
    assert decision.asked == (5, 6)


def test_a_close_call_is_not_asked_a_second_time_by_its_deals() -> None:
    found = detection(
        chain(MAY, JUNE),
        questions=asked(Doubt.CLOSE_CALL, 5, 6),
        alternatives=(Alternative(0.7, (5, 6), ()),),
    )
    (decision,) = decisions_of(found, [MAY, JUNE], as_of=AS_OF)
    assert chains_in(decision) == [[(5, 6)], []]
    assert decision.readings[1].single == (5, 6)


def test_the_other_reading_ends_as_the_likeliest_does() -> None:
    storno = sold(9, 6, -100)
    best = chain(*HALF_YEAR, credit=9)
    other = (chain(*HALF_YEAR[:3]), chain(*HALF_YEAR[3:]))
    alternative = Alternative(0.7, tuple(range(1, 7)), other)
    found = detection(best, alternatives=(alternative,))
    (decision,) = decisions_of(found, [*HALF_YEAR, storno], as_of=AS_OF)
    assert [each.credits for each in decision.readings[1].chains] == [(), (9,)]


@pytest.mark.parametrize(
    ("plan", "title", "monthly"),
    [
        ("monatlich", "Wartung", 100),
        ("", "Wartung jährlich", 8),
        ("", "Kauf", 8),
    ],
)
def test_a_single_purchase_may_begin_a_subscription(
    plan: str, title: str, monthly: int
) -> None:
    single = sold(6, 6, title=title, plan=plan)
    found = detection(questions=asked(Doubt.SINGLE, 6))
    (decision,) = decisions_of(found, [single], as_of=AS_OF)
    assert (mrr(decision), decision.readings[0].single) == ([0, monthly], (6,))
    assert (decision.below_e4, decision.above_e4 > 0) == (0, True)


def test_a_subscription_of_one_deal_may_be_a_single_purchase() -> None:
    found = detection(chain(JUNE), questions=asked(Doubt.SINGLE, 6))
    (decision,) = decisions_of(found, [JUNE], as_of=AS_OF)
    assert (mrr(decision), decision.below_e4) == (
        [100, 0],
        Fraction(1_000_000),
    )


def test_two_deals_may_be_two_purchases() -> None:
    found = detection(chain(MAY, JUNE), questions=asked(Doubt.TWO_ONLY, 6))
    (decision,) = decisions_of(found, [MAY, JUNE], as_of=AS_OF)
    assert (mrr(decision), decision.readings[1].single) == ([100, 0], (5, 6))


def test_after_a_jump_of_the_price_it_may_be_something_else() -> None:
    deals = [*HALF_YEAR[:5], sold(6, 6, 390)]
    found = detection(chain(*deals), questions=asked(Doubt.PRICE_JUMP, 6))
    (decision,) = decisions_of(found, deals, as_of=AS_OF)
    assert chains_in(decision) == [[(1, 2, 3, 4, 5, 6)], [(1, 2, 3, 4, 5)]]


@pytest.mark.parametrize("jump", [2, 4], ids=["the first deal", "in between"])
def test_a_jump_after_which_the_price_stays_is_nothing_to_decide(
    jump: int,
) -> None:
    found = detection(
        chain(*HALF_YEAR), questions=asked(Doubt.PRICE_JUMP, jump)
    )
    assert decisions_of(found, HALF_YEAR, as_of=AS_OF) == []


def test_a_fair_in_a_yearly_hosting_shows_what_it_is_worth() -> None:
    hosting = [
        Sold(
            year,
            date(year, 3, 1),
            1_200_000,
            "EUR",
            "Hosting",
            organization="Elbe",
        )
        for year in (2023, 2024)
    ]
    fair = Sold(
        2025, date(2025, 3, 1), 50_000_000, "EUR", "Messe", organization="Elbe"
    )
    together = chain(*hosting, fair, cadence=YEARLY)
    found = detection(together, questions=asked(Doubt.PRICE_JUMP, 2025))
    (decision,) = decisions_of(
        found, [*hosting, fair], as_of=date(2025, 3, 20)
    )
    assert mrr(decision) == [417, 10]


def test_the_plan_of_the_last_deals_may_be_right() -> None:
    yearly = [*HALF_YEAR[:5], sold(6, 6, 1200, plan="jährlich")]
    found = detection(chain(*yearly), questions=asked(Doubt.PLAN_WORD, 6))
    (decision,) = decisions_of(found, yearly, as_of=AS_OF)
    assert (mrr(decision), chains_in(decision)[1]) == (
        [1200, 100],
        [(1, 2, 3, 4, 5, 6)],
    )


def test_a_plan_longer_than_the_gaps_makes_each_deal_its_own_subscription() -> (
    None
):
    yearly = [
        *HALF_YEAR[:4],
        *(sold(n, n, 120, plan="jährlich") for n in (5, 6)),
    ]
    found = detection(chain(*yearly), questions=asked(Doubt.PLAN_WORD, 5, 6))
    (decision,) = decisions_of(found, yearly, as_of=AS_OF)
    assert chains_in(decision)[1] == [(1, 2, 3, 4), (5,), (6,)]
    found = detection(
        chain(*yearly[4:]), questions=asked(Doubt.PLAN_WORD, 5, 6)
    )
    (decision,) = decisions_of(found, yearly, as_of=AS_OF)
    assert chains_in(decision)[1] == [(5,), (6,)]


def test_a_slip_of_the_plan_long_ago_is_nothing_to_decide() -> None:
    found = detection(chain(*HALF_YEAR), questions=asked(Doubt.PLAN_WORD, 2))
    assert decisions_of(found, HALF_YEAR, as_of=AS_OF) == []


def test_a_purchase_near_a_due_day_may_be_the_renewal() -> None:
    late = sold(7, 6, title="Auftrag 7")
    elsewhere = sold(8, 6, organization="Isar AG")
    chains = chain(*HALF_YEAR[:5]), chain(sold(20, 1)), chain(elsewhere)
    found = detection(*chains, questions=asked(Doubt.LOOKS_LIKE_RENEWAL, 7))
    deals = [*HALF_YEAR[:5], late, elsewhere, sold(20, 1)]
    (decision,) = decisions_of(found, deals, as_of=AS_OF)
    assert chains_in(decision) == [[(1, 2, 3, 4, 5)], [(1, 2, 3, 4, 5, 7)]]


def test_a_likely_renewal_without_a_subscription_may_begin_one() -> None:
    found = detection(questions=asked(Doubt.LOOKS_LIKE_RENEWAL, 6))
    (decision,) = decisions_of(found, [JUNE], as_of=AS_OF)
    assert mrr(decision) == [0, 8]


def test_a_negative_deal_may_end_the_subscription_of_its_price() -> None:
    dear = [sold(month + 10, month, 300) for month in (5, 6)]
    storno = sold(30, 6, -100)
    found = detection(
        chain(*HALF_YEAR), chain(*dear), questions=asked(Doubt.CREDIT, 30)
    )
    (decision,) = decisions_of(found, [*HALF_YEAR, *dear, storno], as_of=AS_OF)
    assert [each.credits for each in decision.readings[1].chains] == [(30,)]
    assert decision.readings[0].single == (30,)


def test_a_negative_deal_of_nobody_is_nothing_to_decide() -> None:
    storno = sold(30, 6, -100, organization="", person="Eva Böhm")
    found = detection(
        chain(*HALF_YEAR),
        questions=asked(Doubt.CREDIT, 30),
        customers=("Elbe GmbH", "Eva Böhm"),
    )
    assert decisions_of(found, [*HALF_YEAR, storno], as_of=AS_OF) == []


def test_a_close_call_without_its_reading_takes_the_deals_out() -> None:
    found = detection(chain(*HALF_YEAR), questions=asked(Doubt.CLOSE_CALL, 2))
    (decision,) = decisions_of(found, HALF_YEAR, as_of=AS_OF)
    assert chains_in(decision)[1] == [(1, 3, 4, 5, 6)]


def test_a_single_deal_recurs_or_does_not_however_often() -> None:
    rhythms = [
        Alternative(margin, (6,), (chain(JUNE, cadence=cadence),))
        for margin, cadence in ((0.5, MONTHLY), (0.9, YEARLY))
    ]
    found = detection(alternatives=tuple(rhythms))
    (decision,) = decisions_of(found, [JUNE], as_of=AS_OF)
    assert (decision.doubt, mrr(decision)) == (Doubt.SINGLE, [0, 100])


def test_a_single_deal_of_which_only_the_rhythm_is_open_has_both_rhythms() -> (
    None
):
    yearly = Alternative(0.5, (6,), (chain(JUNE, cadence=YEARLY),))
    found = detection(chain(JUNE), alternatives=(yearly,))
    (decision,) = decisions_of(found, [JUNE], as_of=AS_OF)
    assert mrr(decision) == [100, 8]


def test_readings_that_look_the_same_are_one() -> None:
    later = Alternative(
        0.5,
        tuple(range(1, 7)),
        (
            replace(
                chain(*HALF_YEAR),
                paid=tuple(
                    replace(paid, starts_on=paid.starts_on + timedelta(days=1))
                    for paid in chain(*HALF_YEAR).paid
                ),
            ),
        ),
    )
    found = detection(chain(*HALF_YEAR), alternatives=(later,))
    assert decisions_of(found, HALF_YEAR, as_of=AS_OF) == []


def test_a_deal_entered_twice_may_pay_for_a_period_in_the_past() -> None:
    counted = HALF_YEAR[1:]
    with_all = Alternative(0.5, tuple(range(1, 7)), (chain(*HALF_YEAR),))
    found = replace(
        detection(chain(*counted), alternatives=(with_all,)), doubles=(1,)
    )
    (decision,) = decisions_of(found, HALF_YEAR, as_of=AS_OF)
    first, second = decision.readings
    assert (first.single, first.doubles, second.doubles) == ((), (1,), ())
    assert decision.stake_e4 == 0
    assert decision.past_stake_e4 > 0
