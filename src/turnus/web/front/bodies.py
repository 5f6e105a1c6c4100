"""Reading a request's body: its limits of size and time, and where it waits until complete."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Required, TypedDict


class Scope(TypedDict, total=False):
    """What the server knows of a request before its body (ASGI, `http`)."""

    type: Required[str]
    method: Required[str]
    http_version: Required[str]
    scheme: str
    raw_path: Required[bytes]
    query_string: Required[bytes]
    headers: Required[Iterable[tuple[bytes, bytes]]]
    server: tuple[str, int | None] | None
    client: tuple[str, int] | None


class Message(TypedDict, total=False):
    """What the server and the application say to each other (ASGI, `http`)."""

    type: Required[str]
    status: int
    headers: Iterable[tuple[bytes, bytes]]
    body: bytes
    more_body: bool


Receive = Callable[[], Awaitable[Message]]

#: Up to here a body waits in memory, beyond it in a temporary file without a name.
_IN_MEMORY_BYTES = 32 * 1024


class RefusedError(Exception):
    """The request is answered without the application; the connection ends with it."""

    def __init__(self, status: int, words: str, **headers: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.headers = headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How slow a body may be: the pause between two pieces, and the rate after a grace period."""

    pause: float = 20
    grace: float = 20
    rate: float = 8 * 1024

    def until(self, *, now: float, begun: float, received: int) -> float:
        """Return when to give up, by the clock that `now` and `begun` are read from."""
        return min(now + self.pause, begun + self.grace + received / self.rate)


class Body:
    """A request's body while it arrives and while the application reads it; to be closed."""

    def __init__(self) -> None:
        self.size = 0
        self.file: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 (closed by close)

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        try:
            self.file.write(piece)
        except OSError:
            raise RefusedError(
                507, "The server has no room left for this file."
            ) from None

    def close(self) -> None:
        self.file.close()


async def read_body(
    receive: Receive, body: Body, *, limit_bytes: int, pace: Pace
) -> None:
    """Fill `body` with what arrives, and set it back to its beginning.

    Raises RefusedError when it is larger than `limit_bytes`, slower than `pace`, or breaks off.
    """
    clock = asyncio.get_running_loop().time
    begun = clock()
    try:
        async with asyncio.timeout(None) as patience:
            is_whole = False
            while not is_whole:
                patience.reschedule(
                    pace.until(now=clock(), begun=begun, received=body.size)
                )
                message = await receive()
                is_whole = _keep(message, body, limit_bytes)
    except TimeoutError:
        raise RefusedError(
            408, "The request did not arrive in time."
        ) from None
    body.file.seek(0)


def _keep(message: Message, body: Body, limit_bytes: int) -> bool:
    """Write one piece; return whether it was the last."""
    if message["type"] == "http.disconnect":
        # The sender has left, or its chunks are malformed: the server does not tell which, and
        # answers 500 where we answer nothing.
        raise RefusedError(400, "The request is not whole.")
    piece = message.get("body", b"")
    if body.size + len(piece) > limit_bytes:
        raise too_large(limit_bytes)
    if piece:
        body.write(piece)
    return not message.get("more_body", False)


def too_large(limit_bytes: int) -> RefusedError:
    """Return the refusal of a body that is larger than `limit_bytes`."""
    return RefusedError(
        413, f"The request is too large: more than {limit_bytes:,} bytes."
    )
