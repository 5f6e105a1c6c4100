"""Export a list of deals, persons, organizations or subscriptions to XLSX or CSV.

examples:
  turnus export -o deals.xlsx
  turnus export --filter "Gewonnen im Oktober" --columns status,person,organization,value,won_at -o deals.csv --lang de
  turnus export -o - | head

A file that is there is replaced, once the new one is complete.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from turnus.cli.terminal import progress, tell

if TYPE_CHECKING:
    from turnus.fields.catalog import Catalog


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what to export, and where to."""
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help="file to write: .xlsx or .csv; - for the terminal, as CSV",
    )
    kinds = ["deals", "persons", "organizations", "subscriptions"]
    parser.add_argument("--kind", choices=kinds, default="deals", help="what to export")
    parser.add_argument(
        "--columns",
        metavar="FIELDS",
        help="names or paths of fields, by comma (default: the filter's, or the usual ones)",
    )
    add_options(parser)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say which rows, and how; the same whatever they are."""
    parser.add_argument("--filter", metavar="NAME", help="saved filter (default: everything)")
    parser.add_argument(
        "--lang",
        choices=["de", "en"],
        help="language of headings and words (default: the company's)",
    )
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="user whose rights apply (default: the first admin)",
    )


def run(given: argparse.Namespace) -> int:
    """Write the file."""
    from turnus.accounts.access import Permission, require
    from turnus.accounts.queries import company, first_admin, user_by_email
    from turnus.accounts.viewer import Viewer
    from turnus.core.filters import All
    from turnus.core.records import RecordKind
    from turnus.exports.actions import write_list
    from turnus.fields.catalog import catalog
    from turnus.kit import clock
    from turnus.kit.messages import sentence
    from turnus.kit.output_files import check_output, into_output
    from turnus.listing.lists import ListState, RecordList
    from turnus.listing.queries import filter_named, paths_in
    from turnus.listing.trees import tree_in

    is_stdout = str(given.output) == "-"
    if not is_stdout:
        check_output(given.output, [".xlsx", ".csv"])
    by = user_by_email(given.email) if given.email else first_admin()
    require(by, Permission.EXPORT)
    kind = RecordKind(given.kind.removesuffix("s"))
    fields = catalog(kind)
    saved = filter_named(by, kind, given.filter) if given.filter else None
    columns = (
        _paths(given.columns, fields)
        if given.columns
        else paths_in(saved.columns if saved else None)
    )
    owner = company()
    language = given.lang or owner.language
    state = ListState(
        tree_in(saved.tree) if saved else All(()), sort=saved.sort if saved else "", columns=columns
    )
    records = RecordList(
        kind, fields, state, Viewer(by, clock.today(owner.zone), owner.zone, language)
    )
    delimiter = ";" if language == "de" else ","
    with into_output(given.output, of_stdout="list.csv") as path:
        written = write_list(records, path, delimiter=delimiter, progress=progress("export"))
    told = [sentence("export.done", {"rows": written.record_count, "file": str(given.output)})]
    if written.notice:
        told.append(sentence(written.notice["code"], written.notice["params"]))
    for line in told:
        sys.stderr.write(f"{line}\n") if is_stdout else tell(line)
    return 0


def _paths(words: str, fields: "Catalog") -> tuple[str, ...]:
    """Return the field paths that the words mean."""
    from turnus.kit.errors import UserError

    found = {word: fields.find(word.strip()) for word in words.split(",")}
    unknown = next((word for word, path in found.items() if path is None), None)
    if unknown is not None:
        raise UserError("field.unknown", field=unknown)
    return tuple(path for path in found.values() if path)
