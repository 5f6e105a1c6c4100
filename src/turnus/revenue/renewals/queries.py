"""Reading renewals: what is due, and the runs that book it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum

from turnus.accounts.models import User
from turnus.core.money import Money, Rates
from turnus.history.models import Run
from turnus.revenue.models import Plan, RenewalLine, RenewalWay, Subscription
from turnus.revenue.rules import due_on, term_days

#: Runs that book or leave out terms.
RUN_KINDS = (Run.Kind.RENEWAL, Run.Kind.SUBSCRIPTIONS)

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
