"""The data folder: private, and remembering the instance without its database; `/health/`."""

import os
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.handlers.exception import convert_exception_to_response
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from tests.conftest import AT
from tests.world import World
from turnus.accounts.queries import is_set_up
from turnus.cli.main import main
from turnus.jobs.ticks import note_tick
from turnus.kit import clock
from turnus.kit.damage import (
    cannot_be_written,
    is_damaged,
    is_sign_of_damage,
    remember_damage,
)
from turnus.kit.folder import (
    close_to_others,
    is_setup_token,
    remember_set_up,
    setup_token,
)
from turnus.web.health import Health

#: As SQLite says it.
MALFORMED = "database disk image is malformed"


def put(path: Path, mode: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    path.chmod(mode)
    return path


def test_what_was_open_is_closed_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    ours = [
        put(folder / name, 0o644)
        for name in (
            "turnus.sqlite3",
            "turnus.sqlite3-wal",
            "secret-key",
            "uploads/a",
            "exports/b",
        )
    ]
    folders = [folder, folder / "uploads", folder / "exports"]
    for path in folders:
        path.chmod(0o755)
    others, linked = (
        put(folder / "notes.txt", 0o644),
        put(tmp_path / "elsewhere", 0o644),
    )
    (folder / "uploads" / "link").symlink_to(linked)
    assert sorted(close_to_others(folder)) == sorted([*folders, *ours])
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in ours} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (others, linked)} == {
        0o644
    }
    assert close_to_others(folder) == []


