"""The data folder: private to its owner, locked while it is set up, and what it remembers about this instance."""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from turnus.kit.errors import UserError

#: Files of ours in the folder; others in it are left alone.
_OURS = (
    "turnus.sqlite3*",
    "before-migration-*",
    "secret-key*",
    "instance",
    "setup-token",
    "database-damaged",
    "last-tick",
    "lock",
    "uploads/*",
    "exports/*",
)
_FOLDERS = ("uploads", "exports")
_OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO
_SET_UP = (
    "This folder belongs to an instance of Turnus that has been set up.\n"
    "If its database is missing, nobody can set up another one in its place: see “turnus init --help”.\n"
)


def data_folder() -> Path:
    """Return the folder of this instance."""
    return Path(settings.DATA_DIR)


def private_folder(name: str) -> Path:
    """Return a folder in it, made if it is missing."""
    folder = data_folder() / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def files_before(moment: datetime, folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that were last written before a moment."""
    for path in folder.iterdir():
        if path.is_file() and datetime.fromtimestamp(path.stat().st_mtime, tz=UTC) < moment:
            yield path


@contextmanager
def alone_in_folder() -> Iterator[Path]:
    """Make the folder if it is missing, and let no other process on it into such a block at the same time.

    Raises UserError where the folder cannot be made or written.
    """
    folder = data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UserError(
            "data.refused", path=str(folder), reason=error.strerror or str(error)
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(descriptor)


def close_to_others(folder: Path) -> list[Path]:
    """Take every right of others from the folder and from our files in it; return what was open before.

    A folder that everybody may write to, such as /tmp, is not ours and stays as it is. What belongs to somebody else
    stays too, and is not named.
    """
    paths = [folder, *(folder / name for name in _FOLDERS)]
    paths += [path for pattern in _OURS for path in sorted(folder.glob(pattern))]
    return [path for path in paths if _close_to_others(path)]


def _close_to_others(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    is_shared = bool(mode & stat.S_ISVTX)
    if stat.S_ISLNK(mode) or is_shared or not mode & _OTHERS_MAY:
        return False
    try:
        path.chmod(stat.S_IMODE(mode) & ~_OTHERS_MAY)
    except (PermissionError, FileNotFoundError):
        return False
    return True


def write_private(path: Path, text: str, *, is_lasting: bool = True) -> None:
    """Write a small file that only the owner reads: there whole or not at all.

    `is_lasting`: it is waited for until it is on the disk, so that it is there after a power cut.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        if is_lasting:
            os.fsync(file.fileno())
    draft.replace(path)


def was_set_up() -> bool:
    """Return whether the folder remembers an instance, whatever became of its database."""
    return (data_folder() / "instance").exists()


def remember_set_up() -> None:
    """Let the folder remember that this instance is set up; the token of the first run ends."""
    folder = data_folder()
    if not was_set_up():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(folder / "instance", _SET_UP)
    (folder / "setup-token").unlink(missing_ok=True)


def forget_set_up() -> None:
    """Let the folder forget the instance whose database is gone."""
    (data_folder() / "instance").unlink(missing_ok=True)


def setup_token() -> str:
    """Return what proves that whoever sets the instance up can read the server's terminal; made on the first call."""
    path = data_folder() / "setup-token"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text(encoding="ascii")


def is_setup_token(shown: str) -> bool:
    """Return whether `shown` is the token; never true before there is one, and after the set-up."""
    with suppress(OSError):
        token = (data_folder() / "setup-token").read_bytes()
        return bool(token) and secrets.compare_digest(token, shown.encode())
    return False
