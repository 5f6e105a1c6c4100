"""The life of one subscription: what moved its revenue, with the deal or the event that did it, and its days from the first to those planned."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from turnus.accounts.viewer import Viewer
from turnus.core.cadence import Cadence
from turnus.core.money import Money
from turnus.core.revenue.conversion import own_currency
from turnus.core.revenue.facts import Reason, Segment
from turnus.core.revenue.movements import Leg, ledger_of
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
    """One movement: what happened (a leg's kind), the prices before and after, what it did to MRR, and who or what is responsible.

    `deal` is None if the person may not see it; `plans`: the names before and after, of a change of plan.
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
    """Days that are alike: from `start` up to, not including, `end`; `mrr_e4`: the price as a month's share, which says how high it is drawn."""

    start: date
    end: date
    what: Span
    price: Money | None = None
    mrr_e4: int = 0


def movements_of(subscription: Subscription, viewer: Viewer) -> list[Moved]:
    """Return what moved the subscription's revenue until today, in its own currency, the latest first; nine queries."""
    segments = load_segments(
        viewer,
        merges=lambda _currency: False,
        among=Subscription.objects.filter(pk=subscription.pk),
    )
    ledger = ledger_of(segments, conversion=own_currency(subscription.currency), until=viewer.as_of)
    legs = [(movement.day, leg) for movement in ledger.movements for leg in movement.legs]
    deals, events = _deals(legs, viewer), _events(legs)
    plans = {pk: str(name) for pk, name in Plan.objects.values_list("pk", "name")}
    moved = []
    for on, leg in legs:
        change, after = (
            ledger.scale.mrr(arr) for arr in (leg.arr_after - leg.arr_before, leg.arr_after)
        )
        event = events.get(leg.cause.event or 0)
        known = (deals.get(leg.cause.deal or 0), event, _plans(event, plans))
        moved.append(
            Moved(on, str(leg.kind), _price(leg.before), _price(leg.after), change, after, *known)
        )
    return moved[::-1]


def _deals(legs: Sequence[tuple[date, Leg]], viewer: Viewer) -> Mapping[int, Deal]:
    ids = {leg.cause.deal for _, leg in legs if leg.cause.deal}
    return Deal.objects.visible_to(viewer.user).in_bulk(ids)


def _events(legs: Sequence[tuple[date, Leg]]) -> Mapping[int, Event]:
    return Event.objects.select_related("by").in_bulk(
        {leg.cause.event for _, leg in legs if leg.cause.event}
    )


def _price(segment: Segment | None) -> Money | None:
    return None if segment is None else Money(segment.price_e4, segment.currency)


def _plans(event: Event | None, plans: Mapping[int, str]) -> tuple[str, str] | None:
    before, after = ((event and event.changes) or {}).get("plan_id", (None, None))
    return (plans[before], plans[after]) if before in plans and after in plans else None


def stretches_of(
    subscription: Subscription, terms: Sequence[Term], coming: Sequence[ComingTerm], *, on: date
) -> list[Stretch]:
    """Return the days of booked `terms` (the latest first) and of those `coming`, and the gaps between; days that are alike together. One query."""
    end_on, how = subscription.end_on, subscription.how
    inside = [
        one for one in terms if not one.is_empty and (end_on is None or one.starts_on < end_on)
    ]
    booked = [_booked(one, end_on) for one in reversed(inside)]
    ahead = [_ahead(one, how) for one in coming if one.is_overdue] + [
        _ahead(one, how) for one in coming if not one.is_overdue
    ][:_PLANNED]
    past = pasts_of(Subscription.objects.filter(pk=subscription.pk)).get(
        subscription.pk, SubscriptionPast()
    )
    found = list(_joined([*booked, *ahead], past))
    if subscription.paused_on is not None and found and found[-1].end < on:
        found.append(Stretch(found[-1].end, on, Span.PAUSED))
    return found


def _booked(term: Term, end_on: date | None) -> Stretch:
    end = term.ends_on if end_on is None else min(term.ends_on, end_on)
    share = monthly_e4(term.price_e4, Cadence.parse(term.cadence))
    return Stretch(term.starts_on, end, _what(term), term.price, share)


def _what(term: Term) -> Span:
    deal = term.deal
    if term.is_imported:
        return Span.BOOKED
    if deal is None or deal.trashed_at is not None or deal.status == Deal.Status.LOST:
        return Span.SKIPPED
    return Span.BOOKED if deal.status == Deal.Status.WON else Span.WAITING


def _ahead(one: ComingTerm, how: Cadence) -> Stretch:
    what = Span.DUE if one.is_overdue else Span.PLANNED
    return Stretch(
        one.starts_on, one.last_on + _DAY, what, one.price, monthly_e4(one.price.amount_e4, how)
    )


def _joined(given: Sequence[Stretch], past: SubscriptionPast) -> Iterator[Stretch]:
    last: Stretch | None = None
    for one in given:
        if (
            last is not None
            and replace(last, end=one.end) == replace(one, start=last.start)
            and last.end == one.start
        ):
            last = replace(last, end=one.end)
            continue
        if last is not None:
            yield last
            if last.end < one.start:
                cause = past.ended_on(last.end)
                is_pause = cause is not None and cause.reason is Reason.PAUSE
                yield Stretch(last.end, one.start, Span.PAUSED if is_pause else Span.GAP)
        last = one
    if last is not None:
        yield last
