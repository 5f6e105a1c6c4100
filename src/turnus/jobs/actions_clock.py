"""Handling a wrong clock: jumps are noted, destructive chores wait, jobs from ahead come back."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from turnus.jobs.models import HOLD, ClockJump, Job, Sighting
from turnus.jobs.queries import clock_jump

log = logging.getLogger(__name__)

#: The least time between two sightings; the chores come once a day.
_APART = timedelta(hours=12)
#: Failed jobs are tried again within minutes: what is due later was queued by a clock ahead.
_LATEST_DUE = timedelta(hours=1)


@transaction.atomic
def sight(name: str, *, at: datetime) -> datetime | None:
    """Return the moment that a chore may take for the present one; None: it has to wait.

    It is the moment of the previous sighting, half a day ago or more: what the chore may destroy
    now, it could have destroyed then. Nothing is destroyed at the first sighting, nor while a jump
    of the clock is recent.
    """
    sighting = Sighting.objects.select_for_update().filter(name=name).first()
    if sighting is None:
        Sighting.objects.get_or_create(name=name, defaults={"seen_at": at})
        return None
    before = sighting.seen_at
    if before <= at < before + _APART:
        return None
    sighting.seen_at = at
    sighting.save(update_fields=["seen_at"])
    is_clock_sure = before < at and clock_jump(at) is None
    return before if is_clock_sure else None


@transaction.atomic
def note_jump(*, before: datetime, after: datetime) -> None:
    """Note that the clock went from `before` to `after`, and say so in the log."""
    log.error(
        "the clock went from %s to %s; nothing is removed for good within %s",
        before,
        after,
        HOLD,
    )
    # Jumps into what has become the future again are over.
    ClockJump.objects.filter(after__gt=after).delete()
    ClockJump.objects.create(before=before, after=after)


def bring_back_jobs(*, at: datetime) -> int:
    """Make jobs due now whose time was set by a clock that was ahead; return how many."""
    ahead = Job.objects.filter(
        state=Job.State.QUEUED, due_at__gt=at + _LATEST_DUE
    )
    return ahead.update(due_at=at)


def end_lease(job_id: int, *, lease_until: datetime, at: datetime) -> None:
    """Let a job be taken over at once, if its lease is still the one that was seen."""
    unchanged = Job.objects.filter(
        pk=job_id, state=Job.State.RUNNING, lease_until=lease_until
    )
    unchanged.update(lease_until=at - timedelta(seconds=1))
