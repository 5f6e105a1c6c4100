"""How well subscriptions are detected: `python -m bench.detection [FOLDER]`.

Two tables: histories by level of carelessness, and companies by kind, with the truth beside
each. FOLDER holds histories with `export.csv`, `meta.json` and `truth.json` each (default:
HISTORIES, else histories made here).
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import django

from bench.histories import World

_DEALS_OF_CUSTOMER = 28


def main() -> int:
    """Print the tables; the exit code is 0, or 1 where the folder holds no histories."""
    from bench.companies.rhythms import print_rhythms
    from bench.companies.table import print_companies
    from bench.companies.titles import print_titles
    from bench.histories_table import print_histories

    options = _options()
    with tempfile.TemporaryDirectory(prefix="turnus-bench-") as temporary:
        made = Path(temporary)
        folder = Path(options.folder) if options.folder else made
        if not options.folder:
            _make(folder, seeds=options.seeds)
        if options.rows:
            customers = max(1, options.rows // _DEALS_OF_CUSTOMER)
            World(level=2, seed=7, customers=customers).write(made / "large")
        truths = {*folder.glob("*/truth.json"), *made.glob("*/truth.json")}
        print_histories(sorted(truths))
    if not truths:
        return 1
    print()
    with tempfile.TemporaryDirectory(prefix="turnus-bench-") as temporary:
        print_companies(range(options.seeds), Path(temporary))
    print()
    print_rhythms()
    print_titles()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.detection", description=__doc__
    )
    histories = os.environ.get("HISTORIES")
    parser.add_argument("folder", nargs="?", type=Path, default=histories)
    parser.add_argument(
        "--rows",
        type=int,
        default=0,
        help="also a history of about so many deals",
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=3,
        help="companies of each kind, and histories of each level if made here",
    )
    return parser.parse_args()


def _make(folder: Path, *, seeds: int) -> None:
    for level in range(5):
        for seed in range(seeds):
            World(level=level, seed=100 * level + seed).write(
                folder / f"level{level}-{seed}"
            )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turnus.config.settings")
    django.setup()
    sys.exit(main())
