"""From stored subscriptions and terms to the segments that every revenue figure is made of (decision 0013)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from django.db.models import Case, CharField, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from turnus.accounts.viewer import Viewer
from turnus.contacts.billing import Billing
from turnus.core.cadence import Cadence
from turnus.core.customers import Customer, CustomerKey
from turnus.core.revenue.facts import Cause, Reason, Segment
from turnus.fields.changing import blocks
from turnus.kit.sql import stream_rows
from turnus.revenue.models import Plan, Subscription, Term, imported_terms
from turnus.revenue.subscriptions.past import Past, pasts_of

#: Customers asked for in one query.
_BLOCK = 5_000
_COLUMNS = (
    "id",
    "organization_id",
    "person_id",
    "state",
    "end_on",
    "plan_id",
    "part",
    "next_due_on",
    "begun",
    "anchor_on",
    "price_e4",
    "currency",
    "cadence",
)
#: Whether a stretch has begun after the first one: by a price or a plan, from a day on, among others.
_HAS_BEGUN_ANEW = Case(When(anchor_number__gt=0, then=1), default=0, output_field=IntegerField())
_NOTHING = Past()


def visible_subscriptions(viewer: Viewer) -> QuerySet[Subscription]:
    """Return the subscriptions that count: not in the trash, and seen by the person who asks."""
    return Subscription.objects.present().visible_to(viewer.user)


def counted_terms_now() -> QuerySet[Term]:
    """Return the terms that count by everything that is known: whose deal is won and not in the trash, and those that a file brought."""
    booked = Q(deal__status="won", deal__trashed_at__isnull=True, price_e4__gte=0)
    return Term.objects.filter(booked | imported_terms())


def waiting_terms(terms: QuerySet[Term]) -> QuerySet[Term]:
    """Return those of `terms` that cover days, and whose deal does not book them (yet): it is open, lost or in the trash."""
    booked = Q(deal__status="won", deal__trashed_at__isnull=True)
    return terms.filter(deal__isnull=False, ends_on__gt=F("starts_on")).exclude(booked)


def counted_terms(viewer: Viewer) -> QuerySet[Term]:
    """Return the terms that count, of all subscriptions: those whose deal is won and not in the trash, and those that a file brought."""
    terms = counted_terms_now()
    if viewer.known_on is None:
        return terms
    won = Q(deal__isnull=True) | Q(deal__won_on__lte=viewer.known_on)
    return terms.filter(won, recorded_at__lt=viewer.recorded_before)


def load_segments(
    viewer: Viewer,
    *,
    part: Combinable | None = None,
    merges: Callable[[str], bool],
    since: date | None = None,
    among: QuerySet[Subscription] | None = None,
    by_plan: bool = False,
    parts: Mapping[int, Any] = MappingProxyType({}),
) -> list[Segment]:
    """Return the segments of everything that counts; five queries, about 3 seconds for a million terms.

    `part` is what reports split by: its value stands in each segment's slices as "part". `merges` says of which currencies terms that
    follow one another at the same price may become one segment: those whose rate never matters. `since` leaves out terms that
    ended before that day, `among` all other subscriptions.
    `by_plan`: the part is the plan, and a term's is the one that held then. `parts`: of subscriptions, in place of what `part` says.
    """
    seen = visible_subscriptions(viewer)
    if among is not None:
        seen = seen.filter(pk__in=among.order_by().values("pk"))
    billing = Billing.load(viewer.user)
    subscriptions = _subscriptions(
        seen, part, pasts_of(seen, until=viewer.recorded_before), parts, billing
    )
    grace = {plan.pk: plan.grace for plan in Plan.objects.all()}
    expected = _Expected.load(viewer, max(grace.values(), default=0))
    terms = counted_terms(viewer)
    if among is not None or not viewer.user.is_admin:
        terms = terms.filter(subscription__in=seen)
    columns = (
        "subscription_id",
        "starts_on",
        "ends_on",
        "price_e4",
        "currency",
        "cadence",
        "deal_id",
    )
    if since is not None:
        terms = terms.filter(ends_on__gte=since)
    # The order also keeps the databases from beginning with the deals, which takes six times as long.
    rows = stream_rows(terms.order_by("subscription_id", "number").values_list(*columns))
    segments: list[Segment] = []
    for subscription, own in groupby(rows, key=itemgetter(0)):
        if subscription in subscriptions:
            one = subscriptions[subscription]
            found = _segments(one, _as_known(own, one.past), merges)
            found += _overdue(one, found, grace[one.plan], expected, viewer.as_of)
            if by_plan and (one.past.plans or one.past.then):
                found = [
                    replace(each, slices={"part": str(one.past.plan_on(each.start, one.plan))})
                    for each in found
                ]
            segments += found
    return segments


def customers_before(
    viewer: Viewer, customers: Collection[CustomerKey], day: date
) -> set[CustomerKey]:
    """Return which of `customers` paid something before `day`; a query for each few thousand."""
    found: set[CustomerKey] = set()
    billing = Billing.load(viewer.user)
    within = Q(subscription__end_on__isnull=True) | Q(subscription__end_on__gt=F("starts_on"))
    terms = counted_terms(viewer).filter(
        within, starts_on__lt=day, ends_on__gt=F("starts_on"), price_e4__gt=0
    )
    for block in blocks(customers, _BLOCK):
        theirs = billing.bought_by(map(Customer.of_key, block), "subscription__")
        seen = visible_subscriptions(viewer)
        contacts = terms.filter(theirs, subscription__in=seen).values_list(
            "subscription__organization", "subscription__person"
        )
        found |= {billing.key_of(*pair) for pair in contacts.distinct()}
    return found


@dataclass(frozen=True, slots=True)
class _Agreed:
    """What holds from the day `on`, on which the present stretch begins: for its first term, while that is not booked."""

    on: date
    price_e4: int
    currency: str
    cadence: str


def _agreed_then(then: Mapping[str, Any]) -> _Agreed | None:
    """Return what was agreed by columns as they were on the day that is asked for."""
    if not then["anchor_number"]:
        return None
    return _Agreed(then["anchor_on"], then["price_e4"], then["currency"], then["cadence"])


@dataclass(slots=True)
class _Subscription:
    """What segments take from their subscription."""

    pk: int
    customer: CustomerKey
    is_active: bool
    end_on: date | None
    plan: int
    slices: Mapping[str, str]
    past: Past
    next_due_on: date | None
    agreed: _Agreed | None


def _subscriptions(
    seen: QuerySet[Subscription],
    part: Combinable | None,
    pasts: Mapping[int, Past],
    parts: Mapping[int, Any],
    billing: Billing,
) -> dict[int, _Subscription]:
    given = part if part is not None else Value("", output_field=CharField())
    rows = seen.annotate(part=given, begun=_HAS_BEGUN_ANEW).order_by().values_list(*_COLUMNS)
    # One mapping for all subscriptions of a part: they are compared by the million.
    slices: dict[Any, Mapping[str, str]] = {}
    result = {}
    for (
        pk,
        organization,
        person,
        state,
        end_on,
        plan,
        today,
        due,
        begun,
        *agreed_now,
    ) in stream_rows(rows):
        key = parts.get(pk, today)
        held = slices.setdefault(
            key, {} if part is None else {"part": "" if key is None else str(key)}
        )
        customer = billing.key_of(organization, person)
        past = pasts.get(pk, _NOTHING)
        known = past.then or {"state": state, "end_on": end_on, "plan_id": plan}
        is_active = known["state"] == Subscription.State.ACTIVE
        agreed = _Agreed(*agreed_now) if begun else None
        if past.then is not None:
            agreed = _agreed_then(past.then)
        result[pk] = _Subscription(
            pk, customer, is_active, known["end_on"], known["plan_id"], held, past, due, agreed
        )
    return result


@dataclass(frozen=True, slots=True)
class _Expected:
    """Which terms are expected, though nothing books them: those whose renewal is missing count inside grace.

    `waiting`: (subscription, first day) of terms whose deal does not book them (yet). What was known on a past day does not say what was due
    then: in place of them, `skipped` are the terms that were left out; None: it is now.
    """

    waiting: set[tuple[int, date]]
    skipped: set[tuple[int, date]] | None

    @classmethod
    def load(cls, viewer: Viewer, grace_days: int) -> "_Expected":
        """Return what may be overdue on the day of `viewer`; one query."""
        first = viewer.as_of - timedelta(days=grace_days)
        terms = Term.objects.filter(starts_on__gte=first, starts_on__lte=viewer.as_of)
        if viewer.known_on is None:
            return cls(set(waiting_terms(terms).values_list("subscription_id", "starts_on")), None)
        left_out = terms.filter(deal__isnull=True).exclude(imported_terms())
        return cls(set(), set(left_out.values_list("subscription_id", "starts_on")))

    def follows(self, one: "_Subscription", last: Segment) -> bool:
        """Return whether a term is expected from the day after the last one on."""
        assert last.end is not None  # noqa: S101 (terms have an end)
        if self.skipped is not None:
            return not last.ended_by and (one.pk, last.end) not in self.skipped
        return one.next_due_on == last.end or (one.pk, last.end) in self.waiting


def _as_known(rows: Iterable[Sequence[Any]], past: Past) -> Iterable[Sequence[Any]]:
    """Return the terms as they were before a pause, a price or a plan cut the last ones, which was not known yet."""
    then = past.then
    if then is None or then["state"] != Subscription.State.ACTIVE:
        return rows
    cadence, anchor = Cadence.parse(then["cadence"]), then["anchor_on"]
    whole = []
    for pk, start, end, *rest in rows:
        term = cadence.term_on(anchor, start)
        whole.append((pk, start, end if term is None else term.days.end, *rest))
    return whole


def _segments(
    one: _Subscription, rows: Iterable[Sequence[Any]], merges: Callable[[str], bool]
) -> list[Segment]:
    """Return one subscription's segments in order; terms are cut where the subscription ends."""
    stretches: list[list[Any]] = []
    for _, start, end, price, currency, cadence, deal in rows:
        cut = end if one.end_on is None or end <= one.end_on else one.end_on
        if cut <= start:
            continue
        last = stretches[-1] if stretches else None
        if (
            last
            and last[1] == start
            and last[2] == price
            and last[4] == cadence
            and last[3] == currency
            and merges(currency)
            and start not in one.past.began
        ):
            last[1] = cut
        else:
            stretches.append([start, cut, price, currency, cadence, deal])
    following = [*stretches[1:], None]
    return [_segment(one, each, after) for each, after in zip(stretches, following, strict=False)]


