"""What a check writes of the plan it makes: its blocks, notes, and how it came out."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from turnus.core.issues import Issue
from turnus.imports.dry_run import CheckedBlock
from turnus.imports.models import Import, PlanBlock
from turnus.imports.plan import Outcome
from turnus.imports.plan_storage import contacts_to_json, pack
from turnus.imports.preparing import (
    note_block,
    set_failure,
    set_outcome,
)
from turnus.jobs.actions import LostError


@transaction.atomic
def start_check(of: Import, *, at: datetime) -> None:
    """Throw away an earlier plan. Raises LostError if nobody waits for a check any more."""
    of.state = Import.objects.select_for_update().get(pk=of.pk).state
    if of.state != Import.State.CHECKING:
        raise LostError
    of.blocks.all().delete()
    of.progress = 0
    of.questions = []
    of.totals = {}
    of.error = {}
    of.checked_at = at
    of.save(
        update_fields=[
            "progress",
            "questions",
            "totals",
            "error",
            "checked_at",
        ]
    )


@transaction.atomic
def store_block(of: Import, block: CheckedBlock) -> None:
    """Store one block of the plan, what existed like it, and how far the check has come."""
    _require_check(of)
    PlanBlock.objects.create(
        of=of,
        number=block.number,
        counts=dict(block.counts),
        rows=pack(block.rows),
        contacts=contacts_to_json(block.contacts),
        known=dict(block.known),
    )
    Import.objects.filter(pk=of.pk).update(progress=block.last_row)


@transaction.atomic
def add_notes(
    of: Import, *, number: int, notes: Mapping[int, Iterable[Issue]]
) -> int:
    """Add notes to rows of a stored block; return how many of them had none before."""
    block = of.blocks.get(number=number)
    more = note_block(block, notes)
    block.save(update_fields=["counts", "rows"])
    return more


@transaction.atomic
def finish_check(of: Import, *, outcome: Outcome) -> None:
    """Mark the plan complete."""
    _require_check(of)
    set_outcome(of, outcome)
    of.save(
        update_fields=[
            "totals",
            "questions",
            "state",
            "row_count",
            "reading",
            "left_out",
        ]
    )


@transaction.atomic
def fail_check(of: Import, *, code: str, params: Mapping[str, object]) -> None:
    """Keep what is wrong with the file as a whole; no part of a plan stays."""
    _require_check(of)
    of.blocks.all().delete()
    set_failure(of, code=code, params=params)
    of.save(update_fields=["state", "error"])


def _require_check(of: Import) -> None:
    """Raise LostError if the check was discarded, or begun anew by another worker."""
    waiting = Import.objects.select_for_update().filter(
        pk=of.pk, state=Import.State.CHECKING, checked_at=of.checked_at
    )
    if not waiting:
        raise LostError
