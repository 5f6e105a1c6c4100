"""Restore a backup into an empty data folder and database."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from turnus.backups.actions_database import is_begun, is_empty
from turnus.backups.actions_restoring import (
    Progress,
    fill_database,
    identity_of,
)
from turnus.backups.archive import BackupReader, Contents
from turnus.backups.sealing import is_sealed, unseal
from turnus.kit.errors import UserError
from turnus.kit.folder import (
    Unfinished,
    alone_in_folder,
    private_draft,
    was_set_up,
    write_private,
)
from turnus.kit.sql import sqlite_file

_OWNER_ONLY = 0o600


@contextmanager
def opened_backup(
    path: Path, passphrase: Callable[[], str]
) -> Iterator[BackupReader]:
    """Yield what reads a backup; an encrypted one is opened for the time being."""
    if not path.is_file():
        raise UserError("file.missing", path=str(path))
    if not is_sealed(path):
        yield BackupReader(path)
        return
    with private_draft("backup.zip") as plain:
        unseal(path, plain, passphrase())
        yield BackupReader(plain)


def restore_instance(
    path: Path, *, passphrase: Callable[[], str], progress: Progress
) -> Contents:
    """Bring an instance back as it was, and return what its backup says.

    The data folder and the database are empty, or those in which the same restore was killed.
    Raises UserError otherwise, and where the file is no whole backup.
    """
    with alone_in_folder() as folder:
        os.umask(0o077)
        mark = Unfinished.RESTORE.mark(folder)
        if was_set_up():
            raise UserError("restore.in_use", folder=str(folder))
        with opened_backup(path, passphrase) as backup:
            backup.check()
            make_database_file()
            if not mark.exists() and not is_empty():
                raise UserError("restore.not_empty")
            identity = identity_of(backup.contents)
            _begin(mark, identity)
            for name in backup.file_names:
                _write_file(folder, name, backup.file_blocks(name))
            if is_begun() or is_empty():
                fill_database(backup, progress=progress)
            mark.unlink()
            return backup.contents


def _begin(mark: Path, identity: str) -> None:
    """Remember which backup is being restored; raises UserError if it was another one."""
    if not mark.exists():
        write_private(mark, identity)
    elif mark.read_text(encoding="ascii") != identity:
        raise UserError("restore.other_backup")


def make_database_file() -> None:
    """Create the SQLite file: a connection does not."""
    file = sqlite_file()
    if file is not None and not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, _OWNER_ONLY)
        os.close(descriptor)


def _write_file(folder: Path, name: str, blocks: Iterator[bytes]) -> None:
    target = (folder / name).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise UserError("backup.damaged", file=name)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with target.open("wb") as file:
        for block in blocks:
            file.write(block)
    target.chmod(_OWNER_ONLY)
