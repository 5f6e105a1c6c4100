"""What SQLite and PostgreSQL do differently when a whole database is read, or filled."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, models, transaction

from turnus.kit.sql import is_sqlite

#: Remembers, in the database that is being filled, how far that went.
_PROGRESS = "turnus_restore"
_Value = str | int | bool


@contextmanager
def snapshot() -> Iterator[None]:
    """Let every query of the block see the database as it is now; others may write meanwhile."""
    if not is_sqlite():
        with transaction.atomic():
            _execute(
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
            )
            yield
        return
    # Not Django's own transaction, which takes the lock of writers at once.
    _execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        _execute("ROLLBACK")


@contextmanager
def closed_for_writing(tables: Sequence[type[models.Model]]) -> Iterator[None]:
    """Let nobody write to the database until the block ends; every query sees the same."""
    if is_sqlite():
        with transaction.atomic():
            yield
        return
    with transaction.atomic():
        _execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        names = ", ".join(map(_table, tables))
        _execute(f"LOCK TABLE {names} IN SHARE MODE")
        yield


def last_id(model: type[models.Model]) -> int:
    """Return the highest number that a row of a table ever got, also if that row is gone."""
    table = model._meta.db_table  # noqa: SLF001 (Django documents _meta)
    if is_sqlite():
        statement = (
            "SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s"
        )
        return int(_first_cell(statement, [table]))
    sequence = _first_cell(
        "SELECT pg_get_serial_sequence(%s, 'id')", [_table(model)]
    )
    used = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"  # noqa: S608 (PostgreSQL's own name)
    return int(_first_cell(used))


def continue_ids_after(model: type[models.Model], number: int) -> None:
    """Let the next row of a table get a number after this one."""
    table = model._meta.db_table  # noqa: SLF001 (Django documents _meta)
    if is_sqlite():
        _execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
        statement = "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)"
        _execute(statement, [table, number])
        return
    is_used = number > 0
    _execute(
        "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, %s)",
        [_table(model), max(number, 1), is_used],
    )


def is_empty() -> bool:
    """Return whether the database has no tables yet."""
    return not connection.introspection.table_names()


def empty_table(model: type[models.Model]) -> None:
    """Delete all rows: those that a migration has written are in the backup as well."""
    _execute(f"DELETE FROM {_table(model)}")  # noqa: S608 (name from the model)


def is_begun() -> bool:
    """Return whether the database is one that was being filled."""
    return _PROGRESS in connection.introspection.table_names()


def begin_progress() -> None:
    """Remember that the database is being filled."""
    _execute(
        f"CREATE TABLE {_PROGRESS} (step text PRIMARY KEY, detail text NOT NULL)"
    )


def progress_of(step: str) -> str | None:
    """Return what was remembered of a step; None before it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT detail FROM {_PROGRESS} WHERE step = %s",  # noqa: S608 (our own name)
            [step],
        )
        row = cursor.fetchone()
    return None if row is None else str(row[0])


def remember_progress(step: str, detail: str) -> None:
    """Remember a step, in the transaction of what it did."""
    _execute(f"DELETE FROM {_PROGRESS} WHERE step = %s", [step])  # noqa: S608 (our own name)
    _execute(f"INSERT INTO {_PROGRESS} VALUES (%s, %s)", [step, detail])  # noqa: S608 (our own name)


def end_progress() -> None:
    """Forget how far it went: everything is there."""
    _execute(f"DROP TABLE {_PROGRESS}")


def drop_foreign_keys() -> None:
    """Let rows come in any order; `restore_foreign_keys` checks them all.

    On SQLite the connection stops to check, and the tables stay as they are.
    """
    if is_sqlite():
        connection.disable_constraint_checking()
        return
    statement = (
        "SELECT conrelid::regclass::text, quote_ident(conname),"
        " pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        for table, name, definition in cursor.fetchall():
            added = f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"
            remember_progress(f"key {table} {name}", added)
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def restore_foreign_keys() -> None:
    """Check that every reference leads to a row; raises IntegrityError where one does not."""
    if is_sqlite():
        connection.check_constraints()
        connection.enable_constraint_checking()
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT step, detail FROM {_PROGRESS} WHERE step LIKE 'key %%' ORDER BY step",  # noqa: S608 (our own name)
            [],
        )
        for step, added in cursor.fetchall():
            cursor.execute(added)
            cursor.execute(f"DELETE FROM {_PROGRESS} WHERE step = %s", [step])  # noqa: S608 (our own name)


def _execute(statement: str, values: Sequence[_Value] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _first_cell(statement: str, values: Sequence[_Value] | None = None) -> str:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return str(cursor.fetchone()[0])


def _table(model: type[models.Model]) -> str:
    return f'"{model._meta.db_table}"'  # noqa: SLF001 (Django documents _meta)
