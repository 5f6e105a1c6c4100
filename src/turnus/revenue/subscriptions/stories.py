"""Stored subscriptions as the stories that files tell (decision 0015)."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from django.db.models import F, QuerySet

from turnus.accounts.viewer import Viewer
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.revenue.steps import PaidBy, Past, PastTerm, Story
from turnus.core.revenue.story_writing import story_of
from turnus.revenue.models import Subscription, Term, imported_terms
from turnus.revenue.scope import counted_terms
from turnus.revenue.subscriptions.past import SubscriptionPast, pasts_of


class _StoryCells(NamedTuple):
    subscription_id: int
    number: int
    starts_on: date
    ends_on: date
    price_e4: int
    cadence: str


_NO_PAST = SubscriptionPast()


def stories_of(ids: Collection[int], viewer: Viewer) -> dict[int, Story]:
    """Return the stories of subscriptions by id; four queries.

    What does not count (decision 0013) is told as skipped or paused.
    """
    subscriptions = Subscription.objects.filter(pk__in=ids)
    pasts = pasts_of(subscriptions)
    found = list(subscriptions.defer("custom", "folded", "labels"))
    plans = {subscription.pk: subscription.plan_id for subscription in found}
    terms: dict[int, list[PastTerm]] = defaultdict(list)
    # A term that a pause has cut to nothing covers no day, as if it had not been booked.
    paid = counted_terms(viewer).filter(
        subscription__in=ids, ends_on__gt=F("starts_on")
    )
    unpaid = Term.objects.filter(subscription__in=ids, deal__isnull=True)
    skipped = unpaid.exclude(imported_terms())
    for is_skipped, queried in ((False, paid), (True, skipped)):
        for cells in _cells_of(queried):
            subscription_id = cells.subscription_id
            past = pasts.get(subscription_id, _NO_PAST)
            plan_id = past.plan_on(cells.starts_on, plans[subscription_id])
            term = _past_term(cells, plan_id, is_skipped=is_skipped)
            terms[subscription_id].append(term)
    stories = {}
    for subscription in found:
        is_active = subscription.state == Subscription.State.ACTIVE
        past_terms = _past(subscription, terms[subscription.pk])
        stories[subscription.pk] = story_of(past_terms, is_active=is_active)
    return stories


def _cells_of(terms: QuerySet[Term]) -> list[_StoryCells]:
    in_order = terms.order_by("subscription_id", "number")
    return [
        _StoryCells(*cells)
        for cells in in_order.values_list(*_StoryCells._fields)
    ]


def _past_term(
    cells: _StoryCells, plan_id: int, *, is_skipped: bool
) -> PastTerm:
    return PastTerm(
        number=cells.number,
        days=DateRange(cells.starts_on, cells.ends_on),
        price_e4=cells.price_e4,
        plan=PaidBy(plan_id, Cadence.parse(cells.cadence)),
        is_skipped=is_skipped,
    )


def _past(subscription: Subscription, terms: list[PastTerm]) -> Past:
    in_order = sorted(terms, key=lambda term: term.number)
    return Past(
        plan=PaidBy(subscription.plan_id, subscription.how),
        started_on=subscription.started_on,
        terms=_cut_at(subscription.end_on, in_order),
        anchor_on=subscription.anchor_on,
        anchor_number=subscription.anchor_number,
        next_number=subscription.next_number,
        price_e4=subscription.price_e4,
        paused_on=subscription.paused_on,
        end_on=subscription.end_on,
    )


def _cut_at(end: date | None, terms: list[PastTerm]) -> list[PastTerm]:
    """Return what of terms lies before an end."""
    if end is None:
        return terms
    before = [term for term in terms if term.days.start < end]
    return [
        replace(term, days=DateRange(term.days.start, min(term.days.end, end)))
        for term in before
    ]
