"""Workers that are killed for real book every term once; the long version is `make crash`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def own_database(address: str) -> Iterator[str]:
    """Yield the address of a database of our own beside the one that the tests run on."""
    import psycopg

    name = f"crash_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def crash(folder: Path, kills: int, **environment: str) -> str:
    """Run the killing program and return what it says; the test fails with what it says of a mistake."""
    command = [sys.executable, "-m", "tests.revenue.crashing", "--kills", str(kills)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "TURNUS_DATA": str(folder), **environment}, capture_output=True, text=True,
        timeout=3600, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.fail(done.stderr)
    return done.stdout


def test_killed_workers_book_every_term_once(tmp_path: Path) -> None:
    kills, address = int(os.environ.get("TURNUS_KILLS", "25")), os.environ.get("DATABASE_URL")
    if address:
        with own_database(address) as own:
            assert "none missing, none twice" in crash(tmp_path, kills, DATABASE_URL=own)
    else:
        assert "none missing, none twice" in crash(tmp_path, kills)
