"""Subscriptions in a history of copied deals: what belongs together, what to look at."""

import random  # noqa: I001
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from turnus.core.detection.detecting import detect

from turnus.core.cadence import (
    HALF_YEARLY,
    MONTHLY,
    QUARTERLY,
    TWICE_A_MONTH,
    WEEKLY,
    YEARLY,
    Cadence,
    CadenceUnit,
)
from turnus.core.detection.facts import Detection, Doubt, Sold
from turnus.core.detection.money import fixed_rates, revenue_of
from turnus.core.detection.titles import service_named

AS_OF = date(2018, 11, 14)
START = date(2017, 1, 10)


def copies(
    cadence: Cadence = MONTHLY,
    *,
    start: date = START,
    until: date = AS_OF,
    price: int = 100,
    leave_out: Iterable[int] = (),
    **more: Any,
) -> list[Sold]:
    """The deals of one subscription, each won on its due day; nobody copied terms `leave_out`."""
    values: dict[str, Any] = {
        "currency": "EUR",
        "title": "Wartung",
        "organization": "Elbe GmbH",
        **more,
    }
    days = [term.days.start for term in cadence.terms(start, until=until)]
    kept = [
        day for number, day in enumerate(days) if number not in set(leave_out)
    ]
    return [
        Sold(deal=0, won_on=day, value_e4=price * 10_000, **values)
        for day in kept
    ]


def purchase(
    day: date, price: int = 777, title: str = "Beratungstag", **more: Any
) -> Sold:
    values: dict[str, Any] = {
        "currency": "EUR",
        "organization": "Elbe GmbH",
        **more,
    }
    return Sold(
        deal=0, won_on=day, value_e4=price * 10_000, title=title, **values
    )


def numbered(*parts: Sequence[Sold]) -> list[Sold]:
    numbers = count(1)
    return [
        replace(deal, deal=next(numbers)) for part in parts for deal in part
    ]


def found(sold: list[Sold], as_of: date = AS_OF) -> Detection:
    return detect(sold, as_of=as_of)


def sizes(result: Detection) -> list[tuple[Cadence, int]]:
    return sorted(
        ((chain.cadence, len(chain.paid)) for chain in result.chains), key=str
    )


@pytest.mark.parametrize(
    "cadence",
    [
        MONTHLY,
        YEARLY,
        QUARTERLY,
        HALF_YEARLY,
        WEEKLY,
        TWICE_A_MONTH,
        Cadence(CadenceUnit.WEEK, 2),
    ],
)
def test_exact_copies_are_one_chain_of_their_cadence(cadence: Cadence) -> None:
    sold = numbered(copies(cadence, start=date(2015, 1, 15)))
    (chain,) = found(sold).chains
    assert (chain.deals, chain.cadence.billings_per_year) == (
        tuple(one.deal for one in sold),
        cadence.billings_per_year,
    )


def test_late_and_early_copies_still_pay_for_their_term() -> None:
    sold = numbered(copies())
    moved = [
        replace(deal, won_on=deal.won_on + timedelta(days=number % 5))
        for number, deal in enumerate(sold)
    ]
    (chain,) = found(moved).chains
    assert [one.starts_on for one in chain.paid] == [
        one.won_on for one in sold
    ]


@pytest.mark.parametrize("late", [3, 5])
def test_the_first_copy_may_be_the_late_one(late: int) -> None:
    first, *others = copies()
    result = found(
        numbered(
            [
                replace(first, won_on=first.won_on + timedelta(days=late)),
                *others,
            ]
        )
    )
    assert (sizes(result), result.questions) == ([(MONTHLY, 23)], ())


def test_a_forgotten_copy_leaves_a_hole_and_no_second_chain() -> None:
    (chain,) = found(numbered(copies(leave_out={5}))).chains
    assert date(2017, 6, 10) not in {one.starts_on for one in chain.paid}
    assert chain.deals[4:6] == (5, 6)


def test_a_copy_that_comes_a_term_too_late_fills_the_hole() -> None:
    sold = numbered(copies(plan="monatlich"))
    sold[6] = replace(sold[6], won_on=sold[7].won_on)
    (chain,) = found(sold).chains
    assert [one.starts_on for one in chain.paid] == [
        date(2017, 1, 10),
        *(
            one.days.start
            for one in list(MONTHLY.terms(START, until=AS_OF))[1:]
        ),
    ]


def test_prices_may_rise() -> None:
    cheap, dear = (
        copies(until=date(2017, 12, 31)),
        copies(start=date(2018, 1, 10), price=105),
    )
    assert sizes(found(numbered(cheap, dear))) == [(MONTHLY, 23)]


