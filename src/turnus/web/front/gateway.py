"""The application as the web server calls it: only complete requests get a thread.

A thread that waits for a slow sender or a slow reader is lost for everybody else, and a few sockets
would be enough to stop the server. So bodies are read, and files are sent, without a thread.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar
from wsgiref.types import WSGIApplication

from turnus.web.front.bodies import (
    Body,
    Message,
    Pace,
    Receive,
    RefusedError,
    Scope,
    read_body,
    too_large,
)
from turnus.web.front.calling import (
    PIECE_BYTES,
    AppResponse,
    call,
    environ_of,
)
from turnus.web.front.limits import Limits

P = ParamSpec("P")
T = TypeVar("T")
Send = Callable[[Message], Awaitable[None]]

#: Seconds in which a piece of a file has to be taken.
_TAKEN_WITHIN = 60


class Gateway:
    """An ASGI application around a WSGI one."""

    def __init__(
        self,
        application: WSGIApplication,
        *,
        limits: Limits,
        thread_count: int,
        pace: Pace | None = None,
    ) -> None:
        self.application = application
        self.limits = limits
        self.pace = pace or Pace()
        self.threads = ThreadPoolExecutor(
            thread_count, thread_name_prefix="web"
        )

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Read the request within its limit, let a thread answer it, send the answer."""
        if scope["type"] != "http":
            return
        try:
            limit = await self._limit_of(scope)
            body = Body()
            try:
                await read_body(
                    receive, body, limit_bytes=limit, pace=self.pace
                )
                answer = await self._in_thread(
                    call, self.application, environ_of(scope, body)
                )
            finally:
                body.close()
            await self._send(send, answer, scope["method"])
        except RefusedError as refusal:
            await _refuse(send, refusal)

    async def _limit_of(self, scope: Scope) -> int:
        """Return how much of the body is read; raises RefusedError if more is announced."""
        claimed = _claimed_bytes(scope)
        if claimed == 0:
            return 0
        limit = self.limits.of(scope, claimed)
        if limit is None:
            limit = await self._in_thread(self.limits.of_sender, scope)
        if claimed is not None and claimed > limit:
            raise too_large(limit)
        return limit

    async def _send(
        self, send: Send, answer: AppResponse, method: str
    ) -> None:
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": answer.status,
                    "headers": answer.headers,
                }
            )
            piece = answer.body
            is_shown = method != "HEAD"
            while is_shown and answer.rest and len(piece) == PIECE_BYTES:
                async with asyncio.timeout(_TAKEN_WITHIN):
                    await send(
                        {
                            "type": "http.response.body",
                            "body": piece,
                            "more_body": True,
                        }
                    )
                piece = await self._in_thread(
                    answer.rest.file.read, PIECE_BYTES
                )
            await send(
                {
                    "type": "http.response.body",
                    "body": piece if is_shown else b"",
                    "more_body": False,
                }
            )
        except TimeoutError:
            pass  # whoever asked for the file takes none of it
        finally:
            if answer.rest:
                await self._in_thread(answer.rest.close)

    async def _in_thread(
        self, function: Callable[P, T], *arguments: P.args, **options: P.kwargs
    ) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self.threads, partial(function, *arguments, **options)
        )


async def _refuse(send: Send, refusal: RefusedError) -> None:
    usual = {
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "no-store",
        "connection": "close",
    }
    headers = [
        (name.encode(), value.encode())
        for name, value in {**usual, **refusal.headers}.items()
    ]
    await send(
        {
            "type": "http.response.start",
            "status": refusal.status,
            "headers": headers,
        }
    )
    await send(
        {
            "type": "http.response.body",
            "body": f"{refusal.words}\n".encode(),
            "more_body": False,
        }
    )


def _claimed_bytes(scope: Scope) -> int | None:
    """Return how long the body is by its header; None where it comes in chunks."""
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return None
    return int(headers.get(b"content-length", b"0"))
