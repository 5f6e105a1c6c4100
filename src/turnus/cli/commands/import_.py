"""Import a spreadsheet of deals, persons, organisations or subscriptions.

examples:
  turnus import deals.xlsx --dry-run --report check.json    what would happen, row by row
  turnus import deals.xlsx --on 2018-11-14                   blank won times count on this day
  turnus import deals.csv --mapping columns.json --answers answers.json

--mapping: JSON object, heading -> name or path of a field, null to leave a column out: {"Plan": "Abo", "Summe": "value", "Notiz": null}
--answers: JSON object, question key -> answer; --dry-run prints the questions with their keys:
           {"stage:Angebot": {"do": "map", "to": "Angebot gemacht"}, "existing": {"do": "copy", "on": "2018-11-14"}}
Exit code 0 only if every row went in (or would go in).
"""

import argparse
import json
from pathlib import Path

from turnus.cli.inputs import day
from turnus.cli.terminal import progress, tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what to import, and how."""
    parser.add_argument("file", type=Path, metavar="FILE", help="XLSX, XLS or CSV file")
    kinds = ["deals", "persons", "organisations", "subscriptions"]
    parser.add_argument("--kind", choices=kinds, default="deals", help="what the rows are")
    parser.add_argument("--on", type=day, metavar="DATE", help="day of blank won times (default: today)")
    add_options(parser)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say how; the same whatever the rows are."""
    parser.add_argument("--dry-run", action="store_true", help="check only; write nothing")
    parser.add_argument("--mapping", type=Path, metavar="FILE", help="which heading is which field, as JSON")
    parser.add_argument("--answers", type=Path, metavar="FILE", help="answers to questions, as JSON")
    parser.add_argument("--sheet", help="sheet of the workbook (default: the first with rows)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write totals and each row's verdict as JSON")
    parser.add_argument("--json", action="store_true", help="print them as JSON instead of words")
    parser.add_argument("--as", dest="email", metavar="EMAIL", help="user who imports (default: the first admin)")


def run(given: argparse.Namespace) -> int:
    """Check, then import unless it is a dry run or questions are open."""
    from turnus.cli.importing import Importing

    importing = Importing(
        path=given.file.absolute(), kind=given.kind.removesuffix("s"), sheet=given.sheet or "", email=given.email
    )
    importing.prepare(mapping=_json(given.mapping), answers=_json(given.answers), on=given.on)
    importing.check(progress("check"))
    if not given.dry_run and not importing.questions:
        importing.carry_out(progress("import"))
    report = json.dumps(importing.report(), ensure_ascii=False, indent=1) if given.report or given.json else ""
    if given.report:
        given.report.write_text(report, encoding="utf-8")
    for line in [report] if given.json else importing.summary():
        tell(line)
    return 0 if importing.is_complete else 1


def _json(path: Path | None) -> dict[str, object]:
    if path is None:
        return {}
    from turnus.kit.errors import UserError

    loaded = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(loaded, dict):
        raise UserError("json.not_object", path=str(path))
    return loaded
