"""A PostgreSQL server for one test run: a fresh folder, a Unix socket, nothing kept."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
)


@contextmanager
def throwaway_postgres() -> Iterator[str | None]:
    """Yield the address of a running server, or None where its programs are missing."""
    found = shutil.which("initdb") and shutil.which("postgres")
    programs = (
        Path(shutil.which("initdb") or "") if found else _debian("initdb")
    )
    if programs is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="turnus-postgres-"))
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    server = _start(programs.resolve().parent, folder, user)
    try:
        yield f"postgresql://{user or pwd.getpwuid(os.geteuid()).pw_name}@/postgres?host={folder}"
    finally:
        server.terminate()
        server.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _debian(program: str) -> Path | None:
    return next(
        iter(
            sorted(
                Path("/usr/lib/postgresql").glob(f"*/bin/{program}"),
                reverse=True,
            )
        ),
        None,
    )


def _start(
    programs: Path, folder: Path, user: str | None
) -> "subprocess.Popen[bytes]":
    as_user = {"user": user, "group": user, "extra_groups": []} if user else {}
    if not (programs / "postgres").exists():
        programs = (_debian("postgres") or programs).parent
    initdb = [
        programs / "initdb",
        "-D",
        folder / "data",
        "-A",
        "trust",
        "--no-sync",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]
    subprocess.run(
        initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user
    )  # type: ignore[call-overload]  # optional arguments of any type
    options = [part for option in _FAST for part in ("-c", option)]
    command = [
        programs / "postgres",
        "-D",
        folder / "data",
        "-k",
        folder,
        *options,
    ]
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        command, stdout=log, stderr=log, cwd=folder, **as_user
    )  # type: ignore[call-overload]  # optional arguments of any type
    ready = [programs / "pg_isready", "-q", "-h", folder]
    for _ in range(100):
        if subprocess.run(ready, check=False).returncode == 0:
            return server
        time.sleep(0.1)
    message = f"PostgreSQL did not start; see {folder / 'log'}"
    raise RuntimeError(message)
