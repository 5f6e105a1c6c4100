"""The ledger: what moved each customer's recurring revenue on which day, in which class, by which deal or event."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from operator import attrgetter

from turnus.core.customers import CustomerKey
from turnus.core.revenue.conversion import Conversion, Scale, Withheld
from turnus.core.revenue.facts import Cause, Exact, Matching, Reason, Segment


class MovementKind(StrEnum):
    """The class of what happened to a customer within one day, netted (metrics 1.5)."""

    NEW = "new"
    REACTIVATION = "reactivation"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"
    CHURN = "churn"


class LegKind(StrEnum):
    """What happened to one subscription, as the drill-down says it."""

    STARTED = "started"
    RESUMED = "resumed"
    PRICE_UP = "price_up"
    PRICE_DOWN = "price_down"
    PLAN_CHANGED = "plan_changed"
    #: Only the rate of its currency changed.
    RATE = "rate"
    #: The amount stays; another slice has it now.
    MOVED = "moved"
    PAUSED = "paused"
    #: Nobody ended it; its renewal is missing.
    LAPSED = "lapsed"
    ENDED = "ended"


_STOPS = {Reason.PAUSE: LegKind.PAUSED, Reason.LAPSE: LegKind.LAPSED}


@dataclass(frozen=True, slots=True)
class Leg:
    """What one subscription contributed to a customer's day. Amounts are whole numbers a year in the ledger's scale.

    `transfer` is the part of the change that canceled out against the customer's other subscriptions on that day: no movement, but a
    filtered table needs it (decision 0010).
    """

    subscription: int
    cause: Cause
    before: Segment | None
    after: Segment | None
    arr_before: int
    arr_after: int
    fx: int = 0
    transfer: Exact = 0

    @property
    def change(self) -> int:
        """What changed, apart from the rate."""
        return self.arr_after - self.arr_before - self.fx

    @property
    def share(self) -> Exact:
        """The part of the change that the class of the customer's day shows."""
        return self.change - self.transfer

    @property
    def kind(self) -> LegKind:
        """What happened, in one word."""
        if self.before is None:
            return LegKind.RESUMED if self.cause.reason is Reason.RESUME else LegKind.STARTED
        if self.after is None:
            return _STOPS.get(self.cause.reason, LegKind.ENDED)
        if self.cause.reason is Reason.PLAN_CHANGE or self.before.cadence != self.after.cadence:
            return LegKind.PLAN_CHANGED
        if self.change:
            return LegKind.PRICE_UP if self.change > 0 else LegKind.PRICE_DOWN
        return LegKind.RATE if self.fx else LegKind.MOVED

    def within(self, matching: Matching) -> tuple[Exact, int, Exact]:
        """Return what a filtered table shows of it: its part of the class, of the rates, and what came from or went to others."""
        was = self.before is not None and matching(self.before)
        stays = self.after is not None and matching(self.after)
        if was and self.after is not None and not stays:
            return 0, 0, -self.arr_before
        if not (was or stays):
            return 0, 0, 0
        moved_in = self.arr_before if not was else 0
        return self.share, self.fx, moved_in + self.transfer


@dataclass(frozen=True, slots=True)
class Movement:
    """One customer's day. `amount` and `fx` are whole numbers a year in the ledger's scale.

    `kind` is None when all changes canceled each other out, or only the rate moved.
    """

    day: date
    customer: CustomerKey
    kind: MovementKind | None
    amount: int
    fx: int
    opening: int
    legs: Sequence[Leg]

    @property
    def closing(self) -> int:
        """What the customer's revenue is after the day."""
        return self.opening + self.amount + self.fx


@dataclass(frozen=True, slots=True)
class Ledger:
    """All movements up to and including `until`, in order of the days; their sum is the revenue at the end of that day."""

    movements: Sequence[Movement]
    until: date
    scale: Scale

    @property
    def withheld(self) -> tuple[Withheld, ...]:
        """The currencies that are in no figure, because a rate is missing."""
        return self.scale.withheld


_DatedLeg = tuple[date, Leg]


def ledger_of(segments: Collection[Segment], *, conversion: Conversion, until: date) -> Ledger:
    """Return the ledger of `segments`, in any order. One pass: about 3 seconds for a million segments."""
    scale = Scale.of_segments(segments, conversion)
    withheld = {each.currency for each in scale.withheld}
    by_customer: dict[CustomerKey, list[Segment]] = {}
    for segment in segments:
        if segment.currency not in withheld:
            by_customer.setdefault(segment.customer, []).append(segment)
    movements: list[Movement] = []
    for customer, own in by_customer.items():
        own.sort(key=attrgetter("subscription", "start"))
        legs = [pair for pair in _legs(own, scale) if pair[0] <= until]
        movements += _movements(customer, legs)
    movements.sort(key=attrgetter("day", "customer"))
    return Ledger(movements, until, scale)


