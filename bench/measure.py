"""Timing: a whole command with its peak memory, and a call repeated."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: wall-clock seconds, and the most memory it held (bytes)."""

    seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of the result: the measured, what it may be, and whether it is."""

    what: str
    figure: str
    limit: str
    is_kept: bool

    def __str__(self) -> str:
        verdict = "ok " if self.is_kept else "NO "
        return (
            f"{verdict} {self.what:<62} {self.figure:>34}   limit {self.limit}"
        )


def command(
    arguments: Sequence[str], environment: Mapping[str, str] | None = None
) -> Cost:
    """Run a command to its end; RuntimeError with its output if it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(errors.decode())
    return Cost(time.perf_counter() - started, usage.ru_maxrss * 1024)


def median_seconds(call: Callable[[], object], *, times: int = 7) -> float:
    """Return the median time of a call, after one that warms the caches."""
    call()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)
