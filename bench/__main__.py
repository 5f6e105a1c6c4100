"""Run all measurements: `python -m bench [--rows N] [--many N] [--revenue]`; 1 beyond a limit."""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

from bench import files, measure, renewals
from bench.measure import Line

_TURNUS = ["-m", "turnus"]
_MEGABYTE = 1024 * 1024


def main() -> int:
    """Measure and print."""
    given = argparse.ArgumentParser(prog="bench", description=__doc__)
    given.add_argument(
        "--rows",
        type=int,
        default=100_000,
        help="rows of the import and the export",
    )
    given.add_argument(
        "--many",
        type=int,
        default=1_000_000,
        help="rows of the large import, the list and the report",
    )
    given.add_argument(
        "--renewals", action="store_true", help="only the renewal run"
    )
    given.add_argument(
        "--revenue",
        action="store_true",
        help="only the reports of recurring revenue, the day's page and the radar",
    )
    sizes = given.parse_args()
    if sizes.revenue:
        return revenue()
    kept = True
    with tempfile.TemporaryDirectory(prefix="turnus-bench-") as folder:
        chosen = renewing if sizes.renewals else lines
        for line in chosen(Path(folder), sizes.rows, sizes.many):
            print(line, flush=True)
            kept = kept and line.is_kept
    return 0 if (sizes.renewals or revenue() == 0) and kept else 1


def revenue() -> int:
    """Measure recurring revenue, in a process of its own; return its exit code."""
    return subprocess.run(
        [sys.executable, "-m", "bench.revenue"], check=False
    ).returncode


def lines(folder: Path, rows: int, many: int) -> Iterator[Line]:
    """Yield each figure once it is known; later ones use the instances made for earlier ones."""
    small, large = Instance(folder / "small"), Instance(folder / "large")
    one = yield from importing(folder, small, rows)
    yield from exporting(folder, small, rows)
    many_file = folder / "many.xlsx"
    files.write_with_library(many_file, files.rows(many))
    cost = large.turnus("import", str(many_file))
    per_row = (cost.seconds / many) / (one.seconds / rows)
    yield Line(
        f"import of {many:,}: time per row against {rows:,}",
        f"{per_row:.2f} x ({cost.seconds:.0f} s)",
        "1.30 x",
        per_row <= 1.3,
    )
    yield memory(f"import of {many:,}: peak memory", cost)
    wide = large.turnus("export", "-o", str(folder / "many-out.xlsx"))
    yield memory(
        f"export of {many:,}: peak memory ({wide.seconds:.0f} s)", wide
    )
    yield from reading(folder, large)
    yield from renewing(folder, rows, many)


def renewing(folder: Path, rows: int, _many: int) -> Iterator[Line]:
    """Renew many subscriptions at once."""
    yield from renewals.lines(
        folder, Instance(folder / "renewals").environment, rows
    )


class Instance:
    """A throwaway instance on SQLite."""

    def __init__(self, folder: Path) -> None:
        self.environment = {"TURNUS_DATA": str(folder)}
        given = [
            "--company",
            "Muster GmbH",
            "--language",
            "de",
            "--currency",
            "EUR",
            "--time-zone",
            "Europe/Berlin",
        ]
        given += [
            "--name",
            files.OWNER,
            "--email",
            "ada@muster.example",
            "--password",
            "nur-zum-Messen",
            "--no-input",
        ]
        self.turnus("init", *given)
        measure.command(["-m", "bench.pages", "field"], self.environment)

    def turnus(self, *arguments: str) -> measure.Cost:
        """Run the installed command."""
        return measure.command([*_TURNUS, *arguments], self.environment)


def importing(
    folder: Path, small: Instance, rows: int
) -> Generator[Line, None, measure.Cost]:
    """Import the file against reading and inserting it plainly."""
    file = folder / "deals.xlsx"
    files.write_with_library(file, files.rows(rows))
    Instance(folder / "plain")
    plain = measure.command(
        [
            "-m",
            "bench.plain",
            "tables",
            str(file),
            str(folder / "plain" / "turnus.sqlite3"),
        ]
    )
    bare = measure.command(
        ["-m", "bench.plain", "bare", str(file), str(folder / "bare.sqlite3")]
    )
    cost = small.turnus("import", str(file))
    what = f"import of {rows:,}: against read + executemany"
    yield Line(
        what,
        against(cost.seconds, plain.seconds),
        "6 x",
        cost.seconds <= 6 * plain.seconds,
    )
    yield Line(
        f"{what}, bare tables",
        against(cost.seconds, bare.seconds),
        "none",
        is_kept=True,
    )
    yield memory(f"import of {rows:,}: peak memory", cost)
    return cost


def exporting(folder: Path, small: Instance, rows: int) -> Iterator[Line]:
    """Export the deals against writing the same cells with the general library."""
    plain = measure.command(
        ["-m", "bench.files", str(folder / "plain.xlsx"), str(rows)]
    )
    columns = (
        "title,organization,person,value,currency,status,stage,Abo,won_at,expected_close_on,"
        "owner,channel"
    )
    cost = small.turnus(
        "export",
        "--columns",
        columns,
        "--lang",
        "de",
        "-o",
        str(folder / "out.xlsx"),
    )
    what = f"export of {rows:,}: against the library's own writing"
    yield Line(
        what,
        against(cost.seconds, plain.seconds),
        "2 x",
        cost.seconds <= 2 * plain.seconds,
    )
    yield memory(f"export of {rows:,}: peak memory", cost)


def reading(folder: Path, large: Instance) -> Iterator[Line]:
    """Open the list and the report over many deals against their plain SQL."""
    result = folder / "read.json"
    measure.command(
        ["-m", "bench.pages", "read", str(result)], large.environment
    )
    figures = json.loads(result.read_text(encoding="utf-8"))
    page, plain = figures["list"]["page"], figures["list"]["plain"]
    yield Line(
        "list page: server time",
        f"{page * 1000:.0f} ms ({figures['list']['queries']} queries)",
        "150 ms",
        page <= 0.15,
    )
    yield Line(
        "list page: against its plain SQL",
        against(page, plain),
        "3 x",
        page <= 3 * plain,
    )
    for number, segment in enumerate(("whole", "by owner", "by plan")):
        report, plain = (
            figures["report"][f"{name} {number}"]
            for name in ("report", "plain")
        )
        yield Line(
            f"won over time, {segment}: against GROUP BY",
            against(report, plain),
            "2 x",
            report <= 2 * plain,
        )


def against(ours: float, plain: float) -> str:
    """Return a ratio with its two times."""
    return f"{ours / plain:.1f} x ({ours:.3f} s / {plain:.3f} s)"


def memory(what: str, cost: measure.Cost) -> Line:
    """Return the line of a peak of memory."""
    return Line(
        what,
        f"{cost.peak_bytes / _MEGABYTE:.0f} MB",
        "500 MB",
        cost.peak_bytes < 500 * _MEGABYTE,
    )


if __name__ == "__main__":
    sys.exit(main())
