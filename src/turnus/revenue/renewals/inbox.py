"""What waits in the inbox: renewals that are due, and deals that are open on their due day."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.core.money import Money
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.renewals.queries import _CONTACTS, DueMoney, DueTerm, due_money


@dataclass(frozen=True, slots=True)
class Due:
    """A subscription whose renewal is due; `days_late` 0 or less: not yet late."""

    subscription: Subscription
    days_late: int
    way: str


@dataclass(frozen=True, slots=True)
class DueGroup:
    """Renewals that are equally urgent: how many subscriptions, the money of their due terms by currency, the first of them by due day."""

    count: int
    sums: tuple[Money, ...]
    first: tuple[Due, ...]


def due_groups(user: User, *, on: date, until: date, shown: int) -> dict[str, DueGroup]:
    """Return what is due up to `until` of what `user` may see: `risk` (later than the plan's grace), `due`, `coming`.

    A few queries, and a walk over the due terms; `shown`: how many are listed of each. The money is that of all terms that are due by now; of
    what is coming, up to `until`.
    """
    seen = (
        Subscription.objects.present()
        .visible_to(user)
        .filter(state="active", next_due_on__lte=until)
    )
    graces = {plan.pk: timedelta(days=plan.grace) for plan in Plan.objects.all()}
    late = Q(pk__in=())
    for pk, grace in graces.items():
        late |= Q(plan=pk, next_due_on__lt=on - grace)

    def group_of(term: DueTerm) -> str | None:
        if term.first_due_on > on:
            return "coming"
        if term.starts_on > on:
            return None  # of a subscription that is late already
        return "risk" if term.first_due_on < on - graces[term.row["plan_id"]] else "due"

    money = due_money(seen, until=until, group=group_of)
    groups = {
        "risk": seen.filter(late),
        "due": seen.exclude(late).filter(next_due_on__lte=on),
        "coming": seen.filter(next_due_on__gt=on),
    }
    return {
        word: _group(found, money.get(word, DueMoney()), on, shown)
        for word, found in groups.items()
    }


def _group(found: QuerySet[Subscription], money: DueMoney, on: date, shown: int) -> DueGroup:
    first = found.select_related("plan", *_CONTACTS).order_by("next_due_on", "pk")[:shown]
    return DueGroup(
        found.count(),
        money.sums,
        tuple(
            Due(one, (on - (one.next_due_on or on)).days, one.renewal_way or one.plan.renewal_way)
            for one in first
        ),
    )


def waiting_terms(user: User) -> QuerySet[Term]:
    """Return the terms whose deal is open, where `user` may see both the subscription and the deal."""
    mine = Subscription.objects.present().visible_to(user).values("pk")
    open_deals = Q(deal__status="open", deal__trashed_at__isnull=True)
    return Term.objects.filter(open_deals, visible(user, through="deal__"), subscription__in=mine)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A term whose deal was opened ahead and is still open on its due day or later; `is_late`: later than the grace."""

    term: Term
    days_late: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """Renewal deals that wait for a person: how many, their money by currency, the first of them by due day."""

    count: int
    sums: tuple[Money, ...]
    first: tuple[Waiting, ...]


def waiting_deals(user: User, *, on: date, shown: int) -> WaitingGroup:
    """Return the renewal deals that are still open on their due day, of subscriptions that `user` may see; two queries.

    Without the deals that `user` may not see: it is somebody else who has to win them.
    """
    found = waiting_terms(user).filter(starts_on__lte=on)
    sums = list(
        found.order_by("currency").values_list("currency").annotate(Count("pk"), Sum("price_e4"))
    )
    known = found.select_related(
        "deal", "subscription__plan", *(f"subscription__{one}" for one in _CONTACTS)
    )
    first = [
        Waiting(
            term,
            (on - term.starts_on).days,
            (on - term.starts_on).days > term.subscription.plan.grace,
        )
        for term in known.order_by("starts_on", "pk")[:shown]
    ]
    money = tuple(Money(total, currency) for currency, _count, total in sums)
    return WaitingGroup(sum(count for _currency, count, _total in sums), money, tuple(first))
