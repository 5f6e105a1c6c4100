"""Waking other processes through PostgreSQL's LISTEN and NOTIFY; SQLite has no such thing."""

import logging
import time
from collections.abc import Collection
from typing import Protocol

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError

from turnus.kit.sql import is_pooled, is_sqlite

log = logging.getLogger(__name__)

#: How long a waiter polls before it tries to listen again.
_TRY_AGAIN_SECONDS = 30.0


class Waiter(Protocol):
    """A way to wait for a notice, never longer than asked."""

    @property
    def is_listening(self) -> bool:
        """Whether notices can come at all."""
        ...

    def wait(self, seconds: float) -> bool:
        """Return whether a notice came within the time."""
        ...

    def close(self) -> None:
        """Listen no more."""
        ...


def notify(channel: str, text: str) -> None:
    """Send a notice with the caller's transaction, or at once outside of one."""
    if is_sqlite():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [channel, text])


def waiter(channel: str, texts: Collection[str]) -> Waiter:
    """Return what waits for notices with one of `texts`.

    On SQLite, and behind a pooler whose server cannot be reached around it, it lets time pass.
    """
    has_no_own = is_pooled() and settings.DIRECT_DATABASE is None
    if is_sqlite() or has_no_own:
        return Polling()
    return Listener(channel, texts)


class Polling:
    """A wait that lets time pass."""

    is_listening = False

    def wait(self, seconds: float) -> bool:
        """Return False after the time."""
        time.sleep(seconds)
        return False

    def close(self) -> None:
        """Do nothing."""


class Listener:
    """A wait that listens with a connection of its own; without one it lets time pass."""

    def __init__(self, channel: str, texts: Collection[str]) -> None:
        self.channel = channel
        self.texts = frozenset(texts)
        self.own: BaseDatabaseWrapper | None = None
        self._try_at_seconds = 0.0

    @property
    def is_listening(self) -> bool:
        """Whether it has its connection."""
        return self.own is not None

    def wait(self, seconds: float) -> bool:
        """Return whether a notice came within the time; also True right after connecting.

        What was sent before it listened was missed: the caller looks once more.
        """
        from psycopg import Error

        if self.own is None:
            if self._connect():
                return True
            time.sleep(seconds)
            return False
        try:
            notices = list(
                self.own.connection.notifies(timeout=seconds, stop_after=1)
            )
        except (Error, OSError) as error:
            self._lose(error)
            return False
        return any(notice.payload in self.texts for notice in notices)

    def close(self) -> None:
        """Give the connection back."""
        if self.own is not None:
            self.own.close()
            self.own = None

    def _connect(self) -> bool:
        if time.monotonic() < self._try_at_seconds:
            return False
        self.own = connection.copy()
        self.own.settings_dict.update(settings.DIRECT_DATABASE or {})
        try:
            with self.own.cursor() as cursor:
                cursor.execute(f"LISTEN {self.channel}")
        except OperationalError as error:
            self._lose(error)
            return False
        return True

    def _lose(self, error: Exception) -> None:
        log.warning(
            "no notices from PostgreSQL, looking every second: %s", error
        )
        self.close()
        self._try_at_seconds = time.monotonic() + _TRY_AGAIN_SECONDS
