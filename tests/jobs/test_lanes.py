"""Lanes: a short job runs while a long one is under way, and each job goes where it belongs."""

import os
import signal
import subprocess
import sys
import threading
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from tests.conftest import AT
from tests.serving import wait_until
from turnus.accounts.models import Team
from turnus.cli.crew import lane_names
from turnus.jobs.actions import Context, claim, enqueue
from turnus.jobs.lanes import JobLane, lane_of_file, lane_of_rows
from turnus.jobs.models import Job
from turnus.jobs.registry import lane_of, task
from turnus.jobs.worker import work

pytestmark = pytest.mark.django_db(transaction=True)
is_ended = threading.Event()


@task("tests.long", lane=JobLane.LONG)
def long(context: Context) -> None:
    """Write step after step until the test ends it."""
    while not is_ended.wait(0.001):
        with context.step(0):
            Team.objects.create(name=f"long {context.cursor}")


@task("tests.short", lane=JobLane.SHORT)
def short(context: Context) -> None:
    with context.step(1):
        Team.objects.create(name="short")


@contextmanager
def working(*lanes: JobLane) -> Iterator[None]:
    """Let a worker in a thread serve the lanes."""
    is_over = threading.Event()

    def serve() -> None:
        work(until=is_over.is_set, lanes=lanes)
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        is_ended.set()
        is_over.set()
        thread.join(30)


def state_of(name: str) -> str:
    return Job.objects.get(name=name).state


@pytest.mark.usefixtures("on_disk")
def test_a_short_job_is_done_while_a_long_one_is_under_way() -> None:
    is_ended.clear()
    enqueue("tests.long", at=AT)
    with working(JobLane.LONG), working(JobLane.SHORT):
        wait_until(lambda: Job.objects.get(name="tests.long").cursor > 2)
        enqueue("tests.short", at=AT)
        wait_until(lambda: state_of("tests.short") == "done")
        before = Job.objects.get(name="tests.long").cursor
        wait_until(lambda: Job.objects.get(name="tests.long").cursor > before)
        assert state_of("tests.long") == "running"
    assert Team.objects.filter(name="short").count() == 1


def test_a_worker_takes_no_job_of_another_lane() -> None:
    enqueue("tests.long", at=AT)
    assert claim(at=AT, lanes=[JobLane.SHORT]) is None
    job = claim(at=AT, lanes=[JobLane.LONG])
    assert job is not None
    assert (job.name, job.started_at) == ("tests.long", AT)


def test_whoever_knows_the_size_chooses_the_lane() -> None:
    assert enqueue("tests.long", at=AT).lane == JobLane.LONG
    few = enqueue("tests.long", at=AT, lane=lane_of_rows(5_000))
    assert few.lane == JobLane.SHORT
    assert lane_of_rows(5_001) == JobLane.LONG
    assert lane_of_file(500_000) == JobLane.SHORT
    assert lane_of_file(500_001) == JobLane.LONG
    assert lane_of("another.version") == JobLane.LONG


@pytest.mark.parametrize("text", ["", "short,", "fast", "short long"])
def test_an_unknown_lane_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="short, long"):
        lane_names(text)


def test_a_lane_that_is_named_twice_has_two_workers() -> None:
    assert lane_names("short, long,long") == ["short", "long", "long"]


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite sends no notices"
)
def test_postgresql_wakes_a_worker_that_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # If notices did not come, the test would not end in time.
    monkeypatch.setattr("turnus.jobs.worker.IDLE_SECONDS", 300)
    with working(JobLane.SHORT):
        wait_until(lambda: listeners() == 1)
        enqueue("tests.short", at=AT)
        wait_until(lambda: state_of("tests.short") == "done", 20)
        monkeypatch.undo()
        end_listeners()


def listeners() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE query = 'LISTEN turnus_jobs'"
            " AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])


def end_listeners() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query = 'LISTEN turnus_jobs'"
            " AND datname = current_database()"
        )


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite sends no notices"
)
def test_a_worker_that_lost_its_notices_goes_on_by_looking() -> None:
    with working(JobLane.SHORT):
        wait_until(lambda: listeners() == 1)
        end_listeners()
        wait_until(lambda: listeners() == 0)
        enqueue("tests.short", at=AT)
        wait_until(lambda: state_of("tests.short") == "done", 20)


def lanes_served_by(process: int) -> dict[int, str]:
    """Return the lane of each worker that this process has started."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(process)],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.split() for line in listed.stdout.splitlines()]
    return {int(words[0]): words[-1] for words in lines}


def test_the_command_starts_a_worker_for_each_lane_and_ends_them(
    tmp_path: Path,
) -> None:
    environment = {**os.environ, "TURNUS_DATA": str(tmp_path / "own")}
    environment.pop("DATABASE_URL", None)
    turnus = [sys.executable, "-m", "turnus"]
    first = {
        "TURNUS_COMPANY": "Muster",
        "TURNUS_LANGUAGE": "en",
        "TURNUS_CURRENCY": "EUR",
        "TURNUS_TIME_ZONE": "Europe/Berlin",
        "TURNUS_ADMIN_NAME": "Ada",
        "TURNUS_ADMIN_EMAIL": "admin@example.org",
        "TURNUS_ADMIN_PASSWORD": "wiederkehrend-2018",
    }
    subprocess.run(
        [*turnus, "init"],
        check=True,
        env={**environment, **first},
        stdout=subprocess.DEVNULL,
    )
    crew = subprocess.Popen([*turnus, "work"], env=environment)
    try:
        both = ["long", "short"]
        wait_until(lambda: sorted(lanes_served_by(crew.pid).values()) == both)
        killed = next(iter(lanes_served_by(crew.pid)))
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: killed not in lanes_served_by(crew.pid))
        wait_until(lambda: sorted(lanes_served_by(crew.pid).values()) == both)
    finally:
        crew.send_signal(signal.SIGTERM)
    assert crew.wait(30) == 0
