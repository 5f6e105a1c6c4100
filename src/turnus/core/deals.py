"""The rules of a deal's life: what winning, losing and reopening do to its stamps, and when a deal counts as won.

The one rule of won and lost times, wherever a deal changes: a time that is given is kept; without one, a deal that has the status already
keeps its time, and one that gets it is stamped with the moment at which it happens. Whole seconds: that is what files show, and a file that
comes back must change nothing.
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
    """A deal's status with the moments (UTC) that belong to it; a moment is None unless its status holds.

    `first_won_at` alone survives reopening. Source: reference 1.3.
    """

    status: Status
    won_at: datetime | None = None
    lost_at: datetime | None = None
    first_won_at: datetime | None = None

    @property
    def closed_at(self) -> datetime | None:
        """The moment that belongs to the status; None while the deal is open."""
        return self.won_at or self.lost_at

    def is_stamped_now(self, status: Status, closed: date | datetime | None) -> bool:
        """Return whether a deal that is said to be `status`, closed at `closed` if that is said, is stamped with the present moment.

        >>> Stamps(Status.OPEN).is_stamped_now(Status.WON, None)
        True
        >>> Stamps(Status.OPEN).is_stamped_now(Status.WON, date(2018, 10, 31))
        False
        """
        return status is not Status.OPEN and closed is None and status is not self.status

    def after(
        self, status: Status, closed: date | datetime | None, *, now: datetime, zone: ZoneInfo
    ) -> "Stamps":
        """Return the stamps after the deal is said to be `status`; the same ones if that changes nothing.

        `closed` is when it was won or lost: a day, a wall clock in the company's `zone`, a moment; None: nobody says. A bare day that is
        the one it has already says nothing new, nor does the same second. `now` is the moment at which the change happens.
        """
        if status is self.status and (
            closed is None or status is Status.OPEN or self._is_closed_at(closed, zone)
        ):
            return self
        return self.to(status, now if closed is None else moment_at(closed, zone))

    def _is_closed_at(self, closed: date | datetime, zone: ZoneInfo) -> bool:
        held = self.closed_at
        if held is None:
            return False
        if not isinstance(closed, datetime):
            return closed == day_of(held, zone)
        return whole_second(moment_at(closed, zone)) == whole_second(held)

    def to(self, status: Status, at: datetime) -> "Stamps":
        """Return the stamps after the deal becomes `status` at the effective moment `at`, cut to the second."""
        at = whole_second(at)
        if status is Status.WON:
            return Stamps(status, won_at=at, first_won_at=self.first_won_at or at)
        lost_at = at if status is Status.LOST else None
        return Stamps(status, lost_at=lost_at, first_won_at=self.first_won_at)


def whole_second(moment: datetime) -> datetime:
    """Return the moment without its fraction of a second."""
    return moment.replace(microsecond=0)


def weight_of(status: str, probability: int) -> int:
    """Return the per cent of its value that a deal brings into a weighted sum.

    An open deal counts by its probability, a won one in full, a lost one not at all.

    >>> weight_of("open", 25), weight_of("won", 25), weight_of("lost", 25)
    (25, 100, 0)
    """
    if status == Status.WON:
        return 100
    return 0 if status == Status.LOST else probability


def weighted_e4(value_e4: int, weight: int) -> int:
    """Return value times weight (per cent), in ten-thousandths, cut towards zero.

    >>> weighted_e4(1_000_000, 25)
    250000
    """
    weighted = abs(value_e4) * weight // 100
    return weighted if value_e4 >= 0 else -weighted
