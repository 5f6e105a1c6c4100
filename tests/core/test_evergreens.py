"""Evergreens: subscriptions that stay open until somebody cancels them."""

import pytest

from tests.core.subscriptions import change, day, fact
from tests.core.test_revenue_runs import starts, story
from turnus.core.revenue.facts import Reason
from turnus.core.revenue.timeline import (
    timeline_of,
)


def test_an_evergreen_stays_open_and_missing_copies_are_to_dos() -> None:
    booked = fact(
        "1m", ("2026-01-31", 100), ("2026-04-30", 120), is_evergreen=True
    )
    timeline = timeline_of(booked, as_of=day("2026-06-05"))
    assert (
        starts(timeline) == "26-01-31 26-02-28! 26-03-31! 26-04-30 26-05-31!"
    )
    assert timeline.segments[-1].end is None
    assert timeline.next_due == day("2026-06-30")
    assert story(booked, "2026-06-05") == [
        "2026-01-31 new 100",
        "2026-04-30 expansion 20",
    ]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2026-03-15", ["2026-01-31 new 100", "2026-03-15 churn -100"]),
        (None, ["2026-01-31 new 100", "2026-02-28 churn -100"]),
        ("2026-07-01", ["2026-01-31 new 100"]),
    ],
)
def test_an_evergreen_ends_when_it_is_canceled(
    on: str | None, expected: list[str]
) -> None:
    booked = fact(
        "1m",
        ("2026-01-31", 100),
        is_evergreen=True,
        changes=[change(Reason.CANCELLATION, on)],
    )
    assert story(booked, "2026-06-05") == expected
    assert timeline_of(booked, as_of=day("2026-06-05")).next_due is None


def test_a_canceled_evergreen_can_come_back() -> None:
    canceled = [change(Reason.CANCELLATION, "2026-03-15")]
    booked = fact(
        "1m",
        ("2026-01-31", 100),
        ("2026-05-01", 100),
        is_evergreen=True,
        changes=canceled,
    )
    expected = [
        "2026-01-31 new 100",
        "2026-03-15 churn -100",
        "2026-05-01 reactivation 100",
    ]
    assert story(booked, "2026-06-05") == expected
