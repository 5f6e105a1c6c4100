"""Take an import back, by the number that the import printed.

example:
  turnus undo 12
"""

import argparse

from turnus.cli.terminal import tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which run."""
    parser.add_argument("run_number", type=int, metavar="RUN", help="number of the import's run")
    parser.add_argument("--as", dest="email", metavar="EMAIL", help="user who takes it back (default: the first admin)")


def run(given: argparse.Namespace) -> int:
    """Take it back; exit code 1 if something had to be left alone."""
    from turnus.accounts.queries import first_admin, user_by_email
    from turnus.history.models import Run
    from turnus.imports.actions import request_undo
    from turnus.imports.models import Import
    from turnus.jobs.worker import run_until_done
    from turnus.kit import clock
    from turnus.kit.errors import UserError
    from turnus.kit.messages import sentence

    of = Import.objects.filter(run_id=given.run_number).first()
    if of is None:
        raise UserError("run.unknown", run=given.run_number)
    by = user_by_email(given.email) if given.email else first_admin()
    request_undo(of=of, by=by, at=clock.now())
    run_until_done("imports.undo", of.pk, lambda: None)
    totals = Run.objects.get(undoes=of.run).totals
    tell(sentence("undo.done", {"trashed": totals["trashed"], "restored": totals["restored"]}))
    for kind, record, cell in totals["conflicts"]:
        tell(sentence("undo.conflict", {"kind": kind, "id": record, "cell": cell}))
    return 1 if totals["conflicts"] else 0
