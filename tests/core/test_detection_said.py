"""What a person said of deals holds in every reading: one, another, or no subscription."""

from collections.abc import Mapping  # noqa: I001
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from turnus.core.detection.detecting import (
    DetectionResult,
    answer_for,
    groups_of,
)

from tests.core.test_detection import (
    AS_OF,
    copies,
    histories,
    numbered,
    purchase,
)
from turnus.core.cadence import QUARTERLY, YEARLY
from turnus.core.detection.facts import Said, Sold


def answer(sold: list[Sold], said: Mapping[int, Said]) -> DetectionResult:
    """Return what the deals of the only customer mean."""
    (group,), _names = groups_of(sold)
    return answer_for(group, AS_OF, said)


def chains(found: DetectionResult) -> list[tuple[int, ...]]:
    """Return the deals of each chain."""
    return [chain.deals for chain in found.chains]


def test_deals_of_one_subscription_are_one_chain_however_far_apart() -> None:
    sold = numbered(
        copies(start=date(2016, 1, 10), until=date(2016, 6, 30)),
        copies(
            start=date(2018, 3, 7), until=date(2018, 9, 30), title="Hosting"
        ),
    )
    assert len(chains(answer(sold, {}))) == 2
    said = {sold[0].deal: Said(1), sold[-1].deal: Said(1)}
    assert len(chains(answer(sold, said))) == 1


def test_a_chain_is_parted_where_a_person_says_so() -> None:
    sold = numbered(copies())
    ids = [deal.deal for deal in sold]
    said = {one: Said(1 if index < 5 else 2) for index, one in enumerate(ids)}
    assert chains(answer(sold, said)) == [tuple(ids[:5]), tuple(ids[5:])]


def test_what_does_not_recur_is_in_no_chain_and_asked_no_more() -> None:
    sold = numbered([purchase(date(2018, 6, 1), title="Wartung Dach")])
    assert answer(sold, {}).questions
    found = answer(sold, {sold[0].deal: Said(None)})
    assert (chains(found), found.single, found.questions) == (
        [],
        (sold[0].deal,),
        (),
    )


def test_a_single_deal_that_recurs_has_the_cadence_that_was_said() -> None:
    sold = numbered([purchase(date(2018, 6, 1))])
    (chain,) = answer(sold, {sold[0].deal: Said(1, QUARTERLY)}).chains
    assert chain.cadence == QUARTERLY


def test_deals_won_on_one_day_pay_for_periods_one_after_the_other() -> None:
    sold = numbered(
        [
            purchase(date(2018, 6, 1), minute=5),
            purchase(date(2018, 6, 1), minute=6),
        ]
    )
    (chain,) = answer(
        sold, {deal.deal: Said(1, YEARLY) for deal in sold}
    ).chains
    assert [each.starts_on for each in chain.paid] == [
        date(2018, 6, 1),
        date(2019, 6, 1),
    ]


def test_a_named_run_takes_no_deal_of_another_one() -> None:
    sold = numbered(
        copies(until=date(2018, 3, 31)),
        copies(start=date(2018, 4, 1), until=date(2018, 9, 30)),
    )
    first, later = (
        sold[0].deal,
        [deal.deal for deal in sold if deal.won_on >= date(2018, 4, 1)],
    )
    found = answer(sold, {first: Said(1), **dict.fromkeys(later, Said(2))})
    assert tuple(later) in chains(found)


def test_a_negative_deal_that_a_person_called_single_ends_nothing() -> None:
    sold = numbered(copies(), [purchase(date(2018, 9, 20), price=-100)])
    credit = sold[-1].deal
    assert answer(sold, {}).chains[0].credits == (credit,)
    found = answer(sold, {credit: Said(None)})
    assert (found.chains[0].credits, found.credits, found.questions) == (
        (),
        (credit,),
        (),
    )


@settings(max_examples=60, deadline=None)
@given(histories(), st.data())
def test_every_reading_obeys(sold: list[Sold], data: st.DataObject) -> None:
    numbers = st.one_of(st.none(), st.sampled_from([None, 1, 2]).map(Said))
    for group in groups_of(sold)[0]:
        said = {
            deal.deal: one
            for deal in group.sold
            if (one := data.draw(numbers)) is not None
        }
        found = answer_for(group, AS_OF, said)
        place = {
            deal: index
            for index, chain in enumerate(found.chains)
            for deal in chain.deals
        }
        named = {
            deal: one.together
            for deal, one in said.items()
            if by_value(group.sold)[deal] > 0
        }
        assert all(
            (one is None) == (deal not in place) for deal, one in named.items()
        )
        pairs = {
            (one, place[deal])
            for deal, one in named.items()
            if one is not None
        }
        assert (
            len({one for one, _ in pairs})
            == len({at for _, at in pairs})
            == len(pairs)
        )
        assert (
            not {question.deal for question in found.questions} & said.keys()
        )


def by_value(sold: tuple[Sold, ...]) -> dict[int, int]:
    """Return the value of each deal."""
    return {deal.deal: deal.value_e4 for deal in sold}
