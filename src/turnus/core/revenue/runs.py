"""What is known of a subscription: its won deals, what else happened, and the terms that follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.customers import CustomerKey
from turnus.core.revenue.facts import Cause


@dataclass(frozen=True, slots=True)
class Booking:
    """A won deal that pays for one period; `price_e4` in ten-thousandths.

    `starts_on` is the period's first day if it is stored with the deal: the start of the first one,
    a due date, or the day on which an upgrade starts now. None lets the won date decide.
    `cadence` and `currency` are set where they change.
    """

    deal: int
    won_on: date
    price_e4: int
    starts_on: date | None = None
    cadence: Cadence | None = None
    currency: str | None = None

    @property
    def first_day(self) -> date:
        """The day that it pays for first, as far as the deal alone says so."""
        return self.starts_on or self.won_on


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to a subscription without a deal; its cause's reason tells what.

    Price change: `price_e4` from `on` on. Pause, resume: from `on` on. Assignment: `slices` from
    `on` on. Cancellation, credit: `on` is the first day not covered; None: the end of what is paid.
    """

    cause: Cause
    on: date | None = None
    price_e4: int = 0
    slices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SubscriptionFact:
    """One subscription as it was booked. `grace_days` None: the cadence's default.

    `is_evergreen`: it renews without deals, so a missing copy is a to-do.
    `bridged_copies`: so many copies in a row may be missing without ending the run
    (1 when old data is read).
    """

    subscription: int
    customer: CustomerKey
    currency: str
    cadence: Cadence
    bookings: Sequence[Booking]
    changes: Sequence[Change] = ()
    grace_days: int | None = None
    is_evergreen: bool = False
    bridged_copies: int = 0
    slices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BookedTerm:
    """Term `number` of run `run`, the days it covers, and what was agreed.

    `deal` is None where none books it but one is expected: a copy that was forgotten, or an
    overdue renewal. `is_open`: it has no end yet.
    """

    run: int
    number: int
    #: The day that due dates are counted from; a new one when the cadence changes or an upgrade
    #: starts now.
    anchor: date
    days: DateRange
    price_e4: int
    currency: str
    cadence: Cadence
    cause: Cause
    deal: int | None = None
    won_on: date | None = None
    ended_by: Cause | None = None
    is_overdue: bool = False
    is_open: bool = False
