"""A real server: its token, sockets that never end, bodies of strangers, a lost database."""

import os
import signal
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.revenue.test_crashes import own_database
from tests.serving import Server, serving, wait_until
from tests.world import PASSWORD

FIRST_FACTS = {
    "name": "Neu",
    "language": "de",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "admin_name": "A",
    "admin_email": "a@example.org",
    "admin_password": PASSWORD,
}
HEAD = (
    b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\n"
    b"Cookie: csrftoken=abcdefghijklmnopqrstuvwxyzabcdef\r\n"
)
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
#: How requests are left unfinished: before the headers, within them, within a body of either kind.
UNFINISHED = {
    "nothing": b"",
    "headers": HEAD,
    "body": HEAD + FORM + b"Content-Length: 50000\r\n\r\nlogin=",
    "chunks": HEAD
    + FORM
    + b"Transfer-Encoding: chunked\r\n\r\n6\r\nlogin=\r\n",
}


@pytest.fixture(scope="module")
def servers(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[list[Server]]:
    """Servers started at once on an empty instance: two on SQLite, three machines on PostgreSQL."""
    folder, address = (
        tmp_path_factory.mktemp("servers"),
        os.environ.get("DATABASE_URL"),
    )
    with ExitStack() as stack:
        if address:
            own = stack.enter_context(own_database(address))
            folders, environment = (
                [folder / str(number) for number in range(3)],
                {"DATABASE_URL": own},
            )
        else:
            folders, environment = [folder / "data"] * 2, {}
            folders[0].mkdir(mode=0o755)
        yield stack.enter_context(
            serving(
                folders,
                TURNUS_SECRET_KEY="kept-by-no-folder" * 4,
                **environment,
            )
        )


@pytest.fixture(scope="module")
def server(servers: list[Server]) -> Server:
    """The first of them, after its first run, with an admin who is signed in."""
    first = servers[0]
    token = (first.folder / "setup-token").read_text()
    assert f"/setup/?token={token}" in first.told()
    assert (
        first.get("/setup/").status
        == first.get("/setup/?token=guessed").status
        == 403
    )
    assert first.post("/setup/", FIRST_FACTS).status == 403
    assert first.get(f"/setup/?token={token}").status == 200
    assert (
        first.post(f"/setup/?token={token}", FIRST_FACTS).headers["location"]
        == "/"
    )
    return first


def test_servers_that_start_at_once_all_serve_the_same_instance(
    servers: list[Server], server: Server
) -> None:
    assert len(servers) > 1
    assert [one.get("/setup/").headers["location"] for one in servers[1:]] == [
        "/sign-in/?next=/setup/"
    ] * len(servers[1:])
    assert not (server.folder / "setup-token").exists()


def test_only_the_owner_can_read_the_folder(server: Server) -> None:
    paths = [server.folder, *server.folder.rglob("*")]
    assert {path.name for path in paths} >= {"secret-key", "instance"}
    assert not [
        path
        for path in paths
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]


@pytest.mark.parametrize("kind", UNFINISHED)
def test_a_hundred_unfinished_requests_make_nobody_wait(
    server: Server, kind: str
) -> None:
    with ExitStack() as held:
        sockets = [
            held.enter_context(server.send(UNFINISHED[kind]))
            for _ in range(100)
        ]
        begun = time.monotonic()
        assert server.get("/settings/profile/").status == 200
        assert time.monotonic() - begun < 5, (
            "those that are unfinished hold on for fifteen seconds and more"
        )
        assert all(is_open(one) for one in sockets)


def is_open(held: socket.socket) -> bool:
    """Return whether the server waits on a connection: it has neither answered nor closed it."""
    held.setblocking(False)
    try:
        held.recv(1)
    except BlockingIOError:
        return True
    return False


@pytest.mark.parametrize(
    "length",
    [b"Content-Length: 314572800\r\n", b"Transfer-Encoding: chunked\r\n"],
)
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (b"/sign-in/", b"413"),
        (b"/imports/new/deals/", b"303"),
        (b"/deals/bulk/", b"413"),
        (b"/nowhere/", b"413"),
    ],
)
def test_a_stranger_sends_no_large_body(
    server: Server, path: bytes, status: bytes, length: bytes
) -> None:
    head = b" HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=0123456789abcdefghijklmnopqrstuv\r\n"
    with server.send(b"POST " + path + head + FORM + length + b"\r\n") as sent:
        count = 0
        try:
            while count < 300:
                sent.sendall(b"100000\r\n" + b"a" * 1024**2 + b"\r\n")
                count += 1
        except OSError:
            pass  # the server has closed it
        assert sent.recv(12).split()[1] == status
    assert count < 20


