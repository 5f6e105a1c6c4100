"""The only place that reads the time; everything else takes the moment (`at`) or the day (`on`)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_source: list[Callable[[], datetime]] = [lambda: datetime.now(UTC)]


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _source[-1]()


def today(zone: ZoneInfo) -> date:
    """Return the day it is in `zone`, usually the company's."""
    return now().astimezone(zone).date()


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Stop the clock of the whole process at `moment`, for demonstrations and tests."""
    _source.append(lambda: moment)
    try:
        yield
    finally:
        _source.pop()


def elapsed_seconds() -> float:
    """Return seconds since some fixed moment, by a clock that nobody sets.

    It tells how much time has really passed in a process; where the system can tell, including the
    time that the machine slept.
    """
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
