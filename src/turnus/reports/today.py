"""What the first page shows: recurring revenue, renewals, what was won, what closes soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Max, Q, QuerySet, Sum

from turnus.accounts.models import ExchangeRate, User
from turnus.accounts.queries import company
from turnus.accounts.viewer import Viewer
from turnus.core.calendar import DateRange, Period, add_months, period_of
from turnus.core.money import Money, Rates
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.history.queries import RevisionMark, revision
from turnus.reports.catalog import movements, mrr
from turnus.reports.deals_over_time import DealSum
from turnus.reports.recurring.source import Source
from turnus.reports.shape import Params, Report
from turnus.revenue.models import Plan, Subscription
from turnus.revenue.renewals.queries import DueMoney, DueTerm, due_money
from turnus.sales.models import Deal

#: How far the page looks ahead.
RENEWAL_DAYS = 30
CLOSING_DAYS = 14
#: Up to so many subscriptions the page waits for its revenue figures; beyond, they follow it.
_AT_ONCE = 3_000
_CLOSING_SHOWN = 8
_REMEMBERED_PEOPLE = 50
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RevenueToday:
    """This month's movements so far, and MRR at the end of last month and today."""

    movements: Report
    mrr: Report


@dataclass(frozen=True, slots=True)
class AtStake:
    """Renewals: how many terms, and what they cost at today's rates, as far as there are rates."""

    count: int
    money: Money


@dataclass(frozen=True, slots=True)
class Today:
    """The figures of the page."""

    revenue: RevenueToday
    overdue: AtStake
    due: AtStake
    won: DealSum
    won_before: DealSum
    currency: str


@dataclass(frozen=True, slots=True)
class FiguresOfToday:
    """The figures that are there; None if they are still to be computed.

    Those that are not current are of before the last change.
    """

    figures: Today | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class _Onlooker:
    """Whose figures: what decides who may see which, so that they are shown to nobody else."""

    language: str
    user_id: int
    is_admin: bool
    on: date
    teams: tuple[tuple[int, int | None], ...]


@dataclass(frozen=True, slots=True)
class _State:
    """What changes whenever a figure might."""

    revision: RevisionMark
    plans: tuple[tuple[int, str, int | None, str], ...]
    rates: tuple[int | Decimal | None, ...]
    currency: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class _Remembered:
    """Figures, and the state they were computed from."""

    state: _State
    figures: Today


#: Of this process: nothing is written when somebody looks, so there is no shared cache.
_remembered: dict[_Onlooker, _Remembered] = {}


def today(
    viewer: Viewer, rates: Rates, *, at_once: bool = True
) -> FiguresOfToday:
    """Return the figures of the day.

    They are computed like the reports, of what matters for this month, and remembered. Where
    computing takes longer than a page may, they are those of before the last change;
    `at_once` computes them all the same.
    """
    onlooker = _onlooker(viewer)
    state = _state()
    remembered = _remembered.get(onlooker)
    if remembered is not None and remembered.state == state:
        return FiguresOfToday(remembered.figures, is_current=True)
    if not at_once and Subscription.objects.count() > _AT_ONCE:
        old_figures = None if remembered is None else remembered.figures
        return FiguresOfToday(old_figures, is_current=False)
    while len(_remembered) >= _REMEMBERED_PEOPLE:
        oldest = next(iter(_remembered))
        _remembered.pop(oldest)
    figures = _today(viewer, rates)
    _remembered[onlooker] = _Remembered(state, figures)
    return FiguresOfToday(figures, is_current=True)


def closing_soon(viewer: Viewer) -> Sequence[Deal]:
    """Return the open deals that should close soon, or should have, the earliest first.

    One query, by an index.
    """
    deals = Deal.objects.present().visible_to(viewer.user)
    open_deals = deals.filter(status=Deal.Status.OPEN)
    until = viewer.on + timedelta(days=CLOSING_DAYS)
    soon = open_deals.filter(
        expected_close_on__lte=until, archived_at__isnull=True
    )
    with_contacts = soon.select_related("organization__owner", "person__owner")
    in_order = with_contacts.order_by("expected_close_on", "pk")
    return list(in_order[:_CLOSING_SHOWN])


