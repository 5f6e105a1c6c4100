"""Flags of the commands that read a spreadsheet: what the file leaves open."""

import argparse

from turnus.core.tables import ReadingChoices

_READ = "read"
_READ_OR_NOT = (_READ, "leave-out")
_TAB_NAMES = frozenset({"\\t", "tab"})


def add_reading_flags(
    parser: argparse._ActionsContainer, *, totals_help: str
) -> None:
    """Add the flags for sheet, headings, text format, hidden rows and total rows."""
    parser.add_argument(
        "--sheet",
        metavar="NAME",
        help="sheet of the workbook (default: the first with rows)",
    )
    parser.add_argument(
        "--heading-row", type=int, metavar="N", help="row with the headings"
    )
    parser.add_argument(
        "--encoding",
        help="encoding of a CSV file, such as utf-8, cp1252, mac-roman, cp850",
    )
    parser.add_argument(
        "--delimiter", metavar="SIGN", help="cell separator of a CSV file"
    )
    parser.add_argument(
        "--hidden", choices=_READ_OR_NOT, help="rows hidden in the spreadsheet"
    )
    parser.add_argument("--totals", choices=_READ_OR_NOT, help=totals_help)


def reading_choices(options: argparse.Namespace) -> ReadingChoices:
    """Return how the file is to be read, as the flags say; None where they say nothing."""
    delimiter = "\t" if options.delimiter in _TAB_NAMES else options.delimiter
    return ReadingChoices(
        sheet=options.sheet or None,
        encoding=options.encoding,
        delimiter=delimiter,
        heading_row=options.heading_row,
        reads_hidden_rows=_is_read(options.hidden),
        reads_totals=_is_read(options.totals),
    )


def _is_read(answer: str | None) -> bool | None:
    return None if answer is None else answer == _READ
