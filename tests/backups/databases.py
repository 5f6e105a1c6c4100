"""A second, empty database beside the one of the test."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection


@contextmanager
def empty_database(folder: Path) -> Iterator[None]:
    """Let the connection lead to an empty database until the block ends."""
    before = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        path = folder / f"other-{secrets.token_hex(4)}.sqlite3"
        path.touch()
        with _connected_to(str(path)):
            yield
        return
    name = f"other_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0"
        )
    try:
        with _connected_to(name):
            yield
    finally:
        assert connection.settings_dict["NAME"] == before
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    """Swap the connection; one to a database in memory must not be closed."""
    before, own = connection.settings_dict["NAME"], connection.connection
    connection.connection = None
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"], connection.connection = before, own


def address_of(name: str) -> str:
    """Return the address of a database on the server of the tests."""
    settings = connection.settings_dict
    host = quote(str(settings["HOST"]), safe="")
    return f"postgresql://{settings['USER']}@/{name}?host={host}"
