"""Terms out of the ordinary: seasons, several terms paid at once, free ones, a late start."""

from dataclasses import replace
from datetime import date

import pytest

from tests.core.test_detection import copies, found, numbered, purchase
from turnus.core.cadence import (
    HALF_YEARLY,
    MONTHLY,
    YEARLY,
    Cadence,
    CadenceUnit,
)
from turnus.core.detection.facts import Doubt


@pytest.mark.parametrize(
    "months", [range(4, 11), (1, 2, 3, 11, 12)], ids=["summer", "winter"]
)
def test_a_season_that_comes_every_year_is_one_subscription(
    months: tuple[int, ...],
) -> None:
    whole = copies(start=date(2014, 1, 5), title="Platzpflege", price=310)
    sold = numbered([deal for deal in whole if deal.won_on.month in months])
    (chain,) = found(sold).chains
    assert (chain.cadence, len(chain.deals)) == (MONTHLY, len(sold))


def test_three_years_paid_at_once_are_a_part_of_the_subscription() -> None:
    before = copies(
        YEARLY, start=date(2010, 5, 3), until=date(2012, 1, 1), price=80
    )
    at_once = purchase(date(2012, 5, 3), price=220, title="Wartung 3 Jahre")
    after = copies(YEARLY, start=date(2015, 5, 3), price=85)
    (chain,) = found(numbered(before, [at_once], after)).chains
    lengths = [(paid.starts_on.year, str(paid.cadence)) for paid in chain.paid]
    assert lengths == [
        (2010, "1y"),
        (2011, "1y"),
        (2012, "3y"),
        (2015, "1y"),
        (2016, "1y"),
        (2017, "1y"),
        (2018, "1y"),
    ]


def test_two_months_paid_at_once_are_a_part_of_the_subscription() -> None:
    sold = copies(leave_out=[9])
    sold[8] = replace(sold[8], value_e4=2 * sold[8].value_e4)
    (chain,) = found(numbered(sold)).chains
    assert chain.paid[8].cadence == Cadence(CadenceUnit.MONTH, 2)
    assert chain.cadence == MONTHLY


@pytest.mark.parametrize(
    ("price", "cadence"),
    [(400, YEARLY), (355, YEARLY), (300, Cadence(CadenceUnit.MONTH, 9))],
)
def test_as_many_terms_are_paid_at_once_as_the_price_says(
    price: int, cadence: Cadence
) -> None:
    """Not one more at a high discount, even if today is more than a year later."""
    quarterly = Cadence(CadenceUnit.MONTH, 3)
    before = copies(quarterly, start=date(2015, 8, 1), until=date(2017, 6, 30))
    at_once = purchase(date(2017, 8, 1), price=price, title="Wartung")
    (chain,) = found(numbered(before, [at_once])).chains
    assert chain.paid[-1].cadence == cadence


def test_a_higher_price_that_stays_is_no_payment_for_several_terms() -> None:
    sold = numbered(
        copies(until=date(2018, 1, 31)),
        copies(start=date(2018, 2, 10), price=200),
    )
    (chain,) = found(sold).chains
    assert {paid.cadence for paid in chain.paid} == {MONTHLY}


@pytest.mark.parametrize(
    "free", [[4], [4, 5]], ids=["one month", "two months"]
)
def test_free_terms_do_not_end_a_subscription(free: list[int]) -> None:
    sold = copies()
    for number in free:
        sold[number] = replace(sold[number], value_e4=0)
    result = found(numbered(sold))
    assert [len(chain.deals) for chain in result.chains] == [len(sold)]
    assert Doubt.PRICE_JUMP not in {
        question.doubt for question in result.questions
    }


def test_nothing_recurs_that_only_ever_was_free() -> None:
    result = found(numbered(copies(price=0)))
    assert result.chains == ()


def test_a_first_deal_before_late_renewals_is_no_subscription_beside_them() -> (
    None
):
    days = [
        date(2016, 1, 1),
        date(2016, 8, 4),
        date(2017, 1, 26),
        date(2017, 7, 29),
        date(2018, 1, 23),
    ]
    prices = [700, 700, 730, 730, 760]
    sold = numbered(
        [
            purchase(day, price=price, title="Haftpflicht")
            for day, price in zip(days, prices, strict=True)
        ]
    )
    (chain,) = found(sold, date(2018, 1, 23)).chains
    assert (chain.cadence, len(chain.deals)) == (HALF_YEARLY, 5)


def test_three_periods_of_each_contact_are_lines_of_their_own() -> None:
    sold = numbered(
        *(
            copies(start=date(2018, 8, 15), title="Kassenbuch", person=person)
            for person in ("Pia Jansen", "Jan Ott", "Ute Moser")
        )
    )
    result = found(sold)
    assert sorted(len(chain.deals) for chain in result.chains) == [3, 3, 3]


def test_a_comeback_without_a_title_is_a_subscription_of_its_own() -> None:
    before = copies(until=date(2017, 6, 1), title="")
    after = copies(start=date(2018, 5, 20), title="")
    result = found(numbered(before, after))
    assert [len(chain.deals) for chain in result.chains] == [5, 6]
