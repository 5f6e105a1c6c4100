"""Looking through the database for damage now and then, beside the jobs of a worker (never in a process that forks)."""

import sys
import threading

from turnus.kit.damage import is_damaged, remember_damage
from turnus.kit.messages import sentence
from turnus.kit.sql import sqlite_file

#: Seconds between two looks.
_EVERY = 6 * 3600


def watch_database() -> None:
    """Look at once, and again every six hours, from a thread; what is found is what `/health/` says."""
    threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    pause = threading.Event()
    while True:
        look_through_database()
        pause.wait(_EVERY)


def look_through_database() -> None:
    """Remember whether the SQLite file is damaged, and say so on the terminal; PostgreSQL watches itself."""
    file = sqlite_file()
    found = is_damaged(file) if file is not None and file.exists() else None
    if found is not None:
        remember_damage(is_there=found)
    if found:
        sys.stderr.write(f"turnus: {sentence('database.damaged', {'reason': file})}\n")
