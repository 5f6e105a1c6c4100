"""The workers' sign of life: a small file in the shared data folder, not in the database."""

import logging
import time
from datetime import datetime, timedelta
from pathlib import Path

from turnus.kit.folder import data_folder, write_private

log = logging.getLogger(__name__)

#: How often a worker gives a sign of life, idle or at work. Readers should allow some more time.
TICK_EVERY = timedelta(seconds=10)


def tick_file() -> Path:
    """Return where the latest sign of life lies: one moment in ISO format, UTC."""
    return data_folder() / "last-tick"


class Pulse:
    """What one worker process uses to leave its sign of life, at most once in `TICK_EVERY`."""

    def __init__(self) -> None:
        self._next_seconds = 0.0

    def beat(self, at: datetime) -> bool:
        """Leave a sign of life if it is time for one, and return whether it was.

        A folder that cannot be written is logged and stops no work.
        """
        seconds = time.monotonic()
        if seconds < self._next_seconds:
            return False
        self._next_seconds = seconds + TICK_EVERY.total_seconds()
        try:
            note_tick(at)
        except OSError as error:
            log.warning(
                "the worker's sign of life could not be written: %s", error
            )
        return True


def note_tick(at: datetime) -> None:
    """Note that a worker lives at this moment; readers see the old note or the complete new one."""
    write_private(tick_file(), at.isoformat(), is_lasting=False)
