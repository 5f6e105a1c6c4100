"""Readings of a whole history that are nearly as likely: pauses, contacts, doubles."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tests.core.test_detection import copies, found, numbered
from turnus.core.detection.detecting import answer_for, group_of
from turnus.core.detection.facts import Chain, Detection, Said, Sold

AS_OF = date(2020, 3, 1)
PAUSED = {
    "title": "Leasing",
    "start": date(2017, 1, 10),
    "until": date(2017, 9, 1),
}
BACK = {"title": "Leasing", "start": date(2018, 8, 21), "until": AS_OF}


def readings_of(result: Detection) -> list[list[int]]:
    """How many deals each chain of each other reading has."""
    return [
        sorted(len(chain.deals) for chain in alternative.chains)
        for alternative in result.alternatives
    ]


def asked_in(result: Detection) -> list[int]:
    return [question.deal for question in result.questions]


def test_what_comes_back_at_another_price_may_be_another_line() -> None:
    before, after = copies(**PAUSED), copies(price=125, **BACK)
    sold = numbered(before, after)
    result = found(sold, as_of=AS_OF)
    assert len(result.chains) == 1
    assert [len(before), len(after)] in readings_of(result)
    assert asked_in(result) == [deal.deal for deal in sold[: len(before)]]


def test_what_comes_back_as_before_is_not_asked_about() -> None:
    sold = numbered(copies(**PAUSED), copies(**BACK))
    result = found(sold, as_of=AS_OF)
    assert len(result.chains) == 1
    assert asked_in(result) == []


def test_a_line_that_paused_twice_may_be_another_one_after_either_pause() -> (
    None
):
    first = copies(**PAUSED)
    second = copies(
        title="Leasing",
        price=125,
        start=date(2018, 8, 21),
        until=date(2019, 1, 1),
    )
    third = copies(
        title="Leasing", price=125, start=date(2019, 12, 3), until=AS_OF
    )
    result = found(numbered(first, second, third), as_of=AS_OF)
    assert len(result.chains) == 1
    assert [len(first), len(second) + len(third)] in readings_of(result)


def test_a_much_dearer_line_may_be_the_old_one_that_came_back() -> None:
    before, after = copies(**PAUSED), copies(price=190, **BACK)
    result = found(numbered(before, after), as_of=AS_OF)
    assert len(result.chains) == 2
    assert [len(before) + len(after)] in readings_of(result)


def lines_of_two_contacts(day: int) -> list[Sold]:
    """Uhlig's line is due on the 4th, and then on another day: that was Quast's by then."""
    names = {"title": "Portal", "price": 34}
    old = copies(
        start=date(2017, 1, 4), until=date(2018, 3, 1), person="Uhlig", **names
    )
    other = copies(
        start=date(2018, 3, 4), until=AS_OF, person="Quast", **names
    )
    late = copies(
        start=date(2018, 3, day), until=AS_OF, person="Uhlig", **names
    )
    return numbered(old, other, late)


def people_in(chains: Sequence[Chain], sold: Sequence[Sold]) -> list[str]:
    """The contacts of each chain."""
    person_of = {deal.deal: deal.person for deal in sold}
    return sorted(
        " ".join(sorted({person_of[deal] for deal in chain.deals}))
        for chain in chains
    )


def test_a_line_goes_on_with_the_deals_of_its_contact() -> None:
    sold = lines_of_two_contacts(5)
    result = found(sold, as_of=AS_OF)
    assert people_in(result.chains, sold) == ["Quast", "Uhlig"]
    assert asked_in(result) == []


def test_whose_line_goes_on_is_asked_where_the_day_speaks_against_the_contact() -> (
    None
):
    sold = lines_of_two_contacts(6)
    result = found(sold, as_of=AS_OF)
    assert people_in(result.chains, sold) == ["Quast Uhlig", "Uhlig"]
    assert [
        people_in(alternative.chains, sold)
        for alternative in result.alternatives
    ] == [["Quast", "Uhlig"]]
    assert len(asked_in(result)) == 14


def test_lines_that_a_person_joined_exchange_nothing() -> None:
    sold = lines_of_two_contacts(6)
    joined = [deal for deal in sold if deal.won_on.day == 4]
    said = {deal.deal: Said(1) for deal in joined}
    result = answer_for(group_of(0, "Elbe GmbH", "EUR", sold), AS_OF, said)
    assert result.alternatives == ()


def test_a_contact_that_changes_leaves_the_line_beside_it_as_it_is() -> None:
    names = {"title": "Portal", "price": 34, "start": date(2017, 1, 4)}
    changing = [
        replace(deal, person="Quast" if number > 9 else "Uhlig")
        for number, deal in enumerate(copies(**names))
    ]
    beside = copies(person="Zabel", **names)
    sold = numbered(changing, beside)
    result = found(sold)
    assert people_in(result.chains, sold) == ["Quast Uhlig", "Zabel"]


def test_a_line_that_ended_long_ago_takes_nothing_over() -> None:
    names = {"title": "Portal", "price": 34}
    ended = copies(
        person="Quast",
        start=date(2016, 5, 4),
        until=date(2017, 3, 1),
        **names,
    )
    changing = [
        replace(deal, person="Quast" if number > 13 else "Uhlig")
        for number, deal in enumerate(copies(**names))
    ]
    sold = numbered(ended, changing)
    result = found(sold)
    assert people_in(result.chains, sold) == ["Quast", "Quast Uhlig"]
    assert asked_in(result) == []


def test_what_came_back_may_go_on_with_the_line_beside_it() -> None:
    before = copies(person="Uhlig", **PAUSED)
    after = copies(person="Uhlig", **BACK)
    beside = copies(
        title="Leasing",
        price=240,
        person="Quast",
        start=date(2017, 1, 21),
        until=date(2018, 8, 1),
    )
    result = found(numbered(before, beside, after), as_of=AS_OF)
    assert sorted(len(chain.deals) for chain in result.chains) == [
        len(beside),
        len(before) + len(after),
    ]
    assert [len(before), len(beside) + len(after)] in readings_of(result)


def minutes(deals: list[Sold], minute: int) -> list[Sold]:
    return [replace(deal, minute=minute) for deal in deals]


def entered_twice(leave_out: set[int], repeated: int) -> list[Sold]:
    line = minutes(copies(leave_out=leave_out), 540)
    again = replace(line[repeated], minute=548)
    other = minutes(copies(title="Hosting", price=33), 540)
    return numbered(line, [again], other)


def test_a_deal_entered_twice_pays_for_the_period_that_is_missing() -> None:
    whole = found(entered_twice(set(), repeated=4))
    result = found(entered_twice({5}, repeated=4))
    assert result.doubles == ()
    assert [len(chain.deals) for chain in result.chains] == [
        len(chain.deals) for chain in whole.chains
    ]


def test_a_deal_entered_twice_where_nothing_is_missing_is_not_asked_about() -> (
    None
):
    result = found(entered_twice(set(), repeated=4))
    assert len(result.doubles) == 1
    assert asked_in(result) == []