def _segment(one: _Subscription, stretch: Sequence[Any], after: Sequence[Any] | None) -> Segment:
    start, end, price, currency, cadence, deal = stretch
    # Which two days of the month it is paid on does not matter to a figure.
    how = Cadence.parse(
        cadence.partition(":")[0]
    )  # much faster than parsing all of it and leaving that out
    cause = one.past.began.get(start)
    cause = replace(cause, deal=deal) if cause else Cause(Reason.BOOKED, deal=deal)
    return Segment(
        one.pk,
        one.customer,
        start,
        end,
        price,
        currency,
        how,
        start,
        cause,
        _ended_by(one, end, after, deal),
        is_overdue=False,
        slices=one.slices,
    )


def _ended_by(
    one: _Subscription, end: date, after: Sequence[Any] | None, deal: int
) -> Cause | None:
    if after is not None and after[0] <= end:
        return None
    cause = one.past.ended_on(end)
    if cause is not None:
        return replace(cause, deal=deal)
    # It was agreed when the subscription began.
    return Cause(Reason.CANCELLATION, deal=deal) if end == one.end_on else None


def _overdue(
    one: _Subscription,
    found: list[Segment],
    grace_days: int,
    expected: _Expected,
    as_of: date,
) -> list[Segment]:
    """Return the days after the last term while its renewal is missing inside grace: they count (metrics 1.4).

    At the last price; at the one that was `agreed`, where a price or a plan began to hold on the day after.
    """
    last = found[-1] if found else None
    if last is None or last.end is None or not one.is_active or not expected.follows(one, last):
        return []
    end = last.end + timedelta(days=grace_days + 1)
    if not last.end <= as_of < end:
        return []
    overdue = Segment(
        last.subscription,
        last.customer,
        last.end,
        end,
        last.price_e4,
        last.currency,
        last.cadence,
        last.end,
        Cause(Reason.BOOKED, deal=last.cause.deal),
        None,
        is_overdue=True,
        slices=last.slices,
    )
    agreed = one.agreed
    if agreed is None or agreed.on != last.end:
        return [overdue]
    how, cause = Cadence.parse(agreed.cadence).bare, one.past.began.get(agreed.on, overdue.cause)
    return [
        replace(
            overdue, price_e4=agreed.price_e4, currency=agreed.currency, cadence=how, cause=cause
        )
    ]
