"""Carry out background jobs: imports, exports, schedules (serve starts one by itself)."""

import argparse
import signal
import threading


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Take none."""


def run(_given: argparse.Namespace) -> int:
    """Work until the process is told to end; the job at hand goes on elsewhere, at its next step."""
    from turnus.cli.orphans import end_with_parent
    from turnus.jobs.worker import work

    stopped = threading.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda *_: stopped.set())
    end_with_parent()
    work(until=stopped.is_set)
    return 0
