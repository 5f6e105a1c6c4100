"""Real servers for tests: started on a free port, spoken to by sockets, ended by their process."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

#: Seconds that a machine with other work may need for what takes five.
PATIENCE = 60


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Server:
    """A `turnus serve` and a browser's cookies."""

    folder: Path
    port: int
    process: subprocess.Popen[str]
    log: Path
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Answer:
        return self._ask(method, path, None, headers)

    def post(self, path: str, form: Mapping[str, str]) -> Answer:
        given = {
            "csrfmiddlewaretoken": self.cookies.get("csrftoken", ""),
            **form,
        }
        own = f"http://127.0.0.1:{self.port}{path}"
        kind = "application/x-www-form-urlencoded"
        return self._ask(
            "POST",
            path,
            urlencode(given),
            {"Content-Type": kind, "Referer": own},
        )

    def cookie(self) -> str:
        return "; ".join(
            f"{name}={value}" for name, value in self.cookies.items()
        )

    def send(self, *pieces: bytes) -> socket.socket:
        """Open a connection, send what is given, and leave it open."""
        sent = socket.create_connection(
            ("127.0.0.1", self.port), timeout=PATIENCE
        )
        for piece in pieces:
            sent.sendall(piece)
        return sent

    def told(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def is_up(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(self.told())
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def answers(self, path: str) -> bool:
        try:
            return self.get(path).status == 200
        except OSError:
            return False

    def web_processes(self) -> list[int]:
        """Return the processes that answer, without the worker."""
        listed = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=True,
        )
        return [
            int(line.split()[0])
            for line in listed.stdout.splitlines()
            if " serve " in line
        ]

    def _ask(
        self,
        method: str,
        path: str,
        body: str | None,
        headers: Mapping[str, str],
    ) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request(
            method, path, body, {"Cookie": self.cookie(), **headers}
        )
        answer = connection.getresponse()
        self._keep_cookies(answer)
        return Answer(
            answer.status, dict(answer.getheaders()), answer.read().decode()
        )

    def _keep_cookies(self, answer: HTTPResponse) -> None:
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = re.match(r"([^=]+)=([^;]*)", cookie).groups()  # type: ignore[union-attr]  # every cookie fits
            self.cookies[name] = value


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def start(folder: Path, **environment: str) -> Server:
    """Start a server and return at once."""
    port = free_port()
    log = folder.with_name(f"{folder.name}-{port}.log")
    command = [
        sys.executable,
        "-m",
        "turnus",
        "--data",
        str(folder),
        "serve",
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    with log.open("w") as file:
        process = subprocess.Popen(
            command,
            stdout=file,
            stderr=file,
            text=True,
            env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        )
    return Server(folder, port, process, log)


@contextmanager
def serving(folders: list[Path], **environment: str) -> Iterator[list[Server]]:
    """Start a server on each of the folders, all at once; end them all."""
    servers = [start(folder, **environment) for folder in folders]
    try:
        for server in servers:
            wait_until(server.is_up)
        yield servers
    finally:
        for server in servers:
            end(server)


def end(server: Server) -> None:
    """End a server as a person or systemd does, at last by force."""
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGTERM)
    try:
        server.process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.process.kill()
        raise


def wait_until(is_so: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for another process; a failure if it never comes."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"not within {seconds} seconds"
        time.sleep(0.05)
