"""A clock that is wrong destroys nothing, is reported, and leaves no job stuck."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

import tests.jobs.test_jobs  # noqa: F401 (registers the task that counts)
from tests.conftest import AT
from tests.world import World
from turnus.jobs.actions import claim, enqueue
from turnus.jobs.actions_clock import note_jump, sight
from turnus.jobs.models import HOLD, ClockJump, Job
from turnus.jobs.queries import clock_jump
from turnus.jobs.watching import LeaseWatch
from turnus.jobs.worker import Rounds
from turnus.kit import clock
from turnus.sales.actions import trash_deals
from turnus.sales.models import Deal

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _shared_folder(data_folder: Path) -> None:
    (data_folder / "data").mkdir()


@pytest.fixture
def trashed(world: World) -> None:
    world.deal()
    trash_deals(deals=Deal.objects.all(), by=world.alice, at=AT)


def rounds_at(moment: datetime, rounds: Rounds | None = None) -> Rounds:
    """Let a worker do what is due at a moment: the one given, or one that has just started."""
    rounds = rounds or Rounds()
    with clock.standing_at(moment):
        while rounds.go():
            pass
    return rounds


@pytest.mark.usefixtures("trashed")
def test_the_trash_is_emptied_at_the_second_sighting() -> None:
    for day in (29, 30, 31):
        rounds_at(AT + day * DAY)
        assert Deal.objects.count() == 1
    rounds_at(AT + 32 * DAY)
    assert Deal.objects.count() == 0


@pytest.mark.usefixtures("trashed")
@pytest.mark.parametrize(
    "is_restarted", [False, True], ids=["running", "restarted"]
)
def test_a_clock_that_jumps_ahead_empties_no_trash_and_is_reported(
    *, is_restarted: bool
) -> None:
    rounds = rounds_at(AT)
    ahead = AT + 365 * DAY
    for day in range(3):
        rounds = rounds_at(
            ahead + day * DAY, None if is_restarted or day else rounds
        )
        assert Deal.objects.count() == 1
    jump = clock_jump(ahead + DAY)
    assert jump is not None
    assert (jump.before, jump.after) == (AT, ahead)


def test_admins_are_told_that_the_clock_jumped_and_nobody_else(
    world: World,
) -> None:
    note_jump(before=AT - 365 * DAY, after=AT)
    for address in ("/", "/settings/"):
        assert b"14.11.2017" in world.client(world.admin).get(address).content
        assert (
            b"14.11.2017" not in world.client(world.alice).get(address).content
        )


@pytest.mark.usefixtures("trashed")
def test_a_clock_that_is_set_right_again_is_reported_and_goes_on_as_before() -> (
    None
):
    rounds = rounds_at(AT + 365 * DAY, rounds_at(AT))
    rounds_at(AT + DAY, rounds)
    assert list(ClockJump.objects.values_list("before", "after")) == [
        (AT + 365 * DAY, AT + DAY)
    ]
    for day in (2, 3, 4, 5):
        rounds_at(AT + day * DAY)
    assert (Deal.objects.count(), clock_jump(AT + 5 * DAY)) == (1, None)


@pytest.mark.usefixtures("trashed")
def test_after_a_long_rest_the_trash_is_emptied_some_days_later() -> None:
    rounds_at(AT)
    for day in range(50, 54):
        rounds_at(AT + day * DAY)
        assert Deal.objects.count() == (
            1 if day * DAY < 50 * DAY + HOLD else 0
        )


@pytest.mark.parametrize(
    ("hours", "confirmed"),
    [(1, None), (11, None), (12, 0), (24, 0), (24 * 30, 0), (-1, None)],
)
def test_a_second_sighting_is_half_a_day_later_and_goes_by_the_first(
    hours: int, confirmed: int | None
) -> None:
    assert sight("tests.chore", at=AT) is None
    expected = None if confirmed is None else AT
    assert sight("tests.chore", at=AT + timedelta(hours=hours)) == expected


def test_jobs_that_a_clock_ahead_put_in_come_now() -> None:
    enqueue("tests.count", at=AT + 365 * DAY, to=1)
    rounds_at(AT)
    assert Job.objects.get(name="tests.count", unique_key=None).state == "done"


def test_a_lease_from_the_future_ends_unless_somebody_renews_it() -> None:
    enqueue("tests.count", at=AT, to=1)
    lost = claim(at=AT + 365 * DAY)
    assert lost is not None
    seconds = iter([0.0, 59.0, 60.0])
    watch = LeaseWatch(lambda: next(seconds))
    for _ in range(2):
        watch.look(AT)
        assert claim(at=AT) is None
    watch.look(AT)
    taken = claim(at=AT)
    assert taken is not None
    assert taken.pk == lost.pk


def test_a_living_worker_with_a_clock_ahead_keeps_its_job() -> None:
    enqueue("tests.count", at=AT, to=1)
    held = claim(at=AT + 365 * DAY)
    assert held is not None
    seconds = iter([0.0, 59.0, 118.0])
    watch = LeaseWatch(lambda: next(seconds))
    for day in (365, 366, 367):
        Job.objects.filter(pk=held.pk).update(lease_until=AT + day * DAY)
        watch.look(AT)
    assert claim(at=AT) is None
