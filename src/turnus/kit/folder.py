"""The data folder: private to its owner, locked during set-up, and what it remembers."""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from django.conf import settings

from turnus.kit.errors import UserError

#: Files of ours in the folder; others in it are left alone.
_OUR_FILES = (
    "turnus.sqlite3*",
    "before-migration-*",
    "secret-key*",
    "instance",
    "database",
    "unfinished-*",
    "moving.zip",
    "*-backup.zip",
    "moved-*",
    "setup-token",
    "database-damaged",
    "last-tick",
    "lock",
    "uploads/*",
    "exports/*",
)
_FOLDERS = ("uploads", "exports")
_RIGHTS_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SET_UP = (
    "This folder belongs to an instance of Turnus that has been set up.\n"
    "If its database is missing, nobody can set up another one in its place: "
    "see “turnus init --help”.\n"
)


def data_folder() -> Path:
    """Return the folder of this instance."""
    return Path(settings.DATA_DIR)


def private_folder(name: str) -> Path:
    """Return a folder in the data folder, created if it is missing."""
    folder = data_folder() / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def files_before(moment: datetime, folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that were last written before a moment."""
    for path in folder.iterdir():
        if (
            path.is_file()
            and datetime.fromtimestamp(path.stat().st_mtime, tz=UTC) < moment
        ):
            yield path


@contextmanager
def alone_in_folder() -> Iterator[Path]:
    """Create the folder if it is missing, and let no other process into such a block.

    Raises UserError where the folder cannot be created or written to.
    """
    folder = data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            "data.refused", path=str(folder), reason=reason
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(descriptor)


def close_to_others(folder: Path) -> list[Path]:
    """Remove others' rights to the folder and our files in it; return what was open to them.

    A folder that everybody may write to, such as /tmp, is not ours and stays as it is. What belongs
    to somebody else stays too and is not returned.
    """
    paths = [folder, *(folder / name for name in _FOLDERS)]
    for pattern in _OUR_FILES:
        paths += sorted(folder.glob(pattern))
    return [path for path in paths if _close_to_others(path)]


def _close_to_others(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    is_shared = bool(mode & stat.S_ISVTX)
    is_open = bool(mode & _RIGHTS_OF_OTHERS)
    if stat.S_ISLNK(mode) or is_shared or not is_open:
        return False
    try:
        path.chmod(stat.S_IMODE(mode) & ~_RIGHTS_OF_OTHERS)
    except (PermissionError, FileNotFoundError):
        return False
    return True


def write_private(path: Path, text: str, *, is_lasting: bool = True) -> None:
    """Write a small file that only the owner can read, completely or not at all.

    `is_lasting`: return only once it is on the disk, so that it survives a power cut.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        if is_lasting:
            os.fsync(file.fileno())
    draft.replace(path)


class Unfinished(StrEnum):
    """What must be finished before the instance can be used."""

    RESTORE = "restore"
    MOVE = "move"

    def mark(self, folder: Path) -> Path:
        """Return the file that stands in the data folder until it is finished."""
        return folder / f"unfinished-{self}"


def refuse_unfinished(folder: Path) -> None:
    """Raise UserError where a restore or a move was begun and is not finished."""
    if Unfinished.RESTORE.mark(folder).exists():
        raise UserError("restore.unfinished")
    if Unfinished.MOVE.mark(folder).exists():
        raise UserError("move.unfinished")


def remember_database(vendor: str) -> None:
    """Let the folder remember where its instance has moved: `sqlite` or `postgresql`."""
    write_private(data_folder() / "database", vendor)


def refuse_other_database(vendor: str) -> None:
    """Raise UserError where the instance has moved to the other kind of database."""
    with suppress(FileNotFoundError):
        remembered = (data_folder() / "database").read_text(encoding="ascii")
        if remembered != vendor:
            raise UserError(f"database.moved_to_{remembered}")


@contextmanager
def private_draft(name: str) -> Iterator[Path]:
    """Yield a file in the data folder that only the owner can read, and delete it afterwards."""
    path = data_folder() / f"{secrets.token_hex(4)}-{name}"
    write_private(path, "", is_lasting=False)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def was_set_up() -> bool:
    """Return whether the folder remembers an instance, even if its database is gone."""
    return (data_folder() / "instance").exists()


def remember_set_up() -> None:
    """Let the folder remember that this instance is set up; the set-up token expires."""
    folder = data_folder()
    if not was_set_up():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(folder / "instance", _SET_UP)
    (folder / "setup-token").unlink(missing_ok=True)


def forget_set_up() -> None:
    """Let the folder forget the instance whose database is gone."""
    (data_folder() / "instance").unlink(missing_ok=True)


def setup_token() -> str:
    """Return what proves access to the server's terminal at set-up; created on the first call."""
    path = data_folder() / "setup-token"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text(encoding="ascii")


def is_setup_token(candidate: str) -> bool:
    """Return whether this is the set-up token; never true before there is one or after set-up."""
    with suppress(OSError):
        token = (data_folder() / "setup-token").read_bytes()
        return bool(token) and secrets.compare_digest(
            token, candidate.encode()
        )
    return False
