"""What a process notices about time: a clock that jumps, and leases too far in the future."""

from collections.abc import Callable
from datetime import datetime, timedelta

from turnus.jobs.actions import LEASE
from turnus.jobs.actions_clock import end_lease, note_jump
from turnus.jobs.queries import far_leases, last_seen
from turnus.kit import clock

#: How far the clock may differ from the time that really passed between two looks.
_DRIFT = timedelta(hours=1)
#: How long a clock may run with no worker watching before its time has to be confirmed.
_UNSEEN = timedelta(days=1)


class ClockWatch:
    """Compares the clock with the time that really passed; at first, with the last known moment."""

    def __init__(self) -> None:
        self._last: tuple[datetime, float] | None = None

    def look(self, at: datetime) -> None:
        """Note it if the clock jumped since the last look. A query for the first look only."""
        seconds = clock.elapsed_seconds()
        if self._last is None:
            self._compare(last_seen(), at, timedelta(0), allowed=_UNSEEN)
        else:
            before, seconds_before = self._last
            self._compare(
                before,
                at,
                timedelta(seconds=seconds - seconds_before),
                allowed=_DRIFT,
            )
        self._last = (at, seconds)

    def _compare(
        self,
        before: datetime | None,
        at: datetime,
        passed: timedelta,
        *,
        allowed: timedelta,
    ) -> None:
        if before is None:
            return
        is_ahead = at - before - passed > allowed
        is_back = before + passed - at > _DRIFT
        if is_ahead or is_back:
            note_jump(before=before, after=at)


class LeaseWatch:
    """Frees jobs whose lease is far ahead and not renewed: their worker died with a wrong clock."""

    def __init__(
        self, elapsed_seconds: Callable[[], float] = clock.elapsed_seconds
    ) -> None:
        self._elapsed_seconds = elapsed_seconds
        #: Job -> the lease that was seen, and when, in seconds that really pass.
        self._seen: dict[int, tuple[datetime, float]] = {}

    def look(self, at: datetime) -> None:
        """End each lease that was not renewed for twice the time of a lease; one query."""
        seconds = self._elapsed_seconds()
        seen: dict[int, tuple[datetime, float]] = {}
        for job_id, lease_until in far_leases(at, beyond=2 * LEASE):
            lease, since = self._seen.get(job_id, (lease_until, seconds))
            if lease != lease_until:
                since = seconds
            if seconds - since >= 2 * LEASE.total_seconds():
                end_lease(job_id, lease_until=lease_until, at=at)
            else:
                seen[job_id] = (lease_until, since)
        self._seen = seen
