"""Deals that were imported twice, also where the other is booked or a person said what it is."""

from dataclasses import replace
from datetime import date

import pytest

from tests.core.test_detection_said import answer
from turnus.core.detection.doubles import repeated_in
from turnus.core.detection.facts import Said, Sold

ONE = Sold(
    1,
    date(2018, 10, 1),
    1_000_000,
    "EUR",
    "Wartung",
    organization="Elbe GmbH",
    minute=600,
)


@pytest.mark.parametrize(
    ("changed", "is_repeated"),
    [
        ({}, True),
        ({"minute": 615}, True),
        ({"minute": 585}, True),
        ({"minute": 616}, False),
        ({"minute": None}, False),
        ({"title": "Miete"}, False),
        ({"won_on": date(2018, 10, 2)}, False),
        ({"value_e4": 1}, False),
    ],
    ids=[
        "the same",
        "later",
        "before",
        "too late",
        "no time",
        "other title",
        "other day",
        "other amount",
    ],
)
def test_a_deal_repeats_one_that_is_booked(
    changed: dict[str, object], is_repeated: bool
) -> None:
    other = replace(ONE, deal=2, **changed)  # type: ignore[arg-type]
    assert repeated_in([other], [ONE]) == ({2} if is_repeated else set())


def test_nothing_repeats_a_booked_deal_without_a_time() -> None:
    assert not repeated_in([ONE], [replace(ONE, deal=2, minute=None)])


def test_what_a_person_said_of_a_deal_is_not_said_of_its_double() -> None:
    sold = [ONE, replace(ONE, deal=2, minute=601)]
    assert answer(sold, {}).doubles == (2,)
    assert answer(sold, {1: Said(1)}).doubles == (2,)
    assert answer(sold, {1: Said(1), 2: Said(2)}).doubles == ()
