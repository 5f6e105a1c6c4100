"""Import a spreadsheet of deals, persons, organizations or subscriptions.

examples:
  turnus import deals.xlsx --dry-run --report check.json    what would happen, row by row
  turnus import deals.xlsx --on 2018-11-14                   blank won times count on this day
  turnus import deals.csv --mapping columns.json --answers answers.json
  turnus import deals.csv --ignore Notiz --totals leave-out  skip a column and totals on purpose
  turnus import --continue 12                                continue an interrupted import

--mapping: JSON object, heading -> name or path of a field, null to skip a column:
           {"Plan": "Abo", "Summe": "value", "Notiz": null}
--answers: JSON object, question key -> answer; --dry-run prints the questions with their keys:
           {"stage:Angebot": {"do": "map", "to": "Angebot gemacht"},
            "existing": {"do": "copy", "on": "2018-11-14"}}
Exit codes:
  0  everything was imported (or would be), apart from what you chose to skip
  1  something was not: rows with problems, columns without a field, totals; or nothing was written:
     open questions, another sheet with rows, a file that cannot be read. The output says which
  2  the options are wrong
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from turnus.cli.inputs import day, record_number
from turnus.cli.interrupts import Terminated, ending_on_signals, exit_code_of
from turnus.cli.reading_flags import add_reading_flags, reading_choices
from turnus.cli.terminal import progress, tell
from turnus.kit.input_files import json_object

if TYPE_CHECKING:
    from turnus.cli.importing import Draw, Importing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to import, and how."""
    add_file(parser)
    kinds = ["deals", "persons", "organizations", "subscriptions"]
    parser.add_argument(
        "--kind", choices=kinds, default="deals", help="what the rows are"
    )
    parser.add_argument(
        "--on",
        type=day,
        metavar="DATE",
        help="day of blank won times (default: today)",
    )
    add_options(parser)


def add_file(parser: argparse.ArgumentParser) -> None:
    """Add which file; without one an interrupted import is continued."""
    parser.add_argument(
        "file",
        type=Path,
        nargs="?",
        metavar="FILE",
        help="XLSX, XLS or CSV file",
    )


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add how to import it; the same whatever the rows are."""
    _add_steps(parser)
    _add_columns_and_answers(parser)
    add_reading_flags(
        parser, totals_help="total rows (default: leave-out, with exit code 1)"
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="write totals and each row's verdict as JSON",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print them as JSON instead of words",
    )
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="user who imports (default: the first admin)",
    )


def _add_steps(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dry-run", action="store_true", help="check only; write nothing"
    )
    parser.add_argument(
        "--continue",
        type=record_number,
        dest="run_number",
        metavar="RUN",
        help="continue this import; takes no file",
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="import the file beside an unfinished import of it, twice on purpose",
    )


def _add_columns_and_answers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mapping",
        type=Path,
        metavar="FILE",
        help="which heading is which field, as JSON",
    )
    parser.add_argument(
        "--answers",
        type=Path,
        metavar="FILE",
        help="answers to questions, as JSON",
    )
    parser.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="COLUMN",
        help="skip this column; may be repeated",
    )
    parser.add_argument(
        "--ignore-others",
        action="store_true",
        help="skip every column without a field",
    )


def run(options: argparse.Namespace) -> int:
    """Check and import, unless questions are open; or continue an interrupted import."""
    if (options.file is None) == (options.run_number is None):
        options.parser.error(
            "give a file, or --continue with the number of a run"
        )
    begins_anew = options.dry_run or options.again
    if options.run_number is not None and begins_anew:
        options.parser.error(
            "--continue goes with neither --dry-run nor --again"
        )
    try:
        with ending_on_signals():
            return _begin(options)
    except Terminated as end:  # before there was an import
        return exit_code_of(end)


def _begin(options: argparse.Namespace) -> int:
    from turnus.cli.importing import Importing, ImportSource
    from turnus.kit.output_files import check_output

    check_output(options.report, [], source=options.file)
    if options.run_number is not None:
        importing = Importing.unfinished(
            options.run_number, email=options.email
        )
        return _unless_interrupted(
            importing, lambda: _finish(options, importing, importing.go_on)
        )
    mapping = json_object(options.mapping) if options.mapping else {}
    answers = json_object(options.answers) if options.answers else {}
    source = ImportSource(
        options.file.absolute(),
        options.kind.removesuffix("s"),
        reading_choices(options),
    )
    importing = Importing.beginning(
        source,
        email=options.email,
        is_dry=options.dry_run,
        is_again=options.again,
    )
    return _unless_interrupted(
        importing, lambda: _import(options, importing, mapping, answers)
    )


def _import(
    options: argparse.Namespace,
    importing: "Importing",
    mapping: Mapping[str, object],
    answers: Mapping[str, object],
) -> int:
    from turnus.cli.importing import SkippedColumns

    skipped = SkippedColumns(options.ignore, options.ignore_others)
    importing.prepare(
        mapping=mapping, answers=answers, skipped=skipped, on=options.on
    )
    importing.check(progress("check"))
    carry_out = None if options.dry_run else importing.carry_out
    return _finish(options, importing, carry_out)


def _finish(
    options: argparse.Namespace,
    importing: "Importing",
    carry_out: "Callable[[Draw], None] | None",
) -> int:
    """Carry out what is to be carried out, and print what happened."""
    from turnus.kit.output_files import write_text

    if carry_out is not None:
        carry_out(progress("import"))
    report = (
        json.dumps(importing.report(), ensure_ascii=False, indent=1)
        if options.report or options.json
        else ""
    )
    if options.report:
        write_text(report, options.report)
    for line in [report] if options.json else importing.summary():
        tell(line)
    return 0 if importing.is_complete else 1


def _unless_interrupted(
    importing: "Importing", work: Callable[[], int]
) -> int:
    """Do the work; if interrupted, print what stands and how to go on."""
    from turnus.kit.errors import ending_behind

    try:
        return work()
    except BaseException as error:
        end = ending_behind(error)
        if not isinstance(end, KeyboardInterrupt | Terminated):
            raise
        sys.stderr.write(f"turnus: {importing.interrupted()}\n")
        return exit_code_of(end)
