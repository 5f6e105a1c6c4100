"""Write the renewals that are due in a period to a file for import.

Subscriptions are detected in a spreadsheet of copied won deals, as by `turnus detect`. For each
term that is due and that no deal pays for, one row is written: a copy of the subscription's last
deal, won on the due day. Headings and formats are those of the input, so Pipedrive and Turnus
import the file as it is. No setup is needed, and no database is changed.

examples:
  turnus renew deals.xlsx --for 2026-12 -o renewals.xlsx
  turnus renew deals.csv --dry-run              shows what is due this month and what is skipped
  turnus renew deals.csv --for 2026-Q4 --overdue -o renewals.csv
  turnus renew deals.xlsx --for 2026-12-01..2026-12-15 -o renewals.xlsx

--for: a month, a quarter (2026-Q4), a year, or two days joined by two dots, both included.

Titles are brought forward where earlier titles were: "Hosting 09/2025" becomes "Hosting 10/2025".
The same goes for years, quarters, weeks, month names, days and running numbers. A number that
never changed, as in "Office 2019", stays. The output counts the changed titles and shows examples.

Skipped, each with count and amount:
- terms that a deal already pays for: a file that contains the renewals is not renewed twice
- terms due before the period, unless --overdue
- subscriptions in question, also their missed terms, unless --doubtful
- subscriptions that ended, or were not renewed within their grace period before the period
  began (at most three months back), with their due day; after a year they are not listed.
  The grace is 7 days up to four weeks, 14 days up to two months, 30 days from a quarter on
- single purchases

Not copied: the deal's ID, when it was created, updated, lost or closed, and anything counted or
computed. A file without a status column gets one. An existing output file is replaced only once
the new one is complete; if nothing is due, no file is written. The input is never changed.
Rows that cannot be read, or that have two readings, stop the command: the message names the row,
the reason and the flag that resolves it, as in `turnus detect`.

Exit codes: 0: done, even if nothing was due; 1: the file or a flag is invalid, or rows cannot be
read, and the message says what to do; 2: the command line is invalid.
"""

import argparse
from pathlib import Path

from turnus.cli import deal_file_flags as shared
from turnus.cli.terminal import progress, tell_all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags for the period, the output and the input file."""
    parser.add_argument(
        "--for",
        dest="period",
        default="",
        metavar="PERIOD",
        help="period in which they are due (default: this month)",
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="file to write (.xlsx or .csv)",
    )
    way.add_argument(
        "--dry-run",
        action="store_true",
        help="only show; write nothing (the default without -o)",
    )
    parser.add_argument(
        "--overdue",
        action="store_true",
        help="also renew terms due before the period",
    )
    parser.add_argument(
        "--doubtful",
        action="store_true",
        help="also renew subscriptions in question",
    )
    shared.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Read the file, detect, write the renewals and print what was done."""
    from turnus.core.detection.renewals import RenewalStanding
    from turnus.detection.files.periods import period_named
    from turnus.detection.files.reading_report import reading_report
    from turnus.detection.files.renewal_report import (
        renewed_report,
        skipped_report,
    )
    from turnus.detection.files.renewing import (
        read_until_end_of,
        renewals_of,
        write_renewals,
    )
    from turnus.kit.output_files import check_output

    path = shared.file_given(options)
    settings = shared.settings_given(options)
    check_output(options.output, [".xlsx", ".csv"], source=path)
    days = period_named(options.period, today=settings.as_of)
    history = read_until_end_of(
        days, path, settings, how=shared.reading_options(options)
    )
    flags = {
        RenewalStanding.EARLIER: options.overdue,
        RenewalStanding.DOUBTFUL: options.doubtful,
    }
    also = frozenset(
        standing for standing, is_wanted in flags.items() if is_wanted
    )
    renewals = renewals_of(
        history, settings, days, also=also, progress=progress("renew")
    )
    if options.output and renewals.written:
        write_renewals(renewals, options.output)
    tell_all(reading_report(history, renewals.detection))
    tell_all(
        (*renewed_report(renewals, options.output), *skipped_report(renewals))
    )
    return 0
