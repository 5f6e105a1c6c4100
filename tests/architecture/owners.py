"""Who writes a table, seen at run time: the package of the code and that of the model."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import QuerySet

from tests.architecture.source import PACKAGE

_WRITES = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
_FOLDER = f"{PACKAGE}/"
#: The fast lane, which writes for whoever calls it.
_LANE = "kit"
#: Fills the tables of an empty database with the rows of a backup.
_FILLER = "backups"
#: Sign-in, which notes when somebody signed in: called by our middleware, not told to write.
_LIBRARIES = ("/django/contrib/auth/", "/allauth/")


@contextmanager
def noting_strangers(found: set[str]) -> Iterator[None]:
    """Note in `found` which packages write tables of others; tests themselves are exempt."""
    owners = owners_of_tables()

    def watch(
        execute: Any, sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        written = _WRITES.match(sql)
        if written is not None and written[1] in owners:
            table, writer = origin(written[1])
            if writer not in {"", _FILLER, owners.get(table)}:
                found.add(
                    f"{writer} writes {table}, a table of {owners[table]}"
                )
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield


def owners_of_tables() -> dict[str, str]:
    """Return the package of each table of the product."""
    own = (
        one
        for one in apps.get_models()
        if one.__module__.startswith("turnus.")
    )
    return {one._meta.db_table: one.__module__.split(".")[1] for one in own}


def origin(table: str) -> tuple[str, str]:
    """Return the table that is written, and the package that writes it, empty if none of ours does.

    What a deletion takes along, as the models say, belongs to the deletion.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(_FOLDER):
            package = path.removeprefix(_FOLDER).split("/")[0]
            if package != _LANE:
                return table, package
        elif any(library in path for library in _LIBRARIES):
            return table, ""
        elif path.endswith("models/deletion.py"):
            table = deleted_table(frame, table)
        frame = frame.f_back
    return table, ""


def deleted_table(frame: FrameType, table: str) -> str:
    """Return the table of what was deleted in the first place."""
    deleted = getattr(frame.f_locals.get("self"), "origin", None)
    if deleted is None:
        return table
    model = deleted.model if isinstance(deleted, QuerySet) else type(deleted)
    return str(model._meta.db_table)