def test_two_services_of_a_customer_are_two_chains() -> None:
    sold = numbered(
        copies(price=100),
        copies(price=40, title="Hosting", start=date(2017, 1, 12)),
    )
    assert sizes(found(sold)) == [(MONTHLY, 23), (MONTHLY, 23)]
    first, second = found(sold).chains
    assert not set(first.deals) & set(second.deals)


def test_a_single_purchase_is_none() -> None:
    result = found(numbered(copies(), [purchase(date(2018, 3, 3))]))
    assert (sizes(result), result.single) == ([(MONTHLY, 23)], (24,))


def test_a_purchase_in_the_middle_of_a_year_is_no_renewal_of_a_yearly_one() -> (
    None
):
    yearly = copies(YEARLY, start=date(2014, 1, 10), plan="jährlich")
    result = found(
        numbered(
            yearly,
            [
                purchase(
                    date(2017, 7, 10),
                    price=100,
                    title="Wartung",
                    plan="jährlich",
                )
            ],
        )
    )
    assert (YEARLY, 5) in sizes(result)


def test_half_the_seats_are_still_the_same_subscription() -> None:
    half = copies(start=date(2018, 1, 10), price=50)
    assert sizes(found(numbered(copies(until=date(2017, 12, 31)), half))) == [
        (MONTHLY, 23)
    ]


def test_words_of_the_plan_make_one_deal_a_subscription() -> None:
    result = found(
        numbered(
            [purchase(date(2018, 3, 3), title="Wartung", plan="jährlich")]
        )
    )
    assert sizes(result) == [(YEARLY, 1)]


def test_a_cadence_that_only_words_name_is_known_from_them() -> None:
    sold = numbered(
        copies(
            Cadence(CadenceUnit.MONTH, 18),
            start=date(2012, 1, 10),
            plan="alle 18 Monate",
        )
    )
    (chain,) = found(sold).chains
    assert str(chain.cadence) == "18m"


def test_the_title_names_the_cadence_where_no_field_does() -> None:
    sold = numbered([purchase(date(2018, 3, 3), title="Wartung jährlich")])
    assert sizes(found(sold)) == [(YEARLY, 1)]


@pytest.mark.parametrize(
    "title", ["Abo Backup-Dienst", "Dach - renewal", "Verlängerung Dach"]
)
def test_a_title_that_calls_itself_a_subscription_makes_one_deal_one(
    title: str,
) -> None:
    assert sizes(
        found(numbered([purchase(date(2017, 3, 1), title=title)]))
    ) == [(YEARLY, 1)]
    assert found(
        numbered([purchase(date(2017, 3, 1), title=f"Schulung {title}")])
    ).single == (1,)


def test_imported_twice_within_minutes_counts_once() -> None:
    first = copies(minute=600)
    again = replace(first[3], minute=605)
    result = found(numbered(first, [again]))
    assert (sizes(result), len(result.doubles)) == ([(MONTHLY, 23)], 1)
    later = found(numbered(first, [replace(again, minute=700)]))
    assert later.doubles == ()


def test_a_comeback_after_a_pause_is_the_same_subscription() -> None:
    before, after = (
        copies(until=date(2017, 6, 1)),
        copies(start=date(2018, 5, 20)),
    )
    (chain,) = found(numbered(before, after)).chains
    starts = [paid.starts_on for paid in chain.paid]
    assert starts[4:6] == [date(2017, 5, 10), date(2018, 5, 20)]


def test_a_customer_may_change_to_another_cadence() -> None:
    monthly = copies(until=date(2017, 12, 31), plan="monatlich")
    yearly = copies(
        YEARLY, start=date(2018, 1, 10), price=1150, plan="jährlich"
    )
    (chain,) = found(numbered(monthly, yearly)).chains
    assert [one.cadence for one in chain.paid] == [MONTHLY] * 12 + [YEARLY]


def test_free_deals_are_in_no_chain() -> None:
    assert found(numbered(copies(price=0))).chains == ()


def test_later_deals_than_the_day_are_left_out() -> None:
    sold = numbered(copies())
    assert sizes(found(sold, as_of=date(2017, 12, 31))) == [(MONTHLY, 12)]


def test_currencies_are_apart() -> None:
    sold = numbered(copies(), copies(currency="CHF"))
    assert {
        (chain.currency, len(chain.paid)) for chain in found(sold).chains
    } == {
        ("EUR", 23),
        ("CHF", 23),
    }


