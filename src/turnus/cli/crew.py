"""Background workers as processes: one for each lane, started again whenever it dies."""

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable

from turnus.kit.processes import PARENT

#: Seconds that the workers get to finish their steps.
_STOPPED_WITHIN = 10
_LONGEST_PAUSE = 30.0


def lane_names(text: str) -> list[str]:
    """Return the lanes in an argument such as `short,long`; each is one worker."""
    from turnus.jobs.lanes import JobLane, lanes_named

    try:
        return [lane.value for lane in lanes_named(text)]
    except ValueError:
        known = ", ".join(JobLane.values)
        message = f"“{text[:40]}” are not lanes; write some of {known}"
        raise argparse.ArgumentTypeError(message) from None


def add_lanes(parser: argparse.ArgumentParser) -> None:
    """Add `--lanes`."""
    parser.add_argument(
        "--lanes",
        type=lane_names,
        metavar="LANES",
        default=os.environ.get("TURNUS_LANES") or "short,long",
        help=(
            "lanes of jobs to work on, a process for each; short,long,long starts three"
            " (default: short,long)"
        ),
    )


class Crew:
    """The workers of this process."""

    def __init__(self, lanes: Iterable[str]) -> None:
        self.workers = [_Worker(lane) for lane in lanes]

    def start(self) -> None:
        """Start the workers and watch over them."""
        os.environ[PARENT] = str(os.getpid())
        for worker in self.workers:
            worker.start()

    def stop(self) -> None:
        """Let all finish their steps and end, at last by force."""
        until = time.monotonic() + _STOPPED_WITHIN
        for worker in self.workers:
            worker.tell_to_stop()
        for worker in self.workers:
            worker.wait(until - time.monotonic())


class _Worker:
    """A process that works in one lane."""

    def __init__(self, lane: str) -> None:
        self.lane = lane
        self.stopping = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.starting = threading.Lock()

    def start(self) -> None:
        """Start watching it from a thread."""
        threading.Thread(target=self._keep_alive, daemon=True).start()

    def tell_to_stop(self) -> None:
        """Ask it to end after its step; it is not started again."""
        self.stopping.set()
        with self.starting:
            if self.process and self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> None:
        """Wait for its end, then force it."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(seconds, 0))
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _keep_alive(self) -> None:
        pause = 1.0
        command = [sys.executable, "-m", "turnus", "work", "--lanes"]
        while not self.stopping.is_set():
            with self.starting:
                if self.stopping.is_set():
                    return
                self.process = subprocess.Popen([*command, self.lane])
            code = self.process.wait()
            if not self.stopping.wait(pause) and code:
                pause = min(pause * 2, _LONGEST_PAUSE)
