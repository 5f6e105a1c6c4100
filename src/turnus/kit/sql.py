"""What SQLite and PostgreSQL do differently, by name, and the one fast lane for rows in bulk.

The fast lane goes around Django's models on purpose: validation has happened before, on plain values, and `bulk_create` costs six
to eight times as much. Values are given as Python objects of the model's fields; `adapter` turns them into what the database takes.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction
from django.db.models import F, Func, IntegerField, Q, QuerySet, TextField
from django.db.models.expressions import Combinable
from django.db.utils import OperationalError

#: Rows of one statement batch: enough to amortize the call, small enough to stay flat in memory.
BATCH = 5_000
#: The number of PostgreSQL's lock for setting up and migrating: "turnus" in ASCII.
_SET_UP_LOCK = 0x7475726E7573


def is_sqlite() -> bool:
    """Return whether the application runs on SQLite."""
    return connection.vendor == "sqlite"


def sqlite_file() -> Path | None:
    """Return the file that holds the database; None on PostgreSQL, and for a database in memory."""
    name = str(connection.settings_dict["NAME"])
    if not is_sqlite() or "mode=memory" in name:
        return None
    return Path(unquote(urlsplit(name).path))


@contextmanager
def alone_in_database() -> Iterator[None]:
    """Let no other process on any machine into such a block at the same time; on SQLite the folder's lock does it."""
    if is_sqlite():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_SET_UP_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_SET_UP_LOCK])


def insert_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Insert `rows`, each in the order of `columns` (field attribute names such as `owner_id`); return how many.

    Must run inside a transaction. Values are Python objects; dicts and lists go into JSON columns.
    """
    fields = [_concrete(model, column) for column in columns]
    names = ", ".join(f'"{field.column}"' for field in fields)
    table = f'"{model._meta.db_table}"'  # noqa: SLF001 (Django documents _meta)
    return _insert(table, names, len(fields), _adapted(rows, [_adapter(field) for field in fields]))


def _insert(table: str, names: str, width: int, rows: Iterable[list[Any]]) -> int:
    count = 0
    iterator = iter(rows)
    with connection.cursor() as cursor:
        if is_sqlite():
            statement = f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * width)})"  # noqa: S608 (names from models)
            while batch := list(islice(iterator, BATCH)):
                cursor.executemany(statement, batch)
                count += len(batch)
            return count
        # In batches that are whole before COPY begins: rows may come from a query, and the connection cannot do both at once.
        while batch := list(islice(iterator, BATCH)):
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in batch:
                    copy.write_row(row)
            count += len(batch)
    return count


def stream_rows(rows: QuerySet[Any, Any]) -> Iterator[Sequence[Any]]:
    """Yield the rows of `rows.values_list(...)` as the database gives them, for reading by the million; one query.

    Django's own walk over each cell costs more than the query. Take columns that need none: whole numbers, texts, days.
    """
    try:
        statement, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return  # conditions that no row can pass have no statement
    with chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while batch := cursor.fetchmany(BATCH):
            yield from batch


def chunked_cursor() -> Any:
    """Return a cursor that does not hold all rows in memory."""
    return connection.cursor() if is_sqlite() else connection.chunked_cursor()


def update_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Set `columns` of the rows whose primary key stands last in each of `rows`; one statement, many executions."""
    fields = [_concrete(model, column) for column in columns]
    adapters = [*(_adapter(field) for field in fields), None]
    settings = ", ".join(f'"{field.column}" = %s' for field in fields)
    statement = f'UPDATE "{model._meta.db_table}" SET {settings} WHERE "id" = %s'  # noqa: S608, SLF001 (names from models)
    iterator = iter(_adapted(rows, adapters))
    with connection.cursor() as cursor:
        while batch := list(islice(iterator, BATCH)):
            cursor.executemany(statement, batch)


def take_turns(what: str) -> None:
    """Wait until nobody else is in a transaction that took its turn at `what`; ends with the caller's transaction.

    For what must hold across rows and no lock of a row can promise: that a name is free, that chains do not close.
    Comes before any lock of a row. On SQLite a writing transaction is alone anyway.
    """
    if is_sqlite():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"turnus.{what}"])


