"""Reading subscriptions: their terms, what is due, what is coming."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.core.cadence import Cadence
from turnus.core.money import Money, Rates
from turnus.core.revenue.contract import Contract, DealFigures
from turnus.history.models import Run
from turnus.revenue.models import Plan, RenewalLine, RenewalWay, Subscription, Term
from turnus.revenue.rules import due_on, term_days
from turnus.sales.models import Deal

#: Runs that book or leave out terms.
RUN_KINDS = (Run.Kind.RENEWAL, Run.Kind.SUBSCRIPTIONS)
#: How many coming terms a page shows.
COMING = 6
#: What of a subscription says which of its terms are due.
_DUE = (
    "id",
    "plan_id",
    "renewal_way",
    "cadence",
    "anchor_on",
    "anchor_number",
    "next_number",
    "end_on",
    "price_e4",
    "currency",
)
#: What a page reads with a subscription to name its customer: who may see a contact goes by its owner's team.
_CONTACTS = ("organization__owner", "person__owner")
#: Terms of one subscription in one run: a weekly one that was forgotten for ten years.
MOST_TERMS = 520


@dataclass(frozen=True, slots=True)
class ComingTerm:
    """A term that is not booked yet; `is_overdue`: its first day has passed."""

    number: int
    starts_on: date
    last_on: date
    price: Money
    is_overdue: bool


def terms_of(subscription: Subscription) -> Sequence[Term]:
    """Return the terms that are booked, the latest first, with their deals and runs; one query."""
    return list(subscription.terms.select_related("deal__owner", "run").order_by("-number"))


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
class DueTerm:
    """One term that is due: of which subscription, which days, at what price; `is_open`: a deal for a person to win."""

    row: Mapping[str, Any]
    number: int
    starts_on: date
    ends_on: date
    is_open: bool

    @property
    def first_due_on(self) -> date:
        """The first day of the earliest term of its subscription that is due."""
        return due_on(self.row, self.row["next_number"])


def due_terms(
    subscriptions: QuerySet[Subscription], *, until: date, as_plans_say: bool
) -> Iterator[DueTerm]:
    """Yield the terms that are due up to and including the day `until`, in order of subscription and number.

    `as_plans_say`: only those that renew by themselves; a deal is opened as many days ahead as the plan says. Otherwise every term
    that is due, as won.
    """
    plans = {plan.pk: plan for plan in Plan.objects.all()}
    ahead = max((plan.days_before for plan in plans.values()), default=0) if as_plans_say else 0
    latest = until + timedelta(days=ahead)
    due = subscriptions.filter(
        trashed_at__isnull=True, state="active", next_due_on__lte=latest
    ).order_by("pk")
    for row in due.values(*_DUE).iterator(chunk_size=2_000):
        plan = plans[row["plan_id"]]
        way = row["renewal_way"] or plan.renewal_way
        if as_plans_say and way == RenewalWay.REMIND:
            continue
        is_open = as_plans_say and way == RenewalWay.OPEN
        last = until + timedelta(days=plan.days_before) if is_open else until
        yield from _terms_of(row, last, is_open=is_open)


def _terms_of(row: Mapping[str, Any], last: date, *, is_open: bool) -> Iterator[DueTerm]:
    for number in range(row["next_number"], row["next_number"] + MOST_TERMS):
        start = due_on(row, number)
        if start > last or (row["end_on"] is not None and start >= row["end_on"]):
            return
        yield DueTerm(row, number, start, term_days(row, number).end, is_open)


@dataclass(frozen=True, slots=True)
class DueMoney:
    """Terms that are due and not booked: how many, and what they cost by currency, in ten-thousandths."""

    count: int = 0
    by_currency: Mapping[str, int] = field(default_factory=dict)

    @property
    def sums(self) -> tuple[Money, ...]:
        """The money by currency."""
        return tuple(Money(amount, code) for code, amount in sorted(self.by_currency.items()))

    def converted(self, rates: Rates, on: date) -> Money:
        """Return the money in the company's currency at the rates of the day `on`; without the currencies that have none."""
        amounts = (
            rates.convert(amount, code, on) or 0 for code, amount in self.by_currency.items()
        )
        return Money(sum(amounts), rates.base)


