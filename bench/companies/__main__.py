"""Detection of made-up companies: `python -m bench.companies` prints a table by kind.

python -m bench.companies --kinds club gym --seeds 6
python -m bench.companies --kinds club --first-seed 4 --seeds 1 --mistakes 20
python -m bench.companies --write FOLDER
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import django

from bench.companies.company import Company
from bench.companies.kinds import KINDS, company_of


def main() -> int:
    """Print the table, or only write the companies."""
    parser = argparse.ArgumentParser(
        prog="bench.companies",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--kinds", nargs="*", choices=sorted(KINDS), default=list(KINDS)
    )
    parser.add_argument(
        "--seeds", type=int, default=3, help="companies of each kind"
    )
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument(
        "--size", type=int, default=40, help="customers, about"
    )
    parser.add_argument(
        "--mistakes", type=int, default=0, help="list so many of each"
    )
    parser.add_argument(
        "--each", action="store_true", help="a line for each company"
    )
    parser.add_argument("--write", type=Path, help="only write the files here")
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    if options.write:
        for kind in options.kinds:
            for seed in seeds:
                company = company_of(kind, seed=seed, size=options.size)
                _write(company, options.write)
        return 0
    from bench.companies.table import print_companies, print_mistakes

    with tempfile.TemporaryDirectory(prefix="turnus-companies-") as folder:
        scores = print_companies(
            seeds,
            Path(folder),
            kinds=options.kinds,
            size=options.size,
            has_each=options.each,
        )
    if options.mistakes:
        print_mistakes(scores, most=options.mistakes)
    return 0


def _write(company: Company, folder: Path) -> Path:
    from bench.companies.files import write_company

    path = folder / f"{company.kind}-{company.seed}"
    write_company(company, path)
    return path


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turnus.config.settings")
    django.setup()
    sys.exit(main())
