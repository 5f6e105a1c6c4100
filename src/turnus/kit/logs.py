"""Log entries on standard error, each with its moment and the request that it belongs to."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

#: Values of the environment variable TURNUS_LOG.
FORMATS = ("text", "json")
#: The most letters of a message or an address: strangers may send very long ones.
_LONGEST = 2_000


@dataclass(slots=True)
class RequestNote:
    """What an entry says about the request during which it was written."""

    #: Also shown on the error page, so that a person can name it.
    request: str
    method: str
    #: The path and the names of its parameters, not their values: people search for names.
    address: str
    #: None before signing in, and where the user was not looked up.
    user: int | None = None


_current_note: ContextVar[RequestNote | None] = ContextVar(
    "request", default=None
)


@contextmanager
def during(note: RequestNote) -> Iterator[None]:
    """Let every entry that is written inside the block name the request."""
    token = _current_note.set(note)
    try:
        yield
    finally:
        _current_note.reset(token)


class TextFormatter(logging.Formatter):
    """Entries for people: one line, then the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the entry."""
        line = f"{_moment(record)} {record.levelname} {record.name}: {_message(record)}"
        note = _current_note.get()
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
        entry: dict[str, object] = {
            "time": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        note = _current_note.get()
        if note is not None:
            entry |= asdict(note)
        traceback = _traceback(self, record)
        if traceback:
            entry["traceback"] = traceback
        return json.dumps(entry, ensure_ascii=True)


def in_one_line(text: str) -> str:
    """Return the text with line ends and control characters escaped.

    Otherwise a stranger could forge entries by asking for an address.
    """
    return "".join(_escaped(letter) for letter in text)


def _escaped(letter: str) -> str:
    return letter if letter.isprintable() else repr(letter)[1:-1]


def shortened(text: str, length: int = _LONGEST) -> str:
    """Return at most `length` letters of the text."""
    return text if len(text) <= length else f"{text[:length]}…"


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(
        timespec="milliseconds"
    )


def _message(record: logging.LogRecord) -> str:
    """Return the message, with our own name for the setting that Django tells to change."""
    message = record.getMessage()
    if record.name == "django.security.DisallowedHost":
        message = message.replace("ALLOWED_HOSTS", "TURNUS_HOSTS")
    return shortened(message)


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    # A refusal of what strangers send is expected: the place in the program tells nothing, and
    # many tracebacks would fill the log.
    is_refusal = record.name.startswith("django.security.")
    if record.exc_info is None or is_refusal:
        return ""
    return formatter.formatException(record.exc_info)
