"""Finding terms that were never booked; each kind is one query, or two, however many subscriptions there are."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.money import Money
from turnus.radar.findings import Finding, Kind
from turnus.revenue.models import Plan, Subscription, Term, forgotten_terms, imported_terms
from turnus.revenue.renewals.queries import due_terms
from turnus.revenue.rules import term_days

_TERM = (
    "pk",
    "deal_id",
    "subscription_id",
    "number",
    "starts_on",
    "ends_on",
    "price_e4",
    "currency",
)
_SCHEDULE = ("id", "cadence", "anchor_on", "anchor_number", "end_on")


def missed_terms(on: date) -> Iterator[Finding]:
    """Yield the subscriptions that were due before the day `on`, with all their terms before it; what is due that day is not missed."""
    late = Subscription.objects.filter(next_due_on__lt=on)
    first: dict[int, Any] = {}
    count: dict[int, int] = {}
    for term in due_terms(late, until=on - timedelta(days=1), as_plans_say=False):
        one = term.row["id"]
        first.setdefault(one, term)
        count[one] = count.get(one, 0) + 1
    for one, term in first.items():
        money = Money(term.row["price_e4"] * count[one], term.row["currency"])
        params = {"late": (on - term.starts_on).days}
        yield Finding(Kind.MISSED, one, term.number, one, term.starts_on, money, count[one], params)


def missing_numbers() -> Iterator[Finding]:
    """Yield each number between two terms of a subscription that no term has, at the price of the term before."""
    holed = (
        Term.objects.order_by()
        .values("subscription")
        .annotate(lowest=Min("number"), highest=Max("number"), count=Count("pk"))
    )
    holed = holed.filter(highest__gte=F("lowest") + F("count"))
    schedules = {
        row["id"]: row
        for row in Subscription.objects.filter(pk__in=holed.values("subscription")).values(
            *_SCHEDULE
        )
    }
    before = None
    for term in (
        Term.objects.filter(subscription__in=schedules)
        .order_by("subscription", "number")
        .iterator()
    ):
        if before is not None and before.subscription_id == term.subscription_id:
            for number in range(before.number + 1, term.number):
                days = _days(schedules[term.subscription_id], before, number, term.starts_on)
                params = {"number": number, "ends_on": days.end}
                yield Finding(
                    Kind.NUMBER,
                    term.subscription_id,
                    number,
                    term.subscription_id,
                    days.start,
                    before.price,
                    params=params,
                )
        before = term


def _days(row: dict[str, Any], before: Term, number: int, until: date) -> DateRange:
    """Return the days of a missing term: by the schedule, or in an earlier stretch by the term before it."""
    if number >= row["anchor_number"]:
        days = term_days(row, number)
    else:
        cadence = Cadence.parse(before.cadence).anchored(before.starts_on)
        days = cadence.term(before.starts_on, number - before.number).days
    start = min(days.start, until)
    return DateRange(start, max(start, min(days.end, until)))


def unbooked_terms(user: User, on: date) -> Iterator[Finding]:
    """Yield the terms whose deal was never entered, is gone, in the trash, lost before later terms, or open after its grace.

    Of deals that are there, only those that `user` may see.
    """
    terms = Term.objects.order_by()
    later = Exists(
        Term.objects.filter(subscription=OuterRef("subscription"), number__gt=OuterRef("number"))
    )
    yield from _found(
        Kind.GONE, terms.filter(deal__isnull=True, price_e4__gt=0).exclude(imported_terms())
    )
    yield from _found(Kind.FORGOTTEN, terms.filter(forgotten_terms()))
    goes_on = Q(later) | Q(subscription__state=Subscription.State.ACTIVE)
    seen = visible(user, through="deal__")
    yield from _found(Kind.TRASHED, terms.filter(goes_on, seen, deal__trashed_at__isnull=False))
    yield from _found(
        Kind.LOST, terms.filter(later, seen, deal__status="lost", deal__trashed_at__isnull=True)
    )
    yield from _found(Kind.OPEN, open_late(on).filter(seen))


def open_late(on: date) -> QuerySet[Term]:
    """Return the terms whose deal is still open after the grace of their plan."""
    late = Q(pk__in=())
    for plan in Plan.objects.all():
        late |= Q(subscription__plan=plan, starts_on__lt=on - timedelta(days=plan.grace))
    return Term.objects.order_by().filter(
        late, deal__status="open", deal__trashed_at__isnull=True, starts_on__lt=on
    )


def _found(kind: Kind, terms: QuerySet[Term]) -> Iterator[Finding]:
    for pk, deal, subscription, number, start, end, price, currency in terms.values_list(
        *_TERM
    ).iterator():
        params = {"number": number, "ends_on": end}
        yield Finding(
            kind, pk, deal or 0, subscription, start, Money(price, currency), params=params
        )
