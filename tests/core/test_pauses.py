"""Pauses: nothing counts in them, and the next term begins on the day of resuming."""

from itertools import cycle

import pytest

from tests.core.subscriptions import change, day, fact, ledger
from tests.core.test_revenue_runs import starts, story
from turnus.core.revenue.facts import Reason
from turnus.core.revenue.timeline import timeline_of


def test_a_pause_counts_nothing_and_the_next_term_begins_on_the_day_of_resuming() -> (
    None
):
    pause = [
        change(Reason.PAUSE, "2026-02-10"),
        change(Reason.PAUSE, "2026-02-12"),
        change(Reason.RESUME, "2026-05-10"),
    ]
    booked = fact(
        "1m", ("2026-01-31", 100), ("2026-05-20", 100), changes=pause
    )
    assert (
        starts(timeline_of(booked, as_of=day("2026-06-01")))
        == "26-01-31 / 26-05-10"
    )
    assert timeline_of(booked, as_of=day("2026-06-01")).next_due == day(
        "2026-06-10"
    )
    assert story(booked, "2026-06-01") == [
        "2026-01-31 new 100",
        "2026-02-10 churn -100",
        "2026-05-10 reactivation 100",
    ]
    kinds = [
        leg.kind
        for each in ledger(
            timeline_of(booked, as_of=day("2026-06-01")).segments
        ).movements
        for leg in each.legs
    ]
    assert kinds[:3] == ["started", "paused", "resumed"]


@pytest.mark.parametrize(
    ("won", "pauses", "expected"),
    [
        (
            "2026-01-31 2026-02-05",
            "2026-02-10 2026-03-10",
            "26-01-31 / 26-03-10",
        ),
        (
            "2026-01-31 2026-03-24",
            "2026-02-10 2026-03-10",
            "26-01-31 / 26-03-10",
        ),
        (
            "2026-01-31 2026-03-25",
            "2026-02-10 2026-03-10",
            "26-01-31 / 26-03-25",
        ),
        (
            "2026-01-31 2026-04-03",
            "2026-02-10 2026-03-01 2026-03-05 2026-04-01",
            "26-01-31 / 26-04-01",
        ),
        (
            "2026-01-31 2026-04-03",
            "2026-03-05 2026-04-01",
            "26-01-31 / 26-04-01",
        ),
        (
            "2026-01-31 2026-02-28 2026-03-31",
            "2026-03-05 2026-03-10",
            "26-01-31 26-02-28 / 26-03-31",
        ),
        ("2026-01-31 2026-02-20", "2026-02-10", "26-01-31 / 26-02-20"),
    ],
    ids=[
        "paid ahead",
        "in grace",
        "late",
        "two in a row",
        "while overdue",
        "later",
        "without end",
    ],
)
def test_the_term_after_a_pause_begins_on_the_day_of_resuming(
    won: str, pauses: str, expected: str
) -> None:
    reasons = cycle((Reason.PAUSE, Reason.RESUME))
    changes = [
        change(reason, each)
        for reason, each in zip(reasons, pauses.split(), strict=False)
    ]
    booked = fact(
        "1m", *((each, 100) for each in won.split()), changes=changes
    )
    assert starts(timeline_of(booked, as_of=day("2026-04-09"))) == expected


def test_an_evergreen_goes_on_from_the_day_of_resuming() -> None:
    pause = [
        change(Reason.PAUSE, "2026-02-10"),
        change(Reason.RESUME, "2026-03-10"),
    ]
    booked = fact("1m", ("2026-01-31", 100), changes=pause, is_evergreen=True)
    assert (
        starts(timeline_of(booked, as_of=day("2026-04-20")))
        == "26-01-31 / 26-03-10! 26-04-10!"
    )


def test_who_cancels_in_a_pause_ended_with_it() -> None:
    changes = [
        change(Reason.PAUSE, "2026-02-10"),
        change(Reason.CANCELLATION, "2026-02-20"),
    ]
    timeline = timeline_of(
        fact("1m", ("2026-01-31", 100), changes=changes),
        as_of=day("2026-03-01"),
    )
    assert timeline.next_due is None
    assert (
        timeline.segments[-1].end,
        timeline.segments[-1].end_cause.reason,
    ) == (
        day("2026-02-10"),
        Reason.PAUSE,
    )


@pytest.mark.parametrize(
    ("as_of", "end_on", "due_on"),
    [
        ("2026-03-01", None, "2026-03-10"),
        ("2026-03-24", None, "2026-03-10"),
        ("2026-03-25", None, None),
        ("2026-03-01", "2026-03-10", None),
    ],
    ids=["ahead", "inside grace", "beyond grace", "ends before"],
)
def test_after_a_pause_the_next_term_is_due_on_the_day_of_resuming(
    as_of: str, end_on: str | None, due_on: str | None
) -> None:
    changes = [
        change(Reason.PAUSE, "2026-02-10"),
        change(Reason.RESUME, "2026-03-10"),
    ]
    if end_on:
        changes.append(change(Reason.CANCELLATION, end_on))
    booked = fact("1m", ("2026-01-31", 100), changes=changes)
    timeline = timeline_of(booked, as_of=day(as_of))
    assert timeline.next_due == (day(due_on) if due_on else None)


def test_a_pause_without_end_does_not_lapse() -> None:
    booked = fact(
        "1m", ("2026-01-31", 100), changes=[change(Reason.PAUSE, "2026-02-28")]
    )
    timeline = timeline_of(booked, as_of=day("2026-09-01"))
    assert story(booked, "2026-09-01") == [
        "2026-01-31 new 100",
        "2026-02-28 churn -100",
    ]
    assert timeline.next_due is None
    assert timeline.segments[-1].end_cause.reason is Reason.PAUSE
    assert timeline_of(
        fact(
            "1m",
            ("2026-01-31", 1),
            changes=[change(Reason.RESUME, "2026-02-01")],
        ),
        as_of=day("2026-02-02"),
    ).segments
