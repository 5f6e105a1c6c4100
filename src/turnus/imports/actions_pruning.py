"""Throwing uploaded files away that no import needs any more."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from turnus.imports.files import path_of, uploads
from turnus.imports.models import Import
from turnus.imports.queries import AT_WORK
from turnus.kit.folder import files_before

#: How long a file is kept after its import ended: the file of problems is made from it.
KEPT = timedelta(days=28)


def prune_uploads(*, at: datetime) -> int:
    """Delete files four weeks after their import ended, or their upload; return how many.

    Files without an import, which a broken upload leaves, go by their age. Files that a command
    read in place are somebody's own and stay where they are.
    """
    count = 0
    needed = set(_needed(at - KEPT))
    for path in files_before(at - KEPT, uploads()):
        if path.name not in needed:
            path.unlink(missing_ok=True)
            count += 1
    return count


def _needed(before: datetime) -> Iterator[str]:
    """Yield the names of files whose imports are at work, or ended or came after a moment."""
    times = ("run__created_at", "run__finished_at")
    for of in (
        Import.objects.select_related("run")
        .only("state", "stored_as", *times)
        .iterator()
    ):
        last_at = of.run.finished_at or of.run.created_at
        if of.state in AT_WORK or last_at >= before:
            yield path_of(of).name
