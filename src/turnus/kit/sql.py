"""What SQLite and PostgreSQL do differently, by name, and the one fast lane for rows in bulk.

The fast lane goes around Django's models on purpose: values have been validated before, and
`bulk_create` costs six to eight times as much. It takes the Python objects of the model's fields.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import unquote, urlsplit

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.db.utils import OperationalError

if TYPE_CHECKING:
    StoredField = models.Field[object, object]

#: Turns a value that is not None into what the database takes.
Adapter = Callable[..., "SqlValue"]
SqlValue = bool | int | float | Decimal | str | bytes | date | datetime | None
RowT = TypeVar("RowT")

#: Rows of one statement batch: enough to amortize the call, small enough to stay flat in memory.
BATCH = 5_000
#: PostgreSQL's code for a lock that was not got in time.
_LOCK_NOT_AVAILABLE = "55P03"
#: The number of PostgreSQL's lock for setting up and migrating: "turnus" in ASCII.
_SET_UP_LOCK = 0x7475726E7573


def is_sqlite() -> bool:
    """Return whether the application runs on SQLite."""
    return connection.vendor == "sqlite"


def database_kind() -> str:
    """Return `sqlite` or `postgresql`."""
    return connection.vendor


def sqlite_file() -> Path | None:
    """Return the file that holds the database; None on PostgreSQL and for a database in memory."""
    name = str(connection.settings_dict["NAME"])
    if not is_sqlite() or "mode=memory" in name:
        return None
    path = urlsplit(name).path
    return Path(unquote(path))


def database_bytes() -> int:
    """Return how large the database is; on SQLite with the changes that are not in the file yet."""
    file = sqlite_file()
    if file is not None:
        log = file.with_name(f"{file.name}-wal")
        return sum(
            path.stat().st_size for path in (file, log) if path.exists()
        )
    size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    if not is_sqlite():
        size = "SELECT pg_database_size(current_database())"
    with connection.cursor() as cursor:
        cursor.execute(size)
        return int(cursor.fetchone()[0])


@contextmanager
def alone_in_database() -> Iterator[None]:
    """Let no other process into such a block; on SQLite the folder's lock does it.

    The lock is that of a transaction on a connection of its own: behind a pooler, a lock of the
    session would stay with whoever gets the server's connection next.
    """
    if is_sqlite():
        yield
        return
    own = connection.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SET_UP_LOCK])
        yield
    finally:
        own.close()


def insert_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> int:
    """Insert rows and return how many, in the caller's transaction.

    Each row follows the order of `columns`, which are field attribute names such as `owner_id`.
    Values are Python objects; dicts and lists go into JSON columns.
    """
    fields = [_stored_field(model, column) for column in columns]
    adapters = [_adapter(field) for field in fields]
    names = ", ".join(f'"{field.column}"' for field in fields)
    target = f"{quoted_table(model)} ({names})"
    count = 0
    with connection.cursor() as cursor:
        # Batches are complete before they are written: rows may come from a query, and on
        # PostgreSQL the connection cannot read and COPY at once.
        for batch in _batches(_adapted(rows, adapters)):
            if is_sqlite():
                _insert_batch(cursor, target, batch)
            else:
                _copy_batch(cursor, target, batch)
            count += len(batch)
    return count


def _insert_batch(
    cursor: CursorWrapper, target: str, batch: Sequence[Sequence[SqlValue]]
) -> None:
    marks = ", ".join(["%s"] * len(batch[0]))
    statement = f"INSERT INTO {target} VALUES ({marks})"  # noqa: S608 (names from models)
    cursor.executemany(statement, batch)


def _copy_batch(
    cursor: CursorWrapper, target: str, batch: Sequence[Sequence[SqlValue]]
) -> None:
    with cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in batch:
            copy.write_row(row)


def _batches(rows: Iterable[list[SqlValue]]) -> Iterator[list[list[SqlValue]]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def stream_rows(rows: QuerySet[models.Model, RowT]) -> Iterator[RowT]:
    """Yield the rows of `rows.values_list(...)` as the database gives them; one query.

    For reading by the million: Django's conversion of each cell costs more than the query. Take
    columns that need none: whole numbers, texts, days.
    """
    try:
        statement, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return  # conditions that no row can pass have no statement
    with chunked_cursor(rows.db) as cursor:
        cursor.execute(statement, values)
        while batch := cursor.fetchmany(BATCH):
            yield from batch


def chunked_cursor(alias: str = DEFAULT_DB_ALIAS) -> CursorWrapper:
    """Return a cursor that does not hold all rows in memory, if the database lets it."""
    reading = connections[alias]
    is_fleeting = is_pooled() and not reading.in_atomic_block
    if is_sqlite() or is_fleeting:
        return reading.cursor()
    return reading.chunked_cursor()


def is_pooled() -> bool:
    """Return whether each transaction may get another connection to the server."""
    return bool(connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"))


def update_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    """Set `columns` of many rows; each of `rows` has the values and last the primary key."""
    fields = [_stored_field(model, column) for column in columns]
    adapters = [*map(_adapter, fields), None]
    settings = ", ".join(f'"{field.column}" = %s' for field in fields)
    table = quoted_table(model)
    statement = f'UPDATE {table} SET {settings} WHERE "id" = %s'  # noqa: S608 (names from models)
    with connection.cursor() as cursor:
        for batch in _batches(_adapted(rows, adapters)):
            cursor.executemany(statement, batch)


def take_turns(what: str) -> None:
    """Wait until no other transaction has its turn at `what`; ours ends with the transaction.

    For what must hold across rows and no lock of a row can promise: that a name is free, that
    chains do not close. Comes before any lock of a row. On SQLite a writing transaction is alone
    anyway.
    """
    if is_sqlite():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"turnus.{what}"],
        )


def reserve_ids(model: type[models.Model], count: int) -> Sequence[int]:
    """Return `count` primary keys that nobody else will get, in order.

    There may be gaps between them: others draw at the same time. On SQLite they hold in the
    caller's transaction.
    """
    with connection.cursor() as cursor:
        if is_sqlite():
            first = _next_id(cursor, model)
            return range(first, first + count)
        return _drawn_ids(cursor, model, count)


def _next_id(cursor: CursorWrapper, model: type[models.Model]) -> int:
    """Return the next free id; the write transaction is exclusive, and inserting moves it on."""
    used = "SELECT seq FROM sqlite_sequence WHERE name = %s"
    largest = f"SELECT MAX(id) FROM {quoted_table(model)}"  # noqa: S608 (name from the model)
    cursor.execute(
        f"SELECT MAX(COALESCE(({used}), 0), COALESCE(({largest}), 0))",
        [model._meta.db_table],  # noqa: SLF001 (Django documents _meta)
    )
    return int(cursor.fetchone()[0]) + 1


def _drawn_ids(
    cursor: CursorWrapper, model: type[models.Model], count: int
) -> list[int]:
    """Draw ids from PostgreSQL's sequence, which locks nothing."""
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
        [quoted_table(model), count],
    )
    return sorted(row[0] for row in cursor.fetchall())


