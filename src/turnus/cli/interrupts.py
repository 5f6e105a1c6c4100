"""Ctrl+C and SIGTERM as exceptions, so that a command can say what has been done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(BaseException):
    """The process was told to end, with SIGTERM."""


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Let SIGTERM raise `Terminated` in the block, as Ctrl+C raises KeyboardInterrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, usual)


def exit_code_of(end: BaseException) -> int:
    """Return the exit code that shells expect of a program that was ended like this."""
    number = signal.SIGTERM if isinstance(end, Terminated) else signal.SIGINT
    return 128 + number


def _end(_number: int, _frame: FrameType | None) -> None:
    raise Terminated
