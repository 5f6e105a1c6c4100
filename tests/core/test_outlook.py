"""The outlook: what is signed, overdue, expected and leaving on each day to come."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.subscriptions import (
    AT_BOOKING,
    EUR,
    change,
    day,
    fact,
    segment,
    units,
)
from tests.core.test_revenue_figures import JANUARY
from turnus.core.cadence import Cadence
from turnus.core.revenue.conversion import Withheld
from turnus.core.revenue.facts import Reason
from turnus.core.revenue.forecast import (
    Commitment,
    Course,
    CourseStretch,
    coming_month_ends,
    outlook,
)
from turnus.core.revenue.mrr import (
    recurring_on,
)
from turnus.core.revenue.timeline import timeline_of


def test_the_outlook_tells_signed_overdue_expected_and_leaving_apart() -> None:
    as_of = day("2026-03-10")
    facts = [
        fact("1y", ("2026-03-01", 1200)),  # covered
        fact("1m", ("2026-01-31", 10), subscription=2, customer=2),  # overdue
        fact(
            "1m", ("2026-02-20", 20), subscription=3, customer=3
        ),  # due on 20 March
        fact(
            "1m",
            ("2026-02-20", 30),
            subscription=4,
            customer=4,
            changes=[change(Reason.CANCELLATION, "2026-03-20")],
        ),
        fact(
            "1m",
            ("2026-01-05", 40),
            subscription=5,
            customer=5,
            is_evergreen=True,
            changes=[change(Reason.PRICE_CHANGE, "2026-04-15", 60)],
        ),
        fact(
            "1y", ("2026-03-05", 840, "2026-05-01"), subscription=6, customer=6
        ),  # signed, not started
        fact(
            "1m", ("2025-01-05", 40), subscription=7, customer=7
        ),  # lapsed long ago
        fact(
            "1m",
            ("2026-01-05", 1),
            subscription=8,
            customer=8,
            is_evergreen=True,
            changes=[change(Reason.CANCELLATION, "2026-12-31")],
        ),
    ]
    segments = [
        each
        for one in facts
        for each in timeline_of(one, as_of=as_of).segments
    ]
    months = outlook(
        segments, as_of=as_of, days=coming_month_ends(as_of, 3), conversion=EUR
    )
    told = [
        [
            int(units(each))
            for each in (
                month.booked,
                month.overdue,
                month.expected,
                month.ends,
            )
        ]
        for month in months
    ]
    assert told == [[141, 10, 20, -30], [161, 10, 20, 0], [231, 10, 20, 0]]
    assert [
        units(each)
        for each in (months[1].prices, months[2].signed, months[2].total)
    ] == [
        20,
        70,
        261,
    ]
    assert all(
        each.opening + each.signed + each.prices + each.ends == each.total
        for each in months
    )
    assert (
        units(
            outlook(segments, as_of=as_of, days=[as_of], conversion=EUR)[
                0
            ].total
        )
        == 201
    )
    assert recurring_on(as_of, segments, conversion=EUR).mrr.amount == 201


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("opening", [1200, 1200, 0]),
        ("total", [1200, 0, 2400]),
        ("booked", [1200, 0, 0]),
        ("expected", [0, 0, 2400]),
        ("ends", [0, -1200, 0]),
        ("signed", [0, 0, 2400]),
        ("prices", [0, 0, 0]),
    ],
)
def test_a_subscription_says_what_it_adds_to_each_figure_of_the_outlook(
    code: str, expected: list[int]
) -> None:
    booked, after_a_gap = (
        CourseStretch(Commitment.BOOKED, 1200, 0, 2),
        CourseStretch(Commitment.EXPECTED, 2400, 3, 4),
    )
    course = Course(segment(100, "2026-01-01"), [booked, after_a_gap])
    assert [course.figure(code, point) for point in (1, 2, 3)] == expected


def test_the_outlook_of_replaced_segments_and_withheld_currencies() -> None:
    replaced = [
        segment(100, "2026-01-01"),
        segment(120, "2026-04-01"),
        segment(9, "2023-01-01", currency="CHF", subscription=2),
    ]
    months = outlook(
        replaced,
        as_of=JANUARY,
        days=[day("2026-03-31"), day("2026-04-30")],
        conversion=AT_BOOKING,
    )
    assert [units(each.total) for each in months] == [100, 120]
    assert months[0].withheld == (Withheld("CHF", day("2023-01-01")),)


@given(
    st.integers(0, 400),
    st.sampled_from(["1m", "1y", "2w", "3m"]),
    st.integers(1, 6),
)
def test_today_the_outlook_is_the_mrr(
    distance: int, cadence: str, count: int
) -> None:
    as_of = JANUARY + timedelta(days=distance)
    given = fact(
        cadence,
        *(
            (str(Cadence.parse(cadence).due(JANUARY, k)), 100)
            for k in range(count)
        ),
    )
    segments = timeline_of(given, as_of=as_of).segments
    now = outlook(segments, as_of=as_of, days=[as_of], conversion=EUR)[0]
    assert (
        now.booked + now.overdue
        == recurring_on(as_of, segments, conversion=EUR).mrr_e4
    )
