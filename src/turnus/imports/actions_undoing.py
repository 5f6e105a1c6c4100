"""Undoing an import, block by block of its events, with its history."""

from datetime import datetime
from typing import TypedDict

from django.db import transaction

from turnus.history.actions import keep_totals, move_run
from turnus.history.models import Run
from turnus.history.undoing import UndoResult, undo_block
from turnus.imports.actions_finishing import require_state
from turnus.imports.models import Import
from turnus.revenue.subscriptions.actions.from_deals import free_deals
from turnus.revenue.terms.actions.write import restore_terms


@transaction.atomic
def finish_undo(of: Import, *, undo: Run, at: datetime) -> None:
    """Mark the import undone. Raises LostError if another worker has done so."""
    require_state(of, Import.State.UNDOING)
    of.state = Import.State.UNDONE
    of.save(update_fields=["state"])
    restore_terms(run=of.run)
    free_deals(run=of.run)
    move_run(run=of.run, state=Run.State.UNDONE, at=at)
    move_run(run=undo, state=Run.State.DONE, at=at)


def undo_next(of: Import, *, undo: Run, at: datetime) -> bool:
    """Undo the next block of events, for the caller's transaction; False when all is done.

    How far it has come, and the conflicts, are kept with the undo's totals.
    """
    before, result = undo_block(
        run=of.run, undo=undo, before_id=undo.totals.get("before_id"), at=at
    )
    keep_totals(
        run=undo, totals={**_added(undo.totals, result), "before_id": before}
    )
    return before is not None


class UndoTotals(TypedDict, total=False):
    """What an undo has done so far, as it is kept with its run."""

    trashed: int
    restored: int
    conflicts: list[list[object]]


def _added(totals: UndoTotals, result: UndoResult) -> UndoTotals:
    return {
        "trashed": totals.get("trashed", 0) + result.trashed,
        "restored": totals.get("restored", 0) + result.restored,
        "conflicts": [
            *totals.get("conflicts", []),
            *map(list, result.conflicts),
        ],
    }
