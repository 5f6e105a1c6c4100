"""What the first page of the day says: recurring revenue, renewals with the money at stake, what was won, what closes soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Q, Sum

from turnus.accounts.models import ExchangeRate, User
from turnus.core.calendar import DateRange, Period, add_months, period_of
from turnus.core.money import Money, Rates
from turnus.core.records import RecordKind
from turnus.fields.catalogue import Catalogue, catalogue
from turnus.history.models import Event
from turnus.reports.deals_over_time import Reader, ReportKind, deals_over_time
from turnus.reports.recurring import movements, mrr
from turnus.reports.recurring.shape import RevenueParams, RevenueReport
from turnus.reports.recurring.source import Source
from turnus.reports.report import Figure, Params
from turnus.revenue.loading import Knowledge
from turnus.revenue.models import Subscription, Term
from turnus.sales.models import Deal

#: How far the page looks ahead.
RENEWAL_DAYS, CLOSING_DAYS = 30, 14
#: Up to so many subscriptions the page waits for its revenue figures; beyond, they follow it.
_AT_ONCE = 5_000
_CLOSING_SHOWN = 8
_KEPT = 50


@dataclass(frozen=True, slots=True)
class RevenueToday:
    """This month's movements so far, and MRR at the end of last month and today."""

    movements: RevenueReport
    mrr: RevenueReport


@dataclass(frozen=True, slots=True)
class AtStake:
    """Renewals: how many, and what their next terms cost, at today's rates; without the currencies that have none."""

    count: int
    money: Money


@dataclass(frozen=True, slots=True)
class Today:
    """The page, without the revenue figures."""

    overdue: AtStake
    due: AtStake
    won: Figure
    won_before: Figure
    currency: str
    closing: Sequence[Deal]


#: Figures by fingerprint, of this process. Nothing is written when somebody looks, so no shared cache.
_known: dict[tuple[Any, ...], RevenueToday] = {}


def today(reader: Reader, rates: Rates) -> Today:
    """Return what stands in the page at once; nine queries, by indexes."""
    renewals = Subscription.objects.present().visible_to(reader.user).filter(state=Subscription.State.ACTIVE)
    soon = reader.on + timedelta(days=RENEWAL_DAYS)
    month = period_of(reader.on, Period.MONTH)
    before = period_of(reader.on, Period.MONTH, -1)
    # As many days of last month as this one has had.
    until = min(add_months(reader.on, -1) + timedelta(days=1), before.end)
    fields = catalogue(RecordKind.DEAL)
    return Today(
        _at_stake(Q(next_due_on__lt=reader.on), renewals, rates, reader.on),
        _at_stake(Q(next_due_on__gte=reader.on, next_due_on__lte=soon), renewals, rates, reader.on),
        _won(DateRange(month.start, reader.on + timedelta(days=1)), fields, reader, rates),
        _won(DateRange(before.start, until), fields, reader, rates),
        rates.base,
        _closing(reader),
    )


def revenue_today(knowledge: Knowledge, *, rates: Rates, language: str, at_once: bool = True) -> RevenueToday | None:
    """Return the revenue figures; None where they are not known yet and take longer than a page may, unless `at_once`.

    They are computed like the reports, of what matters for this month, and kept until something changes.
    """
    key = (*_fingerprint(knowledge), language)
    if key not in _known:
        if not at_once and Subscription.objects.count() > _AT_ONCE:
            return None
        while len(_known) >= _KEPT:
            _known.pop(next(iter(_known)))
        _known[key] = _revenue(knowledge, rates, language)
    return _known[key]


def _revenue(knowledge: Knowledge, rates: Rates, language: str) -> RevenueToday:
    month = period_of(knowledge.on, Period.MONTH)
    fields = catalogue(RecordKind.SUBSCRIPTION)
    before = period_of(knowledge.on, Period.MONTH, -1)
    source = Source(
        knowledge, RevenueParams(DateRange(before.start, month.end)), fields, rates=rates, language=language, since=before.start
    )  # fmt: skip
    return RevenueToday(movements.report(source), mrr.report(source))


def _fingerprint(knowledge: Knowledge) -> tuple[Any, ...]:
    """Return what changes whenever a figure might: four small queries."""
    terms = Term.objects.aggregate(last=Max("pk"))["last"]
    events = Event.objects.aggregate(last=Max("pk"))["last"]
    rates = tuple(ExchangeRate.objects.aggregate(Count("pk"), Max("pk"), Sum("rate")).values())
    teams = tuple(User.objects.order_by("pk").values_list("pk", "team_id"))
    return knowledge.user.pk, knowledge.user.is_admin, knowledge.on, terms, events, rates, teams


def _at_stake(due: Q, renewals: Any, rates: Rates, on: date) -> AtStake:
    rows = list(
        renewals.filter(due).order_by().values_list("currency").annotate(number=Count("pk"), total=Sum("price_e4"))
    )
    total = sum(rates.convert(amount, currency, on) or 0 for currency, _, amount in rows)
    return AtStake(sum(number for _, number, _ in rows), Money(total, rates.base))


def _won(days: DateRange, fields: Catalogue, reader: Reader, rates: Rates) -> Figure:
    return deals_over_time(ReportKind.WON, Params(days, Period.YEAR), fields, reader=reader, rates=rates).total


def _closing(reader: Reader) -> Sequence[Deal]:
    seen = Deal.objects.present().visible_to(reader.user).filter(status=Deal.Status.OPEN)
    soon = seen.filter(expected_close_on__lte=reader.on + timedelta(days=CLOSING_DAYS), archived_at__isnull=True)
    return list(soon.select_related("organisation", "person").order_by("expected_close_on", "pk")[:_CLOSING_SHOWN])
