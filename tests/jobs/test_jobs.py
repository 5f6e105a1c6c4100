"""The queue: steps are committed with their effects, lost jobs are taken over, failures end."""

from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import AT
from turnus.accounts.models import Team
from turnus.jobs.actions import (
    Context,
    LostError,
    claim,
    enqueue,
    enqueue_scheduled,
    renew,
)
from turnus.jobs.lanes import JobLane
from turnus.jobs.models import Job
from turnus.jobs.queries import last_tick
from turnus.jobs.registry import every, task
from turnus.jobs.ticks import tick_file
from turnus.jobs.worker import (
    Rounds,
    run_next,
    run_pending,
    run_until_done,
    work,
)
from turnus.kit import clock
from turnus.kit.errors import UserError, ending_behind

pytestmark = pytest.mark.django_db
crashes: list[int] = []


@task("tests.count", lane=JobLane.SHORT)
def count(context: Context, *, to: int, crash_at: int = -1) -> None:
    while context.cursor < to:
        with context.step(to):
            Team.objects.create(name=str(context.cursor))
            if context.cursor == crash_at and not crashes:
                crashes.append(1)
                raise RuntimeError


@task("tests.refuse", lane=JobLane.SHORT)
def refuse(_context: Context, *, user_error: bool) -> None:
    raise UserError("name.taken", name="x") if user_error else RuntimeError


def test_a_job_that_fails_in_a_step_is_tried_again_and_doubles_nothing() -> (
    None
):
    crashes.clear()
    enqueue("tests.count", at=AT, to=3, crash_at=1)
    run_pending()
    assert (Team.objects.count(), Job.objects.get().state) == (1, "queued")
    with clock.standing_at(AT + timedelta(minutes=5)):
        run_pending()
    assert (
        sorted(Team.objects.values_list("name", flat=True)),
        Job.objects.get().state,
    ) == (
        ["0", "1", "2"],
        "done",
    )


def test_a_worker_whose_lease_ran_out_can_commit_nothing_more() -> None:
    job = enqueue("tests.count", at=AT, to=1)
    first = claim(at=AT)
    assert claim(at=AT) is None
    second = claim(at=AT + timedelta(minutes=1))
    assert first is not None
    assert second is not None
    with pytest.raises(LostError), Context(first).step(1):
        Team.objects.create(name="verloren")
    assert not Team.objects.exists()
    renew(second, at=AT + timedelta(minutes=2))
    job.refresh_from_db()
    assert job.lease_until == AT + timedelta(minutes=2, seconds=30)


def test_a_refusal_ends_a_job_and_a_bug_is_tried_five_times() -> None:
    enqueue("tests.refuse", at=AT, user_error=True)
    enqueue("tests.refuse", at=AT, user_error=False)
    for hours in range(7):
        with clock.standing_at(AT + timedelta(hours=hours)):
            run_pending()
    assert list(
        Job.objects.order_by("pk").values_list("state", "attempts")
    ) == [
        ("failed", 1),
        ("failed", 5),
    ]


def test_a_job_that_kills_its_workers_is_given_up() -> None:
    Job.objects.create(
        name="tests.count",
        state="running",
        attempts=5,
        lease_until=AT - timedelta(hours=1),
        created_at=AT,
        due_at=AT,
    )
    assert run_next()
    assert Job.objects.get().state == "failed"


def test_a_key_is_used_once_and_schedules_come_once_a_slot() -> None:
    assert enqueue("tests.count", at=AT, unique_key="k", to=1) == enqueue(
        "tests.count", at=AT, unique_key="k", to=1
    )
    every("tests.count", timedelta(hours=1))
    for _ in range(3):
        enqueue_scheduled(at=AT)
    assert (
        Job.objects.filter(unique_key__startswith="tests.count:").count() == 1
    )
    assert Job.objects.filter(name="sales.purge_trash").count() == 1
    Job.objects.filter(unique_key__startswith="tests.count:").delete()
    run_pending()


def test_a_worker_without_work_reads_once_a_round_and_writes_nothing() -> None:
    rounds = Rounds()
    while rounds.go():
        pass
    with CaptureQueriesContext(connection) as queries:
        assert [rounds.go() for _ in range(3)] == [False, False, False]
    assert [query["sql"].partition(" ")[0] for query in queries] == [
        "SELECT"
    ] * 3


def test_a_worker_without_work_sees_to_the_next_slot_and_to_new_jobs() -> None:
    rounds = Rounds()
    while rounds.go():
        pass
    with clock.standing_at(AT + timedelta(hours=1)):
        while rounds.go():
            pass
    assert Job.objects.filter(name="revenue.tick", state="done").count() == 2
    enqueue("tests.count", at=AT, to=1)
    assert rounds.go()


def test_a_worker_leaves_a_sign_of_life(data_folder: Path) -> None:
    assert last_tick() is None
    (data_folder / "data").mkdir()
    Rounds().go()
    assert last_tick() == AT
    assert [each.name for each in (data_folder / "data").iterdir()] == [
        "last-tick"
    ]
    tick_file().write_text("soon")
    assert last_tick() is None


def test_a_sign_of_life_that_cannot_be_written_stops_no_work() -> None:
    enqueue("tests.count", at=AT, to=1)
    assert Rounds().go()
    assert last_tick() is None


def test_a_worker_stops_when_told_and_a_command_waits_for_its_job() -> None:
    job = enqueue("tests.count", at=AT, to=2)
    run_until_done("tests.count", lambda: None, to=2)
    job.refresh_from_db()
    assert job.state == "done"
    stops = chain([False], repeat(True))
    work(until=lambda: next(stops))
    enqueue("tests.refuse", at=AT, user_error=True)
    with pytest.raises(RuntimeError):
        run_until_done("tests.refuse", lambda: None, user_error=True)


def test_an_error_that_only_came_of_being_told_to_end_is_that() -> None:
    with pytest.raises(ValueError, match="broken") as error:
        try:
            raise KeyboardInterrupt
        finally:
            raise ValueError("broken")
    assert isinstance(ending_behind(error.value), KeyboardInterrupt)
    assert ending_behind(ValueError("broken")) is None
