"""Stored subscriptions as the stories that files tell (decision 0015)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import F

from turnus.accounts.viewer import Viewer
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.revenue.steps import PaidBy, Past, PastTerm, Story, story_of
from turnus.revenue.loading import counted_terms
from turnus.revenue.models import Subscription, Term, imported_terms
from turnus.revenue.subscriptions import past

_COLUMNS = (
    "id",
    "plan_id",
    "cadence",
    "started_on",
    "anchor_on",
    "anchor_number",
    "next_number",
    "price_e4",
    "paused_on",
    "end_on",
    "state",
)

_TERM = ("subscription_id", "number", "starts_on", "ends_on", "price_e4", "cadence")

_NOTHING = past.Past()


def stories_of(ids: Collection[int], viewer: Viewer) -> dict[int, Story]:
    """Return the stories of subscriptions by id; four queries. What does not count (decision 0013) is told as left out or paused."""
    pasts = past.pasts_of(Subscription.objects.filter(pk__in=ids))
    rows = {row["id"]: row for row in Subscription.objects.filter(pk__in=ids).values(*_COLUMNS)}
    terms: dict[int, list[PastTerm]] = defaultdict(list)
    for is_skipped, (pk, number, start, end, price, cadence) in _terms(ids, viewer):
        plan = pasts.get(pk, _NOTHING).plan_on(start, rows[pk]["plan_id"])
        paid_by = PaidBy(plan, Cadence.parse(cadence))
        terms[pk].append(PastTerm(number, DateRange(start, end), price, paid_by, is_skipped))
    return {
        pk: story_of(_past(row, terms[pk]), is_active=row["state"] == "active")
        for pk, row in rows.items()
    }


def _terms(ids: Collection[int], viewer: Viewer) -> Iterator[tuple[bool, tuple[Any, ...]]]:
    """Yield (is it left out, its columns) of all terms."""
    # A term that a pause has cut to nothing covers no day, as if it had not been booked.
    paid = counted_terms(viewer).filter(subscription__in=ids, ends_on__gt=F("starts_on"))
    left_out = Term.objects.filter(subscription__in=ids, deal__isnull=True).exclude(
        imported_terms()
    )
    for is_skipped, found in ((False, paid), (True, left_out)):
        for columns in found.order_by("subscription_id", "number").values_list(*_TERM):
            yield is_skipped, columns


def _past(row: Mapping[str, Any], terms: list[PastTerm]) -> Past:
    end = row["end_on"]
    cut = [
        replace(one, days=DateRange(one.days.start, min(one.days.end, end)))
        if end is not None
        else one
        for one in sorted(terms, key=lambda one: one.number)
        if end is None or one.days.start < end
    ]
    return Past(
        PaidBy(row["plan_id"], Cadence.parse(row["cadence"])),
        row["started_on"],
        cut,
        row["anchor_on"],
        row["anchor_number"],
        row["next_number"],
        row["price_e4"],
        row["paused_on"],
        end,
    )
