"""Opening a file that somebody brings: a process of its own reads it and sends its rows.

A file that takes too much, or kills its reader, is refused by name; the process that asked goes on.
All package opens files here; `reading` does the same in this very process.
"""

import fcntl
import logging
import os
import select
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from pickle import UnpicklingError
from typing import IO, cast

from turnus.core.tables import FileReading, ReadingChoices, Row, Table
from turnus.sheets import limits, wire
from turnus.sheets.bounds import Bounds
from turnus.sheets.errors import SheetError
from turnus.sheets.reader_process import OUT_OF_MEMORY, request_for
from turnus.sheets.reading import FileSource, inspect, read

log = logging.getLogger(__name__)

#: What a program needs to start. The reader gets nothing else of the environment, least of all
#: secrets.
_NEEDED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME")
_PIPE_BYTES = 512 * 1024
_MEGABYTE = 1024**2
#: Bytes of what a reader that died has said, for the log.
_LAST_WORDS = 2_000


def open_table(
    path: Path,
    choices: ReadingChoices | None = None,
    *,
    name: str = "",
    bounds: Bounds | None = None,
) -> tuple[FileSource, Table]:
    """Return what a file is, and the table of its chosen sheet, rows lazy, to be read once.

    `name` is what people call the file where it lies under another one. The process that reads it
    ends with the last row, or as soon as the rows are dropped. Raises SheetError, also while rows
    are being read.
    """
    choices = choices or ReadingChoices()
    name = name or path.name
    try:
        bounds = bounds or Bounds.of(path)
        path.open("rb").close()
    except OSError as error:
        raise SheetError(
            "sheet.not_opened", file=name, reason=error.strerror or str(error)
        ) from None
    if _Here.is_asked_for:
        source = inspect(path, choices)
        return source, read(source)
    reader = _Reader(path, choices, bounds, name)
    head = cast("wire.Head", reader.next_message(bounds.waiting_seconds))
    _, facts, table = head
    rows = chain.from_iterable(_Blocks(reader, table["reading"]))
    return FileSource(path, choices=choices, **facts), Table(
        rows=rows, **table
    )


class _Here:
    is_asked_for = False


@contextmanager
def reading_here() -> Iterator[None]:
    """Read files in this process meanwhile: for tests, which open a thousand small files."""
    before = _Here.is_asked_for
    _Here.is_asked_for = True
    try:
        yield
    finally:
        _Here.is_asked_for = before


class _Reader:
    """A process that reads one file, and what it sends."""

    def __init__(
        self, path: Path, choices: ReadingChoices, bounds: Bounds, name: str
    ) -> None:
        self.name = name
        self.bounds = bounds
        self.sent_bytes = 0
        self._process = _started_process(name)
        self._answers = _widened(_pipe(self._process.stdout))
        self._ready = select.poll()
        self._ready.register(self._answers, select.POLLIN)
        # One that died already has no answer either, which is noticed soon enough.
        with suppress(BrokenPipeError), _pipe(self._process.stdin) as asking:
            asking.write(request_for(path, choices, bounds))

    def next_message(
        self, patience_seconds: float
    ) -> wire.Head | wire.Rows | wire.End:
        """Return the next message; raises SheetError if the file is refused or its reader fails."""
        try:
            message = self._received(time.monotonic() + patience_seconds)
        except BaseException:
            self.end()
            raise
        if message[0] == "refused":
            self.end()
            raise self._refusal(message[1], message[2])
        return message

    def end(self) -> None:
        """End the process, wherever it is."""
        if self._answers.closed:
            return
        self._process.kill()
        self._process.wait()
        self._answers.close()
        with _pipe(self._process.stderr) as errors:
            words = errors.read(_LAST_WORDS).decode(errors="replace").strip()
        if words:
            # What went wrong in it may be a fault of ours.
            log.error("reading %s: %s", self.name, words)

    def _received(self, deadline: float) -> wire.Message:
        length = int.from_bytes(
            self._bytes(wire.LENGTH_BYTES, deadline), "big"
        )
        if length > wire.MAX_MESSAGE:
            raise self._death()
        content = self._bytes(length, deadline)
        self.sent_bytes += length
        try:
            return wire.unpacked(content)
        except UnpicklingError:
            log.exception("the reader of %s sent what is no value", self.name)
            raise self._death() from None

    def _bytes(self, count: int, deadline: float) -> bytes:
        """Return so many bytes of the answer; raises SheetError where they do not come."""
        received = bytearray()
        while len(received) < count:
            remaining_ms = (deadline - time.monotonic()) * 1000
            if remaining_ms <= 0:
                raise SheetError("sheet.takes_too_long", file=self.name)
            if not self._ready.poll(remaining_ms):
                continue
            block = self._answers.read(count - len(received))
            if not block:
                raise self._death()
            received += block
        return bytes(received)

    def _refusal(self, code: str, params: Mapping[str, object]) -> SheetError:
        if code == "sheet.too_much_memory":
            return self._lack_of_memory()
        if code == "sheet.too_much_text":
            params = {"file": self.name, **params}
        return SheetError(code, **params)

    def _lack_of_memory(self) -> SheetError:
        megabytes = self.bounds.memory_bytes // _MEGABYTE
        return SheetError(
            "sheet.too_much_memory", file=self.name, megabytes=megabytes
        )

    def _death(self) -> SheetError:
        """Return what to say about a reader that ended without an answer, or with a broken one."""
        self._process.kill()
        code = self._process.wait()
        if code == OUT_OF_MEMORY:
            return self._lack_of_memory()
        if code == -signal.SIGXCPU:
            return SheetError("sheet.takes_too_long", file=self.name)
        log.error("the process that read %s ended with %s", self.name, code)
        return SheetError("sheet.reader_died", file=self.name)