def test_what_is_doubtful_is_asked() -> None:
    jump = numbered(
        copies(until=date(2018, 5, 31)),
        copies(start=date(2018, 6, 10), price=300),
    )
    assert Doubt.PRICE_JUMP in {one.doubt for one in found(jump).questions}
    wrong = numbered(
        copies(plan="jährlich", until=date(2017, 3, 15)),
        copies(plan="monatlich", start=date(2017, 4, 10)),
    )
    assert Doubt.PLAN_WORD in {one.doubt for one in found(wrong).questions}
    near = numbered(
        copies(until=date(2018, 9, 30)),
        [purchase(date(2018, 10, 22), price=100, title="Umzug")],
    )
    assert Doubt.LOOKS_LIKE_RENEWAL in {
        one.doubt for one in found(near).questions
    }
    alone = numbered([purchase(date(2018, 6, 1), title="Wartung Dach")])
    assert [one.doubt for one in found(alone).questions] == [Doubt.SINGLE]
    pair = numbered(
        [
            purchase(date(year, 3, 1), title=title, plan="jährlich")
            for year, title in ((2017, "Dach"), (2018, "Keller"))
        ]
    )
    assert Doubt.TWO_ONLY in {one.doubt for one in found(pair).questions}


def test_progress_is_told_by_customer() -> None:
    told: list[int] = []
    detect(
        numbered(copies(), copies(organization="Isar AG")),
        as_of=AS_OF,
        progress=told.append,
    )
    assert told == [23, 23]


def test_revenue_follows_from_the_chains() -> None:
    sold = numbered(
        copies(),
        copies(YEARLY, price=120, currency="CHF", organization="Isar AG"),
    )
    revenue = revenue_of(
        found(sold),
        sold,
        conversion=fixed_rates("EUR", {"CHF": Decimal("0.5")}),
        as_of=AS_OF,
        first=date(2018, 1, 1),
    )
    assert (
        revenue.today.mrr.amount,
        len(revenue.months),
        revenue.withheld,
    ) == (
        Decimal(105),
        11,
        (),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Sold]:
    """A few customers with a few lines each, won a few days off, some forgotten."""
    parts = []
    for customer in draw(
        st.lists(
            st.sampled_from(["Elbe GmbH", "Isar AG", "Spree"]),
            min_size=1,
            max_size=3,
        )
    ):
        cadence = draw(st.sampled_from([MONTHLY, QUARTERLY, YEARLY]))
        price = draw(st.sampled_from([49, 100, 990]))
        off = draw(st.lists(st.integers(-3, 9), min_size=12, max_size=12))
        line = copies(
            cadence,
            start=date(2015, 1, 10)
            + timedelta(days=draw(st.integers(0, 700))),
            price=price,
            organization=customer,
        )
        parts.append(
            [
                replace(deal, won_on=deal.won_on + timedelta(days=shift))
                for deal, shift in zip(line, off, strict=False)
            ]
        )
    return numbered(*parts)


def meaning(result: Detection) -> Any:
    chains = {
        (frozenset(chain.deals), chain.cadence) for chain in result.chains
    }
    return (
        chains,
        set(result.single),
        {(one.deal, one.doubt) for one in result.questions},
    )


@settings(max_examples=40)
@given(histories(), st.integers(0, 1000))
def test_the_order_of_the_rows_and_running_twice_change_nothing(
    sold: list[Sold], seed: int
) -> None:
    shuffled = list(sold)
    random.Random(seed).shuffle(shuffled)
    assert (
        meaning(found(sold))
        == meaning(found(shuffled))
        == meaning(found(sold))
    )


@settings(max_examples=40)
@given(histories())
def test_a_customer_is_read_the_same_without_others_of_other_titles(
    sold: list[Sold],
) -> None:
    customers = sorted({deal.organization for deal in sold})
    words = {
        customer: "xyzvw"[place] * 6
        for place, customer in enumerate(customers)
    }
    sold = [
        replace(deal, title=f"{deal.title} {words[deal.organization]}")
        for deal in sold
    ]
    whole = meaning(found(sold))
    for customer in customers:
        alone = meaning(
            found([deal for deal in sold if deal.organization == customer])
        )
        assert all(part <= of for part, of in zip(alone, whole, strict=True))


@settings(max_examples=40)
@given(histories())
def test_every_deal_is_somewhere_exactly_once(sold: list[Sold]) -> None:
    result = found(sold)
    placed = [deal for chain in result.chains for deal in chain.deals] + [
        *result.single,
        *result.doubles,
        *result.credits,
    ]
    assert sorted(placed) == sorted(
        deal.deal for deal in sold if deal.won_on <= AS_OF
    )


def test_titles_come_and_go() -> None:
    sold = numbered(
        copies(title="Verlängerung", until=date(2017, 6, 30)),
        copies(start=date(2017, 7, 10)),
    )
    sold[9] = replace(sold[9], title="")
    assert sizes(found(sold)) == [(MONTHLY, 23)]


def test_a_title_names_its_service_also_without_a_customer() -> None:
    assert service_named("Kopie: Wartung 2018", "") == "wartung"
