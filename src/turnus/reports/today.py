"""What the first page of the day says: recurring revenue, renewals with the money at stake, what was won, what closes soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Q, Sum

from turnus.accounts.models import ExchangeRate, User
from turnus.accounts.queries import company
from turnus.accounts.viewer import Viewer
from turnus.core.calendar import DateRange, Period, add_months, period_of
from turnus.core.money import Money, Rates
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.history.queries import revision
from turnus.reports.catalog import REPORTS, movements, mrr
from turnus.reports.recurring.source import Source
from turnus.reports.report import Figure
from turnus.reports.shape import RevenueParams, RevenueReport
from turnus.revenue.models import Plan, Subscription
from turnus.revenue.renewals.queries import DueMoney, DueTerm, due_money
from turnus.sales.models import Deal

#: How far the page looks ahead.
RENEWAL_DAYS, CLOSING_DAYS = 30, 14
#: Up to so many subscriptions the page waits for its revenue figures; beyond, they follow it.
_AT_ONCE = 3_000
_CLOSING_SHOWN = 8
_KEPT = 50


@dataclass(frozen=True, slots=True)
class RevenueToday:
    """This month's movements so far, and MRR at the end of last month and today."""

    movements: RevenueReport
    mrr: RevenueReport


@dataclass(frozen=True, slots=True)
class AtStake:
    """Renewals: how many terms, and what they cost, at today's rates; without the currencies that have none."""

    count: int
    money: Money


@dataclass(frozen=True, slots=True)
class Today:
    """The figures of the page."""

    revenue: RevenueToday
    overdue: AtStake
    due: AtStake
    won: Figure
    won_before: Figure
    currency: str


#: Whose figures -> what they were made of, and the figures; of this process. Nothing is written when somebody looks, so no shared cache.
_known: dict[tuple[Any, ...], tuple[tuple[Any, ...], Today]] = {}


def today(viewer: Viewer, rates: Rates, *, at_once: bool = True) -> tuple[Today | None, bool]:
    """Return the figures, and whether they are of now.

    They are computed like the reports, of what matters for this month, and kept. Where computing takes longer than a page may, they are those
    of before the last change, None if there are none; `at_once` computes them all the same.
    """
    whose, state = (viewer.language, *_rights(viewer)), _state()
    known = _known.get(whose)
    if known is not None and known[0] == state:
        return known[1], True
    if not at_once and Subscription.objects.count() > _AT_ONCE:
        return known and known[1], False
    while len(_known) >= _KEPT:
        _known.pop(next(iter(_known)))
    _known[whose] = state, _today(viewer, rates)
    return _known[whose][1], True


def closing_soon(viewer: Viewer) -> Sequence[Deal]:
    """Return the open deals that are expected to close soon, or were, the earliest first; one query by an index."""
    seen = Deal.objects.present().visible_to(viewer.user).filter(status=Deal.Status.OPEN)
    soon = seen.filter(
        expected_close_on__lte=viewer.on + timedelta(days=CLOSING_DAYS), archived_at__isnull=True
    )
    with_contacts = soon.select_related("organization__owner", "person__owner")
    return list(with_contacts.order_by("expected_close_on", "pk")[:_CLOSING_SHOWN])


def _today(viewer: Viewer, rates: Rates) -> Today:
    overdue, due = _renewals(viewer, rates)
    won, before = _won(viewer, rates)
    return Today(_revenue(viewer, rates), overdue, due, won, before, rates.base)


def _revenue(viewer: Viewer, rates: Rates) -> RevenueToday:
    month = period_of(viewer.on, Period.MONTH)
    fields = catalog(RecordKind.SUBSCRIPTION)
    before = period_of(viewer.on, Period.MONTH, -1)
    source = Source(
        viewer,
        RevenueParams(DateRange(before.start, month.end)),
        fields,
        rates=rates,
        since=before.start,
    )
    return RevenueToday(REPORTS[movements.NAME].report(source), REPORTS[mrr.NAME].report(source))


def _rights(viewer: Viewer) -> tuple[Any, ...]:
    """Return what decides who may see which figures: those of before are shown to nobody else. One query."""
    teams = tuple(User.objects.order_by("pk").values_list("pk", "team_id"))
    return viewer.user.pk, viewer.user.is_admin, viewer.on, teams


def _state() -> tuple[Any, ...]:
    """Return what changes whenever a figure might: four small queries."""
    owner = company()
    plans = tuple(
        Plan.objects.order_by("pk").values_list("pk", "cadence", "grace_days", "renewal_way")
    )
    rates = tuple(ExchangeRate.objects.aggregate(Count("pk"), Max("pk"), Sum("rate")).values())
    return revision(), plans, rates, owner.currency, owner.time_zone


def _renewals(viewer: Viewer, rates: Rates) -> tuple[AtStake, AtStake]:
    """Return what is overdue, and what falls due in the days ahead of those that are not late, term by term."""
    seen = Subscription.objects.present().visible_to(viewer.user)
    until = viewer.on + timedelta(days=RENEWAL_DAYS)

    def group(term: DueTerm) -> str | None:
        if term.starts_on < viewer.on:
            return "overdue"
        return None if term.first_due_on < viewer.on else "due"

    found = due_money(seen, until=until, group=group)
    overdue, due = found.get("overdue", DueMoney()), found.get("due", DueMoney())
    return (
        AtStake(overdue.count, overdue.converted(rates, viewer.on)),
        AtStake(due.count, due.converted(rates, viewer.on)),
    )


def _won(viewer: Viewer, rates: Rates) -> tuple[Figure, Figure]:
    """Return what was won this month, and on as many days of last month."""
    month, before = period_of(viewer.on, Period.MONTH), period_of(viewer.on, Period.MONTH, -1)
    until = min(add_months(viewer.on, -1) + timedelta(days=1), before.end)
    days = Q(won_on__gte=month.start, won_on__lte=viewer.on) | Q(
        won_on__gte=before.start, won_on__lt=until
    )
    won = (
        Deal.objects.present()
        .visible_to(viewer.user)
        .filter(days, status=Deal.Status.WON)
        .order_by()
    )
    now = then = Figure()
    for on, currency, count, amount in won.values_list("won_on", "currency").annotate(
        Count("pk"), Sum("value_e4")
    ):
        value = rates.convert(amount, currency, on)
        if value is not None and on >= month.start:
            now += Figure(count, value)
        elif value is not None:
            then += Figure(count, value)
    return now, then