def quoted_table(model: type[models.Model]) -> str:
    """Return the quoted name of a table."""
    return f'"{model._meta.db_table}"'  # noqa: SLF001 (Django documents _meta)


def _stored_field(model: type[models.Model], column: str) -> "StoredField":
    for field in model._meta.concrete_fields:  # noqa: SLF001 (Django documents _meta)
        if field.attname == column:
            return field
    message = f"{model.__name__} has no column {column}"
    raise ValueError(message)


def _adapted(
    rows: Iterable[Sequence[object]], adapters: Sequence[Adapter | None]
) -> Iterator[list[SqlValue]]:
    """Yield rows as the database takes them.

    Only the columns that need it are touched, for this runs a million times.
    """
    needed = [
        (index, adapt)
        for index, adapt in enumerate(adapters)
        if adapt is not None
    ]
    for row in cast("Iterable[Sequence[SqlValue]]", rows):
        adapted = list(row)
        for index, adapt in needed:
            if (value := adapted[index]) is not None:
                adapted[index] = adapt(value)
        yield adapted


def _adapter(field: "StoredField") -> Adapter | None:
    """Return what adapts a column's values; None where the database takes them as they are."""
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
    # As Django writes it; a test compares the two. Most moments of an import are the same few.
    return str(moment.astimezone(UTC).replace(tzinfo=None))


def _json(value: object) -> str:
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    return _encode(value)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def analyze() -> None:
    """Let the database count its rows anew, to pick the right indexes after a large change."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def copy_sqlite(target: Path) -> None:
    """Copy the SQLite database as it stands into a new file; outside of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(target)])


def is_collision(error: OperationalError) -> bool:
    """Return whether the database gave up because of another writer: trying again will do."""
    if is_sqlite():
        return "locked" in str(error)
    state = _sql_state(error)
    # PostgreSQL's class 40 is a deadlock or a failed serialization.
    return state.startswith("40") or state == _LOCK_NOT_AVAILABLE


def _sql_state(error: OperationalError) -> str:
    """Return PostgreSQL's code for an error; empty if it has none."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def ping() -> None:
    """Ask the database the smallest question there is; raises Django's error if it fails."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
