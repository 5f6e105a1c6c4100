"""Checking the database for damage, beside a worker's jobs; never in a process that forks."""

import sys
import threading

from turnus.kit.damage import is_damaged, remember_damage
from turnus.kit.messages import sentence
from turnus.kit.sql import sqlite_file

#: Seconds between two checks.
_EVERY = 6 * 3600


def watch_database() -> None:
    """Check now and every six hours, from a thread; `/health/` tells the result."""
    threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    pause = threading.Event()
    while True:
        look_through_database()
        pause.wait(_EVERY)


def look_through_database() -> None:
    """Remember and print whether the SQLite file is damaged; PostgreSQL checks itself."""
    file = sqlite_file()
    if file is None or not file.exists():
        return
    has_damage = is_damaged(file)
    if has_damage is not None:
        remember_damage(is_there=has_damage)
    if has_damage:
        sys.stderr.write(
            f"turnus: {sentence('database.damaged', {'reason': file})}\n"
        )
