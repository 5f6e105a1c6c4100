"""Reading from replicas of PostgreSQL, as far as they have what the reader has written."""

import logging
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.models import Model

log = logging.getLogger(__name__)

#: Names of the replicas among the settings' databases begin so.
PREFIX = "replica"
#: How long a replica that does not answer is left alone.
_LEFT_ALONE_SECONDS = 10.0
#: A place in PostgreSQL's log of writes.
_PLACE = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}")

_chosen: ContextVar[str] = ContextVar("_chosen", default=DEFAULT_DB_ALIAS)
_try_at_seconds: dict[str, float] = {}


class ReplicaRouter:
    """Lets reads go to the replica that was chosen for the request, the rest to the server."""

    def db_for_read(self, _model: type[Model], **_hints: object) -> str:
        """Return the replica; not within a transaction, which reads what it wrote."""
        if connection.in_atomic_block:
            return DEFAULT_DB_ALIAS
        return _chosen.get()

    def db_for_write(self, _model: type[Model], **_hints: object) -> str:
        """Return the server."""
        return DEFAULT_DB_ALIAS

    def allow_relation(
        self, _one: Model, _other: Model, **_hints: object
    ) -> bool:
        """Return True: all of them hold the same rows."""
        return True

    def allow_migrate(
        self, alias: str, _app_label: str, **_hints: object
    ) -> bool:
        """Return whether it is the server."""
        return alias == DEFAULT_DB_ALIAS


def replicas() -> list[str]:
    """Return the names of the replicas in the settings."""
    return [name for name in connections if name.startswith(PREFIX)]


@contextmanager
def reading_from_replica(written_to: str) -> Iterator[None]:
    """Let the block read from a replica that has caught up with the place `written_to`.

    From the server, if none has, or none answers. Empty: whatever the replica has will do.
    """
    token = _chosen.set(_caught_up(written_to))
    try:
        yield
    finally:
        _chosen.reset(token)


def last_place() -> str:
    """Return the place in the log of writes up to which this process has written; one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        return str(cursor.fetchone()[0])


def _caught_up(written_to: str) -> str:
    names = replicas()
    random.shuffle(names)
    for name in names:
        if time.monotonic() < _try_at_seconds.get(name, 0):
            continue
        try:
            if _has(name, written_to):
                return name
        except DatabaseError as error:
            log.warning("%s does not answer: %s", name, error)
            connections[name].close()
            again = time.monotonic() + _LEFT_ALONE_SECONDS
            _try_at_seconds[name] = again
    return DEFAULT_DB_ALIAS


def _has(name: str, written_to: str) -> bool:
    place = written_to if _PLACE.fullmatch(written_to) else "0/0"
    with connections[name].cursor() as cursor:
        # A replica that became the server has no place up to which it reads.
        cursor.execute(
            "SELECT COALESCE(pg_last_wal_replay_lsn() >= %s::pg_lsn, FALSE)",
            [place],
        )
        return bool(cursor.fetchone()[0])