def _legs(own: Sequence[Segment], scale: Scale) -> Iterator[_DatedLeg]:
    """Yield what happened to each subscription; a renewal that changes nothing yields nothing."""
    before: Segment | None = None
    arr_before = 0
    for segment in own:
        arr = scale.arr_of(segment)
        if (
            before is not None
            and before.subscription == segment.subscription
            and follows(before, segment)
        ):
            if arr != arr_before or not _is_same(before, segment):
                fx = _fx(before, segment, arr_before, scale)
                yield (
                    segment.start,
                    Leg(segment.subscription, segment.cause, before, segment, arr_before, arr, fx),
                )
        else:
            yield from _ended(before, arr_before)
            yield segment.start, Leg(segment.subscription, segment.cause, None, segment, 0, arr)
        before, arr_before = segment, arr
    yield from _ended(before, arr_before)


def _ended(before: Segment | None, arr_before: int) -> Iterator[_DatedLeg]:
    if before is not None and before.end is not None:
        yield before.end, Leg(before.subscription, before.end_cause, before, None, arr_before, 0)


def follows(before: Segment, after: Segment) -> bool:
    """Return whether there is no gap; of two that overlap the later replaces the earlier from its start (metrics 2, 24)."""
    return before.end is None or before.end >= after.start


def _is_same(before: Segment, after: Segment) -> bool:
    return (
        before.price_e4 == after.price_e4
        and (before.cadence is after.cadence or before.cadence == after.cadence)
        and before.slices == after.slices
    )


def _movements(customer: CustomerKey, legs: list[_DatedLeg]) -> Iterator[Movement]:
    """Yield a customer's days in order."""
    legs.sort(key=lambda pair: pair[0])
    arr, was_active = 0, False
    for day, pairs in groupby(legs, key=lambda pair: pair[0]):
        movement = _movement(customer, day, [leg for _, leg in pairs], arr, was_active=was_active)
        if movement is not None:
            yield movement
            arr = movement.closing
        was_active = was_active or arr > 0


def _movement(
    customer: CustomerKey, day: date, legs: list[Leg], opening: int, *, was_active: bool
) -> Movement | None:
    closing = opening + sum(leg.arr_after - leg.arr_before for leg in legs)
    if not (opening and closing):
        # Whoever comes or leaves does so with all of it (metrics 1.6).
        legs = [replace(leg, fx=0) if leg.fx else leg for leg in legs]
    fx = sum(leg.fx for leg in legs)
    amount = closing - opening - fx
    if not amount and not fx and not any(leg.arr_before or leg.arr_after for leg in legs):
        return None
    kind = _kind(opening, closing, amount, was_active=was_active)
    return Movement(day, customer, kind, amount, fx, opening, _netted(legs, amount))


def _kind(opening: int, closing: int, amount: int, *, was_active: bool) -> MovementKind | None:
    if not amount:
        return None
    if not opening:
        return MovementKind.REACTIVATION if was_active else MovementKind.NEW
    if not closing:
        return MovementKind.CHURN
    return MovementKind.EXPANSION if amount > 0 else MovementKind.CONTRACTION


def _fx(before: Segment, after: Segment, arr_before: int, scale: Scale) -> int:
    """Return what only the rate of the same currency made: the old price times the change of the rate. A price that falls to 0 has none."""
    if before.currency != after.currency or before.currency == scale.currency or not after.price_e4:
        return 0
    at_new_rate = (
        before.price_e4
        * scale.billings[before.cadence]
        * scale.rates[after.currency, after.rate_on]
    )
    return at_new_rate - arr_before


def _netted(legs: list[Leg], amount: int) -> Sequence[Leg]:
    """Return the legs with what canceled out between them; those that moved the same way share the rest in proportion."""
    if len(legs) == 1 and amount:
        return tuple(legs)
    same_way = sum(leg.change for leg in legs if leg.change * amount > 0)
    if amount == same_way:
        # Nothing canceled out, or everything did: then each change is a transfer.
        return (
            tuple(legs)
            if amount
            else tuple(replace(leg, transfer=leg.change) if leg.change else leg for leg in legs)
        )
    return tuple(
        replace(leg, transfer=leg.change - _share(leg.change, amount, same_way)) for leg in legs
    )


def _share(change: int, amount: int, same_way: int) -> Exact:
    return Fraction(change * amount, same_way) if change * amount > 0 else 0