def _onlooker(viewer: Viewer) -> _Onlooker:
    """Return who looks; one query."""
    users = User.objects.order_by("pk")
    teams = tuple(users.values_list("pk", "team_id"))
    user = viewer.user
    return _Onlooker(viewer.language, user.pk, user.is_admin, viewer.on, teams)


def _state() -> _State:
    """Return the state of now; four small queries."""
    owner = company()
    plans = Plan.objects.order_by("pk")
    columns = plans.values_list("pk", "cadence", "grace_days", "renewal_way")
    rates = ExchangeRate.objects.aggregate(Count("pk"), Max("pk"), Sum("rate"))
    return _State(
        revision=revision(),
        plans=tuple(columns),
        rates=tuple(rates.values()),
        currency=owner.currency,
        time_zone=owner.time_zone,
    )


def _today(viewer: Viewer, rates: Rates) -> Today:
    renewals = _renewals(viewer, rates)
    won = _won(viewer, rates)
    return Today(
        revenue=_revenue(viewer, rates),
        overdue=renewals.overdue,
        due=renewals.due,
        won=won.this_month,
        won_before=won.month_before,
        currency=rates.base,
    )


def _revenue(viewer: Viewer, rates: Rates) -> RevenueToday:
    month = period_of(viewer.on, Period.MONTH)
    month_before = period_of(viewer.on, Period.MONTH, -1)
    both_months = DateRange(month_before.start, month.end)
    fields = catalog(RecordKind.SUBSCRIPTION)
    source = Source(
        viewer,
        Params(both_months),
        fields,
        rates=rates,
        since=both_months.start,
    )
    return RevenueToday(
        movements=movements.REPORT.report(source),
        mrr=mrr.REPORT.report(source),
    )


@dataclass(frozen=True, slots=True)
class _Renewals:
    overdue: AtStake
    due: AtStake


def _renewals(viewer: Viewer, rates: Rates) -> _Renewals:
    """Return what is overdue, and what falls due soon of the subscriptions that are not late."""
    subscriptions = Subscription.objects.present().visible_to(viewer.user)
    until = viewer.on + timedelta(days=RENEWAL_DAYS)

    def group(term: DueTerm) -> str | None:
        if term.starts_on < viewer.on:
            return "overdue"
        return None if term.first_due_on < viewer.on else "due"

    found = due_money(subscriptions, until=until, group=group)

    def at_stake(name: str) -> AtStake:
        money = found.get(name, DueMoney())
        converted = money.converted(rates, viewer.on)
        return AtStake(money.count, converted)

    return _Renewals(at_stake("overdue"), at_stake("due"))


@dataclass(frozen=True, slots=True)
class _Won:
    """What was won this month, and the month before up to the same day."""

    this_month: DealSum
    month_before: DealSum


def _won(viewer: Viewer, rates: Rates) -> _Won:
    """Return what was won this month and before; one query."""
    month = period_of(viewer.on, Period.MONTH)
    this_month = DateRange(month.start, viewer.on + _DAY)
    whole_month_before = period_of(viewer.on, Period.MONTH, -1)
    same_day = add_months(viewer.on, -1)
    end = min(same_day + _DAY, whole_month_before.end)
    month_before = DateRange(whole_month_before.start, end)
    sums = {this_month: DealSum(), month_before: DealSum()}
    for on, currency, count, amount in _won_by_day(
        viewer, this_month, month_before
    ):
        value = rates.convert(amount, currency, on)
        if value is not None:
            days = this_month if on in this_month else month_before
            sums[days] += DealSum(count, value)
    return _Won(sums[this_month], sums[month_before])


def _won_by_day(
    viewer: Viewer, this_month: DateRange, month_before: DateRange
) -> QuerySet[Deal, tuple[date, str, int, int]]:
    is_now = Q(won_on__gte=this_month.start, won_on__lt=this_month.end)
    is_before = Q(won_on__gte=month_before.start, won_on__lt=month_before.end)
    deals = Deal.objects.present().visible_to(viewer.user)
    won = deals.filter(is_now | is_before, status=Deal.Status.WON)
    by_day = won.order_by().values_list("won_on", "currency")
    return by_day.annotate(Count("pk"), Sum("value_e4"))
