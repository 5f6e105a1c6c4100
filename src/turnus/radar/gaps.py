"""Finding terms that were never booked; each kind is a query or two, however many there are."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple, cast

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.money import Money
from turnus.radar.findings import Details, Finding, FindingKind
from turnus.revenue.models import (
    Plan,
    Subscription,
    Term,
    forgotten_terms,
    imported_terms,
)
from turnus.revenue.renewals.queries import DueTerm, due_terms
from turnus.revenue.rows import TermSchedule
from turnus.revenue.rules import term_days

_SCHEDULE = ("cadence", "anchor_on", "anchor_number", "end_on")


class _UnbookedTerm(NamedTuple):
    pk: int
    deal_id: int | None
    subscription_id: int
    number: int
    starts_on: date
    ends_on: date
    price_e4: int
    currency: str


def missed_terms(on: date) -> Iterator[Finding]:
    """Yield the subscriptions that were due before the day `on`, with all their terms before it.

    What is due that day is not missed.
    """
    late = Subscription.objects.filter(next_due_on__lt=on)
    first: dict[int, DueTerm] = {}
    counts: dict[int, int] = {}
    for term in due_terms(
        late, until=on - timedelta(days=1), as_plans_say=False
    ):
        pk = term.row["id"]
        first.setdefault(pk, term)
        counts[pk] = counts.get(pk, 0) + 1
    for pk, term in first.items():
        count = counts[pk]
        yield Finding(
            kind=FindingKind.MISSED,
            one=pk,
            other=term.number,
            subscription_id=pk,
            on=term.starts_on,
            money=Money(term.row["price_e4"] * count, term.row["currency"]),
            count=count,
            details=Details(late=(on - term.starts_on).days),
        )


def missing_numbers() -> Iterator[Finding]:
    """Yield each number between two terms of a subscription that no term has.

    At the price of the term before.
    """
    by_subscription = Term.objects.order_by().values("subscription")
    spans = by_subscription.annotate(
        lowest=Min("number"), highest=Max("number"), count=Count("pk")
    )
    with_gaps = spans.filter(highest__gte=F("lowest") + F("count"))
    schedules = _schedules(
        Subscription.objects.filter(pk__in=with_gaps.values("subscription"))
    )
    terms = Term.objects.filter(subscription__in=schedules).order_by(
        "subscription", "number"
    )
    before: Term | None = None
    for term in terms.iterator():
        if (
            before is not None
            and before.subscription_id == term.subscription_id
        ):
            yield from _missing_between(
                before, term, schedules[term.subscription_id]
            )
        before = term


def _schedules(
    subscriptions: QuerySet[Subscription],
) -> dict[int, TermSchedule]:
    schedules = {}
    for row in subscriptions.values("pk", *_SCHEDULE):
        schedules[row["pk"]] = cast("TermSchedule", row)
    return schedules


def _missing_between(
    before: Term, after: Term, schedule: TermSchedule
) -> Iterator[Finding]:
    subscription_id = after.subscription_id
    for number in range(before.number + 1, after.number):
        days = _days(schedule, before, number, after.starts_on)
        yield Finding(
            kind=FindingKind.NUMBER,
            one=subscription_id,
            other=number,
            subscription_id=subscription_id,
            on=days.start,
            money=before.price,
            details=Details(number=number, ends_on=days.end),
        )


def _days(
    schedule: TermSchedule, before: Term, number: int, until: date
) -> DateRange:
    """Return the days of a missing term.

    By the schedule, or in an earlier stretch by the term before it.
    """
    if number >= schedule["anchor_number"]:
        days = term_days(schedule, number)
    else:
        cadence = Cadence.parse(before.cadence).anchored(before.starts_on)
        days = cadence.term(before.starts_on, number - before.number).days
    start = min(days.start, until)
    end = min(days.end, until)
    return DateRange(start, max(start, end))


def unbooked_terms(user: User, on: date) -> Iterator[Finding]:
    """Yield the terms that no won deal books although they are or were due.

    Their deal was never entered, is gone, in the trash, lost before later terms, or open after its
    grace. Of deals that are there, only those that `user` may see.
    """
    terms = Term.objects.order_by()
    own = Term.objects.filter(subscription=OuterRef("subscription"))
    has_later = Exists(own.filter(number__gt=OuterRef("number")))
    goes_on = Q(has_later) | Q(subscription__state=Subscription.State.ACTIVE)
    is_visible = visible(user, through="deal__")
    gone = terms.filter(deal__isnull=True, price_e4__gt=0).exclude(
        imported_terms()
    )
    trashed = terms.filter(goes_on, is_visible, deal__trashed_at__isnull=False)
    lost = terms.filter(
        has_later,
        is_visible,
        deal__status="lost",
        deal__trashed_at__isnull=True,
    )
    yield from _found(FindingKind.GONE, gone)
    yield from _found(FindingKind.FORGOTTEN, terms.filter(forgotten_terms()))
    yield from _found(FindingKind.TRASHED, trashed)
    yield from _found(FindingKind.LOST, lost)
    yield from _found(FindingKind.OPEN, open_late(on).filter(is_visible))


def open_late(on: date) -> QuerySet[Term]:
    """Return the terms whose deal is still open after the grace of their plan."""
    is_late = Q(pk__in=())
    for plan in Plan.objects.all():
        is_late |= Q(
            subscription__plan=plan,
            starts_on__lt=on - timedelta(days=plan.grace),
        )
    has_open_deal = Q(deal__status="open", deal__trashed_at__isnull=True)
    return Term.objects.order_by().filter(
        is_late, has_open_deal, starts_on__lt=on
    )


def _found(kind: FindingKind, terms: QuerySet[Term]) -> Iterator[Finding]:
    for cells in terms.values_list(*_UnbookedTerm._fields).iterator():
        term = _UnbookedTerm(*cells)
        yield Finding(
            kind=kind,
            one=term.pk,
            other=term.deal_id or 0,
            subscription_id=term.subscription_id,
            on=term.starts_on,
            money=Money(term.price_e4, term.currency),
            details=Details(number=term.number, ends_on=term.ends_on),
        )
