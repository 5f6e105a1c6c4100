"""From stored subscriptions and terms to the segments that every figure is made of.

Source: decision 0013.
"""

from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache, partial
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from django.db.models import (
    Case,
    CharField,
    F,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable

from turnus.accounts.viewer import Viewer
from turnus.contacts.billing import Billing
from turnus.core.cadence import Cadence
from turnus.core.customers import Customer, CustomerKey
from turnus.core.revenue.facts import Cause, Reason, Segment
from turnus.fields.changing import blocks
from turnus.kit.sql import stream_rows
from turnus.revenue.models import Plan, Subscription, Term, imported_terms
from turnus.revenue.scope import (
    counted_terms,
    visible_subscriptions,
    waiting_terms,
)
from turnus.revenue.subscriptions.past import (
    ColumnsThen,
    SubscriptionPast,
    pasts_of,
)

#: Customers asked for in one query.
_BLOCK = 5_000
#: Whether a stretch has begun after the first one: by a price or a plan, among others.
_HAS_BEGUN_ANEW = Case(
    When(anchor_number__gt=0, then=1), default=0, output_field=IntegerField()
)
_NOTHING = SubscriptionPast()


class _SubscriptionCells(NamedTuple):
    """What of a subscription is read; `part` and `begun` are annotated."""

    id: int
    organization_id: int | None
    person_id: int | None
    state: str
    end_on: date | None
    plan_id: int
    part: object
    next_due_on: date | None
    begun: int
    anchor_on: date
    price_e4: int
    currency: str
    cadence: str


class _TermCells(NamedTuple):
    """What of a term is read."""

    subscription_id: int
    starts_on: date
    ends_on: date
    price_e4: int
    currency: str
    cadence: str
    deal_id: int | None


_SUBSCRIPTION_ID = attrgetter("subscription_id")


def load_segments(
    viewer: Viewer,
    *,
    part: Combinable | None = None,
    merges: Callable[[str], bool],
    since: date | None = None,
    among: QuerySet[Subscription] | None = None,
    by_plan: bool = False,
    parts: Mapping[int, object] = MappingProxyType({}),
) -> list[Segment]:
    """Return the segments of everything that counts; five queries, 3 seconds for a million terms.

    `part` is what reports split by: its value stands in each segment's slices as "part". `merges`
    says of which currencies terms that follow one another at the same price may become one
    segment: those whose rate never matters. `since` leaves out terms that ended before that day,
    `among` all other subscriptions. `by_plan`: the part is the plan, and a term's is the one that
    held then. `parts`: of subscriptions, in place of what `part` says.
    """
    seen = visible_subscriptions(viewer)
    if among is not None:
        seen = seen.filter(pk__in=among.order_by().values("pk"))
    subscriptions = _subscriptions(seen, viewer, part, parts)
    graces = {plan.pk: plan.grace for plan in Plan.objects.all()}
    longest_grace = max(graces.values(), default=0)
    all_terms = Term.objects.all()
    terms = counted_terms(viewer)
    if among is not None or not viewer.user.is_admin:
        all_terms = all_terms.filter(subscription__in=seen)
        terms = terms.filter(subscription__in=seen)
    expected = _Expected.load(all_terms, viewer, longest_grace)
    if since is not None:
        terms = terms.filter(ends_on__gte=since)
    segments: list[Segment] = []
    for pk, own_terms in groupby(_term_cells(terms), key=_SUBSCRIPTION_ID):
        subscription = subscriptions.get(pk)
        if subscription is None:
            continue
        own = _segments(
            subscription, _as_known(own_terms, subscription.past), merges
        )
        grace = graces[subscription.plan]
        overdue = _overdue(subscription, own, grace, expected, viewer.as_of)
        if overdue is not None:
            own.append(overdue)
        if by_plan:
            own = _split_by_plan(subscription, own)
        segments += own
    return segments


def _term_cells(terms: QuerySet[Term]) -> Iterator[_TermCells]:
    # The order also keeps the databases from beginning with the deals, which takes six times as
    # long.
    in_order = terms.order_by("subscription_id", "number")
    rows = stream_rows(in_order.values_list(*_TermCells._fields))
    # `_TermCells._make` without a call in Python for each of a million rows.
    return map(partial(tuple.__new__, _TermCells), rows)


def customers_before(
    viewer: Viewer, customers: Collection[CustomerKey], day: date
) -> set[CustomerKey]:
    """Return which of `customers` paid something before `day`; a query for each few thousand."""
    found: set[CustomerKey] = set()
    billing = Billing.load(viewer.user)
    within = Q(subscription__end_on__isnull=True) | Q(
        subscription__end_on__gt=F("starts_on")
    )
    paid = counted_terms(viewer).filter(
        within, starts_on__lt=day, ends_on__gt=F("starts_on"), price_e4__gt=0
    )
    for block in blocks(customers, _BLOCK):
        theirs = billing.bought_by(
            map(Customer.of_key, block), "subscription__"
        )
        terms = paid.filter(
            theirs, subscription__in=visible_subscriptions(viewer)
        )
        contacts = terms.values_list(
            "subscription__organization", "subscription__person"
        )
        for organization_id, person_id in contacts.distinct():
            found.add(billing.key_of(organization_id, person_id))
    return found


@dataclass(frozen=True, slots=True)
class _Agreed:
    """What holds from the day `on`, on which the present stretch begins.

    For its first term, while that is not booked.
    """

    on: date
    price_e4: int
    currency: str
    cadence: str


@dataclass(slots=True)
class _Counted:
    """What segments take from their subscription."""

    pk: int
    customer: CustomerKey
    is_active: bool
    end_on: date | None
    plan: int
    slices: Mapping[str, str]
    past: SubscriptionPast
    next_due_on: date | None
    agreed: _Agreed | None


def _subscriptions(
    seen: QuerySet[Subscription],
    viewer: Viewer,
    part: Combinable | None,
    parts: Mapping[int, object],
) -> dict[int, _Counted]:
    billing = Billing.load(viewer.user)
    pasts = pasts_of(seen, until=viewer.recorded_before)
    split = part if part is not None else Value("", output_field=CharField())
    annotated = seen.annotate(part=split, begun=_HAS_BEGUN_ANEW).order_by()
    counted = {}
    for row in stream_rows(annotated.values_list(*_SubscriptionCells._fields)):
        cells = _SubscriptionCells._make(row)
        key = parts.get(cells.id, cells.part)
        slices = {} if part is None else slices_of_part(key)
        past = pasts.get(cells.id, _NOTHING)
        customer = billing.key_of(cells.organization_id, cells.person_id)
        counted[cells.id] = _counted(cells, past, customer, slices)
    return counted


@lru_cache(maxsize=10_000, typed=True)
def slices_of_part(part: object) -> Mapping[str, str]:
    """Return the slices of a segment in a part of the split.

    One mapping for all that are alike: they are compared by the million.
    """
    return {"part": "" if part is None else str(part)}


def _counted(
    cells: _SubscriptionCells,
    past: SubscriptionPast,
    customer: CustomerKey,
    slices: Mapping[str, str],
) -> _Counted:
    """Return a subscription as it is, or as it was on the day that is asked for."""
    then = past.then
    if then is None:
        state, end_on, plan_id = cells.state, cells.end_on, cells.plan_id
        agreed = _agreed_now(cells)
    else:
        state, end_on, plan_id = then["state"], then["end_on"], then["plan_id"]
        agreed = _agreed_then(then)
    return _Counted(
        pk=cells.id,
        customer=customer,
        is_active=state == Subscription.State.ACTIVE,
        end_on=end_on,
        plan=plan_id,
        slices=slices,
        past=past,
        next_due_on=cells.next_due_on,
        agreed=agreed,
    )


def _agreed_now(cells: _SubscriptionCells) -> _Agreed | None:
    if not cells.begun:
        return None
    return _Agreed(
        cells.anchor_on, cells.price_e4, cells.currency, cells.cadence
    )


def _agreed_then(then: ColumnsThen) -> _Agreed | None:
    """Return what was agreed by columns as they were on the day that is asked for."""
    if not then["anchor_number"]:
        return None
    return _Agreed(
        then["anchor_on"], then["price_e4"], then["currency"], then["cadence"]
    )


_TermStart = tuple[int, date]


@dataclass(frozen=True, slots=True)
class _Expected:
    """Which terms are expected, though nothing books them.

    Those whose renewal is missing count inside grace. `waiting`: (subscription, first day) of terms
    whose deal does not book them (yet). What was known on a past day does not say what was due
    then: in place of them, `skipped` are the terms that were skipped; None: it is now.
    """

    waiting: set[_TermStart]
    skipped: set[_TermStart] | None

    @classmethod
    def load(
        cls, terms: QuerySet[Term], viewer: Viewer, grace_days: int
    ) -> "_Expected":
        """Return what of `terms` may be overdue on the day of `viewer`; one query."""
        first = viewer.as_of - timedelta(days=grace_days)
        terms = terms.filter(starts_on__gte=first, starts_on__lte=viewer.as_of)
        if viewer.known_on is None:
            return cls(_starts_of(waiting_terms(terms)), None)
        skipped = terms.filter(deal__isnull=True).exclude(imported_terms())
        return cls(set(), _starts_of(skipped))

    def follows(self, subscription: _Counted, last: Segment) -> bool:
        """Return whether a term is expected from the day after the last one on."""
        assert last.end is not None  # noqa: S101 (terms have an end)
        next_start = (subscription.pk, last.end)
        if self.skipped is not None:
            return not last.ended_by and next_start not in self.skipped
        return (
            subscription.next_due_on == last.end or next_start in self.waiting
        )


def _starts_of(terms: QuerySet[Term]) -> set[_TermStart]:
    return set(terms.values_list("subscription_id", "starts_on"))


def _as_known(
    terms: Iterable[_TermCells], past: SubscriptionPast
) -> Iterable[_TermCells]:
    """Return the terms as they were before a change cut the last ones, which was not known yet."""
    then = past.then
    if then is None or then["state"] != Subscription.State.ACTIVE:
        return terms
    cadence = Cadence.parse(then["cadence"])
    whole = []
    for cells in terms:
        term = cadence.term_on(then["anchor_on"], cells.starts_on)
        if term is None:
            whole.append(cells)
        else:
            whole.append(cells._replace(ends_on=term.days.end))
    return whole


@dataclass(slots=True)
class _Paid:
    """Days that are paid at one price; `deal` is the first that pays for them."""

    start: date
    end: date
    price_e4: int
    currency: str
    cadence: str
    deal: int | None

    def takes(self, cells: _TermCells) -> bool:
        """Return whether a term goes on right after it, at the same price."""
        return (
            self.end == cells.starts_on
            and self.price_e4 == cells.price_e4
            and self.cadence == cells.cadence
            and self.currency == cells.currency
        )


def _segments(
    subscription: _Counted,
    terms: Iterable[_TermCells],
    merges: Callable[[str], bool],
) -> list[Segment]:
    """Return one subscription's segments in order; terms are cut where the subscription ends."""
    began = subscription.past.began
    paid: list[_Paid] = []
    last: _Paid | None = None
    for cells in terms:
        start = cells.starts_on
        end = cells.ends_on
        if subscription.end_on is not None:
            end = min(end, subscription.end_on)
        if end <= start:
            continue
        goes_on = last is not None and last.takes(cells) and start not in began
        if last is not None and goes_on and merges(cells.currency):
            last.end = end
        else:
            last = _Paid(
                start,
                end,
                cells.price_e4,
                cells.currency,
                cells.cadence,
                cells.deal_id,
            )
            paid.append(last)
    following: list[_Paid | None] = [*paid[1:], None]
    pairs = zip(paid, following, strict=False)
    return [_segment(subscription, each, after) for each, after in pairs]


def _segment(
    subscription: _Counted, paid: _Paid, after: _Paid | None
) -> Segment:
    # Which two days of the month it is paid on does not matter to a figure; parsing only what
    # matters is much faster.
    bare_cadence, _colon, _days = paid.cadence.partition(":")
    event_cause = subscription.past.began.get(paid.start)
    if event_cause is None:
        cause = Cause(Reason.BOOKED, deal=paid.deal)
    else:
        cause = replace(event_cause, deal=paid.deal)
    return Segment(
        subscription.pk,
        subscription.customer,
        paid.start,
        paid.end,
        paid.price_e4,
        paid.currency,
        Cadence.parse(bare_cadence),
        paid.start,
        cause,
        _ended_by(subscription, paid, after),
        is_overdue=False,
        slices=subscription.slices,
    )


def _ended_by(
    subscription: _Counted, paid: _Paid, after: _Paid | None
) -> Cause | None:
    if after is not None and after.start <= paid.end:
        return None
    cause = subscription.past.ended_on(paid.end)
    if cause is not None:
        return replace(cause, deal=paid.deal)
    # It was agreed when the subscription started.
    is_agreed_end = paid.end == subscription.end_on
    return (
        Cause(Reason.CANCELLATION, deal=paid.deal) if is_agreed_end else None
    )


def _overdue(
    subscription: _Counted,
    segments: Sequence[Segment],
    grace_days: int,
    expected: _Expected,
    as_of: date,
) -> Segment | None:
    """Return the days after the last term while its renewal is missing inside grace.

    They count (mrr.md: Which period a deal pays for): at the last price, or at the one agreed,
    where a price or a plan began to hold on the day after.
    """
    last = segments[-1] if segments else None
    if last is None or last.end is None or not subscription.is_active:
        return None
    end = last.end + timedelta(days=grace_days + 1)
    is_inside_grace = last.end <= as_of < end
    if not is_inside_grace or not expected.follows(subscription, last):
        return None
    overdue = replace(
        last,
        start=last.end,
        end=end,
        rate_on=last.end,
        cause=Cause(Reason.BOOKED, deal=last.cause.deal),
        ended_by=None,
        is_overdue=True,
    )
    agreed = subscription.agreed
    if agreed is None or agreed.on != last.end:
        return overdue
    return replace(
        overdue,
        price_e4=agreed.price_e4,
        currency=agreed.currency,
        cadence=Cadence.parse(agreed.cadence).bare,
        cause=subscription.past.began.get(agreed.on, overdue.cause),
    )


def _split_by_plan(
    subscription: _Counted, segments: Sequence[Segment]
) -> list[Segment]:
    """Return the segments with the plan that held on their first day as their part."""
    past = subscription.past
    if not past.plans and past.then is None:
        return list(segments)
    split = []
    for segment in segments:
        plan = past.plan_on(segment.start, subscription.plan)
        split.append(replace(segment, slices={"part": str(plan)}))
    return split
