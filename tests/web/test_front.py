"""In front of the application: slow and large bodies are refused without a thread."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from turnus.web.front.bodies import Body, Message, Pace, RefusedError
from turnus.web.front.calling import PIECE_BYTES
from turnus.web.front.gateway import Gateway
from turnus.web.front.limits import Limits

#: In hundredths of what a server allows.
PACE = Pace(pause=0.05, grace=0.1, rate=1_000_000)


class Small(Limits):
    """Limits of a hundred bytes, and of a thousand for those who show that they are signed in."""

    stranger_bytes = 100

    def of_sender(self, scope: Mapping[str, Any]) -> int:
        return (
            1_000 if (b"cookie", b"sessionid=x") in scope["headers"] else 100
        )


def echo(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Answer with what arrived: method, path, header, body."""
    start("200 OK", [("X-Path", environ["PATH_INFO"])])
    told = (
        environ["REQUEST_METHOD"],
        environ["CONTENT_LENGTH"],
        environ.get("HTTP_X_FORWARDED_FOR", ""),
    )
    return [" ".join(told).encode(), b" ", environ["wsgi.input"].read()]


def scope(
    method: str = "POST", path: bytes = b"/deals/", **headers: str
) -> dict[str, Any]:
    sent = [
        (name.replace("_", "-").encode(), value.encode())
        for name, value in headers.items()
    ]
    return {
        "type": "http",
        "method": method,
        "raw_path": path,
        "query_string": b"",
        "http_version": "1.1",
        "headers": sent,
    }


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in a thread of its own: a browser may have left a loop in this one."""
    with ThreadPoolExecutor(max_workers=1) as threads:
        threads.submit(asyncio.run, coroutine).result()


def asked(
    gateway: Gateway,
    of: dict[str, Any],
    pieces: Sequence[bytes | None],
    *,
    pause: float = 0,
) -> list[Message]:
    """Send `pieces` with a pause before each, and nothing after a None; return the answer."""
    waiting, answered = list(pieces), []

    async def receive() -> Message:
        await asyncio.sleep(pause)
        piece = waiting.pop(0)
        if piece is None:
            await asyncio.Event().wait()
            raise AssertionError
        return {
            "type": "http.request",
            "body": piece,
            "more_body": bool(waiting),
        }

    async def send(message: Message) -> None:
        answered.append(message)

    run(gateway(of, receive, send))
    return answered


@pytest.fixture
def gateway() -> Gateway:
    return Gateway(echo, limits=Small(), thread_count=1, pace=PACE)


def test_the_application_gets_the_whole_request(gateway: Gateway) -> None:
    of = scope(
        path=b"/%C3%A4/%ff/",
        transfer_encoding="chunked",
        x_forwarded_for="1.2.3.4",
    )
    of["headers"] += [
        (b"x_forwarded_for", b"forged"),
        (b"x-forwarded-for", b"5.6.7.8"),
    ]
    start, body = asked(gateway, of, [b"ab", b"c"])
    assert start["headers"] == [(b"x-path", "/ä/".encode() + b"\xff/")]
    assert body["body"] == b"POST 3 1.2.3.4,5.6.7.8 abc"


@pytest.mark.parametrize(
    ("headers", "pieces", "pause", "status"),
    [
        ({"content_length": "3"}, [b"abc"], 0, 200),
        ({"content_length": "101"}, [], 0, 413),
        ({"transfer_encoding": "chunked"}, [b"a" * 60, b"a" * 60], 0, 413),
        ({"content_length": "99"}, [b"a", None], 0, 408),
        ({"content_length": "99"}, [b"a"] * 99, 0.01, 408),
        (
            {"content_length": "101", "cookie": "sessionid=x"},
            [b"a" * 101],
            0,
            200,
        ),
        (
            {"transfer_encoding": "chunked", "cookie": "sessionid=x"},
            [b"a" * 999],
            0,
            200,
        ),
        ({"content_length": "1001", "cookie": "sessionid=x"}, [], 0, 413),
    ],
    ids=[
        "fits",
        "large",
        "large in chunks",
        "stalls",
        "drips",
        "known",
        "known in chunks",
        "large although known",
    ],
)
def test_what_is_too_large_or_too_slow_is_refused(
    gateway: Gateway,
    headers: dict[str, str],
    pieces: list[bytes | None],
    pause: float,
    status: int,
) -> None:
    start, *_body = asked(gateway, scope(**headers), pieces, pause=pause)
    assert start["status"] == status


def test_a_slow_body_gets_the_time_that_its_size_needs() -> None:
    pace = Pace(pause=20, grace=20, rate=8_000)
    assert pace.until(now=100, begun=100, received=0) == 120
    assert pace.until(now=130, begun=100, received=240_000) == 150
    assert pace.until(now=140, begun=100, received=80_000) == 130


def test_a_body_that_breaks_off_is_refused_and_never_answered_by_the_application(
    gateway: Gateway,
) -> None:
    answered: list[Message] = []

    async def leave() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answered.append(message)

    run(gateway(scope(content_length="9"), leave, send))
    assert (answered[0]["status"], answered[1]["body"]) == (
        400,
        b"The request is not whole.\n",
    )


def test_a_full_disk_is_an_answer() -> None:
    class Full(BytesIO):
        def write(self, _piece: Any) -> int:
            raise OSError

    body = Body()
    body.file = Full()
    with pytest.raises(RefusedError) as refused:
        body.write(b"abc")
    assert refused.value.status == 507


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("size", [0, 10, PIECE_BYTES, 2 * PIECE_BYTES + 1])
def test_a_file_is_sent_in_pieces_and_closed(
    tmp_path: Path, size: int, method: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"ab" * (size // 2) + b"c" * (size % 2))
    file = path.open("rb")

    def download(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [])
        return environ["wsgi.file_wrapper"](file, 4096)  # type: ignore[no-any-return]

    _start, *sent = asked(
        Gateway(download, limits=Small(), thread_count=1), scope(method), [b""]
    )
    assert b"".join(one["body"] for one in sent) == (
        path.read_bytes() if method == "GET" else b""
    )
    assert max(len(one["body"]) for one in sent) <= PIECE_BYTES
    assert file.closed