def due_money(
    subscriptions: QuerySet[Subscription], *, until: date, group: Callable[[DueTerm], str | None]
) -> Mapping[str, DueMoney]:
    """Return what is at stake: every due term up to and including `until`, one that was missed before as well, by `group` (None: left out).

    It is what a run up to that day would book. One query and a walk over the terms.
    """
    counts: dict[str, int] = defaultdict(int)
    amounts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for term in due_terms(subscriptions, until=until, as_plans_say=False):
        word = group(term)
        if word is None:
            continue
        counts[word] += 1
        amounts[word][term.row["currency"]] += term.row["price_e4"]
    return {word: DueMoney(count, dict(amounts[word])) for word, count in counts.items()}


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


def renewal_runs(user: User, *, limit: int = 50) -> Sequence[Run]:
    """Return the latest renewal runs of a user, an admin's are all; one query."""
    runs = Run.objects.filter(kind__in=RUN_KINDS).select_related("by").order_by("-pk")
    return list((runs if user.is_admin else runs.filter(by=user))[:limit])


def lines_of(run: Run) -> QuerySet[RenewalLine]:
    """Return a run's lines in order, with their subscriptions and customers."""
    return run.renewal_lines.select_related(
        "subscription__plan", "subscription__owner", *(f"subscription__{one}" for one in _CONTACTS)
    )


def sums_of(run: Run) -> tuple[int, tuple[Money, ...]]:
    """Return how many lines of a run are taken, and their money by currency; one query."""
    taken = run.renewal_lines.exclude(state=RenewalLine.State.SKIPPED).order_by("currency")
    sums = list(taken.values_list("currency").annotate(Count("pk"), Sum("price_e4")))
    return sum(count for _currency, count, _total in sums), tuple(
        Money(total, one) for one, _count, total in sums
    )


def due_lines(subscriptions: QuerySet[Subscription], *, until: date) -> list[RenewalLine]:
    """Return the lines that a run would have, unsaved, with their subscriptions and customers; three queries."""
    terms = list(due_terms(subscriptions, until=until, as_plans_say=False))
    known = subscriptions.select_related(*_CONTACTS).in_bulk({term.row["id"] for term in terms})
    return [
        RenewalLine(
            position=position,
            subscription=known[term.row["id"]],
            number=term.number,
            starts_on=term.starts_on,
            ends_on=term.ends_on,
            won_on=term.starts_on,
            price_e4=term.row["price_e4"],
            currency=term.row["currency"],
        )
        for position, term in enumerate(terms)
    ]


def usable_plans() -> Sequence[Plan]:
    """Return the plans that new subscriptions may have."""
    return list(Plan.objects.filter(is_active=True))


def figures_of(term: Term, deal: Deal, *, on: date) -> DealFigures:
    """Return what the deal that books a term is worth, by the term's price; the rest of its value is one-off. Costs no query."""
    one = term.subscription
    anchor, number = (
        (one.anchor_on, term.number - one.anchor_number)
        if term.number >= one.anchor_number
        else (term.starts_on, 0)
    )
    rest = deal.value_e4 - term.price_e4 if deal.currency == term.currency else 0
    end = one.end_on if one.end_on is None or one.end_on > term.starts_on else term.ends_on
    return Contract(
        one.how, anchor, number, term.starts_on, end, term.price_e4, rest, term.currency
    ).figures(on)


def term_of(deal_id: int) -> Term | None:
    """Return the term that a deal books, with its subscription; None if it books none."""
    return Term.objects.select_related("subscription__owner").filter(deal=deal_id).first()
