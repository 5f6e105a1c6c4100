"""The life of one subscription: what moved its revenue, and its days, booked and planned."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from turnus.accounts.viewer import Viewer
from turnus.core.cadence import Cadence
from turnus.core.money import Money
from turnus.core.revenue.conversion import Scale, own_currency
from turnus.core.revenue.facts import Reason, Segment
from turnus.core.revenue.movements import Ledger, Leg, ledger_of
from turnus.history.models import Event
from turnus.revenue.loading import load_segments
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.rules import monthly_e4
from turnus.revenue.subscriptions.past import SubscriptionPast, pasts_of
from turnus.revenue.terms.queries import ComingTerm
from turnus.sales.models import Deal

_DAY = timedelta(days=1)
#: How many terms ahead are drawn: more would dwarf the past of a yearly one.
_PLANNED = 2


@dataclass(frozen=True, slots=True)
class Moved:
    """One movement: what happened, the prices before and after, what it did to MRR, who did it.

    `what` is a leg's kind. `deal` is None if the person may not see it; `plans` are the names
    before and after, of a change of plan.
    """

    on: date
    what: str
    before: Money | None
    after: Money | None
    mrr: Money
    mrr_after: Money
    deal: Deal | None
    event: Event | None
    plans: tuple[str, str] | None


class Span(StrEnum):
    """What days of a subscription are."""

    BOOKED = "booked"
    #: A deal is open for them.
    WAITING = "waiting"
    SKIPPED = "skipped"
    PAUSED = "paused"
    #: Nothing covers them.
    GAP = "gap"
    DUE = "due"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days that are alike: from `start` up to, not including, `end`.

    `mrr_e4`: the price as a month's share, which is how high it is drawn.
    """

    start: date
    end: date
    what: Span
    price: Money | None = None
    mrr_e4: int = 0


def movements_of(subscription: Subscription, viewer: Viewer) -> list[Moved]:
    """Return what moved the subscription's revenue until today, the latest first; nine queries.

    In its own currency.
    """
    own = Subscription.objects.filter(pk=subscription.pk)
    segments = load_segments(viewer, merges=lambda _currency: False, among=own)
    conversion = own_currency(subscription.currency)
    ledger = ledger_of(segments, conversion=conversion, until=viewer.as_of)
    causes = _Causes.load(ledger, viewer)
    moved = []
    for movement in ledger.movements:
        day = movement.day
        moved += [
            _moved(day, leg, ledger.scale, causes) for leg in movement.legs
        ]
    moved.reverse()
    return moved


@dataclass(frozen=True, slots=True)
class _Causes:
    """What movements name: deals that the viewer may see, events, names of plans; by id."""

    deals: Mapping[int, Deal]
    events: Mapping[int, Event]
    plan_names: Mapping[int, str]

    @classmethod
    def load(cls, ledger: Ledger, viewer: Viewer) -> "_Causes":
        """Return the causes of all legs; three queries."""
        deal_ids = set()
        event_ids = set()
        for movement in ledger.movements:
            for leg in movement.legs:
                deal_ids.add(leg.cause.deal)
                event_ids.add(leg.cause.event)
        visible_deals = Deal.objects.visible_to(viewer.user)
        events = Event.objects.select_related("by")
        plans = Plan.objects.values_list("pk", "name")
        return cls(
            deals=visible_deals.in_bulk(deal_ids - {None}),
            events=events.in_bulk(event_ids - {None}),
            plan_names={pk: str(name) for pk, name in plans},
        )


def _moved(on: date, leg: Leg, scale: Scale, causes: _Causes) -> Moved:
    cause = leg.cause
    event = causes.events.get(cause.event or 0)
    arr_change = leg.arr_after - leg.arr_before
    return Moved(
        on=on,
        what=str(leg.kind),
        before=_price(leg.before),
        after=_price(leg.after),
        mrr=scale.mrr(arr_change),
        mrr_after=scale.mrr(leg.arr_after),
        deal=causes.deals.get(cause.deal or 0),
        event=event,
        plans=_plans(event, causes.plan_names),
    )


