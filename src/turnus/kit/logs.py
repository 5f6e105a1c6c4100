"""What the program writes to standard error: one entry with its moment, and the request that it belongs to."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

#: Values of the environment variable TURNUS_LOG.
FORMATS = ("text", "json")
#: Letters of a message, and of an address: what a stranger sends may be as long as the server takes it.
_LONGEST = 2_000


@dataclass(slots=True)
class RequestNote:
    """What an entry says of the request during which it was written."""

    #: Also shown on the error page, so that a person can name it.
    request: str
    method: str
    #: The path, with the names of its parameters: their values are what people searched for.
    address: str
    #: None before signing in, and where nobody has asked who it is.
    user: int | None = None


_here: ContextVar[RequestNote | None] = ContextVar("request", default=None)


@contextmanager
def during(note: RequestNote) -> Iterator[None]:
    """Let every entry that is written inside name the request."""
    token = _here.set(note)
    try:
        yield
    finally:
        _here.reset(token)


class TextFormatter(logging.Formatter):
    """Entries for people: one line, then the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the entry."""
        line = f"{_moment(record)} {record.levelname} {record.name}: {_message(record)}"
        note = _here.get()
        if note is not None:
            user = "nobody" if note.user is None else f"user {note.user}"
            line += f" [{note.method} {note.address}, {user}, request {note.request}]"
        line = in_one_line(line)
        traceback = _traceback(self, record)
        return f"{line}\n{traceback}" if traceback else line


class JsonFormatter(logging.Formatter):
    """Entries for machines: one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the entry."""
        entry: dict[str, Any] = {
            "time": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        note = _here.get()
        if note is not None:
            entry |= asdict(note)
        traceback = _traceback(self, record)
        if traceback:
            entry["traceback"] = traceback
        return json.dumps(entry, ensure_ascii=True)


def in_one_line(text: str) -> str:
    """Return the text with letters that end a line or steer a terminal as escapes: nobody who asks for an address writes entries."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def shortened(text: str, length: int = _LONGEST) -> str:
    """Return at most `length` letters of the text."""
    return text if len(text) <= length else f"{text[:length]}…"


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _message(record: logging.LogRecord) -> str:
    """Return what the entry says, with our own name for the setting that Django would have changed."""
    message = record.getMessage()
    if record.name == "django.security.DisallowedHost":
        message = message.replace("ALLOWED_HOSTS", "TURNUS_HOSTS")
    return shortened(message)


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    # What strangers send was refused, as it should be: where in the program tells nothing, and many would fill the log.
    is_refusal = record.name.startswith("django.security.")
    if record.exc_info is None or is_refusal:
        return ""
    return formatter.formatException(record.exc_info)
