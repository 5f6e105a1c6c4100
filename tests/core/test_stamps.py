"""When a deal counts as won or lost: one rule, in whole seconds."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from turnus.core.deals import Stamps, Status

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2018, 11, 14, 10, 0, 0, 123456, tzinfo=UTC)
STAMPED = datetime(2018, 11, 14, 10, tzinfo=UTC)
OCTOBER = datetime(2018, 10, 1, 7, 30, 0, 999, tzinfo=UTC)
OPEN, WON, LOST = (
    Stamps(Status.OPEN),
    Stamps(Status.WON, OCTOBER, None, OCTOBER),
    Stamps(Status.LOST, None, OCTOBER),
)
NOON = datetime(2018, 10, 31, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "status", "closed", "won_at", "lost_at"),
    [
        (OPEN, Status.WON, None, STAMPED, None),
        (OPEN, Status.WON, date(2018, 10, 31), NOON, None),
        (OPEN, Status.WON, datetime(2018, 10, 31, 12), NOON, None),
        (OPEN, Status.LOST, None, None, STAMPED),
        (WON, Status.LOST, None, None, STAMPED),
        (WON, Status.OPEN, None, None, None),
        (WON, Status.WON, date(2018, 10, 31), NOON, None),
        (LOST, Status.WON, None, STAMPED, None),
    ],
)
def test_a_given_time_is_kept_and_a_new_status_is_stamped_now(
    before: Stamps,
    status: Status,
    closed: date | None,
    won_at: datetime | None,
    lost_at: datetime | None,
) -> None:
    after = before.after(status, closed, now=NOW, zone=BERLIN)
    assert (after.status, after.won_at, after.lost_at, after.closed_at) == (
        status,
        won_at,
        lost_at,
        won_at or lost_at,
    )


@pytest.mark.parametrize(
    ("before", "closed"),
    [
        (OPEN, None),
        (OPEN, date(2018, 10, 1)),
        (WON, None),
        (WON, date(2018, 10, 1)),
        (WON, datetime(2018, 10, 1, 9, 30)),
        (WON, datetime(2018, 10, 1, 7, 30, tzinfo=UTC)),
        (LOST, date(2018, 10, 1)),
        (Stamps(Status.WON), None),
    ],
)
def test_what_says_nothing_new_changes_nothing(
    before: Stamps, closed: date | None
) -> None:
    assert before.after(before.status, closed, now=NOW, zone=BERLIN) is before


def test_a_won_deal_without_a_time_takes_the_one_that_is_given() -> None:
    assert (
        Stamps(Status.WON)
        .after(Status.WON, date(2018, 10, 31), now=NOW, zone=BERLIN)
        .won_at
        == NOON
    )


@pytest.mark.parametrize(
    ("before", "status", "closed", "expected"),
    [
        (OPEN, Status.WON, None, True),
        (OPEN, Status.LOST, None, True),
        (LOST, Status.WON, None, True),
        (OPEN, Status.OPEN, None, False),
        (WON, Status.OPEN, None, False),
        (WON, Status.WON, None, False),
        (OPEN, Status.WON, date(2018, 10, 1), False),
    ],
)
def test_who_is_stamped_with_the_present_moment(
    before: Stamps, status: Status, closed: date | None, expected: bool
) -> None:
    assert before.is_stamped_now(status, closed) is expected


def test_the_first_won_time_stays() -> None:
    again = WON.after(Status.OPEN, None, now=NOW, zone=BERLIN).after(
        Status.WON, None, now=NOW, zone=BERLIN
    )
    assert (again.won_at, again.first_won_at) == (STAMPED, OCTOBER)
