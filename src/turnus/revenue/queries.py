"""Reading subscriptions: their terms, what is due, what is coming."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from turnus.accounts.models import User
from turnus.core.cadence import Cadence
from turnus.core.money import Money
from turnus.history.models import Run
from turnus.revenue.models import Plan, RenewalLine, Subscription, Term

#: Runs that book or leave out terms.
RUN_KINDS = (Run.Kind.RENEWAL, Run.Kind.SUBSCRIPTIONS)
#: How many coming terms a page shows.
COMING = 6


@dataclass(frozen=True, slots=True)
class ComingTerm:
    """A term that is not booked yet; `is_overdue`: its first day has passed."""

    number: int
    starts_on: date
    last_on: date
    price: Money
    is_overdue: bool


def terms_of(subscription: Subscription) -> Sequence[Term]:
    """Return the terms that are booked, the latest first, with their deals; one query."""
    return list(subscription.terms.select_related("deal").order_by("-number"))


def coming_terms(subscription: Subscription, *, on: date, count: int = COMING) -> list[ComingTerm]:
    """Return the next terms as they will fall due; none while paused or after the end. Costs no query."""
    if subscription.next_due_on is None:
        return []
    cadence = Cadence.parse(subscription.cadence)
    coming = []
    for number in range(subscription.next_number, subscription.next_number + count):
        days = cadence.term(subscription.anchor_on, number - subscription.anchor_number).days
        if subscription.end_on is not None and days.start >= subscription.end_on:
            break
        last = min(days.end, subscription.end_on or days.end) - timedelta(days=1)
        coming.append(ComingTerm(number, days.start, last, subscription.price, days.start < on))
    return coming


@dataclass(frozen=True, slots=True)
class Due:
    """A subscription whose renewal is due; `days_late` 0 or less: not yet late."""

    subscription: Subscription
    days_late: int
    way: str


@dataclass(frozen=True, slots=True)
class DueGroup:
    """Renewals that are equally urgent: how many, their money by currency, the first of them by due day."""

    count: int
    sums: tuple[Money, ...]
    first: tuple[Due, ...]


def due_groups(user: User, *, on: date, until: date, shown: int) -> dict[str, DueGroup]:
    """Return what is due up to `until` of what `user` may see: `risk` (later than the plan's grace), `due`, `coming`.

    Two queries for each group and one for the plans, however much is due; `shown`: how many are listed of each.
    """
    seen = Subscription.objects.present().visible_to(user).filter(state="active", next_due_on__lte=until)
    late = Q(pk__in=())
    for plan in Plan.objects.all():
        late |= Q(plan=plan, next_due_on__lt=on - timedelta(days=plan.grace))
    groups = {"risk": seen.filter(late), "due": seen.exclude(late).filter(next_due_on__lte=on),
              "coming": seen.filter(next_due_on__gt=on)}  # fmt: skip
    return {word: _group(found, on, shown) for word, found in groups.items()}


def _group(found: QuerySet[Subscription], on: date, shown: int) -> DueGroup:
    sums = found.order_by("currency").values_list("currency").annotate(Count("pk"), Sum("price_e4"))
    first = found.select_related("plan", "organisation", "person").order_by("next_due_on", "pk")[:shown]
    return DueGroup(
        sum(count for _currency, count, _total in sums),
        tuple(Money(total, currency) for currency, _count, total in sums),
        tuple(Due(one, (on - (one.next_due_on or on)).days, one.renewal_way or one.plan.renewal_way) for one in first),
    )


def renewal_runs(user: User, *, limit: int = 50) -> Sequence[Run]:
    """Return the latest renewal runs of a user, an admin's are all; one query."""
    runs = Run.objects.filter(kind__in=RUN_KINDS).select_related("by").order_by("-pk")
    return list((runs if user.is_admin else runs.filter(by=user))[:limit])


def lines_of(run: Run) -> QuerySet[RenewalLine]:
    """Return a run's lines in order, with their subscriptions and customers."""
    return run.renewal_lines.select_related("subscription__organisation", "subscription__person", "subscription__plan")


def sums_of(run: Run) -> tuple[int, tuple[Money, ...]]:
    """Return how many lines of a run are taken, and their money by currency; one query."""
    taken = run.renewal_lines.exclude(state=RenewalLine.State.SKIPPED).order_by("currency")
    sums = list(taken.values_list("currency").annotate(Count("pk"), Sum("price_e4")))
    return sum(count for _currency, count, _total in sums), tuple(Money(total, one) for one, _count, total in sums)


def usable_plans() -> Sequence[Plan]:
    """Return the plans that new subscriptions may have."""
    return list(Plan.objects.filter(is_active=True))


def term_of(deal_id: int) -> Term | None:
    """Return the term that a deal books, with its subscription; None if it books none."""
    return Term.objects.select_related("subscription").filter(deal=deal_id).first()
