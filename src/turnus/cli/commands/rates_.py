"""Take exchange rates from the file that the European Central Bank publishes.

Its XML or CSV files, or the ZIP files that hold them: “eurofxref-hist.xml” and
“eurofxref-hist.zip” have every day since 1999, “eurofxref-daily.xml” the last one. Only your
currencies are taken, from the year of the first won deal on; a rate of the same day is replaced.

examples:
  turnus rates eurofxref-hist.zip
  turnus rates eurofxref-daily.xml
  turnus rates eurofxref-hist.csv --since 2026-01-01 --dry-run
"""

import argparse
import csv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from turnus.cli.inputs import day
from turnus.cli.terminal import tell

if TYPE_CHECKING:
    from turnus.accounts.actions import NewRate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add which file, and from which day on."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="XML, CSV or ZIP file"
    )
    parser.add_argument(
        "--since",
        type=day,
        metavar="DAY",
        help="leave out the days before this one",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="say what would be taken; write nothing",
    )
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="user who takes them (default: the first admin)",
    )


def run(options: argparse.Namespace) -> int:
    """Take the rates, and say how many of each currency."""
    from turnus.accounts.actions import save_rates
    from turnus.accounts.queries import first_admin, user_by_email
    from turnus.sales.queries import first_won_day

    by = user_by_email(options.email) if options.email else first_admin()
    first_won = first_won_day()
    year_of_first = first_won.replace(month=1, day=1) if first_won else None
    rates = list(_rates_in(options.file, options.since or year_of_first))
    if not options.dry_run:
        save_rates(by=by, new=rates)
    _tell(rates)
    return 0


def _rates_in(path: Path, since: date | None) -> Iterator["NewRate"]:
    """Yield the rates of the company's currencies, in the company's own currency."""
    from turnus.accounts.actions import NewRate
    from turnus.accounts.models import Company
    from turnus.accounts.queries import currency_codes
    from turnus.core.reference_rates import ReferenceFileError, reference_days
    from turnus.kit.errors import UserError

    company = Company.objects.get()
    codes = set(currency_codes()) - {company.currency}
    with _opened(path) as lines:
        try:
            for reference in reference_days(lines):
                if since is not None and reference.day < since:
                    continue
                values = reference.in_units_of(company.currency)
                for code in sorted(codes & values.keys()):
                    yield NewRate(code, reference.day, values[code])
        except ReferenceFileError as error:
            raise UserError(
                "rate.file", file=path.name, line=error.line
            ) from error
        except (UnicodeDecodeError, csv.Error) as error:
            raise UserError("rate.file", file=path.name, line=1) from error


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """Open the file, also within its ZIP."""
    from turnus.kit.errors import UserError

    if not path.is_file():
        raise UserError("file.missing", path=str(path))
    if not zipfile.is_zipfile(path):
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive:
        names = [
            name
            for name in archive.namelist()
            if name.lower().endswith((".csv", ".xml"))
        ]
        if not names:
            raise UserError("rate.file", file=path.name, line=1)
        with archive.open(names[0]) as file:
            yield TextIOWrapper(file, encoding="utf-8-sig", newline="")


def _tell(rates: list["NewRate"]) -> None:
    from django.utils.translation import gettext as _

    if not rates:
        tell(_("The file has no rates of your currencies for these days."))
        return
    for code in sorted({rate.code for rate in rates}):
        days = [rate.on for rate in rates if rate.code == code]
        words = _("%(code)s: %(count)d rates, from %(first)s to %(last)s")
        values = {
            "code": code,
            "count": len(days),
            "first": min(days),
            "last": max(days),
        }
        tell(words % values)
