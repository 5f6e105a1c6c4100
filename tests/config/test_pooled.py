"""Behind pgbouncer in transaction mode: the main flows, and workers that are woken or look."""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.revenue.test_crashes import own_database
from tests.serving import Server, end, free_port, start, wait_until
from tests.world import PASSWORD

SERVER = os.environ.get("DATABASE_URL", "")
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
ADMIN = "ada@example.org"
#: More than a block of an import.
ROWS = 2_500

pytestmark = [
    pytest.mark.skipif(not SERVER, reason="needs PostgreSQL"),
    pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed"),
]


@contextmanager
def pooled(address: str) -> Iterator[str]:
    """Run pgbouncer before a database; yield the address that leads through it."""
    parts = urlsplit(address)
    host = parse_qs(parts.query).get("host", [parts.hostname])[0]
    port = free_port()
    # Not in a folder of the test, which only its own user may enter.
    settings = Path(tempfile.gettempdir()) / f"turnus-pgbouncer-{port}.ini"
    settings.write_text(
        "[databases]\n"
        f"* = host={host} port={parts.port or 5432} user={parts.username}\n"
        "[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\n"
        "unix_socket_dir =\nauth_type = any\npool_mode = transaction\n"
        # Fewer than the processes that want one.
        "default_pool_size = 3\n",
        encoding="utf-8",
    )
    settings.chmod(0o644)
    as_user = ["-u", "postgres"] if os.geteuid() == 0 else []
    pooler = subprocess.Popen(
        [str(PROGRAM), "-q", *as_user, str(settings)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    through = f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}"
    try:
        wait_until(lambda: answers(through), 20)
        yield through
    finally:
        pooler.terminate()
        pooler.wait(20)
        settings.unlink()


def answers(address: str) -> bool:
    try:
        with psycopg.connect(address, connect_timeout=2) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


@pytest.fixture
def through(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an instance whose database is behind a pooler."""
    with own_database(SERVER) as direct, pooled(direct) as pooler:
        yield {
            **os.environ,
            "LC_ALL": "C.UTF-8",
            "TURNUS_DATA": str(tmp_path / "data"),
            "DATABASE_URL": pooler,
            "TURNUS_POOLER": "1",
            "TURNUS_DIRECT_URL": direct,
        }


def turnus(environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "turnus", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def set_up(environment: Mapping[str, str]) -> None:
    first = {
        "TURNUS_COMPANY": "Muster GmbH",
        "TURNUS_LANGUAGE": "en",
        "TURNUS_CURRENCY": "EUR",
        "TURNUS_TIME_ZONE": "Europe/Berlin",
        "TURNUS_ADMIN_NAME": "Ada",
        "TURNUS_ADMIN_EMAIL": ADMIN,
        "TURNUS_ADMIN_PASSWORD": PASSWORD,
    }
    turnus({**environment, **first}, "init")


@contextmanager
def served(environment: dict[str, str]) -> Iterator[Server]:
    """Serve the instance, signed in as its admin."""
    own = {
        key: environment[key]
        for key in environment
        if key.startswith(("TURNUS_", "DATABASE_"))
    }
    folder = Path(environment["TURNUS_DATA"])
    server = start(folder, **own)
    try:
        wait_until(lambda: server.is_up() and server.answers("/health/ready"))
        server.get("/sign-in/")
        signed_in = server.post(
            "/sign-in/", {"login": ADMIN, "password": PASSWORD}
        )
        assert signed_in.status == 302, server.told()
        yield server
    finally:
        end(server)


def deals_file(path: Path) -> Path:
    headings = ["Deal - Title", "Deal - Status", "Deal - Organization"]
    headings += ["Deal - Value", "Deal - Won time"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        for number in range(ROWS):
            customer = f"Customer {number // 5}"
            day = f"2018-10-{number % 28 + 1:02}"
            writer.writerow([f"Deal {number}", "Won", customer, 100, day])
    return path


def listeners(direct: str) -> int:
    with psycopg.connect(direct) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE query = 'LISTEN turnus_jobs'"
            " AND datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])


def export(server: Server) -> None:
    """Ask for an export, and wait until a worker has written it."""
    page = server.get("/exports/").text
    before = page.count('class="btn btn-sm"')
    assert server.post("/exports/new/deals/", {"format": "csv"}).status == 302
    wait_until(
        lambda: (
            server.get("/exports/").text.count('class="btn btn-sm"') > before
        )
    )


def test_the_main_flows_go_through_a_pooler(
    through: dict[str, str], tmp_path: Path
) -> None:
    set_up(through)
    deals = deals_file(tmp_path / "deals.csv")
    turnus(through, "import", str(deals))
    with served(through) as server:
        wait_until(lambda: listeners(through["TURNUS_DIRECT_URL"]) == 2)
        assert "2,500" in server.get("/deals/").text
        for path in ("/", "/organizations/", "/reports/mrr/", "/reports/won/"):
            assert server.get(path).status == 200, path
        created = server.post("/organizations/new/", {"name": "By hand"})
        assert created.status == 302
        assert "By hand" in server.get("/organizations/?q=hand").text
        export(server)
        assert "Traceback" not in server.told()
    written = list((tmp_path / "data" / "exports").glob("*.csv"))
    lines = written[0].read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == ROWS + 1
    rest = tmp_path / "rest.csv"
    turnus(through, "undo", "1")
    turnus(through, "export", "-o", str(rest))
    assert len(rest.read_text(encoding="utf-8-sig").splitlines()) == 1
    turnus(through, "backup", str(tmp_path / "backup.zip"))
    assert (tmp_path / "backup.zip").stat().st_size > 10_000


def test_without_the_server_itself_workers_look_for_jobs(
    through: dict[str, str],
) -> None:
    direct = through.pop("TURNUS_DIRECT_URL")
    set_up(through)
    with served(through) as server:
        export(server)
        assert listeners(direct) == 0
        assert "Traceback" not in server.told()


def test_two_processes_set_up_one_database_one_after_the_other(
    through: dict[str, str],
) -> None:
    """The lock is not left with a connection that somebody else gets next."""
    set_up(through)
    command = [sys.executable, "-m", "turnus", "migrate"]
    both = [
        subprocess.Popen(command, env=through, stdout=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert [each.wait(60) for each in both] == [0, 0]
    with psycopg.connect(through["TURNUS_DIRECT_URL"]) as connection:
        locks = connection.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database"
            " WHERE datname = current_database())"
        )
        assert locks.fetchone() == (0,)
