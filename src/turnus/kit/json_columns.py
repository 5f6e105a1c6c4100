"""JSON columns in queries and in indexes, on SQLite and on PostgreSQL."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import connection, models
from django.db.backends.utils import CursorWrapper
from django.db.models import F, Func, IntegerField, Q, TextField
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler

from turnus.kit.sql import is_sqlite, quoted_table

if TYPE_CHECKING:
    StoredField = models.Field[object, object]

#: A piece of SQL and its parameters, as Django's compiler gives them.
Compiled = tuple[str, tuple[str | int, ...]]


class JsonValue(Func):
    """One key of a JSON column as a plain value (text or number); NULL where the key is absent.

    The text of the expression is the same in queries and in indexes, which lets an index serve.
    """

    def __init__(
        self,
        column: str | Combinable,
        key: str,
        *,
        output_field: "StoredField | None" = None,
    ) -> None:
        source = F(column) if isinstance(column, str) else column
        super().__init__(source, output_field=output_field)
        self.key = key

    def as_sqlite(
        self,
        compiler: SQLCompiler,
        connection: object,  # noqa: ARG002 (Django passes it)
        **_extra: object,
    ) -> Compiled:
        column, params = compiler.compile(self.source_expressions[0])
        return f"json_extract({column}, {_json_path(self.key)})", params

    def as_postgresql(
        self,
        compiler: SQLCompiler,
        connection: object,  # noqa: ARG002
        **_extra: object,
    ) -> Compiled:
        column, params = compiler.compile(self.source_expressions[0])
        text = f"({column} ->> '{_checked_key(self.key)}')"
        is_integer = isinstance(self.output_field, IntegerField)
        return (f"({text})::bigint" if is_integer else text), params


def json_text(column: str, key: str) -> JsonValue:
    """Return a text cell of a JSON column."""
    return JsonValue(column, key, output_field=TextField())


def json_integer(column: str, key: str) -> JsonValue:
    """Return a whole-number cell of a JSON column."""
    return JsonValue(column, key, output_field=models.BigIntegerField())


class JsonListHas(Func):
    """Whether a JSON list of whole numbers holds one of `wanted` (a condition)."""

    output_field = models.BooleanField()
    conditional = True

    def __init__(
        self, column: str, key: str | None, wanted: Sequence[int]
    ) -> None:
        super().__init__(F(column))
        self.key = key
        self.wanted = [int(number) for number in wanted]

    def as_sqlite(
        self,
        compiler: SQLCompiler,
        connection: object,  # noqa: ARG002 (Django passes it)
        **_extra: object,
    ) -> Compiled:
        column, params = compiler.compile(self.source_expressions[0])
        path = f", {_json_path(self.key)}" if self.key else ""
        marks = ", ".join(["%s"] * len(self.wanted)) or "NULL"
        items = f"SELECT 1 FROM json_each({column}{path}) AS item"  # noqa: S608
        condition = f"EXISTS ({items} WHERE item.value IN ({marks}))"
        return condition, (*params, *self.wanted)

    def as_postgresql(
        self,
        compiler: SQLCompiler,
        connection: object,  # noqa: ARG002
        **_extra: object,
    ) -> Compiled:
        if not self.wanted:
            return "FALSE", ()
        column, params = compiler.compile(self.source_expressions[0])
        numbers = (
            f"({column} -> '{_checked_key(self.key)}')" if self.key else column
        )
        tests = " OR ".join([f"{numbers} @> %s::jsonb"] * len(self.wanted))
        values: list[str | int] = []
        for number in self.wanted:
            values += [*params, json.dumps([number])]
        # NULL (no list at all) must be false, as in SQLite, or denying it would lose the record.
        return f"COALESCE(({tests}), FALSE)", tuple(values)


def json_list_has(column: str, key: str | None, wanted: Sequence[int]) -> Q:
    """Return the condition that a JSON list holds one of `wanted`.

    The list is in `column`, under `key` or as the column itself.
    """
    return Q(JsonListHas(column, key, wanted))


def create_json_index(
    model: type[models.Model], key: str, *, is_integer: bool
) -> None:
    """Index a key of the `custom` column, so that filters and sorting by it are fast.

    On PostgreSQL, outside of a transaction, people go on writing meanwhile; what is left of an
    attempt that broke off is removed first.
    """
    name = index_name(model, _checked_key(key))
    with connection.cursor() as cursor:
        if is_online():
            if _is_broken(cursor, name):
                cursor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')
        else:
            # PostgreSQL indexes no table whose deferred foreign keys are still to be checked.
            connection.check_constraints()
        cursor.execute(
            f'CREATE INDEX {_concurrently()} IF NOT EXISTS "{name}" ON {quoted_table(model)} '
            f'({_indexed(key, is_integer=is_integer)}, "id")'
        )


def drop_json_index(model: type[models.Model], key: str) -> None:
    """Drop what `create_json_index` made."""
    name = index_name(model, _checked_key(key))
    with connection.cursor() as cursor:
        cursor.execute(f'DROP INDEX {_concurrently()} IF EXISTS "{name}"')


def is_online() -> bool:
    """Return whether indexes can be made while others write: PostgreSQL outside transactions."""
    return not is_sqlite() and not connection.in_atomic_block


def _concurrently() -> str:
    return "CONCURRENTLY" if is_online() else ""


def _indexed(key: str, *, is_integer: bool) -> str:
    if is_sqlite():
        return f'json_extract("custom", {_json_path(key)})'
    cast = "::bigint" if is_integer else ""
    return f"(((\"custom\" ->> '{_checked_key(key)}')){cast})"


def _is_broken(cursor: CursorWrapper, name: str) -> bool:
    """Return whether an index is there that was not completed."""
    cursor.execute(
        "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid",
        [f'"{name}"'],
    )
    return cursor.fetchone() is not None


def index_name(model: type[models.Model], key: str) -> str:
    """Return the index's name; short enough for PostgreSQL's 63 letters."""
    return f"{model._meta.model_name}_custom_{key[:30]}"  # noqa: SLF001


def _json_path(key: str) -> str:
    """Return SQLite's path to a key of a JSON object, quoted as a text."""
    return f"'$.\"{_checked_key(key)}\"'"


def _checked_key(key: str) -> str:
    """Return `key` if it is safe inside SQL text: our keys are words and hexadecimal digits."""
    if not key.replace("_", "").isalnum() or not key.isascii():
        message = f"not a storage key: {key!r}"
        raise ValueError(message)
    return key
