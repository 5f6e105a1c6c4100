"""Whether the database is damaged: looked for in a SQLite file, noticed in errors, remembered in the data folder."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from django.db import DatabaseError

from turnus.kit.folder import data_folder, write_private

#: SQLite's codes for a file that nobody can look into now; they say nothing about damage.
_NOT_NOW = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_NOMEM,
}
#: What SQLite's and PostgreSQL's errors say of damage.
_WORDS = ("malformed", "not a database", "disk i/o error", "invalid page in block", "could not read block")
_SQL_STATES = {"XX001", "XX002"}


def is_damaged(file: Path) -> bool | None:
    """Return whether pages of a SQLite file are damaged; None if nobody can look into it now.

    Reads the whole file: seconds for a gigabyte. Readers and writers go on meanwhile.
    """
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=2)) as database:
            found = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return None if error.sqlite_errorcode & 0xFF in _NOT_NOW else True
    return bool(found[0] != "ok")


def is_sign_of_damage(error: BaseException | None) -> bool:
    """Return whether an error of the database says that its files are damaged."""
    if not isinstance(error, DatabaseError):
        return False
    text = str(error).lower()
    states = {getattr(one, "sqlstate", None) for one in _causes(error)}
    return any(word in text for word in _WORDS) or bool(states & _SQL_STATES)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def remember_damage(*, is_there: bool) -> None:
    """Let the data folder remember the damage, for all processes, or forget it."""
    path = _note()
    if is_there:
        with suppress(OSError):  # the disk may be the reason
            write_private(path, "damaged\n")
    else:
        path.unlink(missing_ok=True)


def remembers_damage() -> bool:
    """Return whether damage was found, and not found gone since."""
    return _note().exists()


def _note() -> Path:
    return data_folder() / "database-damaged"