@pytest.mark.parametrize(
    "chunks",
    [b"zz\r\n", b"-5\r\nabc\r\n", b"3\r\nabcXX0\r\n\r\n", b"f" * 20 + b"\r\n"],
)
def test_chunks_that_are_none_are_refused(
    server: Server, chunks: bytes
) -> None:
    head = b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    with server.send(head + FORM + b"\r\n" + chunks) as sent:
        assert b" 400 " in sent.recv(4096)


def test_whoever_is_signed_in_sends_a_large_file_but_no_large_form(
    server: Server,
) -> None:
    rows = b"Title,Value\r\n" + b"Abo,1\r\n" * 600_000
    token = server.cookies["csrftoken"].encode()
    head = f"Host: localhost\r\nCookie: {server.cookie()}\r\nContent-Length: {{}}\r\n"
    parts = (
        b'--x\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n'
        + token
    )
    parts += (
        b'\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        + rows
        + b"\r\n--x--\r\n"
    )
    upload = (
        b"POST /imports/new/deals/ HTTP/1.1\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n"
    )
    with server.send(
        upload, head.format(len(parts)).encode(), b"\r\n", parts
    ) as sent:
        assert b"location: /imports/" in sent.recv(4096)
    with server.send(
        b"POST /deals/bulk/ HTTP/1.1\r\n",
        FORM,
        head.format(3 * 1024**2).encode(),
        b"\r\n",
    ) as sent:
        assert b" 413 " in sent.recv(4096)


@pytest.mark.parametrize(
    "path",
    [
        "/deals/",
        "/settings/profile/",
        "/reports/won/",
        "/sign-in/",
        "/favicon.svg",
    ],
)
def test_a_page_is_asked_for_without_its_body(
    server: Server, path: str
) -> None:
    shown, asked = server.get(path), server.get(path, method="HEAD")
    assert (asked.status, asked.text) == (shown.status, "")
    assert asked.headers["content-type"] == shown.headers["content-type"]


def test_a_file_arrives_whole(server: Server) -> None:
    script = max(
        Path("src/turnus/static/dist").glob("*.js"),
        key=lambda path: path.stat().st_size,
    )
    answer = server.get(f"/static/dist/{script.name}")
    assert (answer.text, "public" in answer.headers["cache-control"]) == (
        script.read_text(encoding="utf-8"),
        True,
    )
    part = server.get(f"/static/dist/{script.name}", Range="bytes=10-19")
    assert (part.status, part.text) == (
        206,
        script.read_text(encoding="utf-8")[10:20],
    )


def test_a_probe_names_any_host_and_a_page_only_its_own(
    server: Server,
) -> None:
    assert server.get("/health/", Host="10.0.0.5").text == "ok\n"
    assert server.get("/sign-in/", Host="10.0.0.5").status == 400


def test_a_web_process_that_dies_is_replaced(server: Server) -> None:
    (before,) = server.web_processes()
    os.kill(before, signal.SIGKILL)
    wait_until(
        lambda: (
            before not in server.web_processes()
            and server.answers("/settings/profile/")
        )
    )
    assert server.get("/health/").text == "ok\n"


@pytest.mark.skipif(
    "DATABASE_URL" in os.environ, reason="a file that is deleted is SQLite's"
)
def test_a_database_that_is_lost_is_an_error_and_no_set_up(
    servers: list[Server], server: Server
) -> None:
    file = server.folder / "turnus.sqlite3"
    file.rename(file.with_name("elsewhere"))
    assert [one.get("/setup/").status for one in servers] == [500, 500]
    assert server.get("/health/").text == "database: its file is missing\n"
    assert not file.exists()
    with (
        pytest.raises(AssertionError, match="is missing"),
        serving([server.folder]),
    ):
        pass
    file.with_name("elsewhere").replace(file)
    assert server.get("/health/").text == "ok\n"
