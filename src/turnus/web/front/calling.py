"""Calling a WSGI application for a complete request: its environment, and its answer."""

import sys
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Protocol
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication, WSGIEnvironment

from turnus.web.front.bodies import Body, Scope

#: So much of a file is read at a time: a page's files in one go, an export in pieces.
PIECE_BYTES = 256 * 1024

_Failure = (
    tuple[type[BaseException], BaseException, TracebackType]
    | tuple[None, None, None]
)


class _Readable(Protocol):
    def read(self, count: int, /) -> bytes: ...
    def close(self) -> None: ...


class FileOfAnswer:
    """A file as an answer of the application (`wsgi.file_wrapper`), sent without a thread."""

    def __init__(self, file: _Readable, _block_size: int = 0) -> None:
        self.file = file

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.file.read(PIECE_BYTES), b"")

    def close(self) -> None:
        self.file.close()


class AppResponse:
    """Status, headers, the first piece of the body, and the file with the rest; None: no rest."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.rest: FileOfAnswer | None = None

    def start(
        self,
        status: str,
        headers: list[tuple[str, str]],
        _error: _Failure | None = None,
        /,
    ) -> Callable[[bytes], None]:
        self.status = int(status[:3])
        self.headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in headers
        ]
        return self._write

    def _write(self, piece: bytes) -> None:
        self.body += piece


def call(
    application: WSGIApplication, environ: WSGIEnvironment
) -> AppResponse:
    """Return the answer; a file longer than a piece stays open for the caller, who closes it."""
    answer = AppResponse()
    result = application(environ, answer.start)
    if isinstance(result, FileOfAnswer):
        answer.body = result.file.read(PIECE_BYTES)
        if len(answer.body) == PIECE_BYTES:
            answer.rest = result
            return answer
    else:
        answer.body += b"".join(result)
    close = getattr(result, "close", None)
    if close:
        close()
    return answer


def environ_of(scope: Scope, body: Body) -> WSGIEnvironment:
    """Return the WSGI environment of a request whose body is complete."""
    host, port = scope.get("server") or ("localhost", 80)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path_of(scope),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body.file,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileOfAnswer,
    }
    environ.update(_headers(scope))
    # What was counted, not what was claimed: a body in chunks claims nothing.
    environ["CONTENT_LENGTH"] = str(body.size)
    return environ


def path_of(scope: Scope) -> str:
    """Return the path as WSGI has it: its bytes, each as one letter."""
    return unquote_to_bytes(scope["raw_path"].partition(b"?")[0]).decode(
        "latin-1"
    )


def _headers(scope: Scope) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        # It would be taken for the header with a hyphen, which only the proxy may write.
        if b"_" in raw_name:
            continue
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        key = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
        value = raw_value.decode("latin-1")
        between = "; " if name == "COOKIE" else ","
        headers[key] = (
            f"{headers[key]}{between}{value}" if key in headers else value
        )
    return headers
