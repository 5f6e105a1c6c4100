"""Law: whatever happens to subscriptions, all pages, reports and lists agree to the cent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.revenue.worlds import RECURRING, TODAY
from tests.world import World
from turnus.accounts.actions import add_currency, save_rate
from turnus.accounts.models import User
from turnus.accounts.queries import company, first_admin, rates
from turnus.accounts.viewer import Viewer
from turnus.contacts.models import Organization
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange, add_months
from turnus.core.fields import Operator
from turnus.core.filters import Condition
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.revenue.waterfall import waterfall
from turnus.fields.catalog import catalog
from turnus.history.models import Run
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.listing.lists import ListState, RecordList
from turnus.reports import today as page
from turnus.reports.catalog import REPORTS
from turnus.reports.recurring.source import Source
from turnus.reports.shape import Params, Report
from turnus.revenue.ledger.actions import fold_stale
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.monthly import (
    monthly_now,
    monthly_of,
    monthly_sum,
    subscriptions_of,
)
from turnus.revenue.plans.actions import PlanValues, save_plan
from turnus.revenue.renewals.actions.plan import (
    plan_renewals,
    request_renewals,
)
from turnus.revenue.renewals.actions.undo import undo_renewals
from turnus.revenue.subscriptions.actions.cancel import cancel_subscriptions
from turnus.revenue.subscriptions.actions.change import (
    change_price,
    trash_subscriptions,
)
from turnus.revenue.subscriptions.actions.pause import (
    pause_subscriptions,
    resume_subscriptions,
)
from turnus.revenue.subscriptions.actions.start import (
    NewSubscription,
    start_subscription,
)
from turnus.revenue.subscriptions.actions.stretch import (
    change_plan,
    change_price_now,
)
from turnus.revenue.terms.actions.settle import settle_deals
from turnus.revenue.terms.actions.skip import skip_terms
from turnus.sales.actions import lose_deals, trash_deals
from turnus.sales.models import Deal

CADENCES = ("1m", "3m", "1y", "1w", "2/m", "1m-last")


@dataclass(frozen=True)
class Doing:
    """What is done to a subscription, on which day, by which price."""

    one: Any
    by: User
    at: datetime
    on: date
    price: Money

    @property
    def given(self) -> dict[str, Any]:
        return {"subscriptions": self.one, "by": self.by, "at": self.at}

    @property
    def last_deal(self) -> Any:
        last = (
            Term.objects.filter(subscription__in=self.one, deal__isnull=False)
            .order_by("number")
            .last()
        )
        return Deal.objects.filter(pk=last.deal_id if last else 0)


def _renew(doing: Doing, **how: Any) -> None:
    run = plan_renewals(
        by=doing.by,
        at=doing.at,
        subscriptions=doing.one,
        until=doing.on,
        title="",
        **how,
    )
    if run is not None:
        request_renewals(run=run, by=doing.by, at=doing.at)
        run_pending()


def _undo(doing: Doing) -> None:
    runs = Run.objects.filter(
        terms__subscription__in=doing.one
    ) | Run.objects.filter(kind="subscriptions")
    last = runs.exclude(state="undone").order_by("pk").last()
    if last is not None:
        undo_renewals(run=last, by=doing.by, at=doing.at)


def _lose(doing: Doing) -> None:
    lose_deals(
        deals=doing.last_deal,
        by=doing.by,
        at=doing.at,
        reason="Preis",
        lost=doing.on,
    )
    settle_deals(by=doing.by, at=doing.at)


ACTS: dict[str, Callable[[Doing], Any]] = {
    "renew": _renew,
    "open ahead": lambda do: _renew(do, as_plans_say=True),
    "skip": lambda do: skip_terms(**do.given),
    "price": lambda do: change_price(**do.given, price=do.price),
    "price now": lambda do: change_price_now(
        **do.given, price=do.price, on=do.on
    ),
    "plan": lambda do: change_plan(
        **do.given, plan=Plan.objects.get(cadence="1y"), price=do.price
    ),
    "plan now": lambda do: change_plan(
        **do.given,
        plan=Plan.objects.get(cadence="3m"),
        price=do.price,
        on=do.on,
    ),
    "pause": lambda do: pause_subscriptions(**do.given, pauses_on=do.on),
    "resume": lambda do: resume_subscriptions(**do.given, resumes_on=do.on),
    "cancel": lambda do: cancel_subscriptions(
        **do.given, on=do.on, ends_on=None
    ),
    "cancel now": lambda do: cancel_subscriptions(
        **do.given, on=do.on, ends_on=do.on
    ),
    "undo": _undo,
    "lose": _lose,
    "trash deal": lambda do: trash_deals(
        deals=do.last_deal, by=do.by, at=do.at
    ),
    "trash": lambda do: trash_subscriptions(**do.given),
}
#: A day that is often one on which something is due, and what is done on it.
STEP = st.tuples(
    st.integers(0, 11),
    st.sampled_from([0, 0, 0, 1, 13, -1]),
    st.sampled_from(sorted(ACTS)),
    st.integers(0, 900),
)
LIFE = st.fixed_dictionaries(
    {
        "customer": st.integers(0, 3),
        "currency": st.sampled_from(["EUR", "EUR", "CHF", "JPY"]),
        "cadence": st.sampled_from(CADENCES),
        "start": st.sampled_from(
            [
                date(2017, 12, 31),
                date(2018, 1, 15),
                date(2018, 10, 14),
                date(2018, 11, 14),
                date(2018, 12, 1),
            ]
        ),
        "price": st.integers(0, 900),
        "owner": st.booleans(),
        "steps": st.lists(STEP, max_size=5),
        "renewed": st.booleans(),
    }
)


def _world(world: World) -> list[Organization]:
    Subscription.objects.all().delete()
    for cadence in CADENCES:
        if not Plan.objects.filter(cadence=cadence).exists():
            way = "open" if cadence == "1w" else "book"
            values = PlanValues(
                name=cadence,
                cadence=Cadence.parse(cadence),
                renewal_way=way,
                days_before=10,
            )
            save_plan(by=world.admin, values=values)
    add_currency(by=world.admin, code="JPY")
    for day, rate in (
        (date(2017, 1, 1), "0.9137"),
        (date(2018, 6, 1), "0.8811"),
    ):
        save_rate(by=world.admin, code="CHF", on=day, rate=Decimal(rate))
        save_rate(by=world.admin, code="JPY", on=day, rate=Decimal(rate) / 100)
    customers = [world.organization(f"Kunde {number}") for number in range(4)]
    Organization.objects.filter(pk=customers[3].pk).update(
        bills_with=customers[2]
    )
    return customers


def _live(world: World, customer: Organization, life: dict[str, Any]) -> None:
    start, currency = life["start"], life["currency"]
    owner = world.charlie if life["owner"] else world.alice
    at = datetime.combine(start, datetime.min.time(), UTC) + timedelta(
        hours=12
    )
    price = Money.of(life["price"], currency)
    deal = world.deal(
        organization=customer.pk,
        title="Abo",
        value=price,
        status="won",
        won_at=start,
    )
    new = NewSubscription(
        plan=Plan.objects.get(cadence=life["cadence"]),
        price=price,
        starts_on=start,
        owner_id=owner.pk,
    )
    pk = start_subscription(by=world.admin, at=at, new=new, deal=deal).pk
    Subscription.objects.filter(pk=pk).update(
        visibility="owner" if life["owner"] else "everyone"
    )
    one = Subscription.objects.filter(pk=pk)
    for months, days, what, amount in sorted(
        life["steps"], key=lambda step: (step[0], step[1])
    ):
        on = add_months(start, months) + timedelta(days=days)
        moment = datetime.combine(on, datetime.min.time(), UTC) + timedelta(
            hours=12
        )
        doing = Doing(one, world.admin, moment, on, Money.of(amount, currency))
        try:
            if life["renewed"]:
                _renew(doing)
            ACTS[what](doing)
        except UserError:
            continue  # what cannot be done on that day is refused, and changes nothing


#: Without shrinking, which would take many minutes: a life takes seconds.
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(lives=st.lists(LIFE, min_size=1, max_size=3))
def test_every_page_says_the_same(
    world: World, lives: list[dict[str, Any]]
) -> None:
    customers = _world(world)
    for life in lives:
        # What follows leaves marks in a ledger that was stored already.
        fold_stale(Viewer(world.admin, TODAY, company().zone))
        _live(world, customers[life["customer"]], life)
    for user, day in (
        (world.admin, TODAY),
        (world.bob, TODAY),
        (world.admin, TODAY + timedelta(days=20)),
    ):
        _agree(user, day, customers)


def _source(user: User, day: date, split: str = "") -> Source:
    first = date(day.year, 1, 1)
    params = Params(DateRange(first, date(day.year + 1, 1, 1)), split=split)
    viewer = Viewer(user, day, company().zone)
    return Source(
        viewer, params, catalog(RecordKind.SUBSCRIPTION), rates=rates()
    )


def _agree(user: User, day: date, customers: list[Organization]) -> None:
    _stored_agrees(user, day)
    source = _source(user, day)
    report = REPORTS["mrr"].report(source)
    total: Any = report.lines[-1].cells[0]
    parts = REPORTS["mrr"].opened(
        source, report, code="mrr", start=report.lines[-1].days.start
    )
    assert parts is not None
    (group,) = parts.groups
    assert group.shown == total

    page._remembered.clear()
    figures = page.today(
        Viewer(user, day, company().zone, "en"), rates()
    ).figures
    assert figures is not None
    assert figures.revenue.mrr.lines[-1].cells[0] == total

    viewer = Viewer(user, day, company().zone)
    _lists_agree(
        user,
        day,
        viewer,
        total,
        {part.subscription: part.amount for part in group.parts},
    )
    _customers_agree(source, report, customers, group.exact)
    if day == TODAY and user.is_admin:
        _splits_agree(user, day, total)


def _stored_agrees(user: User, day: date) -> None:
    """From the stored ledger, stale in part or not, every report is the computed one."""
    by_reports = [_reports(user, day, is_stored=False)]
    by_reports.append(_reports(user, day, is_stored=True))
    fold_stale(Viewer(first_admin(), day, company().zone))
    by_reports.append(_reports(user, day, is_stored=True))
    assert by_reports[1] == by_reports[0]
    assert by_reports[2] == by_reports[0]


def _reports(user: User, day: date, *, is_stored: bool) -> list[Report]:
    found = []
    for name in RECURRING:
        source = _source(user, day)
        if is_stored and user.is_admin:
            assert source.stored is not None
        if not is_stored:
            source.stored = None
        found.append(REPORTS[name].report(source))
    return found


def _lists_agree(
    user: User,
    day: date,
    viewer: Viewer,
    total: Money,
    shares: dict[Any, Fraction],
) -> None:
    viewer = Viewer(user, day, company().zone, "en")
    whole = ListState(columns=("id", "mrr"), sort="-mrr")
    records = RecordList(
        RecordKind.SUBSCRIPTION,
        catalog(RecordKind.SUBSCRIPTION),
        whole,
        viewer,
    )
    assert records.summary(rates()).money == total
    rows = dict(records.page().rows)
    own = monthly_of(Subscription.objects.all(), viewer)
    assert own == {pk: money for pk, money in rows.items() if pk in own}
    assert {
        pk for pk, money in rows.items() if pk not in own and money.amount_e4
    } == set()
    for pk, share in shares.items():
        if rows[pk].currency == "EUR":
            assert Money.rounded_from(share, "EUR") == rows[pk]
    assert dict(list(records.cells())) == {
        pk: money.amount for pk, money in rows.items()
    }
    # In a query, to sort and to filter.
    counted = {pk: money.amount_e4 for pk, money in rows.items()}
    assert (
        dict(
            records.records.annotate(now=monthly_now(day)).values_list(
                "pk", "now"
            )
        )
        == counted
    )
    some = Condition("mrr", Operator.MORE_THAN, 1_000_000)
    filtered = RecordList(
        RecordKind.SUBSCRIPTION,
        catalog(RecordKind.SUBSCRIPTION),
        ListState(some),
        viewer,
    )
    assert set(filtered.page().ids) == {
        pk for pk, amount in counted.items() if amount > 1_000_000
    }


def _customers_agree(
    source: Source,
    report: Report,
    customers: list[Organization],
    whole: Fraction,
) -> None:
    parts = REPORTS["mrr"].opened(
        source, report, code="arpa", start=report.lines[-1].days.start
    )
    paid = (
        {part.customer // 2: part.amount for part in parts.groups[0].parts}
        if parts
        else {}
    )
    assert sum(paid.values(), Fraction(0)) == whole
    for customer in customers[:3]:  # the fourth is billed with the third
        shown = monthly_sum(
            subscriptions_of(customer, source.viewer.user),
            source.viewer,
            rates(),
        ).total
        assert shown == Money.rounded_from(
            paid.get(customer.pk, Fraction(0)), "EUR"
        )


def _splits_agree(user: User, day: date, total: Money) -> None:
    for split in ("plan", "owner", "currency"):
        source = _source(user, day, split)
        for part in source.slices:
            tables = waterfall(part.ledger, source.periods, part.matching)
            for before, table in pairwise(tables):
                assert before.closing == table.opening
        whole = waterfall(source.ledger, source.periods)[-1]
        assert Money.rounded_from(whole.closing, "EUR") == total
        own = [one for one in source.slices if one.part is not None]
        closings = [
            waterfall(one.ledger, source.periods, one.matching)[-1].closing
            for one in own
        ]
        assert sum(closings, Fraction(0)) == whole.closing
        report = REPORTS["movements"].report(source)
        net = next(
            place
            for place, one in enumerate(report.columns)
            if one.code == "net"
        )
        for line in report.lines[-4:]:
            parts = REPORTS["movements"].opened(
                source,
                report,
                code="net",
                start=line.days.start,
                part=line.part,
            )
            assert parts is not None
            assert parts.groups[0].shown == line.cells[net]
