"""Export a list of deals, persons, organizations or subscriptions to XLSX or CSV.

examples:
  turnus export -o deals.xlsx
  turnus export --filter "Gewonnen im Oktober" --columns status,person,value,won_at -o won.csv
  turnus export -o - | head

An existing file is replaced once the new one is complete.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from turnus.cli.terminal import progress, tell

if TYPE_CHECKING:
    from turnus.accounts.models import User
    from turnus.fields.catalog import Catalog
    from turnus.listing.lists import RecordList


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to export, and where to."""
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help="file to write: .xlsx or .csv; - for the terminal, as CSV",
    )
    kinds = ["deals", "persons", "organizations", "subscriptions"]
    parser.add_argument(
        "--kind", choices=kinds, default="deals", help="what to export"
    )
    parser.add_argument(
        "--columns",
        metavar="FIELDS",
        help="names or paths of fields, comma-separated (default: the filter's, or the usual ones)",
    )
    add_options(parser)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add which rows to export, and how; the same for every kind."""
    parser.add_argument(
        "--filter", metavar="NAME", help="saved filter (default: everything)"
    )
    parser.add_argument(
        "--lang",
        choices=["de", "en"],
        help="language of headings and words (default: the company's)",
    )
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="user whose permissions apply (default: the first admin)",
    )


def run(options: argparse.Namespace) -> int:
    """Write the file."""
    from turnus.accounts.access import Permission, require
    from turnus.accounts.queries import first_admin, user_by_email
    from turnus.exports.actions import write_list
    from turnus.fields.words import delimiter_of
    from turnus.kit.messages import sentence
    from turnus.kit.output_files import check_output, into_output

    is_stdout = str(options.output) == "-"
    if not is_stdout:
        check_output(options.output, [".xlsx", ".csv"])
    by = user_by_email(options.email) if options.email else first_admin()
    require(by, Permission.EXPORT)
    records = _records(options, by)
    delimiter = delimiter_of(records.viewer.language)
    with into_output(options.output, of_stdout="list.csv") as path:
        written = write_list(
            records, path, delimiter=delimiter, progress=progress("export")
        )
    lines = [
        sentence(
            "export.done",
            {"rows": written.record_count, "file": str(options.output)},
        )
    ]
    if written.notice:
        lines.append(
            sentence(written.notice["code"], written.notice["params"])
        )
    for line in lines:
        if is_stdout:
            sys.stderr.write(f"{line}\n")
        else:
            tell(line)
    return 0


def _records(options: argparse.Namespace, by: "User") -> "RecordList":
    """Return the list to export, as `by` sees it."""
    from turnus.accounts.queries import company
    from turnus.accounts.viewer import Viewer
    from turnus.core.filters import All
    from turnus.core.records import RecordKind
    from turnus.fields.catalog import catalog
    from turnus.kit import clock
    from turnus.listing.lists import ListState, RecordList
    from turnus.listing.queries import filter_named, paths_in
    from turnus.listing.trees import tree_in

    kind = RecordKind(options.kind.removesuffix("s"))
    fields = catalog(kind)
    if options.filter:
        saved = filter_named(by, kind, options.filter)
        state = ListState(
            tree_in(saved.tree),
            sort=saved.sort,
            columns=paths_in(saved.columns),
        )
    else:
        state = ListState(All(()), columns=paths_in(None))
    if options.columns:
        state = replace(state, columns=_paths(options.columns, fields))
    owner = company()
    language = options.lang or owner.language
    viewer = Viewer(by, clock.today(owner.zone), owner.zone, language)
    return RecordList(kind, fields, state, viewer)


def _paths(words: str, fields: "Catalog") -> tuple[str, ...]:
    """Return the paths of the fields that the words name."""
    from turnus.kit.errors import UserError

    paths: dict[str, str] = {}
    for word in words.split(","):
        path = fields.find(word.strip())
        if path is None:
            raise UserError("field.unknown", field=word)
        paths[word] = path
    return tuple(paths.values())
