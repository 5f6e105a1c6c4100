"""Fill an empty database from a backup, of the same kind or the other; a killed one goes on."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.apps import apps
from django.apps.registry import Apps
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    DataError,
    IntegrityError,
    connection,
    models,
    transaction,
)
from django.db.migrations.executor import MigrationExecutor

from turnus.backups.actions_database import (
    begin_progress,
    continue_ids_after,
    drop_foreign_keys,
    empty_table,
    end_progress,
    is_begun,
    is_empty,
    progress_of,
    remember_progress,
    restore_foreign_keys,
)
from turnus.backups.archive import BackupReader, Contents, TableEntry
from turnus.backups.rows import LineReader, label, lines_of, stored_models
from turnus.kit.errors import UserError
from turnus.kit.sql import BATCH, analyze, insert_rows
from turnus.revenue.ledger.actions_marks import create_marks

#: Told how many of how many rows are there.
Progress = Callable[[int, int], None]
_BACKUP = "backup"
_TABLES = "tables"


def fill_database(backup: BackupReader, *, progress: Progress) -> None:
    """Bring the tables of a backup and their rows into the database.

    The database is empty, or one in which this was killed: it then goes on. Afterwards it stands
    as when the backup was taken; what later versions changed is still to be migrated. Raises
    UserError where the database has other tables, or something did not arrive as it was.
    """
    contents = backup.contents
    if not is_begun() and not is_empty():
        if not _has_arrived(contents):
            raise UserError("restore.not_empty")
        return  # killed when everything was there
    _begin(contents)
    historical_apps = _make_tables(contents)
    models_by_name = {
        label(model): model for model in stored_models(historical_apps)
    }
    arrived = 0
    for table in contents.tables:
        loading = _Loading(backup, table, models_by_name[table.model])
        for count in loading.run():
            progress(arrived + count, contents.row_count)
        arrived += table.row_count
    try:
        restore_foreign_keys()
    except IntegrityError as error:
        raise UserError("restore.references", reason=str(error)) from error
    for table in contents.tables:
        _verify(table, models_by_name[table.model])
    create_marks(using=DEFAULT_DB_ALIAS)
    end_progress()
    analyze()


def _begin(contents: Contents) -> None:
    """Begin in an empty database, or go on where the same backup was being restored."""
    identity = identity_of(contents)
    if is_begun():
        if progress_of(_BACKUP) != identity:
            raise UserError("restore.other_backup")
        return
    with transaction.atomic():
        begin_progress()
        remember_progress(_BACKUP, identity)


def identity_of(contents: Contents) -> str:
    """Return what tells this backup from others."""
    digests = "".join(table.digest for table in contents.tables)
    text = f"{contents.taken_at.isoformat()} {digests}"
    return hashlib.sha256(text.encode()).hexdigest()


def _make_tables(contents: Contents) -> Apps:
    """Make the tables as they were when the backup was taken, and return their models."""
    executor = MigrationExecutor(connection)
    targets = list(contents.migrations.items())
    unknown = [
        target
        for target in targets
        if target not in executor.loader.graph.nodes
    ]
    if unknown:
        raise UserError("restore.newer", version=contents.version)
    executor.migrate(targets)
    if progress_of(_TABLES) is None:
        drop_foreign_keys()
        remember_progress(_TABLES, "made")
    elif connection.vendor == "sqlite":
        drop_foreign_keys()  # the connection's own switch
    return executor.loader.project_state(targets).apps


@dataclass(frozen=True, slots=True)
class _Loading:
    """One table on its way into the database."""

    backup: BackupReader
    table: TableEntry
    model: type[models.Model]

    def run(self) -> Iterator[int]:
        """Insert the rows that are not there yet; yield after each block how many are there."""
        step = f"rows {self.table.model}"
        count = int(progress_of(step) or 0)
        if not count:
            self._begin(step)
        lines = islice(self.backup.lines_of(self.table), count, None)
        reader = LineReader.of(self.model, self.table.columns)
        for block in _blocks(reader.rows(lines)):
            with transaction.atomic():
                self._insert(block)
                count += len(block)
                remember_progress(step, str(count))
            yield count

    def _begin(self, step: str) -> None:
        with transaction.atomic():
            empty_table(self.model)
            if isinstance(self.model._meta.pk, models.AutoField):  # noqa: SLF001 (Django documents _meta)
                continue_ids_after(self.model, self.table.last_id)
            remember_progress(step, "0")

    def _insert(self, block: Sequence[Sequence[object]]) -> None:
        try:
            # PostgreSQL's COPY raises the driver's own errors.
            with connection.wrap_database_errors:
                insert_rows(self.model, self.table.columns, block)
        except (DataError, IntegrityError) as error:
            raise UserError(
                "restore.refused",
                table=self.table.model,
                reason=str(error).strip(),
            ) from error


def _blocks(rows: Iterable[list[object]]) -> Iterator[list[list[object]]]:
    iterator = iter(rows)
    while block := list(islice(iterator, BATCH)):
        yield block


def _has_arrived(contents: Contents) -> bool:
    """Return whether the database holds exactly the rows of the backup already."""
    models_by_name = {label(model): model for model in stored_models(apps)}
    try:
        return all(
            _digest(table, models_by_name[table.model]) == table.digest
            for table in contents.tables
        )
    except (DatabaseError, LookupError):
        return False  # other tables than ours


def _verify(table: TableEntry, model: type[models.Model]) -> None:
    """Read the rows back, and compare them with the backup."""
    if _digest(table, model) != table.digest:
        raise UserError("restore.differs", table=table.model)


def _digest(table: TableEntry, model: type[models.Model]) -> str:
    digest = hashlib.sha256()
    for line in lines_of(model, table.columns):
        digest.update(line)
    return digest.hexdigest()
