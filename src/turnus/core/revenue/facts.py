"""What every revenue figure is made of: days at one price, and what began and ended them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from turnus.core.cadence import Cadence
from turnus.core.customers import CustomerKey

#: An exact figure: whole where it can be, else a fraction. Never a float.
Exact = int | Fraction


class Reason(StrEnum):
    """Why a segment begins or ends."""

    #: A won deal pays for it.
    BOOKED = "booked"
    #: No renewal came within the grace days; `deal` is the last one.
    LAPSE = "lapse"
    PRICE_CHANGE = "price_change"
    PLAN_CHANGE = "plan_change"
    PAUSE = "pause"
    RESUME = "resume"
    CANCELLATION = "cancellation"
    #: A negative won deal that takes the last one back.
    CREDIT = "credit"
    #: Another owner, country or other slice from that day on.
    ASSIGNMENT = "assignment"


@dataclass(frozen=True, slots=True)
class Cause:
    """The deal or event responsible; both where a deal books what an event has changed."""

    reason: Reason
    deal: int | None = None
    event: int | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A subscription at one price: the days from `start` up to, not including, `end`.

    An open segment has no `end`. `price_e4` is the net price of one period, in ten-thousandths of
    `currency`. The rate of the day `rate_on` holds: the start of the billing period.
    `ended_by` is None while nobody ended it: it was not renewed, or will be.
    `is_overdue` marks days inside grace whose renewal is missing.
    `slices` are what reports filter by: plan, owner, country and so on.
    """

    subscription: int
    customer: CustomerKey
    start: date
    end: date | None
    price_e4: int
    currency: str
    cadence: Cadence
    rate_on: date
    cause: Cause
    ended_by: Cause | None = None
    is_overdue: bool = False
    slices: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # A customer's MRR is never negative: it cannot be when no segment is.
        is_empty = self.end is not None and self.end <= self.start
        if self.price_e4 < 0 or is_empty:
            rule = "a segment needs a price of 0 or more and at least one day"
            message = f"subscription {self.subscription}: {rule}"
            raise ValueError(message)

    def covers(self, day: date) -> bool:
        """Return whether `day` lies in the segment."""
        return self.start <= day and (self.end is None or day < self.end)

    @property
    def arr_e4(self) -> Exact:
        """What a year costs, exact, in ten-thousandths of the segment's own currency."""
        return self.price_e4 * self.cadence.billings_per_year

    @property
    def end_cause(self) -> Cause:
        """What is responsible for the end; a lapse when nobody ended it."""
        if self.ended_by is not None:
            return self.ended_by
        deal = self.cause.deal
        event = None if deal else self.cause.event
        return Cause(Reason.LAPSE, deal=deal, event=event)


#: A report's filter: which segments belong to the slice that is shown.
Matching = Callable[[Segment], bool]
