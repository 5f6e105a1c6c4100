"""Take a backup while people work: the database as it is at one moment, then the files."""

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from turnus.backups.actions_database import snapshot
from turnus.backups.archive import BackupWriter, Contents
from turnus.backups.rows import (
    columns_of,
    highest_id,
    label,
    lines_of,
    stored_models,
)
from turnus.kit.errors import UserError
from turnus.kit.folder import data_folder
from turnus.kit.sql import database_kind

#: What of the data folder belongs to a backup, besides the database.
_FILES = ("secret-key", "uploads/*", "exports/*")

#: Told how many of how many tables are done.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Taken:
    """How much a backup holds."""

    row_count: int
    file_count: int


def take_backup(
    target: Path, *, at: datetime, progress: Progress, with_files: bool = True
) -> Taken:
    """Write the whole instance to the file `target`.

    Raises UserError where the tables are not those of this version.
    """
    with zipfile.ZipFile(
        target, "w", zipfile.ZIP_DEFLATED, compresslevel=4
    ) as archive:
        writer = BackupWriter(archive)
        with snapshot():
            contents = write_database(writer, at=at, progress=progress)
        # After the rows: what they name was there before them.
        files = list(_files_of(data_folder())) if with_files else []
        for path in files:
            name = path.relative_to(data_folder()).as_posix()
            writer.add_file(name, path)
        writer.finish(contents)
    return Taken(contents.row_count, len(files))


def write_database(
    writer: BackupWriter, *, at: datetime, progress: Progress
) -> Contents:
    """Write the rows of all tables, in the transaction of the caller."""
    migrations = _last_migrations()
    tables = stored_models(apps)
    for done, model in enumerate(tables):
        progress(done, len(tables))
        columns = columns_of(model)
        rows = lines_of(model, columns)
        writer.add_table(
            label(model), columns, rows, last_id=highest_id(model)
        )
    progress(len(tables), len(tables))
    return Contents(
        version=version("turnus"),
        taken_at=at,
        database=database_kind(),
        migrations=migrations,
        tables=writer.tables,
    )


def _last_migrations() -> dict[str, str]:
    """Return the last migration of each app; raises UserError if one is still to be applied."""
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    if executor.migration_plan(newest):
        raise UserError("backup.migrate_first")
    return dict(sorted(newest))


def _files_of(folder: Path) -> Iterator[Path]:
    for pattern in _FILES:
        for path in sorted(folder.glob(pattern)):
            if path.is_file():
                yield path
