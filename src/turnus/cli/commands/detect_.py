"""Detect the subscriptions in a spreadsheet of copied won deals.

Nothing needs to be set up, and nothing is written but what you name.

examples:
  turnus detect deals.xlsx
  turnus detect deals.csv --as-of 2025-06-30 --currency EUR --rate CHF=0.94 --rate USD=0.92
  turnus detect deals.xlsx --report report.html --xlsx detected.xlsx
  turnus detect deals.csv --settings meta.json --json out.json
  turnus detect deals.xlsx --plan-column "Zahlungsweise"
  turnus detect deals.csv --day-first --decimal comma

The file is an export of deals, German or English: won time, value and an organization or a contact person are needed; status,
currency, title, plan and IDs are used where they are there.
--settings: JSON object with any of as_of, first, timezone, currency, rates ({"CHF": "0.94"}); flags go before it.
How days and numbers are written is read off the file: 03/04/2018 also off the plans that the deals have to fit, 1.200 also off the
rest of a German or English file. What stays open is refused with both readings and the flag that answers; so are rows that
cannot be read, each named, unless --leave-out-unreadable. Rows that are not won or later than --as-of are left out and named.
--answers: JSON object as for an import, e.g. {"dates:Won time": {"do": "day_first"}, "hidden": {"do": "leave_out"}}.
--report is one page with charts that needs no network; --xlsx has sheets of subscriptions, months, movements,
decisions and duplicates.
A file that is there is replaced, once the new one is complete; the input is never touched.
Exit code 0: every row was read, or left out for a reason that is said; 1: the file or a flag is not right, or rows cannot be
read, and the message says what to do; 2: the command is not understood.
"""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from turnus.cli import deal_file_flags as shared
from turnus.cli.terminal import is_plain, progress, tell_all

if TYPE_CHECKING:
    from turnus.detection.files.detecting import Detected


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say which file, how it is to be read, and what to write."""
    shared.add_arguments(parser)
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="write it as a page with charts: .html",
    )
    parser.add_argument(
        "--xlsx", type=Path, metavar="FILE", help="write it as a workbook: .xlsx"
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="write everything as JSON; - for the terminal",
    )


def run(given: argparse.Namespace) -> int:
    """Read, detect, write, tell."""
    from turnus.detection.files.detecting import detected
    from turnus.detection.files.histories import read_history
    from turnus.detection.files.summary import summary

    path, settings = shared.file_given(given), shared.settings_given(given)
    _check_outputs(given, path)
    how = shared.how_to_read(given)
    history = read_history(
        path,
        currency=settings.currency or "EUR",
        zone=settings.zone,
        as_of=settings.as_of,
        how=how,
    )
    result = detected(history, settings, progress=progress("detect"))
    _write(given, result)
    if str(given.json) != "-":
        tell_all(summary(result, is_plain=is_plain()))
        tell_all(f"  {path}" for path in (given.report, given.xlsx, given.json) if path)
    return 0


def _check_outputs(given: argparse.Namespace, source: Path) -> None:
    from turnus.kit.output_files import check_output

    for path, endings in (
        (given.report, [".html", ".htm"]),
        (given.xlsx, [".xlsx"]),
        (given.json, []),
    ):
        check_output(path, endings, source=source)


def _write(given: argparse.Namespace, result: "Detected") -> None:
    from turnus.detection.files.detecting import as_json
    from turnus.detection.files.page import write_page
    from turnus.detection.files.workbook import write_workbook
    from turnus.kit.output_files import write_text

    if given.report:
        write_page(result, given.report)
    if given.xlsx:
        write_workbook(result, given.xlsx)
    if given.json:
        text = json.dumps(as_json(result), ensure_ascii=False, indent=1)
        write_text(text + "\n", given.json)
