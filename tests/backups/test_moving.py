"""An instance moves between SQLite and PostgreSQL with everything, also when it is killed."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from tests.backups.databases import address_of
from tests.conftest import AT
from tests.upgrades.stories import READINGS, make_instance
from turnus.backups.actions_moving import move_instance
from turnus.jobs.ticks import note_tick
from turnus.kit import clock
from turnus.kit.errors import UserError
from turnus.kit.folder import Unfinished, remember_set_up

#: What must be the same afterwards.
SAME = ("deals", "mrr")


@pytest.fixture
def postgres(transactional_db: None) -> Iterator[str]:
    """The address of an empty database."""
    if connection.vendor == "sqlite":
        pytest.skip("needs PostgreSQL")
    name = f"moved_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0"
        )
    yield address_of(name)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance on SQLite, as commands made it, that nobody changes."""
    folder = tmp_path_factory.mktemp("made")
    make_instance(folder)
    return folder


@pytest.fixture
def instance(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "instance")


def turnus(
    folder: Path, *arguments: str, address: str = ""
) -> "subprocess.CompletedProcess[str]":
    command = [
        sys.executable,
        "-m",
        "turnus",
        "--data",
        str(folder),
        *arguments,
    ]
    return subprocess.run(
        command,
        env=environment(address),
        check=False,
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
    )


def environment(address: str) -> dict[str, str]:
    found = {
        name: value
        for name, value in os.environ.items()
        if name != "DATABASE_URL"
    }
    return {**found, "DATABASE_URL": address} if address else found


def readings(folder: Path, address: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for name in SAME:
        arguments = READINGS[name]
        done = turnus(folder, *arguments, address=address)
        assert done.returncode == 0, done.stderr
        is_json = "--json" in arguments
        found[name] = json.loads(done.stdout) if is_json else done.stdout
    return found


def test_everything_moves_there_and_back(
    instance: Path, postgres: str
) -> None:
    before = readings(instance)
    there = turnus(instance, "move", "--to", postgres)
    assert there.returncode == 0, there.stderr
    assert readings(instance, postgres) == before
    assert not (instance / "turnus.sqlite3").exists()
    assert len(list(instance.glob("moved-*.sqlite3"))) == 1
    lost = turnus(instance, *READINGS["mrr"])
    assert "has moved to PostgreSQL" in lost.stderr
    back = turnus(instance, "move", "--to", "sqlite", address=postgres)
    assert back.returncode == 0, back.stderr
    assert readings(instance) == before
    stale = turnus(instance, *READINGS["mrr"], address=postgres)
    assert "has moved to SQLite" in stale.stderr


@pytest.mark.parametrize("after_seconds", [1.2, 2.4])
def test_a_killed_move_goes_on_and_loses_nothing(
    instance: Path, postgres: str, after_seconds: float
) -> None:
    before = readings(instance)
    command = [sys.executable, "-m", "turnus", "--data", str(instance)]
    moving = subprocess.Popen(
        [*command, "move", "--to", postgres],
        env=environment(""),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    time.sleep(after_seconds)
    os.killpg(moving.pid, signal.SIGKILL)
    moving.wait()
    if Unfinished.MOVE.mark(instance).exists():
        refused = turnus(instance, "init", "--no-input")
        assert "is not finished" in refused.stderr
    if (instance / "turnus.sqlite3").exists():
        again = turnus(instance, "move", "--to", postgres)
        assert again.returncode == 0, again.stderr
    assert readings(instance, postgres) == before


def test_a_move_that_is_given_up_leaves_everything_where_it_was(
    instance: Path, postgres: str
) -> None:
    before = readings(instance)
    Unfinished.MOVE.mark(instance).write_text("elsewhere/database")
    refused = turnus(instance, "move", "--to", postgres)
    assert "A move to elsewhere/database is not finished" in refused.stderr
    assert turnus(instance, "move", "--stop").returncode == 0
    assert readings(instance) == before
    assert (
        turnus(instance, "move", "--stop").stderr
        == "turnus: No move was started.\n"
    )


def test_a_database_that_does_not_answer_changes_nothing(
    instance: Path, postgres: str
) -> None:
    before = readings(instance)
    nowhere = f"postgresql://nobody@/nothing?host={instance}"
    refused = turnus(instance, "move", "--to", nowhere)
    assert refused.returncode == 1
    assert "could not be filled" in refused.stderr
    assert turnus(instance, "move", "--stop").returncode == 0
    assert readings(instance) == before


class Pausing:
    """Stands for `time.sleep`, and lets something happen at each pause."""

    def __init__(self, happens: Callable[[], None]) -> None:
        self.happens = happens

    def __call__(self, _seconds: float) -> None:
        self.happens()


def move(waiting: Callable[[], None]) -> None:
    address = (
        "sqlite" if connection.vendor == "postgresql" else "postgresql://x/y"
    )
    move_instance(address, at=AT, progress=lambda *_: None, waiting=waiting)


def test_a_running_server_is_noticed(
    transactional_db: None, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember_set_up()
    note_tick(clock.now())
    waited = []

    def beat() -> None:
        note_tick(clock.now() + timedelta(seconds=1))

    monkeypatch.setattr(time, "sleep", Pausing(beat))
    with pytest.raises(UserError, match=r"move\.running"):
        move(lambda: waited.append(True))
    assert waited == [True]
    assert not Unfinished.MOVE.mark(data_folder / "data").exists()


def test_an_instance_does_not_move_to_where_it_is(
    transactional_db: None,
) -> None:
    address = "sqlite" if connection.vendor == "sqlite" else "postgresql://x/y"
    with pytest.raises(UserError, match=r"move\.same"):
        move_instance(
            address, at=AT, progress=lambda *_: None, waiting=lambda: None
        )


def test_what_was_never_set_up_does_not_move(transactional_db: None) -> None:
    with pytest.raises(UserError, match=r"setup\.missing"):
        move(lambda: None)