def reserve_ids(model: type[models.Model], count: int) -> range:
    """Return `count` primary keys that nobody else will get; must run inside the transaction that uses them."""
    table = model._meta.db_table  # noqa: SLF001 (Django documents _meta)
    with connection.cursor() as cursor:
        if is_sqlite():
            # The write transaction is exclusive (BEGIN IMMEDIATE); inserting the ids moves the sequence on.
            cursor.execute(
                f'SELECT MAX(COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %s), 0), COALESCE((SELECT MAX(id) FROM "{table}"), 0))',  # noqa: S608
                [table],
            )
            first = cursor.fetchone()[0] + 1
            return range(first, first + count)
        # The table is not locked: whoever holds a row of it, and is about to write it, would wait for us while we wait for them.
        statement = "SELECT min(id), max(id) FROM (SELECT nextval(pg_get_serial_sequence(%s, 'id')) AS id FROM generate_series(1, %s)) AS taken"
        while True:
            cursor.execute(statement, [f'"{table}"', count])
            first, last = cursor.fetchone()
            is_unbroken = last - first + 1 == count
            if is_unbroken:
                return range(first, last + 1)
            # Somebody took an id in between: gaps are harmless, and the next try is free.


#: How long each table is waited for in one try, and the pause after a try that got not all. Four tables together stay below the
#: second after which PostgreSQL looks for rings of waiting transactions and ends one of them.
_LOCK_WAIT_MILLISECONDS, _LOCK_PAUSE_SECONDS = 150, 0.02
_LOCK_NOT_AVAILABLE = "55P03"


def lock_tables(tables: Sequence[type[models.Model]]) -> None:
    """Let nobody else insert into these tables, change or lock their rows until the transaction ends; others may read.

    What others wrote before is seen from here on. Waits for as long as others are at work there.

    On SQLite a write transaction keeps others out by itself. On PostgreSQL each try waits for a moment, in line with the others, and
    gives up what it has if it does not get everything: whoever held one table and waited for the next would be in a ring with people
    who save the same two in another order.
    """
    if is_sqlite():
        return
    while not _has_locked(tables):
        time.sleep(_LOCK_PAUSE_SECONDS)


def _has_locked(tables: Sequence[type[models.Model]]) -> bool:
    names = ", ".join(f'"{one._meta.db_table}"' for one in tables)  # noqa: SLF001 (Django documents _meta)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout')")
            usual = cursor.fetchone()[0]
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true)", [str(_LOCK_WAIT_MILLISECONDS)]
            )
            cursor.execute(f"LOCK TABLE {names} IN EXCLUSIVE MODE")
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [usual])
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        return False
    return True


def _concrete(model: type[models.Model], column: str) -> "models.Field[Any, Any]":
    field = next((one for one in model._meta.concrete_fields if one.attname == column), None)  # noqa: SLF001
    if field is None:
        message = f"{model.__name__} has no column {column}"
        raise ValueError(message)
    return field


def _adapted(
    rows: Iterable[Sequence[Any]], adapters: Sequence[Callable[[Any], Any] | None]
) -> Iterator[list[Any]]:
    """Yield rows as the database takes them; only the columns that need it are touched, for this runs a million times."""
    needed = [(index, adapt) for index, adapt in enumerate(adapters) if adapt is not None]
    for row in rows:
        adapted = list(row)
        for index, adapt in needed:
            if (value := adapted[index]) is not None:
                adapted[index] = adapt(value)
        yield adapted


def _adapter(field: "models.Field[Any, Any]") -> Callable[[Any], Any] | None:
    """Return what turns a value that is not None into what the database takes; None where it is that already."""
    if isinstance(field, models.JSONField):
        return _json
    if isinstance(field, models.DateTimeField) and is_sqlite():
        return _moment
    if isinstance(field, models.DateField) and is_sqlite():
        return date.isoformat
    if isinstance(field, models.BooleanField) and not is_sqlite():
        return bool
    return None


@lru_cache(maxsize=1_000)
def _moment(moment: datetime) -> str:
    # As Django writes it: a test holds the two together. Most moments of an import are the same few.
    return str(moment.astimezone(UTC).replace(tzinfo=None))


def _json(value: Any) -> str:
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    return _encode(value)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class JsonValue(Func):
    """One key of a JSON column as a plain database value (text or number); NULL where the key is absent.

    The text of the expression is the same in queries and in indexes, which is what lets an index serve.
    """

    def __init__(self, column: str | Combinable, key: str, **extra: Any) -> None:
        super().__init__(F(column) if isinstance(column, str) else column, **extra)
        self.key = key

    def as_sqlite(self, compiler: Any, connection: Any, **_extra: Any) -> tuple[str, Any]:  # noqa: ARG002
        column, params = compiler.compile(self.source_expressions[0])
        return f"json_extract({column}, '$.\"{_plain(self.key)}\"')", list(params)

    def as_postgresql(self, compiler: Any, connection: Any, **_extra: Any) -> tuple[str, Any]:  # noqa: ARG002
        column, params = compiler.compile(self.source_expressions[0])
        text = f"({column} ->> '{_plain(self.key)}')"
        return (f"({text})::bigint" if isinstance(self.output_field, IntegerField) else text), list(
            params
        )


