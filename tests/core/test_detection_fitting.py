"""Whether deals are copies at all if their days are read one way."""

from datetime import date

import pytest

from turnus.core.detection.facts import Sold
from turnus.core.detection.fitting import Fit, fit_of


def sold(
    days: list[date], *, plan: str = "", title: str = "Hosting"
) -> list[Sold]:
    return [
        Sold(
            number,
            day,
            1_000_000,
            "EUR",
            title=title,
            plan=plan,
            organization="Elbe GmbH",
        )
        for number, day in enumerate(days)
    ]


@pytest.mark.parametrize(
    ("days", "plan", "fit"),
    [
        (
            [date(2026, month, 5) for month in range(1, 12)],
            "monthly",
            Fit(10, 10),
        ),
        ([date(2026, 5, day) for day in range(1, 12)], "monthly", Fit(0, 10)),
        ([date(2026, month, 5) for month in range(1, 12)], "", Fit(10, 10)),
        (
            [date(year, 3, 4) for year in (2016, 2017, 2018)],
            "jährlich",
            Fit(2, 2),
        ),
        (
            [date(2026, 1, 31), date(2026, 2, 3), date(2026, 3, 1)],
            "monatlich",
            Fit(1, 2),
        ),
        ([date(2026, 1, 31)], "monatlich", Fit(0, 0)),
    ],
    ids=[
        "monthly",
        "daily-is-not-monthly",
        "no-word",
        "yearly",
        "one-of-two",
        "single",
    ],
)
def test_the_distances_between_deals_fit_their_plan(
    days: list[date], plan: str, fit: Fit
) -> None:
    assert fit_of(sold(days, plan=plan)) == fit


def test_deals_of_other_titles_are_no_copies_of_one_another() -> None:
    one, other = (
        sold([date(2026, 1, 5), date(2026, 2, 5)]),
        sold([date(2026, 1, 6)], title="Domain"),
    )
    assert fit_of([*one, *other]) == Fit(1, 1)


def test_a_share_without_distances_is_none() -> None:
    assert (Fit(0, 0).share, Fit(1, 4).share) == (0.0, 0.25)