class _Blocks:
    """The rows of a file, in blocks as its reader sends them; it ends once nobody reads them."""

    def __init__(self, reader: _Reader, reading: FileReading) -> None:
        self._reader = reader
        self._reading = reading
        self._row_count = 0
        self._cell_count = 0
        self._end = weakref.finalize(self, reader.end)

    def __iter__(self) -> Iterator[list[Row]]:
        return self

    def __next__(self) -> list[Row]:
        message = self._reader.next_message(
            self._reader.bounds.waiting_seconds_for_rows
        )
        if message[0] == "end":
            self._end()
            raise StopIteration
        _, block, hidden_rows, total_rows = cast("wire.Rows", message)
        self._reading.hidden_rows += hidden_rows
        self._reading.total_rows += total_rows
        rows = wire.rows_of(*block)
        self._row_count += len(rows)
        self._cell_count += len(rows) * max(
            (len(row.cells) for row in rows), default=0
        )
        self._refuse_too_much()
        return rows

    def _refuse_too_much(self) -> None:
        """Compare what was sent with what so many rows may hold: it may all be in memory."""
        fitting = self._reader.bounds.most_sent_bytes(self._row_count)
        if (
            self._reader.sent_bytes > fitting
            or self._cell_count > limits.MAX_CELLS
        ):
            self._end()
            raise SheetError("sheet.too_much_text", file=self._reader.name)


def _started_process(name: str) -> "subprocess.Popen[bytes]":
    """Return a process that waits for a request; raises SheetError where the system starts none."""
    environment = {
        key: os.environ[key] for key in _NEEDED if key in os.environ
    }
    folders = [os.path.abspath(folder) for folder in sys.path if folder]  # noqa: PTH100
    environment["PYTHONPATH"] = os.pathsep.join(folders)
    try:
        return subprocess.Popen(
            # -P: a module of the folder that the command was called in is none of ours.
            [sys.executable, "-P", "-m", "turnus.sheets.reader_process"],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            # Ctrl+C in a terminal is for the command, which ends its readers itself.
            process_group=0,
        )
    except OSError as error:
        # The reason is all that there is to say.
        log.error("no process to read %s: %s", name, error)  # noqa: TRY400
        raise SheetError("sheet.reader_not_started", file=name) from None


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """Return a pipe of a process that was started with one."""
    if stream is None:
        raise ValueError
    return stream


def _widened(pipe: IO[bytes]) -> IO[bytes]:
    """Return a pipe that holds more, where the system allows it: reader and writer wait less."""
    with suppress(AttributeError, OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return pipe
