"""The life of a deal: what winning, losing and reopening do to its stamps, and when it counts.

The one rule of won and lost times, wherever a deal changes: a time that is given is kept; without
one, a deal that has the status already keeps its time, and one that gets it is stamped with the
moment at which it happens. Whole seconds: that is what files show, and a file that comes back must
change nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from turnus.core.calendar import day_of, moment_at


class Status(StrEnum):
    """Where a deal stands."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Stamps:
    """A deal's status with the moments (UTC) that belong to it; None unless the status holds.

    Only `first_won_at` survives reopening (pipedrive.md: Winning and losing).
    """

    status: Status
    won_at: datetime | None = None
    lost_at: datetime | None = None
    first_won_at: datetime | None = None

    @property
    def closed_at(self) -> datetime | None:
        """The moment that belongs to the status; None while the deal is open."""
        return self.won_at or self.lost_at

    def is_stamped_now(
        self, status: Status, closed: date | datetime | None
    ) -> bool:
        """Return whether a deal that becomes `status` is stamped with the present moment.

        `closed` is when it was won or lost; None: nobody says.

        >>> Stamps(Status.OPEN).is_stamped_now(Status.WON, None)
        True
        >>> Stamps(Status.OPEN).is_stamped_now(Status.WON, date(2018, 10, 31))
        False
        """
        becomes_closed = (
            status is not Status.OPEN and status is not self.status
        )
        return becomes_closed and closed is None

    def after(
        self,
        status: Status,
        closed: date | datetime | None,
        *,
        now: datetime,
        zone: ZoneInfo,
    ) -> "Stamps":
        """Return the stamps after the deal becomes `status`; the same ones if nothing changes.

        `closed` is when it was won or lost: a day, a wall clock in the company's `zone`, a moment;
        None: nobody says. A bare day that is the one it has already says nothing new, nor does the
        same second. `now` is the moment at which the change happens.
        """
        if status is self.status and self._says_nothing_new(closed, zone):
            return self
        if closed is None:
            return self.to(status, now)
        return self.to(status, moment_at(closed, zone))

    def _says_nothing_new(
        self, closed: date | datetime | None, zone: ZoneInfo
    ) -> bool:
        if closed is None or self.status is Status.OPEN:
            return True
        if self.closed_at is None:
            return False
        if isinstance(closed, datetime):
            return whole_second(moment_at(closed, zone)) == whole_second(
                self.closed_at
            )
        return closed == day_of(self.closed_at, zone)

    def to(self, status: Status, at: datetime) -> "Stamps":
        """Return the stamps after the deal becomes `status` at `at`, cut to the second."""
        at = whole_second(at)
        if status is Status.WON:
            return Stamps(
                status, won_at=at, first_won_at=self.first_won_at or at
            )
        lost_at = at if status is Status.LOST else None
        return Stamps(status, lost_at=lost_at, first_won_at=self.first_won_at)


def whole_second(moment: datetime) -> datetime:
    """Return the moment without its fraction of a second."""
    return moment.replace(microsecond=0)


def weight_of(status: str, probability: int) -> int:
    """Return the percentage of its value that a deal adds to a weighted sum.

    An open deal counts by its probability, a won one in full, a lost one not at all.

    >>> weight_of("open", 25), weight_of("won", 25), weight_of("lost", 25)
    (25, 100, 0)
    """
    if status == Status.WON:
        return 100
    return 0 if status == Status.LOST else probability


def weighted_e4(value_e4: int, weight: int) -> int:
    """Return value times weight (percent), in ten-thousandths, cut toward zero.

    >>> weighted_e4(1_000_000, 25)
    250000
    """
    weighted = abs(value_e4) * weight // 100
    return weighted if value_e4 >= 0 else -weighted
