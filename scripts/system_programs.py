"""See to the system programs that the tests drive: a Chromium and the PostgreSQL server binaries.

As root on Debian they are installed; elsewhere the command says what to install, and the tests that
need them are skipped (in CI they fail instead: a suite that skips half of itself proves nothing).
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {"chromium": "chromium", "initdb": "postgresql"}


def present(program: str) -> bool:
    """Return whether `program` can be found on PATH or where Debian keeps server binaries."""
    return bool(
        shutil.which(program)
        or list(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    )


def main() -> None:
    """Install what is missing, or name it."""
    missing = [
        package
        for program, package in PACKAGES.items()
        if not present(program)
    ]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"For all tests install: {' '.join(missing)}", file=sys.stderr)
        return
    print(
        f"Installing {' '.join(missing)} for the tests ...",
        file=sys.stderr,
        flush=True,
    )
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [
        "apt-get",
        "install",
        "--yes",
        "--quiet",
        "--no-install-recommends",
        *missing,
    ]
    for command in (["apt-get", "update", "--quiet"], install):
        subprocess.run(
            command, env=env, check=False, stdout=subprocess.DEVNULL
        )


if __name__ == "__main__":
    main()
