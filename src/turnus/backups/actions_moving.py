"""Move an instance from SQLite to PostgreSQL or back: everything arrives, or nothing changes."""

import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.apps import apps
from django.db import connections

from turnus.backups.actions_database import closed_for_writing
from turnus.backups.actions_taking import Progress, write_database
from turnus.backups.archive import BackupWriter
from turnus.backups.rows import stored_models
from turnus.jobs.queries import last_tick
from turnus.jobs.ticks import TICK_EVERY
from turnus.kit import clock
from turnus.kit.errors import UserError
from turnus.kit.folder import (
    Unfinished,
    alone_in_folder,
    data_folder,
    remember_database,
    was_set_up,
    write_private,
)
from turnus.kit.output_files import replacing
from turnus.kit.sql import is_sqlite, sqlite_file

#: The address that stands for the SQLite file in the data folder.
SQLITE = "sqlite"
#: A little more than the time between two signs of life of a worker.
_SILENCE = TICK_EVERY + timedelta(seconds=3)
_PAUSE_SECONDS = 0.5


def move_instance(
    address: str,
    *,
    at: datetime,
    progress: Progress,
    waiting: Callable[[], None],
) -> Path | None:
    """Copy everything to the database at `address`, and let the folder belong to that one.

    Nobody can write meanwhile, and the server does not start until it is done. If it is killed, the
    same call goes on where it stopped. `waiting` is told when a server may still be running. Return
    where the old SQLite file is kept. Raises UserError where it cannot be, or something did not
    arrive as it was.
    """
    _refuse_same(address)
    if not was_set_up():
        raise UserError("setup.missing")
    _wait_for_silence(waiting)
    with alone_in_folder() as folder:
        os.umask(0o077)
        mark = Unfinished.MOVE.mark(folder)
        _begin(mark, address)
        copy = folder / "moving.zip"
        with closed_for_writing(stored_models(apps)):
            if not copy.exists():
                _write_copy(copy, at=at, progress=progress)
            _fill(address, copy)
        old = _put_aside(folder, at)
        kind = "sqlite" if address == SQLITE else "postgresql"
        remember_database(kind)
        copy.unlink()
        mark.unlink()
    return old


def stop_moving() -> None:
    """Give up a move that was not finished: the instance stays where it was."""
    with alone_in_folder() as folder:
        mark = Unfinished.MOVE.mark(folder)
        if not mark.exists():
            raise UserError("move.none")
        (folder / "moving.zip").unlink(missing_ok=True)
        mark.unlink()


def _refuse_same(address: str) -> None:
    if (address == SQLITE) == is_sqlite():
        raise UserError("move.same")


def _begin(mark: Path, address: str) -> None:
    """Remember where to; raises UserError if an unfinished move goes elsewhere."""
    target = address.rpartition("@")[2]  # without the password
    if not mark.exists():
        write_private(mark, target)
    elif mark.read_text(encoding="utf-8") != target:
        raise UserError(
            "move.elsewhere", target=mark.read_text(encoding="utf-8")
        )


def _wait_for_silence(waiting: Callable[[], None]) -> None:
    """Wait until no worker can be running; raises UserError if one gives a sign of life."""
    tick = last_tick()
    if tick is None or clock.now() - tick > _SILENCE:
        return
    waiting()
    until = time.monotonic() + _SILENCE.total_seconds()
    while time.monotonic() < until:
        if last_tick() != tick:
            raise UserError("move.running")
        time.sleep(_PAUSE_SECONDS)


def _write_copy(target: Path, *, at: datetime, progress: Progress) -> None:
    """Write the rows of all tables to a file that is there completely or not at all."""
    with (
        replacing(target) as draft,
        zipfile.ZipFile(
            draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1
        ) as archive,
    ):
        writer = BackupWriter(archive)
        contents = write_database(writer, at=at, progress=progress)
        writer.finish(contents)


def _fill(address: str, copy: Path) -> None:
    """Let a process of its own fill the other database; raises UserError if it fails."""
    environment = {**os.environ, "TURNUS_DATA": str(data_folder())}
    environment.pop("DATABASE_URL", None)
    if address != SQLITE:
        environment["DATABASE_URL"] = address
    command = [
        sys.executable,
        "-m",
        "turnus",
        "restore",
        "--moved-rows",
        str(copy),
    ]
    filling = subprocess.run(
        command,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if filling.returncode:
        last_line = filling.stderr.strip().rpartition("\n")[2]
        raise UserError(
            "move.failed", reason=last_line.removeprefix("turnus: ")
        )


def _put_aside(folder: Path, at: datetime) -> Path | None:
    """Rename the SQLite file that the instance has left, so that nobody goes on in it."""
    file = sqlite_file()
    if file is None:
        return None
    connections.close_all()  # the last one brings the write-ahead log into the file
    kept = folder / f"moved-{at:%Y%m%d-%H%M%S}.sqlite3"
    file.rename(kept)
    return kept
