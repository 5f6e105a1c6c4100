"""Real streaming replication: pages read from the replica, and people read what they wrote."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.config.test_pooled import served, set_up
from tests.revenue.test_crashes import own_database
from tests.serving import Server, wait_until

SERVER = os.environ.get("DATABASE_URL", "")
_DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_basebackup"))
# What is on the path of Debian is a wrapper, beside which there is no server.
PROGRAM = str(_DEBIAN[-1]) if _DEBIAN else shutil.which("pg_basebackup") or ""
#: Seconds that the replica lags behind.
LAG = 6

pytestmark = [
    pytest.mark.skipif(not SERVER, reason="needs PostgreSQL"),
    pytest.mark.skipif(not PROGRAM, reason="pg_basebackup is not installed"),
]


@contextmanager
def replica_of(address: str) -> Iterator[tuple[str, Path]]:
    """Start a replica of the server; yield its address of the same database, and its folder."""
    parts = urlsplit(address)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    folder = Path(tempfile.mkdtemp(prefix="turnus-replica-"))
    user = "postgres" if os.geteuid() == 0 else None
    as_user = {"user": user, "group": user, "extra_groups": []} if user else {}
    if user:
        shutil.chown(folder, user)
    name = parts.username or pwd.getpwuid(os.geteuid()).pw_name
    copied = folder / "data"
    source = ["-h", host, "-p", str(parts.port or 5432), "-U", name]
    subprocess.run(
        [PROGRAM, *source, "-D", copied, "-R", "-X", "stream", "-c", "fast"],
        check=True,
        cwd=folder,
        **as_user,  # type: ignore[call-overload]  # optional arguments of any type
    )
    postgres = Path(PROGRAM).resolve().parent / "postgres"
    options = [
        f"recovery_min_apply_delay={LAG}s",
        "listen_addresses=",
        "port=5432",
    ]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [postgres, "-D", copied, "-k", folder]
            + [part for option in options for part in ("-c", option)],
            stdout=log,
            stderr=log,
            cwd=folder,
            **as_user,  # type: ignore[call-overload]  # optional arguments of any type
        )
    replica = f"postgresql://{name}@{parts.path}?host={folder}"
    try:
        wait_until(lambda: answers(replica), 30)
        yield replica, folder
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def answers(address: str) -> bool:
    try:
        with psycopg.connect(address) as connection:
            found = connection.execute("SELECT pg_is_in_recovery()")
            return found.fetchone() == (True,)
    except psycopg.OperationalError:
        return False


def reads(address: str) -> int:
    """Return how many rows of organizations were looked at there."""
    with psycopg.connect(address) as connection:
        row = connection.execute(
            "SELECT seq_scan + COALESCE(idx_scan, 0)"
            " FROM pg_stat_user_tables WHERE relname = 'accounts_user'"
        ).fetchone()
    return int(row[0]) if row else 0


def names(server: Server) -> str:
    answer = server.get("/organizations/")
    assert answer.status == 200, answer.headers
    return answer.text


@pytest.fixture
def replicated(tmp_path: Path) -> Iterator[tuple[dict[str, str], Path]]:
    """An instance that is set up, with a replica that lags behind; the replica's folder."""
    with own_database(SERVER) as own:
        environment = {
            **os.environ,
            "LC_ALL": "C.UTF-8",
            "TURNUS_DATA": str(tmp_path / "data"),
            "DATABASE_URL": own,
        }
        set_up(environment)
        with replica_of(own) as (replica, folder):
            yield {**environment, "TURNUS_REPLICAS": replica}, folder


def test_pages_read_from_a_replica_but_people_read_what_they_wrote(
    replicated: tuple[dict[str, str], Path],
) -> None:
    environment, folder = replicated
    with served(environment) as server:
        # Signed in a moment ago: the replica knows no such session yet.
        assert server.get("/").status == 200
        wait_until(
            lambda: names(server) and reads(environment["TURNUS_REPLICAS"])
        )
        created = server.post("/organizations/new/", {"name": "Frisch AG"})
        assert created.status == 302
        assert "Frisch AG" in names(server)
        # The same browser without its mark: the replica has not come so far.
        mark = server.cookies.pop("written")
        assert "Frisch AG" not in names(server)
        server.cookies["written"] = mark
        assert "Frisch AG" in names(server)
        del server.cookies["written"]
        wait_until(lambda: "Frisch AG" in names(server), LAG + 20)
        # Whatever a browser sends is at most a reason to read from the server.
        server.cookies["written"] = "nonsense"
        assert "Frisch AG" in names(server)
        stop(folder)
        assert "Frisch AG" in names(server)
        assert "does not answer" in server.told()
        assert "Traceback" not in server.told()


def stop(folder: Path) -> None:
    """Kill the replica at once."""
    process = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(process, 3)  # "immediate", as PostgreSQL calls it
    for _ in range(100):
        if not (folder / "data" / "postmaster.pid").exists():
            return
        time.sleep(0.1)
