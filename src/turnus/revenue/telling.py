"""Stored subscriptions as the stories that files tell: what was paid from which day on, pauses, terms left out (decision 0015)."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.revenue.steps import Past, PastTerm, Story, story_of
from turnus.revenue.loading import Knowledge, counted_terms
from turnus.revenue.models import Subscription, Term, imported_terms

_COLUMNS = (
    "id", "cadence", "started_on", "anchor_on", "anchor_number", "next_number", "price_e4", "paused_on", "end_on", "state",
)  # fmt: skip
_TERM = ("subscription_id", "number", "starts_on", "ends_on", "price_e4")


def stories_of(ids: Collection[int], knowledge: Knowledge) -> dict[int, Story]:
    """Return the stories of subscriptions by id; three queries. What does not count (decision 0013) is told as left out or paused."""
    terms = _terms(ids, knowledge)
    found = Subscription.objects.filter(pk__in=ids).values(*_COLUMNS)
    return {row["id"]: story_of(_past(row, terms[row["id"]]), is_active=row["state"] == "active") for row in found}


def _terms(ids: Collection[int], knowledge: Knowledge) -> Mapping[int, list[PastTerm]]:
    paid = counted_terms(knowledge).filter(subscription__in=ids)
    left_out = Term.objects.filter(subscription__in=ids, deal__isnull=True).exclude(imported_terms())
    terms: dict[int, list[PastTerm]] = defaultdict(list)
    for is_skipped, rows in ((False, paid), (True, left_out)):
        for pk, number, start, end, price in rows.order_by("subscription_id", "number").values_list(*_TERM):
            terms[pk].append(PastTerm(number, DateRange(start, end), price, is_skipped))
    return terms


def _past(row: Mapping[str, Any], terms: list[PastTerm]) -> Past:
    end = row["end_on"]
    cut = [
        PastTerm(one.number, DateRange(one.days.start, min(one.days.end, end)), one.price_e4, one.is_skipped)
        if end is not None
        else one
        for one in sorted(terms, key=lambda one: one.number)
        if end is None or one.days.start < end
    ]
    return Past(
        Cadence.parse(row["cadence"]), row["started_on"], cut, row["anchor_on"], row["anchor_number"], row["next_number"],
        row["price_e4"], row["paused_on"], end,
    )  # fmt: skip
