"""For every test: a data folder of its own, a fixed moment, the world of Alice, Bob and Charlie."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from hypothesis import settings as examples
from pytest_django.fixtures import Settings

from tests.architecture.owners import noting_strangers
from tests.world import World, make_world
from turnus.kit import clock
from turnus.sheets.opening import reading_here

#: The day of the help page's example: 14 November 2018, 11:00 in Berlin; as clocks are, between two
#: seconds.
AT = datetime(2018, 11, 14, 10, 0, 0, 123456, tzinfo=UTC)

# A deadline for one example measures how busy the machine is, not the code.
examples.register_profile("turnus", deadline=None)
examples.load_profile("turnus")


@pytest.fixture(autouse=True)
def data_folder(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]
    settings.CACHES = {
        # A cache of its own: the throttle of sign-ins counts in it.
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": str(tmp_path),
        }
    }
    return tmp_path


@pytest.fixture(autouse=True)
def _fixed_clock() -> Iterator[None]:
    with clock.standing_at(AT):
        yield


@pytest.fixture(autouse=True)
def _files_read_here() -> Iterator[None]:
    # A process for each of a thousand small files takes a minute; `sheets/test_opening.py` shows
    # that it reads the same.
    with reading_here():
        yield


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    # What the day's page keeps belongs to one database; each test has another one with the same
    # numbers.
    from turnus.reports import today

    today._remembered.clear()


@pytest.fixture
def on_disk(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """Let SQLite be a file, as it is for people: in memory, threads fail instead of waiting."""
    if connection.vendor != "sqlite":
        yield
        return
    in_memory, connection.connection = connection.connection, None
    name, connection.settings_dict["NAME"] = (
        connection.settings_dict["NAME"],
        str(tmp_path / "test.sqlite3"),
    )
    in_memory.execute("VACUUM INTO ?", [connection.settings_dict["NAME"]])
    yield
    connection.close()
    connection.settings_dict["NAME"], connection.connection = name, in_memory


@pytest.fixture
def world(db: None) -> Iterator[World]:
    strangers: set[str] = set()
    with noting_strangers(strangers):
        yield make_world(AT)
    assert not strangers, (
        "a table is written by the actions of its own package"
    )


@pytest.fixture
def admin_client(world: World) -> Client:
    return world.client(world.admin)
