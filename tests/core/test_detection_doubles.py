"""Deals that were imported twice, also where the other is booked or a person said what it is."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from tests.core.test_detection import numbered
from tests.core.test_detection_said import answer
from turnus.core.detection.detecting import detect
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


def monthly(*days: date, minute: int = 720) -> list[Sold]:
    return [replace(ONE, won_on=day, minute=minute) for day in days]


def test_two_periods_entered_within_minutes_are_both_real() -> None:
    sold = numbered(
        monthly(
            date(2018, 1, 11),
            date(2018, 2, 10),
            date(2018, 3, 9),
            date(2018, 5, 11),
            date(2018, 6, 12),
        ),
        monthly(date(2018, 5, 11), minute=733),
    )
    result = detect(sold, as_of=date(2018, 6, 30))
    (chain,) = result.chains
    assert (result.doubles, len(chain.deals)) == ((), 6)


@pytest.mark.parametrize(
    "days",
    [
        (date(2018, 3, 9), date(2018, 4, 10), date(2018, 5, 11)),
        (
            date(2018, 1, 3),
            date(2018, 3, 30),
            date(2018, 4, 2),
            date(2018, 5, 11),
        ),
        (date(2018, 3, 9), date(2018, 5, 11)),
    ],
    ids=["no period is missing", "days without a rhythm", "too few to tell"],
)
def test_a_second_deal_for_no_missing_period_is_a_double(
    days: tuple[date, ...],
) -> None:
    sold = numbered(monthly(*days), monthly(date(2018, 5, 11), minute=733))
    assert len(detect(sold, as_of=date(2018, 6, 30)).doubles) == 1


def test_a_third_deal_within_minutes_is_a_double_again() -> None:
    days = (
        date(2018, 1, 11),
        date(2018, 2, 10),
        date(2018, 3, 9),
        date(2018, 5, 11),
    )
    again = [monthly(days[-1], minute=minute) for minute in (725, 730)]
    assert (
        len(detect(numbered(monthly(*days), *again), as_of=days[-1]).doubles)
        == 1
    )


def test_the_first_deal_has_no_period_before_it() -> None:
    days = [date(2018, month, 11) for month in (1, 2, 3, 5, 6)]
    sold = numbered(monthly(*days), monthly(days[0], minute=728))
    assert len(detect(sold, as_of=date(2018, 7, 1)).doubles) == 1


@pytest.mark.parametrize(
    ("contact", "double_count"), [("Jan Ott", 0), ("Pia Jansen", 1), ("", 1)]
)
def test_another_contact_is_another_deal_and_none_may_be_any(
    contact: str, double_count: int
) -> None:
    sold = numbered(
        [
            replace(ONE, person="Pia Jansen"),
            replace(ONE, person=contact, minute=605),
        ]
    )
    assert len(detect(sold, as_of=date(2018, 12, 1)).doubles) == double_count


def test_the_copies_after_it_show_that_a_period_was_missing() -> None:
    """The rhythm of the first two deals is known only from what followed."""
    days = [
        date(2018, 1, 11),
        date(2018, 3, 9),
        date(2018, 4, 10),
        date(2018, 5, 11),
    ]
    again = monthly(date(2018, 3, 9), minute=728)
    sold = numbered(monthly(*days), again)
    assert detect(sold, as_of=date(2018, 6, 1)).doubles == ()


def test_a_plan_on_some_rows_hides_no_rhythm() -> None:
    days = [date(2018, month, 11) for month in (1, 2, 3, 5, 6)]
    own = [
        replace(deal, plan="monatlich" if index % 2 else "")
        for index, deal in enumerate(monthly(*days))
    ]
    again = [replace(own[3], minute=728)]
    assert detect(numbered(own, again), as_of=date(2018, 7, 1)).doubles == ()


def list_of(firms: range, day: date, *, minute: int = 540) -> list[Sold]:
    return [
        replace(
            ONE, won_on=day, minute=minute, organization=f"Firma {number} GmbH"
        )
        for number in firms
    ]


MONTHS = [date(2018, month, 12) for month in (1, 2, 3, 5, 6)]
MAY = date(2018, 5, 12)


def lists_with_a_newcomer(known: int, *, days: list[date]) -> list[Sold]:
    """Lists of so many customers on these days, and one that has been there since May only."""
    own = [list_of(range(known), day) for day in days]
    newcomer = list_of(range(known, known + 1), MAY)
    again = list_of(range(known + 1), MAY, minute=549)
    return numbered(*own, newcomer, again)


def test_a_list_that_pays_for_two_periods_does_so_for_whose_rhythm_is_not_known() -> (
    None
):
    sold = lists_with_a_newcomer(5, days=MONTHS)
    assert detect(sold, as_of=date(2018, 7, 1)).doubles == ()


def test_a_list_that_was_imported_twice_is_doubled_for_everybody() -> None:
    without_a_gap = [date(2018, month, 12) for month in (2, 3, 4, 5, 6)]
    sold = lists_with_a_newcomer(5, days=without_a_gap)
    assert len(detect(sold, as_of=date(2018, 7, 1)).doubles) == 6


def test_the_days_of_small_lists_show_that_one_was_left_out() -> None:
    sold = lists_with_a_newcomer(2, days=MONTHS)
    assert detect(sold, as_of=date(2018, 7, 1)).doubles == ()


def test_a_list_that_was_left_out_and_then_imported_twice() -> None:
    own = [list_of(range(5), day) for day in MONTHS]
    again = [
        list_of(range(5), MAY, minute=minute) for minute in (543, 548, 551)
    ]
    result = detect(numbered(*own, *again), as_of=date(2018, 7, 1))
    assert len(result.doubles) == 10
    assert [len(chain.deals) for chain in result.chains] == [6] * 5


def days_of(*months: int, day: int = 12) -> list[date]:
    return [date(2018, month, day) for month in months]


def test_in_a_list_one_deal_may_be_entered_twice() -> None:
    own = [list_of(range(12), day) for day in days_of(2, 3, 4, 5, 6)]
    again = list_of(range(1), MAY, minute=545)
    result = detect(numbered(*own, again), as_of=date(2018, 7, 1))
    assert len(result.doubles) == 1


def test_what_comes_twice_in_a_list_is_real_while_nobody_knows_its_rhythm() -> (
    None
):
    own = [list_of(range(12), day) for day in days_of(2, 3, 4, 5, 6)]
    newcomer = list_of(range(12, 13), MAY)
    again = list_of(range(12, 13), MAY, minute=545)
    result = detect(numbered(*own, newcomer, again), as_of=date(2018, 7, 1))
    assert result.doubles == ()


def test_a_list_on_the_due_day_pays_for_it_and_for_the_one_before() -> None:
    """The list after it is entered a day too early for the next term."""
    days = [*days_of(1, 2, 3, 4, day=17), date(2018, 5, 19)]
    later = [date(2018, 6, 17), date(2018, 7, 17)]
    others = [list_of(range(12), day) for day in [*days, *later]]
    own_days = [*days, date(2018, 7, 17)]
    own = [list_of(range(12, 13), day) for day in own_days]
    again = list_of(range(12, 13), date(2018, 5, 19), minute=545)
    result = detect(numbered(*others, *own, again), as_of=date(2018, 8, 1))
    assert result.doubles == ()


def test_who_is_a_period_behind_may_catch_up_much_later() -> None:
    months = [*range(1, 4), *range(5, 10)]
    others = [
        list_of(range(3), date(2018, month, 12)) for month in range(1, 10)
    ]
    own = [list_of(range(3, 4), date(2018, month, 12)) for month in months]
    again = list_of(range(3, 4), date(2018, 9, 12), minute=545)
    sold = numbered(*others, *own, again)
    assert detect(sold, as_of=date(2018, 10, 1)).doubles == ()


@pytest.mark.parametrize("behind", [True, False])
def test_who_is_not_behind_pays_once(behind: bool) -> None:
    months = [month for month in range(1, 10) if month != 4 or not behind]
    others = [
        list_of(range(3), date(2018, month, 12)) for month in range(1, 10)
    ]
    own = [list_of(range(3, 4), date(2018, month, 12)) for month in months]
    again = list_of(range(3, 4), date(2018, 8, 12), minute=545)
    sold = numbered(*others, *own, again)
    doubles = detect(sold, as_of=date(2018, 10, 1)).doubles
    assert len(doubles) == int(not behind)


def test_what_comes_twice_each_time_is_two_subscriptions() -> None:
    days = days_of(1, 2, 3, 4, 5, 6)
    twice = [
        monthly(day, minute=minute) for day in days for minute in (600, 602)
    ]
    result = detect(numbered(*twice), as_of=date(2018, 7, 1))
    assert result.doubles == ()
    assert [len(chain.deals) for chain in result.chains] == [6, 6]


def titled_by_month(months: Iterable[int], *, minute: int = 600) -> list[Sold]:
    return [
        replace(
            ONE,
            won_on=date(2018, month, 12),
            title=f"Wartung {month:02}/2018",
            minute=minute,
        )
        for month in months
    ]


def test_a_title_that_names_its_period_is_paid_once() -> None:
    sold = numbered(
        titled_by_month([1, 2, 4, 5]), titled_by_month([4], minute=604)
    )
    assert len(detect(sold, as_of=date(2018, 6, 1)).doubles) == 1


def test_periods_that_are_all_paid_twice_are_those_of_two_subscriptions() -> (
    None
):
    months = [1, 2, 3, 4, 5]
    sold = numbered(
        titled_by_month(months), titled_by_month(months, minute=604)
    )
    assert detect(sold, as_of=date(2018, 6, 1)).doubles == ()


@pytest.mark.parametrize(("missing", "double_count"), [(4, 0), (None, 4)])
def test_where_lists_have_no_rhythm_their_customers_say_what_was_left_out(
    missing: int | None, double_count: int
) -> None:
    """Each customer's deals are entered on a day of its own, but for one list."""
    own = [
        [
            replace(each, won_on=date(2018, month, 12 if month == 5 else day))
            for month in range(1, 8)
            if month != missing
            for each in list_of(range(day, day + 1), MAY)
        ]
        for day in (9, 12, 15)
    ]
    again = [
        list_of(range(day, day + 1), MAY, minute=549) for day in (9, 12, 15)
    ]
    newcomer = list_of(range(1), MAY)
    newcomer_again = list_of(range(1), MAY, minute=549)
    sold = numbered(*own, *again, newcomer, newcomer_again)
    doubles = detect(sold, as_of=date(2018, 8, 1)).doubles
    assert len(doubles) == double_count


