"""The rules of a deal's life: what winning, losing and reopening do to its stamps."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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

    def to(self, status: Status, at: datetime) -> "Stamps":
        """Return the stamps after the deal becomes `status` at the effective moment `at`."""
        if status is Status.WON:
            return Stamps(status, won_at=at, first_won_at=self.first_won_at or at)
        lost_at = at if status is Status.LOST else None
        return Stamps(status, lost_at=lost_at, first_won_at=self.first_won_at)


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
