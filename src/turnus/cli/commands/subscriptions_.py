"""Import subscriptions from a spreadsheet, or export them into one.

examples:
  turnus subscriptions import abos.xlsx --dry-run    what would happen, row by row
  turnus subscriptions import abos.csv --json        import them; prints the run's number
  turnus undo 12                                     undo the import with that number
  turnus subscriptions export abos.xlsx --filter "Nur jährlich"

A row for each subscription: customer (organization, contact person or both), plan (a name, or
words such as "monatlich"), price per period, start; and, as needed, ID, name, currency, last day,
reason for the end, paid until, owner.
Below it a row for each thing that happened to it, with "effective from" and in the column "row":
  price change, plan change, pause, resume, term skipped
  (Preisänderung, Planwechsel, Pause, Fortsetzung, Laufzeitabschnitt übersprungen)
Headings are German or English; docs/guide/en/subscription-files.md has them all, with an example.
An export has the same columns: importing it elsewhere gives the same MRR in each month.
"""

import argparse
from pathlib import Path

from turnus.cli.commands import export_, import_


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the two directions, each with its flags."""
    ways = parser.add_subparsers(
        dest="way", required=True, metavar="import|export"
    )
    into = ways.add_parser(
        "import", help="import subscriptions from an XLSX, XLS or CSV file"
    )
    import_.add_file(into)
    import_.add_options(into)
    out = ways.add_parser(
        "export", help="write subscriptions into an XLSX or CSV file"
    )
    name = "file to write: .xlsx or .csv (default: subscriptions.xlsx)"
    out.add_argument(
        "output",
        type=Path,
        nargs="?",
        default=Path("subscriptions.xlsx"),
        metavar="FILE",
        help=name,
    )
    export_.add_options(out)


def run(options: argparse.Namespace) -> int:
    """Import or export."""
    options.kind, options.on, options.columns = "subscriptions", None, None
    return (
        import_.run(options)
        if options.way == "import"
        else export_.run(options)
    )