def test_what_is_repeated_in_a_list_after_one_was_left_out_is_real() -> None:
    others = [list_of(range(12), day) for day in MONTHS]
    own = [list_of(range(12, 13), day) for day in days_of(1, 2, 3, 4, 5, 6)]
    again = list_of(range(12, 13), MAY, minute=545)
    sold = numbered(*others, *own, again)
    assert detect(sold, as_of=date(2018, 7, 1)).doubles == ()


def test_the_first_list_may_be_imported_twice() -> None:
    own = [list_of(range(5), day) for day in days_of(1, 2, 3, 4, 5, 6)]
    again = list_of(range(5), date(2018, 1, 12), minute=549)
    result = detect(numbered(*own, again), as_of=date(2018, 7, 1))
    assert len(result.doubles) == 5


def test_two_titles_with_a_month_do_not_say_that_titles_name_periods() -> None:
    sold = numbered(titled_by_month([1, 2]), titled_by_month([2], minute=604))
    assert len(detect(sold, as_of=date(2018, 3, 1)).doubles) == 1


def test_a_new_price_hides_nothing_of_how_far_behind_a_line_is() -> None:
    days = days_of(1, 2, 3, 5, 6, 7, 8, 9)
    others = [list_of(range(3), day) for day in days_of(*range(1, 10))]
    own = [
        replace(
            deal, value_e4=1_100_000 if deal.won_on.month > 7 else 1_000_000
        )
        for day in days
        for deal in list_of(range(3, 4), day)
    ]
    again = [replace(own[-2], minute=545)]
    sold = numbered(*others, own, again)
    assert detect(sold, as_of=date(2018, 10, 1)).doubles == ()
