"""Reading renewals: what is due, and the runs that book it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import cast

from django.db.models import Count, QuerySet, Sum

from turnus.accounts.models import User
from turnus.core.money import Money, Rates
from turnus.history.models import Run
from turnus.revenue.models import Plan, RenewalLine, RenewalWay, Subscription
from turnus.revenue.rows import DueRow
from turnus.revenue.rules import due_on, term_days

#: Runs that book or skip terms.
RUN_KINDS = (Run.Kind.RENEWAL, Run.Kind.SUBSCRIPTIONS)

#: What a page reads with a subscription to name its customer: who may see a contact goes by its
#: owner's team.
CONTACTS = ("organization__owner", "person__owner")

#: Terms of one subscription in one run: a weekly one that was forgotten for ten years.
MOST_TERMS = 520

#: Columns of `DueRow`.
_DUE_COLUMNS = (
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


@dataclass(frozen=True, slots=True)
class DueTerm:
    """One term that is due, and its subscription's row; `is_open`: a deal for a person to win."""

    row: DueRow
    number: int
    starts_on: date
    ends_on: date
    is_open: bool

    @property
    def first_due_on(self) -> date:
        """The first day of the earliest term of its subscription that is due."""
        return due_on(self.row, self.row["next_number"])


def oldest_due_day(today: date) -> date | None:
    """Return the earliest day on which a term became due that is not booked; None without one."""
    due = Subscription.objects.present().filter(
        state=Subscription.State.ACTIVE, next_due_on__lte=today
    )
    return (
        due.order_by("next_due_on")
        .values_list("next_due_on", flat=True)
        .first()
    )


def due_terms(
    subscriptions: QuerySet[Subscription], *, until: date, as_plans_say: bool
) -> Iterator[DueTerm]:
    """Yield the terms that are due up to and including the day `until`.

    In order of subscription and number. `as_plans_say`: only those that renew by themselves; a deal
    is opened as many days ahead as the plan says. Otherwise every term that is due, as won.
    """
    plans = {plan.pk: plan for plan in Plan.objects.all()}
    days_ahead = 0
    if as_plans_say:
        days_ahead = max(
            (plan.days_before for plan in plans.values()), default=0
        )
    latest = until + timedelta(days=days_ahead)
    active = subscriptions.filter(trashed_at__isnull=True, state="active")
    due = active.filter(next_due_on__lte=latest).order_by("pk")
    for cells in due.values(*_DUE_COLUMNS).iterator(chunk_size=2_000):
        row = cast("DueRow", cells)
        plan = plans[row["plan_id"]]
        way = row["renewal_way"] or plan.renewal_way
        if as_plans_say and way == RenewalWay.REMIND:
            continue
        is_open = as_plans_say and way == RenewalWay.OPEN
        last = until + timedelta(days=plan.days_before) if is_open else until
        yield from _terms_of(row, last, is_open=is_open)


def _terms_of(row: DueRow, last: date, *, is_open: bool) -> Iterator[DueTerm]:
    """Yield the terms of one subscription that begin up to the day `last`."""
    end_on = row["end_on"]
    first_number = row["next_number"]
    for number in range(first_number, first_number + MOST_TERMS):
        start = due_on(row, number)
        has_ended = end_on is not None and start >= end_on
        if start > last or has_ended:
            return
        yield DueTerm(row, number, start, term_days(row, number).end, is_open)


@dataclass(frozen=True, slots=True)
class DueMoney:
    """Terms that are due and not booked: how many, and what they cost by currency, in e4."""

    count: int = 0
    by_currency: Mapping[str, int] = field(default_factory=dict)

    @property
    def sums(self) -> tuple[Money, ...]:
        """The money by currency."""
        in_order = sorted(self.by_currency.items())
        return tuple(
            Money(amount_e4, currency) for currency, amount_e4 in in_order
        )

    def converted(self, rates: Rates, on: date) -> Money:
        """Return the money in the company's currency at the rates of the day `on`.

        Without the currencies that have none.
        """
        total_e4 = 0
        for currency, amount_e4 in self.by_currency.items():
            total_e4 += rates.convert(amount_e4, currency, on) or 0
        return Money(total_e4, rates.base)


def due_money(
    subscriptions: QuerySet[Subscription],
    *,
    until: date,
    group: Callable[[DueTerm], str | None],
) -> Mapping[str, DueMoney]:
    """Return what is at stake: every due term up to and including `until`, by `group`.

    One that was missed before counts as well; a term whose group is None does not. It is what a run
    up to that day would book. One query and a walk over the terms.
    """
    counts: dict[str, int] = defaultdict(int)
    amounts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for term in due_terms(subscriptions, until=until, as_plans_say=False):
        word = group(term)
        if word is not None:
            counts[word] += 1
            amounts[word][term.row["currency"]] += term.row["price_e4"]
    return {
        word: DueMoney(count, dict(amounts[word]))
        for word, count in counts.items()
    }


def renewal_runs(user: User, *, limit: int = 50) -> Sequence[Run]:
    """Return the latest renewal runs of a user, an admin's are all; one query."""
    runs = (
        Run.objects.filter(kind__in=RUN_KINDS)
        .select_related("by")
        .order_by("-pk")
    )
    if not user.is_admin:
        runs = runs.filter(by=user)
    return list(runs[:limit])


def lines_of(run: Run) -> QuerySet[RenewalLine]:
    """Return a run's lines in order, with their subscriptions and customers."""
    contacts = [f"subscription__{contact}" for contact in CONTACTS]
    return run.renewal_lines.select_related(
        "subscription__plan", "subscription__owner", *contacts
    )


@dataclass(frozen=True, slots=True)
class LineSums:
    """How many lines of a run are taken, and their money by currency."""

    count: int
    sums: tuple[Money, ...]


def sums_of(run: Run) -> LineSums:
    """Return the sums of the lines of a run that are not skipped; one query."""
    lines = run.renewal_lines.exclude(
        state=RenewalLine.State.SKIPPED
    ).order_by("currency")
    by_currency = lines.values_list("currency").annotate(
        Count("pk"), Sum("price_e4")
    )
    count = 0
    sums = []
    for currency, line_count, total_e4 in by_currency:
        count += line_count
        sums.append(Money(total_e4, currency))
    return LineSums(count, tuple(sums))


def due_lines(
    subscriptions: QuerySet[Subscription], *, until: date
) -> list[RenewalLine]:
    """Return the lines that a run would have, unsaved, with their subscriptions and customers.

    Three queries.
    """
    terms = list(due_terms(subscriptions, until=until, as_plans_say=False))
    ids = {term.row["id"] for term in terms}
    by_id = subscriptions.select_related(*CONTACTS).in_bulk(ids)
    return [
        RenewalLine(
            position=position,
            subscription=by_id[term.row["id"]],
            number=term.number,
            starts_on=term.starts_on,
            ends_on=term.ends_on,
            won_on=term.starts_on,
            price_e4=term.row["price_e4"],
            currency=term.row["currency"],
        )
        for position, term in enumerate(terms)
    ]
