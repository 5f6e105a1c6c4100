"""Everything that CI checks; stops at the first failure. With a part's name, runs that part."""

import os
import subprocess
import sys
from pathlib import Path

from throwaway_postgres import throwaway_postgres

ROOT = Path(__file__).resolve().parent.parent
#: Per cent of lines and branches that the tests must reach.
WHOLE, CORE = 93, 100
#: Processes of tests: one more than cores, for some wait for servers and locks.
WORKERS = "3"
#: Workers that `crash` kills on each database; of commands a quarter, for each begins and ends a
#: process of its own.
KILLS = 1_000
#: Values that each field of each address, and each option, meets in `fuzz`, on each database: at
#: most half an hour on two cores.
FUZZ_ROUNDS = 12
#: Tests that do not depend on the database, or cost much and ask it nothing that others do not:
#: once is enough.
WITHOUT_DATABASE = (
    "docs",
    "src/turnus/core",
    "tests/access",
    "tests/architecture",
    "tests/core",
    "tests/fuzz/test_commands.py",
    "tests/properties/test_workbooks.py",
    "tests/seeing/test_two_worlds.py",
    "tests/sheets",
    "tests/config/test_environment.py",
    "tests/detection/files/test_command.py",
    "tests/detection/files/test_written_files.py",
    "tests/detection/files/test_reading.py",
    "tests/detection/files/test_hidden_and_cut_rows.py",
    "tests/detection/files/test_renew_command.py",
    "tests/detection/files/test_renewals_as_workbooks.py",
)

LINT = (
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["lint-imports", "--no-logo"],
    [
        "djlint",
        "--lint",
        "--quiet",
        "src/turnus/web/templates",
        "src/turnus/detection/templates",
    ],
)


def main(part: str) -> None:
    """Run one part, or all."""
    os.chdir(ROOT)
    if part in {"lint", "all"}:
        for command in LINT:
            run(command)
    if part in {"types", "all"}:
        run(["mypy"])
    if part == "all":
        run(["coverage", "erase"])
        on_postgres()
        run(pytest("-q", "-n", WORKERS, coverage=True))
        report()
    if part == "postgres":
        on_postgres()
    if part == "crash":
        crash()
    if part == "fuzz":
        fuzz()


def pytest(*arguments: str, coverage: bool) -> list[str]:
    """Return the pytest command."""
    counted = (
        ["--cov=turnus", "--cov-append", "--cov-report="] if coverage else []
    )
    return ["pytest", *counted, *arguments]


def on_postgres() -> None:
    """Run the tests that touch the database on a throwaway PostgreSQL, without coverage."""
    with throwaway_postgres() as address:
        if address is None:
            print(
                "PostgreSQL's programs are missing: its tests are left out.",
                file=sys.stderr,
            )
            if os.environ.get("CI"):
                sys.exit(1)
            return
        left_out = [f"--ignore={folder}" for folder in WITHOUT_DATABASE]
        command = pytest(
            "-q", "-n", WORKERS, "-m", "not browser", *left_out, coverage=False
        )
        run(command, DATABASE_URL=address)


def crash() -> None:
    """Kill workers and commands many times, on SQLite and on a throwaway PostgreSQL."""
    command = pytest(
        "-q",
        "tests/revenue/test_crashes.py",
        "tests/imports/test_crashing_commands.py",
        coverage=False,
    )
    run(command, TURNUS_KILLS=str(KILLS))
    with throwaway_postgres() as address:
        if address is not None:
            run(command, TURNUS_KILLS=str(KILLS), DATABASE_URL=address)


def fuzz() -> None:
    """Send hostile values to every address, field and command, on both databases."""
    command = pytest(
        "-q", "-m", "fuzz", "-n", "2", "tests/fuzz", coverage=False
    )
    rounds = os.environ.get("TURNUS_FUZZ_ROUNDS", str(FUZZ_ROUNDS))
    run([*command, "tests/sheets"], TURNUS_FUZZ_ROUNDS=rounds)
    with throwaway_postgres() as address:
        if address is not None:
            run(command, TURNUS_FUZZ_ROUNDS=rounds, DATABASE_URL=address)


def report() -> None:
    """Hold the coverage against its thresholds."""
    run(
        ["coverage", "report", "--skip-covered", f"--fail-under={WHOLE}"],
        quiet=True,
    )
    run(
        [
            "coverage",
            "report",
            "--include=*/turnus/core/*",
            f"--fail-under={CORE}",
        ],
        quiet=True,
    )


def run(
    command: list[str], *, quiet: bool = False, **environment: str
) -> None:
    """Run a command; end with its code when it fails."""
    print(f"\n$ {' '.join(command)}", file=sys.stderr, flush=True)
    out = subprocess.PIPE if quiet else None
    done = subprocess.run(
        command, check=False, env={**os.environ, **environment}, stdout=out
    )
    if quiet:
        lines = done.stdout.decode().splitlines()
        # Not on standard output: its last line is pytest's.
        print(
            "\n".join(lines if done.returncode else lines[-1:]),
            file=sys.stderr,
        )
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "all")
