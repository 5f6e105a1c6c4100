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


def crash(folder: Path, kills: int, program: str, **environment: str) -> str:
    """Run a killing program and return what it says; fail with what it says of a mistake."""
    command = [sys.executable, "-m", program, "--kills", str(kills)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "TURNUS_DATA": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    if done.returncode:
        pytest.fail(done.stderr)
    return done.stdout


def crash_anywhere(folder: Path, kills: int, program: str) -> str:
    """Run a killing program on the database that the tests run on."""
    address = os.environ.get("DATABASE_URL")
    if not address:
        return crash(folder, kills, program)
    with own_database(address) as own:
        return crash(folder, kills, program, DATABASE_URL=own)


def test_killed_workers_book_every_term_once(tmp_path: Path) -> None:
    kills = int(os.environ.get("TURNUS_KILLS", "25"))
    assert "none missing, none twice" in crash_anywhere(
        tmp_path, kills, "tests.revenue.crashing"
    )
