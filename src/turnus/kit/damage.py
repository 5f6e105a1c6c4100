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
#: SQLite could not read, or read something else than there was; all other errors of the disk are about writing.
_UNREADABLE = {
    sqlite3.SQLITE_IOERR_READ,
    sqlite3.SQLITE_IOERR_SHORT_READ,
    sqlite3.SQLITE_IOERR_CORRUPTFS,
    sqlite3.SQLITE_IOERR_DATA,
}
#: What SQLite's and PostgreSQL's errors say of damage.
_WORDS = ("malformed", "not a database", "invalid page in block", "could not read block")
_SQL_STATES = {"XX001", "XX002"}


def is_damaged(file: Path) -> bool | None:
    """Return whether pages of a SQLite file are damaged; None if nobody can look into it now.

    Reads the whole file: seconds for a gigabyte. Readers and writers go on meanwhile.
    """
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=2)) as database:
            found = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return None if _may_pass(error.sqlite_errorcode) else True
    return bool(found[0] != "ok")


def _may_pass(code: int) -> bool:
    return code & 0xFF in _NOT_NOW or _is_about_writing(code)


def _is_about_writing(code: int) -> bool:
    """Return whether a code of SQLite says that the disk takes nothing more, most often because it is full."""
    is_of_disk = code & 0xFF in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL}
    return is_of_disk and code not in _UNREADABLE


def cannot_be_written(error: BaseException | None) -> bool:
    """Return whether an error of the database says that its disk is full or refuses to write."""
    codes = [getattr(one, "sqlite_errorcode", 0) for one in _causes(error)]
    states = {getattr(one, "sqlstate", None) for one in _causes(error)}
    return any(map(_is_about_writing, codes)) or "53100" in states  # PostgreSQL: disk full


def is_sign_of_damage(error: BaseException | None) -> bool:
    """Return whether an error of the database says that its files are damaged."""
    if not isinstance(error, DatabaseError):
        return False
    text = str(error).lower()
    states = {getattr(one, "sqlstate", None) for one in _causes(error)}
    codes = {getattr(one, "sqlite_errorcode", None) for one in _causes(error)}
    is_said = any(word in text for word in _WORDS)
    return is_said or bool(states & _SQL_STATES) or bool(codes & _UNREADABLE)


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