def json_text(column: str, key: str) -> JsonValue:
    """Return a text cell of a JSON column."""
    return JsonValue(column, key, output_field=TextField())


def json_integer(column: str, key: str) -> JsonValue:
    """Return a whole-number cell of a JSON column."""
    return JsonValue(column, key, output_field=models.BigIntegerField())


class JsonListHas(Func):
    """Whether a JSON list of whole numbers holds one of `wanted` (a condition)."""

    output_field = models.BooleanField()

    def __init__(self, column: str, key: str | None, wanted: Sequence[int], **extra: Any) -> None:
        super().__init__(F(column), **extra)
        self.key = key
        self.wanted = [int(one) for one in wanted]

    conditional = True

    def as_sqlite(self, compiler: Any, connection: Any, **_extra: Any) -> tuple[str, Any]:  # noqa: ARG002
        column, params = compiler.compile(self.source_expressions[0])
        path = f", '$.\"{_plain(self.key)}\"'" if self.key else ""
        marks = ", ".join(["%s"] * len(self.wanted)) or "NULL"
        return (
            f"EXISTS (SELECT 1 FROM json_each({column}{path}) AS one WHERE one.value IN ({marks}))",  # noqa: S608
            [*params, *self.wanted],
        )

    def as_postgresql(self, compiler: Any, connection: Any, **_extra: Any) -> tuple[str, Any]:  # noqa: ARG002
        column, params = compiler.compile(self.source_expressions[0])
        held = f"({column} -> '{_plain(self.key)}')" if self.key else column
        if not self.wanted:
            return "FALSE", []
        tests = " OR ".join([f"{held} @> %s::jsonb"] * len(self.wanted))
        # NULL (no list at all) must be false, as in SQLite, or denying it would lose the record.
        return f"COALESCE(({tests}), FALSE)", [
            part for one in self.wanted for part in (*params, json.dumps([one]))
        ]


def json_list_has(column: str, key: str | None, wanted: Sequence[int]) -> Q:
    """Return the condition that the JSON list in `column` (under `key`, or the column itself) holds one of `wanted`."""
    return Q(JsonListHas(column, key, wanted))


def create_json_index(model: type[models.Model], key: str, *, is_integer: bool) -> None:
    """Index one key of the `custom` column of a table, so that filtering and sorting by it is as fast as by a column."""
    table = model._meta.db_table  # noqa: SLF001
    key = _plain(key)
    if is_sqlite():
        expression = f'json_extract("custom", \'$."{key}"\')'
    else:
        expression = f"((\"custom\" ->> '{key}'))" + ("::bigint" if is_integer else "")
        expression = f"({expression})"
    # PostgreSQL indexes no table whose deferred foreign keys are still to be checked.
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(
            f'CREATE INDEX IF NOT EXISTS "{index_name(model, key)}" ON "{table}" ({expression}, "id")'
        )


def drop_json_index(model: type[models.Model], key: str) -> None:
    """Drop what `create_json_index` made."""
    with connection.cursor() as cursor:
        cursor.execute(f'DROP INDEX IF EXISTS "{index_name(model, _plain(key))}"')


def index_name(model: type[models.Model], key: str) -> str:
    """Return the index's name; short enough for PostgreSQL's 63 letters."""
    return f"{model._meta.model_name}_custom_{key[:30]}"  # noqa: SLF001


def analyze() -> None:
    """Let the database count its rows anew, so that it picks the right indexes after a large change."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def copy_sqlite(target: Path) -> None:
    """Copy the SQLite database as it stands into a new file; outside of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(target)])


def is_collision(error: OperationalError) -> bool:
    """Return whether the database gave up because somebody else wrote at the same moment: trying again will do."""
    if is_sqlite():
        return "locked" in str(error)
    # PostgreSQL's classes 40 (deadlock, serialization) and 55P03 (a lock that was not to be waited for).
    state = getattr(error.__cause__, "sqlstate", None) or ""
    return state.startswith("40") or state == "55P03"


def _plain(key: str) -> str:
    """Return `key` if it is safe inside SQL text: keys of ours are lower-case words and hexadecimal digits."""
    if not key.replace("_", "").isalnum() or not key.isascii():
        message = f"not a storage key: {key!r}"
        raise ValueError(message)
    return key


def ping() -> None:
    """Ask the database the smallest question there is; raises what Django raises if it does not answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
