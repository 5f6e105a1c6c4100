"""Whether the database is damaged: checked in a SQLite file, seen in errors, remembered on disk."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from django.db import DatabaseError

from turnus.kit.folder import data_folder, write_private

#: SQLite's codes for a file that cannot be checked now; they say nothing about damage.
_BUSY_CODES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_NOMEM,
}
#: SQLite could not read, or read something wrong; all other disk errors are about writing.
_UNREADABLE_CODES = {
    sqlite3.SQLITE_IOERR_READ,
    sqlite3.SQLITE_IOERR_SHORT_READ,
    sqlite3.SQLITE_IOERR_CORRUPTFS,
    sqlite3.SQLITE_IOERR_DATA,
}
#: Words and codes for damage in the errors of SQLite and PostgreSQL.
_DAMAGE_WORDS = (
    "malformed",
    "not a database",
    "invalid page in block",
    "could not read block",
)
_DAMAGE_STATES = {"XX001", "XX002"}
#: PostgreSQL's code for a full disk.
_DISK_FULL_STATE = "53100"


def is_damaged(file: Path) -> bool | None:
    """Return whether pages of a SQLite file are damaged; None if it cannot be checked now.

    Reads the whole file: seconds for a gigabyte. Readers and writers go on meanwhile.
    """
    address = f"{file.as_uri()}?mode=rw"
    try:
        with closing(
            sqlite3.connect(address, uri=True, timeout=2)
        ) as database:
            (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return None if _may_pass(error.sqlite_errorcode) else True
    return bool(verdict != "ok")


def _may_pass(code: int) -> bool:
    return code & 0xFF in _BUSY_CODES or _is_about_writing(code)


def _is_about_writing(code: int) -> bool:
    """Return whether a code of SQLite says that writing failed, mostly because the disk is full."""
    is_of_disk = code & 0xFF in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL}
    return is_of_disk and code not in _UNREADABLE_CODES


def cannot_be_written(error: BaseException | None) -> bool:
    """Return whether an error of the database says that its disk is full or refuses to write."""
    is_sqlite_full = any(
        _is_about_writing(code) for code in _sqlite_codes(error)
    )
    return is_sqlite_full or _DISK_FULL_STATE in _sql_states(error)


def is_sign_of_damage(error: BaseException | None) -> bool:
    """Return whether an error of the database says that its files are damaged."""
    if not isinstance(error, DatabaseError):
        return False
    text = str(error).lower()
    has_words = any(word in text for word in _DAMAGE_WORDS)
    has_state = bool(_sql_states(error) & _DAMAGE_STATES)
    has_code = bool(_sqlite_codes(error) & _UNREADABLE_CODES)
    return has_words or has_state or has_code


def _sqlite_codes(error: BaseException | None) -> set[int]:
    return {getattr(cause, "sqlite_errorcode", 0) for cause in _causes(error)}


def _sql_states(error: BaseException | None) -> set[str]:
    return {getattr(cause, "sqlstate", None) or "" for cause in _causes(error)}


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def remember_damage(*, is_there: bool) -> None:
    """Let the data folder remember the damage, for all processes, or forget it."""
    path = _damage_note()
    if is_there:
        with suppress(OSError):  # the disk may be the reason
            write_private(path, "damaged\n")
    else:
        path.unlink(missing_ok=True)


def remembers_damage() -> bool:
    """Return whether damage was found and not yet repaired."""
    return _damage_note().exists()


def _damage_note() -> Path:
    return data_folder() / "database-damaged"
