"""Detection in several threads at once, as in a server that answers two people."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest

from turnus.core.cadence import WEEKLY
from turnus.core.detection.rhythm import Rhythms

THREADS = 4
ANCHOR = date(2018, 11, 14)
#: Periods of each rhythm; the anchors differ, so that none is known from an earlier round.
PERIODS = 60
ROUNDS = 200


@pytest.fixture
def _hasty_threads() -> Iterator[None]:
    """Let threads take turns after each few steps, as they do by chance on a busy server."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def due_days(anchor: int, barrier: Barrier) -> list[int]:
    """Return the due days of one rhythm, computed when all threads have come so far."""
    barrier.wait()
    rhythm = Rhythms().starting(WEEKLY, anchor)
    return [rhythm.due(number) for number in range(PERIODS)]


@pytest.mark.usefixtures("_hasty_threads")
def test_threads_do_not_disturb_one_anothers_due_dates() -> None:
    barrier = Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as threads:
        for number in range(ROUNDS):
            anchor = ANCHOR.toordinal() + number
            expected = [anchor + 7 * period for period in range(PERIODS)]
            found = threads.map(
                due_days, [anchor] * THREADS, [barrier] * THREADS
            )
            assert list(found) == [expected] * THREADS