def test_a_folder_that_everybody_shares_stays_open(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    key = put(tmp_path / "secret-key", 0o640)
    assert close_to_others(tmp_path) == [key]
    assert tmp_path.stat().st_mode & 0o7777 == 0o1777


def test_the_token_is_one_for_all_and_ends_with_the_set_up(
    settings: Settings,
) -> None:
    assert not is_setup_token("")
    token = setup_token()
    assert (
        setup_token(),
        is_setup_token(token),
        is_setup_token(token[:-1]),
        is_setup_token("ü"),
    ) == (
        token,
        True,
        False,
        False,
    )
    assert (
        Path(settings.DATA_DIR) / "setup-token"
    ).stat().st_mode & 0o777 == 0o600
    remember_set_up()
    assert not is_setup_token(token)
    assert not is_setup_token("")


def test_an_empty_database_in_the_place_of_another_is_refused(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    remember_set_up()
    new = [
        "init",
        "--no-input",
        "--company",
        "X",
        "--email",
        "a@example.org",
        "--password",
        "wiederkehrend-2018",
    ]
    for command in (["serve", "--port", "64999"], ["migrate"], ["demo"], new):
        assert main(command) == 1
        assert "database is empty" in capsys.readouterr().err
    answers = [
        Client().get(path)
        for path in ("/", "/setup/", "/setup/?token=", "/deals/")
    ]
    assert {answer.status_code for answer in answers} == {503}
    assert not is_set_up()
    assert main([*new, "--anew"]) == 0
    assert is_set_up()


def test_an_instance_of_an_older_version_is_remembered_from_its_next_start(
    world: World, settings: Settings
) -> None:
    assert not (Path(settings.DATA_DIR) / "instance").exists()
    assert main(["migrate"]) == 0
    assert (Path(settings.DATA_DIR) / "instance").exists()
    assert (
        main(["init", "--no-input", "--anew"]) == 1
    )  # it never takes the place of a database that is there


class Asked(NamedTuple):
    status: int
    lines: list[str]


def asked(health: Health) -> Asked:
    request = HttpRequest()
    request.method, request.path_info = "GET", "/health/"
    answer = health(request)
    return Asked(answer.status_code, answer.content.decode().splitlines())


@pytest.fixture
def health(world: World) -> Health:
    """A web process that began an hour ago, with a worker that lives."""
    remember_set_up()
    note_tick(AT)
    with clock.standing_at(AT - timedelta(hours=1)):
        return Health(lambda _request: HttpResponse("page"))


def test_all_is_well(health: Health) -> None:
    assert asked(health) == (200, ["ok"])


@pytest.mark.parametrize(
    ("silence", "line"),
    [
        (timedelta(seconds=61), "worker: no sign of life for 61 s"),
        (
            timedelta(days=-1),
            "worker: its last sign of life is 86400 s ahead of this clock",
        ),
        (None, "worker: no sign of life"),
    ],
)
def test_a_dead_worker_is_a_fault(
    health: Health, settings: Settings, silence: timedelta | None, line: str
) -> None:
    if silence is None:
        (Path(settings.DATA_DIR) / "last-tick").unlink()
    else:
        note_tick(AT - silence)
    assert asked(health) == (503, [line])


def status_of(health: Health, path: str) -> int:
    request = HttpRequest()
    request.method, request.path_info = "GET", path
    return health(request).status_code


def test_a_process_that_answers_is_live_and_one_that_can_serve_is_ready(
    health: Health, settings: Settings
) -> None:
    (Path(settings.DATA_DIR) / "last-tick").unlink(missing_ok=True)
    paths = ("/health/", "/health/live", "/health/ready")
    assert [status_of(health, path) for path in paths] == [503, 200, 200]
    remember_damage(is_there=True)
    assert [status_of(health, path) for path in paths] == [503, 200, 503]


def test_a_full_disk_is_a_fault(health: Health) -> None:
    health.free_bytes = 10**18
    status, lines = asked(health)
    assert (status, len(lines)) == (503, 1)
    assert lines[0].startswith("disk: nearly full, ")


def test_damage_that_a_request_met_is_a_fault_until_it_is_gone(
    health: Health,
) -> None:
    def page(_request: HttpRequest) -> HttpResponse:
        raise DatabaseError(MALFORMED)

    convert_exception_to_response(page)(
        HttpRequest()
    )  # as Django calls every view and middleware
    assert asked(health) == (503, ["database: damaged, restore a backup"])
    remember_damage(is_there=False)
    assert asked(health).status == 200


def test_all_faults_are_said_at_once(
    health: Health, settings: Settings
) -> None:
    (Path(settings.DATA_DIR) / "last-tick").unlink()
    remember_damage(is_there=True)
    assert asked(health) == (
        503,
        ["database: damaged, restore a backup", "worker: no sign of life"],
    )


def test_a_damaged_page_is_found(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (a TEXT)")
        database.executemany(
            "INSERT INTO t VALUES (?)", [["text" * 100]] * 100
        )
    database.close()
    assert is_damaged(path) is False
    with path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(os.urandom(4096))
    assert is_damaged(path) is True
    path.write_bytes(b"no database at all" * 1000)
    assert is_damaged(path) is True
    assert is_damaged(tmp_path / "nowhere") is None


def test_what_is_no_damage_is_not_taken_for_it() -> None:
    assert not is_sign_of_damage(DatabaseError("database is locked"))
    assert not is_sign_of_damage(ValueError("malformed"))
    assert not is_sign_of_damage(None)


@pytest.mark.parametrize(
    ("code", "is_damage"),
    [
        (sqlite3.SQLITE_IOERR_READ, True),
        (sqlite3.SQLITE_IOERR_WRITE, False),
        (sqlite3.SQLITE_IOERR_SHMSIZE, False),
        (sqlite3.SQLITE_FULL, False),
    ],
)
def test_a_full_disk_is_not_taken_for_damage(
    code: int, *, is_damage: bool
) -> None:
    cause = sqlite3.OperationalError("disk I/O error")
    cause.sqlite_errorcode = code
    error = DatabaseError("disk I/O error")
    error.__cause__ = cause
    assert (is_sign_of_damage(error), cannot_be_written(error)) == (
        is_damage,
        not is_damage,
    )
