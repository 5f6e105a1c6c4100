"""Twice a month: the two days that deals show, and those that a person types."""

from calendar import monthrange
from datetime import date, timedelta

import pytest

from turnus.core.cadence import MONTHLY, TWICE_A_MONTH, Cadence
from turnus.core.cadence_days import (
    beginning,
    days_shown,
    parse_days,
    with_days_shown,
)


def deals(
    pair: tuple[int, int],
    *,
    begins_with: int = 0,
    count: int = 12,
    late: dict[int, int] | None = None,
) -> list[date]:
    """Deals from May 2026 on the days of a pair; `late`: number of a deal -> by how many days."""
    found = []
    for number in range(begins_with, begins_with + count):
        year, month = divmod(2026 * 12 + 4 + number // 2, 12)
        day = min(pair[number % 2], monthrange(year, month + 1)[1])
        found.append(
            date(year, month + 1, day)
            + timedelta(days=(late or {}).get(number, 0))
        )
    return found


@pytest.mark.parametrize("begins_with", [0, 1])
@pytest.mark.parametrize(
    "pair",
    [
        (1, 15),
        (1, 16),
        (5, 20),
        (7, 21),
        (10, 25),
        (15, 31),
        (2, 17),
        (14, 28),
        (14, 29),
        (15, 30),
        (10, 20),
        (5, 25),
        (3, 27),
    ],
)
def test_the_deals_show_the_two_days_whichever_comes_first(
    pair: tuple[int, int], begins_with: int
) -> None:
    assert days_shown(deals(pair, begins_with=begins_with)) == pair


@pytest.mark.parametrize("pair", [(1, 15), (10, 25), (15, 31)])
def test_a_deal_that_is_a_day_or_two_late_changes_nothing(
    pair: tuple[int, int],
) -> None:
    assert days_shown(deals(pair, late={0: 1, 3: 2, 8: 2})) == pair
    assert days_shown(deals(pair, begins_with=1, late={1: 2, 6: 1})) == pair


@pytest.mark.parametrize(
    ("days", "pair"),
    [
        (["2026-01-31", "2026-02-15", "2026-02-28", "2026-03-15"], (15, 31)),
        (["2026-02-15", "2026-02-28", "2026-03-15", "2026-03-28"], (15, 28)),
        (["2026-04-15", "2026-04-30"], (15, 31)),
        (
            [
                "2026-01-15",
                "2026-01-30",
                "2026-02-15",
                "2026-02-28",
                "2026-03-15",
                "2026-03-30",
            ],
            (15, 30),
        ),
        (
            [
                "2026-01-07",
                "2026-01-15",
                "2026-01-31",
                "2026-02-15",
                "2026-02-28",
            ],
            (15, 31),
        ),
        (["2026-03-10", "2026-04-10", "2026-05-10"], (10, 25)),
    ],
    ids=[
        "28-is-last-beside-31",
        "28-is-28-beside-28",
        "30-april-is-last",
        "30-is-30",
        "first-period-short",
        "one-day-only",
    ],
)
def test_the_end_of_the_month_and_what_is_odd(
    days: list[str], pair: tuple[int, int]
) -> None:
    assert days_shown([date.fromisoformat(day) for day in days]) == pair


@pytest.mark.parametrize(
    ("day", "pair"),
    [
        ("2026-01-01", (1, 15)),
        ("2026-02-28", (15, 31)),
        ("2026-03-14", (14, 29)),
        ("2026-03-20", (5, 20)),
    ],
)
def test_a_single_deal_has_the_pair_that_suits_it(
    day: str, pair: tuple[int, int]
) -> None:
    assert days_shown([date.fromisoformat(day)]) == pair


def test_only_twice_a_month_without_days_takes_those_of_the_deals() -> None:
    won_on = deals((10, 25))
    assert with_days_shown(TWICE_A_MONTH, won_on) == Cadence.parse("2/m:10,25")
    assert with_days_shown(Cadence.parse("2/m:1,15"), won_on) == Cadence.parse(
        "2/m:1,15"
    )
    assert with_days_shown(MONTHLY, won_on) == MONTHLY
    assert Cadence.parse("2/m:10,25").bare == TWICE_A_MONTH
    assert MONTHLY.bare is MONTHLY


@pytest.mark.parametrize(
    ("won", "begins"),
    [
        ("2026-01-11", "2026-01-10"),
        ("2026-01-09", "2026-01-10"),
        ("2026-01-17", "2026-01-17"),
        ("2026-02-02", "2026-02-02"),
    ],
)
def test_a_stretch_begins_on_the_day_of_the_pair_that_its_first_deal_is_near(
    won: str, begins: str
) -> None:
    assert beginning((10, 25), date.fromisoformat(won)) == date.fromisoformat(
        begins
    )


def test_the_day_that_a_stretch_begins_on_may_lie_in_another_month() -> None:
    assert beginning((15, 31), date(2026, 3, 1)) == date(2026, 2, 28)
    assert beginning((1, 15), date(2025, 12, 31)) == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("10/25", (10, 25)),
        ("25/10", (10, 25)),
        ("15/31", (15, 31)),
        ("15/letzter", (15, 31)),
        ("1. und 15.", (1, 15)),
        ("1st and 16th", (1, 16)),
        ("15 + Monatsende", (15, 31)),
        ("Ultimo/15", (15, 31)),
        ("am 5. und 20.", (5, 20)),
        ("15th and last day", (15, 31)),
        ("1,15", (1, 15)),
    ],
)
def test_two_days_are_typed_as_people_write_them(
    text: str, pair: tuple[int, int]
) -> None:
    assert parse_days(text) == pair


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10",
        "10/10",
        "0/5",
        "1/32",
        "28/31",
        "1/2/3",
        "Montag/Freitag",
        "10.25 EUR",
    ],
)
def test_what_names_no_two_days_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no two days"):
        parse_days(text)
