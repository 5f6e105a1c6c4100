"""Run background jobs: imports, exports, schedules (serve starts workers by itself).

Jobs come in lanes: short ones take seconds, long ones as long as their rows take. Each lane that is
named gets a process. The lanes may stand in the environment as well: TURNUS_LANES.

examples:
  turnus work
  turnus work --lanes long,long
"""

import argparse
import os
import signal
import threading
from collections.abc import Callable

from turnus.cli.crew import Crew, add_lanes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add which jobs to do."""
    add_lanes(parser)


def run(options: argparse.Namespace) -> int:
    """Work until the process is told to end; another worker continues the current job."""
    from turnus.kit.processes import end_with_parent

    stopped = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: stopped.set())
    end_with_parent()
    if len(options.lanes) == 1:
        _work(options.lanes[0], stopped)
        return 0
    crew = Crew(options.lanes)
    crew.start()
    stopped.wait()
    crew.stop()
    return 0


def _work(lane: str, stopped: threading.Event) -> None:
    from turnus.cli.watching import watch_database
    from turnus.jobs.lanes import JobLane
    from turnus.jobs.worker import work

    os.umask(0o077)
    is_replaced = _notices_replacement()
    watch_database()
    work(
        until=lambda: stopped.is_set() or is_replaced(),
        lanes=[JobLane(lane)],
    )


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
