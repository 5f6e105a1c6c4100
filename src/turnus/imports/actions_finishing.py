"""The end of an import: what it really did."""

from collections import Counter
from datetime import datetime

from django.db import transaction

from turnus.history.actions import move_run
from turnus.history.models import Run
from turnus.imports.models import Import
from turnus.imports.plan import Verdict
from turnus.jobs.actions import LostError
from turnus.kit.sql import analyze

#: So many new records change what the database knows of its tables.
_MANY = 10_000


@transaction.atomic
def finish_import(of: Import, *, at: datetime) -> None:
    """Mark the import done, with what it really did. LostError if it is being undone by now."""
    require_state(of, Import.State.IMPORTING)
    counts: Counter[str] = Counter()
    #: Contacts that existed when their block was carried out, by kind.
    found: Counter[str] = Counter()
    for block_counts, created in of.blocks.values_list("counts", "created"):
        counts.update(block_counts)
        for kind, numbers in created.get("found", {}).items():
            found[kind] += len(numbers)
    of.refresh_from_db(fields=["totals"])
    totals = dict(of.totals)
    totals.update(dict.fromkeys(map(str, Verdict), 0))
    totals.update(counts)
    for kind, number in found.items():
        key = f"new_{kind}"
        totals[key] = totals.get(key, 0) - number
    of.totals = totals
    of.state = Import.State.DONE
    of.progress = of.row_count
    of.save(update_fields=["totals", "state", "progress"])
    move_run(run=of.run, state=Run.State.DONE, at=at, totals=dict(counts))
    if counts["new"] > _MANY:
        analyze()


def require_state(of: Import, state: Import.State) -> None:
    """Lock the import; raise LostError unless it is in this state."""
    if Import.objects.select_for_update().get(pk=of.pk).state != state:
        raise LostError
