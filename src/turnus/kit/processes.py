"""Processes that end with the process that started them, even if that was killed."""

import os
import threading
import time

#: The environment variable that names the supervising process.
PARENT = "TURNUS_SUPERVISOR"


def end_with_parent() -> None:
    """End this process within seconds of its supervisor's death; do nothing without one."""
    expected = os.environ.get(PARENT)
    if not expected:
        return
    threading.Thread(target=_watch, args=(int(expected),), daemon=True).start()


def _watch(expected: int) -> None:
    while is_alive(expected):
        time.sleep(1)
    os._exit(0)


def is_alive(process: int) -> bool:
    """Return whether there is a process of that number on this machine."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
