"""The process that reads one file: limited in memory and time, unable to write.

It is asked on standard input and answers on standard output with messages of `wire`: one `head`,
any number of `rows`, one `end`; or `refused` instead of what would have come next. `opening` is who
asks.
"""

import gc
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from turnus.core.tables import ReadingChoices, Table
from turnus.kit.errors import UserError
from turnus.sheets.bounds import Bounds
from turnus.sheets.reading import FileSource, inspect, read
from turnus.sheets.wire import SourceFacts, TableFacts, packed, row_block

#: Ends the process where there is not even memory left to say so.
OUT_OF_MEMORY = 70
#: The first rows are few, so that a beginning arrives soon; later blocks have so many bytes.
_FIRST_ROWS, _MOST_ROWS = 64, 500
_BLOCK_BYTES = 1024**2
#: Seconds between the two limits of processor time: at the first the system ends the process and
#: says one that did not hear.
_GRACE_SECONDS = 5
_OOM_SCORE = Path("/proc/self/oom_score_adj")
_FIRST_TO_GO = "1000"


def request_for(path: Path, choices: ReadingChoices, bounds: Bounds) -> bytes:
    """Return what asks for the rows of a file."""
    # Names of files are bytes: they need not be text in any encoding.
    named = os.fsencode(path).decode("latin-1")
    return json.dumps(
        {"path": named, "choices": asdict(choices), "bounds": asdict(bounds)}
    ).encode()


def main() -> None:
    """Answer the request on standard input, and end."""
    # A reader makes no rings of objects; looking for them would be a third of its time.
    gc.disable()
    request = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints is no answer
    bounds = Bounds(**request["bounds"])
    _keep_within(bounds)
    code = 0
    try:
        answer(
            Path(os.fsdecode(request["path"].encode("latin-1"))),
            ReadingChoices(**request["choices"]),
            answers.write,
            opened=lambda: _limit_time(bounds.seconds, bounds),
        )
    except BrokenPipeError:
        pass  # who asked has seen enough
    except MemoryError:
        code = OUT_OF_MEMORY
    # At once: to give back memory piece by piece takes longer.
    os._exit(code)


def answer(
    path: Path,
    choices: ReadingChoices,
    send: Callable[[bytes], object],
    *,
    opened: Callable[[], object],
) -> None:
    """Send the messages that a file comes to; `opened` is called once its headings are known."""
    try:
        source = inspect(path, choices)
        table = read(source)
        send(packed(("head", _source_facts(source), _table_facts(table))))
        opened()
        for block in _blocks(table):
            send(block)
        send(packed(("end",)))
    except UserError as error:
        send(packed(("refused", error.code, error.params)))


def _source_facts(source: FileSource) -> SourceFacts:
    return {
        "format": source.format,
        "sheets": source.sheets,
        "encoding": source.encoding,
        "delimiter": source.delimiter,
    }


def _table_facts(table: Table) -> TableFacts:
    return {
        "name": table.name,
        "headings": table.headings,
        "row_count": table.row_count,
        "reading": table.reading,
    }


def _blocks(table: Table) -> Iterator[bytes]:
    """Yield the messages of the rows; with each what was learned about the table meanwhile."""
    rows = iter(table.rows)
    reading = table.reading
    size = _FIRST_ROWS
    # What the head has told already.
    hidden_count = len(reading.hidden_rows)
    total_count = len(reading.total_rows)
    while True:
        block = list(islice(rows, size))
        learned = (
            reading.hidden_rows[hidden_count:],
            reading.total_rows[total_count:],
        )
        hidden_count = len(reading.hidden_rows)
        total_count = len(reading.total_rows)
        if block or any(learned):
            message = packed(("rows", row_block(block), *learned))
            yield message
            bytes_per_row = len(message) // max(len(block), 1)
            fitting = _BLOCK_BYTES // max(bytes_per_row, 1)
            size = min(max(fitting, 1), 2 * size, _MOST_ROWS)
        if not block:
            return


def _keep_within(bounds: Bounds) -> None:
    """Let the system end this process if it takes too much, and first of all if memory is short."""
    with suppress(OSError):
        _OOM_SCORE.write_text(_FIRST_TO_GO, encoding="ascii")
    _limit(resource.RLIMIT_AS, bounds.memory_bytes)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit_time(bounds.opening_seconds, bounds)


def _limit_time(seconds: int, bounds: Bounds) -> None:
    _limit(resource.RLIMIT_CPU, seconds, bounds.seconds + _GRACE_SECONDS)


def _limit(kind: int, amount: int, most: int | None = None) -> None:
    """Set a limit, never above what this process was started with."""
    _, allowed = resource.getrlimit(kind)
    most = amount if most is None else most
    if allowed != resource.RLIM_INFINITY:
        most = min(most, allowed)
    with suppress(ValueError, OSError):  # not every system has every limit
        resource.setrlimit(kind, (min(amount, most), most))


if __name__ == "__main__":
    main()
