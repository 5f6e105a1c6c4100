"""Run background jobs: imports, exports, schedules (serve starts a worker by itself)."""

import argparse
import os
import signal
import threading
from collections.abc import Callable


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Take none."""


def run(_options: argparse.Namespace) -> int:
    """Work until the process is told to end; another worker continues the current job."""
    from turnus.cli.watching import watch_database
    from turnus.jobs.worker import work
    from turnus.kit.processes import end_with_parent

    stopped = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: stopped.set())
    end_with_parent()
    os.umask(0o077)
    is_replaced = _notices_replacement()
    watch_database()
    work(until=lambda: stopped.is_set() or is_replaced())
    return 0


def _notices_replacement() -> Callable[[], bool]:
    """Return what tells whether the SQLite file was replaced: writes to the old one are lost."""
    from turnus.kit.errors import UserError
    from turnus.kit.sql import sqlite_file

    file = sqlite_file()
    if file is None:
        return lambda: False
    if not file.exists():
        raise UserError("database.gone", file=str(file))
    original = file.stat()

    def is_replaced() -> bool:
        try:
            return not os.path.samestat(original, file.stat())
        except FileNotFoundError:
            return True

    return is_replaced
