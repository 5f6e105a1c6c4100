"""Write the renewals that are due in a period into a file for an import.

From a spreadsheet of copied won deals it detects the subscriptions, as `turnus detect` does.
It writes a row for each term that is due and that no deal pays for: a copy of the subscription's
last deal, won on the due day. Headings and notation are those of the input, so Pipedrive and
Turnus import the file as it is. Nothing needs to be set up; no database is changed.

examples:
  turnus renew deals.xlsx --for 2026-12 -o renewals.xlsx
  turnus renew deals.csv --dry-run              shows what is due this month and what is skipped
  turnus renew deals.csv --for 2026-Q4 --overdue -o renewals.csv
  turnus renew deals.xlsx --for 2026-12-01..2026-12-15 -o renewals.xlsx

--for: a month, a quarter (2026-Q4), a year, or two days with two dots between, both included.

Titles go forward where the titles before them did: "Hosting 09/2025" becomes "Hosting 10/2025",
and so do years, quarters, weeks, names of months, days and running numbers. A figure that stood
still, such as "Office 2019", stays. The output counts the changed titles and shows examples.

Skipped, each with count and money:
- what a deal pays for already; a file that holds the renewals is renewed no second time
- what was due before the period, unless --overdue
- subscriptions in question, unless --doubtful
- subscriptions that ended, or were not renewed within their grace before the period began
  (at most three months back), with the day they were due; after a year they are not mentioned
- single purchases

Not copied: the deal's ID, when it was made, changed, lost or closed, and what is counted or
computed. A file without a status gets one. An existing output file is replaced once the new one
is complete; without a renewal none is written. The input is never touched.
What cannot be read, or has two readings, is refused with the row, the reason and the flag that
answers, as by `turnus detect`.
Exit code 0: done, also without a renewal; 1: the file or a flag is not right, or rows cannot be
read, and the message says what to do; 2: the command is not understood.
"""

import argparse
from pathlib import Path

from turnus.cli import deal_file_flags as shared
from turnus.cli.terminal import progress, tell_all


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say which file, which period, and where to."""
    parser.add_argument(
        "--for",
        dest="period",
        default="",
        metavar="PERIOD",
        help="when they are due (default: this month)",
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="file to write: .xlsx or .csv"
    )
    way.add_argument(
        "--dry-run",
        action="store_true",
        help="show only; write nothing (as without -o)",
    )
    parser.add_argument(
        "--overdue", action="store_true", help="also what was due before the period"
    )
    parser.add_argument(
        "--doubtful",
        action="store_true",
        help="also subscriptions in question",
    )
    shared.add_arguments(parser)


def run(given: argparse.Namespace) -> int:
    """Read, detect, write, tell."""
    from turnus.core.detection.renewals import RenewalStanding
    from turnus.detection.files.periods import period_named
    from turnus.detection.files.reading_words import what_was_read
    from turnus.detection.files.renewing import (
        read_until_end_of,
        renewals_of,
        write_renewals,
    )
    from turnus.detection.files.renewing_words import what_is_left_out, what_is_renewed
    from turnus.kit.output_files import check_output

    path, settings = shared.file_given(given), shared.settings_given(given)
    check_output(given.output, [".xlsx", ".csv"], source=path)
    days = period_named(given.period, today=settings.as_of)
    history = read_until_end_of(days, path, settings, how=shared.how_to_read(given))
    flags = {
        RenewalStanding.EARLIER: given.overdue,
        RenewalStanding.DOUBTFUL: given.doubtful,
    }
    also = frozenset(standing for standing, is_wanted in flags.items() if is_wanted)
    renewals = renewals_of(
        history, settings, days, also=also, progress=progress("renew")
    )
    if given.output and renewals.written:
        write_renewals(renewals, given.output)
    tell_all(what_was_read(history, renewals.detection))
    tell_all((*what_is_renewed(renewals, given.output), *what_is_left_out(renewals)))
    return 0
