"""Undo an import, a renewal run, a detection or a bulk change, by the number of its run.

example:
  turnus undo 12

An import that is under way or was interrupted is stopped and undone; a plan that was only checked
is discarded. turnus imports lists both.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from turnus.cli.inputs import record_number
from turnus.cli.interrupts import Terminated, ending_on_signals, exit_code_of
from turnus.cli.terminal import tell

if TYPE_CHECKING:
    from turnus.accounts.models import User
    from turnus.imports.models import Import


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the run to undo."""
    parser.add_argument(
        "run_number",
        type=record_number,
        metavar="RUN",
        help="number of the run",
    )
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="user who undoes it (default: the first admin)",
    )


def run(options: argparse.Namespace) -> int:
    """Take it back; exit code 1 if something had to be left alone."""
    from turnus.accounts.queries import first_admin, user_by_email
    from turnus.detection.actions_approval import undo_proposal
    from turnus.detection.models import Proposal
    from turnus.history.models import Run
    from turnus.imports.models import Import
    from turnus.kit import clock
    from turnus.revenue.renewals.actions.undo import undo_renewals
    from turnus.sales.actions_bulk import undo_many

    by = user_by_email(options.email) if options.email else first_admin()
    of = Import.objects.filter(run_id=options.run_number).first()
    renewals = Run.objects.filter(
        pk=options.run_number,
        kind__in=(Run.Kind.RENEWAL, Run.Kind.SUBSCRIPTIONS),
    ).first()
    proposal = Proposal.objects.filter(run=options.run_number).first()
    if proposal is not None:
        result = undo_proposal(proposal=proposal, by=by, at=clock.now())
        return _tell(result.trashed, result.restored, result.conflicts)
    if renewals is not None:
        result = undo_renewals(run=renewals, by=by, at=clock.now())
        return _tell(result.trashed, result.restored, result.conflicts)
    if of is None:
        result = undo_many(run_id=options.run_number, by=by, at=clock.now())
        return _tell(0, result.restored, result.conflicts)
    return _undo_import(of, by)


def _undo_import(of: "Import", by: "User") -> int:
    """Undo an import, also one that is under way; discard a plan that was never carried out."""
    from django.utils.translation import gettext

    from turnus.history.models import Run
    from turnus.imports.actions import discard_import, request_undo
    from turnus.imports.queries import NEVER_CARRIED_OUT
    from turnus.jobs.worker import run_until_done
    from turnus.kit import clock
    from turnus.kit.errors import ending_behind
    from turnus.kit.messages import quoted, sentence

    if of.state in NEVER_CARRIED_OUT:
        discard_import(of=of, by=by, at=clock.now())
        tell(
            gettext("Discarded: run {run} had not written anything.").format(
                run=of.run_id
            )
        )
        return 0
    request_undo(of=of, by=by, at=clock.now())
    try:
        with ending_on_signals():
            run_until_done("imports.undo", lambda: None, import_id=of.pk)
    except BaseException as error:
        end = ending_behind(error)
        if not isinstance(end, KeyboardInterrupt | Terminated):
            raise
        words = gettext(
            "Interrupted. The undo is unfinished; to go on: turnus undo {run}"
        ).format(run=of.run_id)
        sys.stderr.write(f"turnus: {words}\n")
        return exit_code_of(end)
    if of.added_words:
        tell(sentence("undo.stays", {"words": quoted(of.added_words)}))
    totals = Run.objects.get(undoes=of.run).totals
    return _tell(totals["trashed"], totals["restored"], totals["conflicts"])


def _tell(
    trashed: int, restored: int, conflicts: Iterable[Sequence[object]]
) -> int:
    from turnus.kit.messages import sentence

    tell(sentence("undo.done", {"trashed": trashed, "restored": restored}))
    for kind, record, cell in conflicts:
        tell(
            sentence(
                "undo.conflict", {"kind": kind, "id": record, "cell": cell}
            )
        )
    return 1 if conflicts else 0
