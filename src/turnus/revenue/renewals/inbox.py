"""What waits in the inbox: renewals that are due, and deals that are open on their due day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.core.money import Money
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.renewals.queries import (
    CONTACTS,
    DueMoney,
    DueTerm,
    due_money,
)


@dataclass(frozen=True, slots=True)
class Due:
    """A subscription whose renewal is due; `days_late` 0 or less: not yet late."""

    subscription: Subscription
    days_late: int
    way: str


@dataclass(frozen=True, slots=True)
class DueGroup:
    """Renewals that are equally urgent.

    How many subscriptions, the money of their due terms by currency, the first of them by due day.
    """

    count: int
    sums: tuple[Money, ...]
    first: tuple[Due, ...]


def due_groups(
    user: User, *, on: date, until: date, shown: int
) -> dict[str, DueGroup]:
    """Return what is due up to `until` of what `user` may see, by urgency.

    `risk` (later than the plan's grace), `due`, `coming`. The money is that of all terms that are
    due by now; of what is coming, up to `until`. A few queries, and a walk over the due terms;
    `shown`: how many are listed of each.
    """
    active = (
        Subscription.objects.present().visible_to(user).filter(state="active")
    )
    seen = active.filter(next_due_on__lte=until)
    graces = {
        plan.pk: timedelta(days=plan.grace) for plan in Plan.objects.all()
    }
    is_late = Q(pk__in=())
    for pk, grace in graces.items():
        is_late |= Q(plan=pk, next_due_on__lt=on - grace)
    money = due_money(
        seen, until=until, group=lambda term: _urgency(term, graces, on)
    )
    groups = {
        "risk": seen.filter(is_late),
        "due": seen.exclude(is_late).filter(next_due_on__lte=on),
        "coming": seen.filter(next_due_on__gt=on),
    }
    nothing = DueMoney()
    return {
        word: _group(found, money.get(word, nothing), on, shown)
        for word, found in groups.items()
    }


def _urgency(
    term: DueTerm, graces: Mapping[int, timedelta], on: date
) -> str | None:
    """Return the group in which a term's money counts."""
    if term.first_due_on > on:
        return "coming"
    if term.starts_on > on:
        return None  # of a subscription that is late already
    is_late = term.first_due_on < on - graces[term.row["plan_id"]]
    return "risk" if is_late else "due"


def _group(
    found: QuerySet[Subscription], money: DueMoney, on: date, shown: int
) -> DueGroup:
    first = found.select_related("plan", *CONTACTS).order_by(
        "next_due_on", "pk"
    )[:shown]
    listed = tuple(_due(subscription, on) for subscription in first)
    return DueGroup(found.count(), money.sums, listed)


def _due(subscription: Subscription, on: date) -> Due:
    due_on = subscription.next_due_on or on
    way = subscription.renewal_way or subscription.plan.renewal_way
    return Due(subscription, (on - due_on).days, way)


def waiting_terms(user: User) -> QuerySet[Term]:
    """Return the terms whose deal is open, where `user` may see the subscription and the deal."""
    mine = Subscription.objects.present().visible_to(user).values("pk")
    open_deals = Q(deal__status="open", deal__trashed_at__isnull=True)
    return Term.objects.filter(
        open_deals, visible(user, through="deal__"), subscription__in=mine
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A term whose deal was opened ahead and is still open on its due day or later.

    `is_late`: later than the grace.
    """

    term: Term
    days_late: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """Renewal deals that wait for a person: how many, their money, the first by due day."""

    count: int
    sums: tuple[Money, ...]
    first: tuple[Waiting, ...]


def waiting_deals(user: User, *, on: date, shown: int) -> WaitingGroup:
    """Return the renewal deals that are still open on their due day; two queries.

    Of subscriptions that `user` may see, without the deals that `user` may not see: it is somebody
    else who has to win them.
    """
    found = waiting_terms(user).filter(starts_on__lte=on)
    by_currency = found.order_by("currency").values_list("currency")
    count = 0
    sums = []
    for currency, term_count, total_e4 in by_currency.annotate(
        Count("pk"), Sum("price_e4")
    ):
        count += term_count
        sums.append(Money(total_e4, currency))
    contacts = [f"subscription__{contact}" for contact in CONTACTS]
    listed = found.select_related("deal", "subscription__plan", *contacts)
    first = [
        _waiting(term, on)
        for term in listed.order_by("starts_on", "pk")[:shown]
    ]
    return WaitingGroup(count, tuple(sums), tuple(first))


def _waiting(term: Term, on: date) -> Waiting:
    days_late = (on - term.starts_on).days
    return Waiting(term, days_late, days_late > term.subscription.plan.grace)
