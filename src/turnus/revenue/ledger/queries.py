"""Reading the stored ledger: sums by day, and which customers are not in it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Case, Min, Q, QuerySet, Sum, When

from turnus.accounts.access import visible
from turnus.accounts.viewer import Viewer
from turnus.contacts.billing import Billing
from turnus.core.cadence import Cadence
from turnus.core.calendar import Period, period_start
from turnus.core.customers import Customer, CustomerKey
from turnus.core.revenue.cohorts import CohortSum
from turnus.core.revenue.facts import Cause, Reason, Segment
from turnus.core.revenue.movements import MovementKind
from turnus.core.revenue.waterfall import DaySum
from turnus.kit.sql import stream_rows
from turnus.revenue.ledger.folding import NO_CURRENCY
from turnus.revenue.ledger.stale import (
    EVERYONE,
    marked_subscriptions,
    stale_by_time,
    stale_customers,
)
from turnus.revenue.models import (
    LedgerCustomer,
    LedgerMovement,
    LedgerSegment,
    Subscription,
)

#: More marks or stale customers than these are folded first; until then everything is computed.
_MOST_MARKS = 10_000
_MOST_STALE = 3_000
#: Customers who pay in other currencies, of whom more is not computed beside what is stored.
_MOST_FOREIGN = 20_000


#: The parts of the split that a segment belongs to, by its subscription and its plan.
SlicesOf = Callable[[int, int], Mapping[str, str]]


class StoredSegment(NamedTuple):
    """What of a stored segment is read."""

    subscription_id: int
    customer: CustomerKey
    starts_on: date
    ends_on: date | None
    price_e4: int
    currency: str
    cadence: str
    plan_id: int
    is_overdue: bool
    cause: str
    cause_deal_id: int | None
    cause_event_id: int | None
    ended_by: str
    ended_by_deal_id: int | None
    ended_by_event_id: int | None


@dataclass(frozen=True, slots=True)
class ComingSegments:
    """What will still count: segments, and the days from which they are not renewed any more."""

    segments: Sequence[Segment]
    #: Subscription -> day.
    ends: Mapping[int, date]


@dataclass(frozen=True, slots=True)
class StoredLedger:
    """The part of the ledger that is stored for one currency, as of a day.

    All customers but the `live` ones are in it: those who pay in other currencies, and the `stale`
    ones, of whom something has changed. They have to be computed.
    """

    currency: str
    on: date
    stale: frozenset[CustomerKey]
    live: frozenset[CustomerKey]
    billing: Billing

    @property
    def live_subscriptions(self) -> QuerySet[Subscription]:
        """The subscriptions of the customers that have to be computed."""
        customers = map(Customer.of_key, self.live)
        return Subscription.objects.filter(self.billing.bought_by(customers))

    def day_sums(self) -> Iterator[DaySum]:
        """Yield what moved on each day until today, by kind; one query, in the database."""
        until_today = self._movements().filter(day__lte=self.on)
        sums = until_today.values_list("day", "kind", "per_e4").annotate(
            Sum("amount"), Sum("gained")
        )
        for day, kind, per_e4, amount, gained in sums:
            yield DaySum(day, MovementKind(kind), per_e4, amount, gained)

    def cohort_sums(self) -> Iterator[CohortSum]:
        """Yield what moved in each month until today, by cohort; two queries, in the database."""
        this_month = period_start(self.on, Period.MONTH)
        movements = self._movements()
        yield from _cohort_sums(movements.filter(month__lte=this_month))
        # What this month is still to bring is taken off: a condition on the day would make the
        # database sort all movements by cohort, in place of reading them in that order.
        to_come = movements.filter(month=this_month, day__gt=self.on)
        for each in _cohort_sums(to_come):
            yield each._replace(amount=-each.amount, gained=-each.gained)

    def _movements(self) -> QuerySet[LedgerMovement]:
        stored = LedgerMovement.objects.filter(currency=self.currency)
        return stored.exclude(customer__in=self.stale).order_by()

    def coming(self) -> ComingSegments:
        """Return what runs today or has not begun, with what is alike added up; three queries."""
        ends: dict[int, date] = {}
        segments = []
        for number, (segment, end_on) in enumerate(self._running_sums()):
            # No subscription, but many at once.
            together = -number - 1
            segments.append(replace(segment, subscription=together))
            if end_on is not None:
                ends[together] = end_on
        begins_later = self._segments().filter(starts_on__gt=self.on)
        later = begins_later.order_by().values("subscription_id")
        own = Subscription.objects.filter(pk__in=later, end_on__gt=self.on)
        known_ends = own.values_list("pk", "end_on")
        ends.update({pk: end_on for pk, end_on in known_ends if end_on})
        is_coming = Q(ends_on__isnull=True) | Q(ends_on__gt=self.on)
        those = self._segments().filter(is_coming, subscription__in=later)
        return ComingSegments([*segments, *_read(those, _no_slices)], ends)

    def _running_sums(self) -> Iterator[tuple[Segment, date | None]]:
        """Yield the last segments that have begun, as one where they are alike.

        With the day from which those subscriptions do not renew any more.
        """
        is_running = Q(ends_on__isnull=True) | Q(ends_on__gt=self.on)
        last = self._segments().filter(
            is_running, is_last=True, starts_on__lte=self.on
        )
        end_on = Case(
            When(subscription__end_on__gt=self.on, then="subscription__end_on")
        )
        alike = last.order_by().values_list(
            "ends_on", "cadence", "is_overdue", "ended_by", end_on
        )
        for row in alike.annotate(Sum("price_e4")):
            until, cadence, is_overdue, ended_by, known_end, price_e4 = row
            cause = Cause(Reason.BOOKED)
            segment = Segment(
                0,
                CustomerKey(0),
                self.on,
                until,
                price_e4,
                self.currency,
                Cadence.parse(cadence),
                self.on,
                cause,
                Cause(Reason(ended_by)) if ended_by else None,
                is_overdue,
            )
            yield segment, known_end

    def overdue_since(self) -> date | None:
        """Return the first day that a missing renewal should have paid for; None: none is."""
        overdue = self._segments().filter(is_overdue=True)
        found: date | None = overdue.aggregate(first=Min("starts_on"))["first"]
        return found

    def segments(self, slices_of: SlicesOf) -> Iterator[Segment]:
        """Return what is stored of each subscription, in order; one query."""
        return _read(self._segments(), slices_of)

    def _segments(self) -> QuerySet[LedgerSegment]:
        stored = LedgerSegment.objects.filter(currency=self.currency)
        return stored.exclude(customer__in=self.stale)


def _cohort_sums(movements: QuerySet[LedgerMovement]) -> Iterator[CohortSum]:
    sums = movements.values_list("cohort", "month", "kind", "per_e4")
    for cohort, month, kind, per_e4, amount, gained in sums.annotate(
        Sum("amount"), Sum("gained")
    ):
        is_new = kind == MovementKind.NEW
        yield CohortSum(cohort, month, is_new, per_e4, amount, gained)


def _no_slices(_subscription: int, _plan: int) -> Mapping[str, str]:
    return {}


def _read(
    stored: QuerySet[LedgerSegment], slices_of: SlicesOf
) -> Iterator[Segment]:
    rows = stored.order_by("subscription_id", "starts_on")
    cadence_of = lru_cache(maxsize=1_000)(Cadence.parse)
    for row in stream_rows(rows.values_list(*StoredSegment._fields)):
        cells = StoredSegment._make(row)
        slices = slices_of(cells.subscription_id, cells.plan_id)
        yield _segment(cells, cadence_of, slices)


def _segment(
    row: StoredSegment,
    cadence_of: Callable[[str], Cadence],
    slices: Mapping[str, str],
) -> Segment:
    ended_by = None
    if row.ended_by:
        ended_by = Cause(
            Reason(row.ended_by), row.ended_by_deal_id, row.ended_by_event_id
        )
    return Segment(
        row.subscription_id,
        row.customer,
        row.starts_on,
        row.ends_on,
        row.price_e4,
        row.currency,
        cadence_of(row.cadence),
        row.starts_on,
        Cause(Reason(row.cause), row.cause_deal_id, row.cause_event_id),
        ended_by,
        bool(row.is_overdue),
        slices,
    )


def stored_ledger(viewer: Viewer, currency: str) -> StoredLedger | None:
    """Return what is stored for figures in `currency`; a few small queries.

    None where they have to be computed: of what was known on a past day, for a person who does not
    see everything, and while more is stale than can be computed beside it.
    """
    billing = Billing.load()
    if viewer.known_on is not None or not _sees_everything(viewer, billing):
        return None
    marked = marked_subscriptions(most=_MOST_MARKS)
    if EVERYONE in marked or len(marked) >= _MOST_MARKS:
        return None
    stale = stale_customers(marked, billing)
    stale |= stale_by_time(viewer.as_of, most=_MOST_STALE + 1)
    foreign = _foreign(currency)
    if len(stale) > _MOST_STALE or len(foreign) > _MOST_FOREIGN:
        return None
    return StoredLedger(
        currency=currency,
        on=viewer.as_of,
        stale=frozenset(stale),
        live=frozenset(stale | foreign),
        billing=billing,
    )


def _sees_everything(viewer: Viewer, billing: Billing) -> bool:
    """Return whether no figure is another one for this person than for all."""
    user = viewer.user
    if user.is_admin:
        return True
    if billing.parents != Billing.load(user).parents:
        return False
    hidden = Subscription.objects.present().exclude(visible(user))
    return not hidden.exists()


def _foreign(currency: str) -> set[CustomerKey]:
    """Return the customers who pay in other currencies as well, or only."""
    customers = LedgerCustomer.objects.exclude(
        currency__in=(currency, NO_CURRENCY)
    )
    keys = customers.values_list("key", flat=True)
    return {CustomerKey(key) for key in keys[: _MOST_FOREIGN + 1]}