def _price(segment: Segment | None) -> Money | None:
    if segment is None:
        return None
    return Money(segment.price_e4, segment.currency)


def _plans(
    event: Event | None, plans: Mapping[int, str]
) -> tuple[str, str] | None:
    if event is None or not event.changes:
        return None
    before, after = event.changes.get("plan_id", (None, None))
    if before not in plans or after not in plans:
        return None
    return plans[before], plans[after]


def stretches_of(
    subscription: Subscription,
    terms: Sequence[Term],
    coming: Sequence[ComingTerm],
    *,
    on: date,
) -> list[Stretch]:
    """Return the days of booked `terms` and of those `coming`, and the gaps between; one query.

    `terms` has the latest first. Days that are alike are one stretch.
    """
    stretches = _booked_stretches(subscription, terms)
    stretches += _coming_stretches(subscription, coming)
    own = Subscription.objects.filter(pk=subscription.pk)
    pasts = pasts_of(own)
    past = pasts.get(subscription.pk, SubscriptionPast())
    joined = list(_joined(stretches, past))
    if subscription.paused_on is None or not joined:
        return joined
    end = joined[-1].end
    if end < on:
        joined.append(Stretch(end, on, Span.PAUSED))
    return joined


def _booked_stretches(
    subscription: Subscription, terms: Sequence[Term]
) -> list[Stretch]:
    """Return the terms that cover days, in order; cut where the subscription ends."""
    end_on = subscription.end_on
    found = []
    for term in reversed(terms):
        start = term.starts_on
        end = term.ends_on if end_on is None else min(term.ends_on, end_on)
        if term.is_empty or end <= start:
            continue
        cadence = Cadence.parse(term.cadence)
        share = monthly_e4(term.price_e4, cadence)
        found.append(Stretch(start, end, _what(term), term.price, share))
    return found


def _coming_stretches(
    subscription: Subscription, coming: Sequence[ComingTerm]
) -> list[Stretch]:
    """Return the overdue terms, and the first of those that are planned."""
    overdue = [term for term in coming if term.is_overdue]
    planned = [term for term in coming if not term.is_overdue]
    found = []
    for term in (*overdue, *planned[:_PLANNED]):
        what = Span.DUE if term.is_overdue else Span.PLANNED
        end = term.last_on + _DAY
        share = monthly_e4(term.price.amount_e4, subscription.how)
        stretch = Stretch(term.starts_on, end, what, term.price, share)
        found.append(stretch)
    return found


def _what(term: Term) -> Span:
    if term.is_imported:
        return Span.BOOKED
    deal = term.deal
    if deal is None or deal.trashed_at is not None:
        return Span.SKIPPED
    if deal.status == Deal.Status.LOST:
        return Span.SKIPPED
    return Span.BOOKED if deal.status == Deal.Status.WON else Span.WAITING


def _joined(
    stretches: Sequence[Stretch], past: SubscriptionPast
) -> Iterator[Stretch]:
    """Yield the stretches, those that are alike and adjacent as one, with the gaps between."""
    last: Stretch | None = None
    for stretch in stretches:
        if last is None:
            last = stretch
        elif _continues(last, stretch):
            last = replace(last, end=stretch.end)
        else:
            yield last
            if last.end < stretch.start:
                yield Stretch(last.end, stretch.start, _gap_after(last, past))
            last = stretch
    if last is not None:
        yield last


def _continues(last: Stretch, stretch: Stretch) -> bool:
    """Return whether a stretch is like the one before it, and follows it at once."""
    if last.end != stretch.start:
        return False
    both = replace(last, end=stretch.end)
    return both == replace(stretch, start=last.start)


def _gap_after(last: Stretch, past: SubscriptionPast) -> Span:
    cause = past.ended_on(last.end)
    is_pause = cause is not None and cause.reason is Reason.PAUSE
    return Span.PAUSED if is_pause else Span.GAP
