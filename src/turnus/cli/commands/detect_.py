"""Detect the subscriptions in a spreadsheet of copied won deals.

No setup is needed, and only the files you name are written.

examples:
  turnus detect deals.xlsx
  turnus detect deals.csv --as-of 2025-06-30 --currency EUR --rate CHF=0.94 --rate USD=0.92
  turnus detect deals.xlsx --report report.html --xlsx detected.xlsx
  turnus detect deals.csv --settings meta.json --json out.json
  turnus detect deals.xlsx --plan-column "Zahlungsweise"
  turnus detect deals.csv --day-first --decimal comma

The file is an export of deals in English or German. It needs columns for the won time, the
value, and an organization or a contact person. Status, currency, title, plan and IDs are used
if they are present.

--settings: a JSON object with any of as_of, first, timezone, currency and
rates ({"CHF": "0.94"}). Flags override it.
--answers: a JSON object as for an import, e.g.
{"dates:Won time": {"do": "day_first"}, "hidden": {"do": "leave_out"}}.

Date and number formats are detected from the file: 03/04/2018 also from the plans that the deals
must fit, 1.200 also from the rest of an English or German file. If a format remains ambiguous,
the command stops and shows both readings and the flag that chooses one. It also stops at rows
it cannot read, and lists each of them; --leave-out-unreadable skips them. Rows that are not won,
or won after --as-of, are skipped and listed.

--report writes a single page with charts that works offline. --xlsx writes sheets of
subscriptions, months, movements, decisions and duplicates. An existing file is replaced only
once the new one is complete. The input is never changed.

Exit codes: 0: every row was read, or skipped with a reason; 1: the file or a flag is invalid, or
rows cannot be read, and the message says what to do; 2: the command line is invalid.
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
    """Add the flags for the input file and for what to write."""
    shared.add_arguments(parser)
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="write a page with charts (.html)",
    )
    parser.add_argument(
        "--xlsx", type=Path, metavar="FILE", help="write a workbook (.xlsx)"
    )
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="write everything as JSON (- for the terminal)",
    )


def run(options: argparse.Namespace) -> int:
    """Read the file, detect, write the output files and print the summary."""
    from turnus.detection.files.detecting import detected
    from turnus.detection.files.histories import read_history
    from turnus.detection.files.summary import summary

    path = shared.file_given(options)
    settings = shared.settings_given(options)
    _check_outputs(options, path)
    how = shared.reading_options(options)
    history = read_history(
        path,
        currency=settings.currency or "EUR",
        zone=settings.zone,
        as_of=settings.as_of,
        how=how,
    )
    result = detected(history, settings, progress=progress("detect"))
    _write(options, result)
    if str(options.json) != "-":
        tell_all(summary(result, is_plain=is_plain()))
        tell_all(
            f"  {path}"
            for path in (options.report, options.xlsx, options.json)
            if path
        )
    return 0


def _check_outputs(options: argparse.Namespace, source: Path) -> None:
    from turnus.kit.output_files import check_output

    for path, endings in (
        (options.report, [".html", ".htm"]),
        (options.xlsx, [".xlsx"]),
        (options.json, []),
    ):
        check_output(path, endings, source=source)


def _write(options: argparse.Namespace, result: "Detected") -> None:
    from turnus.detection.files.detecting import as_json
    from turnus.detection.files.page import write_page
    from turnus.detection.files.workbook import write_workbook
    from turnus.kit.output_files import write_text

    if options.report:
        write_page(result, options.report)
    if options.xlsx:
        write_workbook(result, options.xlsx)
    if options.json:
        text = json.dumps(as_json(result), ensure_ascii=False, indent=1)
        write_text(text + "\n", options.json)
