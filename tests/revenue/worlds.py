"""Customers, subscriptions and booked terms with few words, as finance people write them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from tests.world import World
from turnus.accounts.queries import company, rates
from turnus.accounts.viewer import Viewer
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.kit.sql import is_sqlite
from turnus.reports.catalog import REPORTS
from turnus.reports.recurring.source import Source
from turnus.reports.shape import Params, Report
from turnus.reports.words import cell_text
from turnus.revenue.ledger.actions import fold_stale
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.plans.actions import PlanValues, save_plan

TODAY = date(2018, 11, 14)
YEAR = DateRange(date(2018, 1, 1), date(2019, 1, 1))


def plan(world: World, cadence: str = "1m") -> Plan:
    found = Plan.objects.filter(name=cadence).first()
    return found or save_plan(
        by=world.admin,
        values=PlanValues(name=cadence, cadence=Cadence.parse(cadence)),
    )


def booked(
    world: World,
    customer: Any,
    start: str,
    prices: Sequence[int | str | None],
    *,
    cadence: str = "1m",
    currency: str = "EUR",
    **columns: Any,
) -> Subscription:
    """A subscription whose terms cost `prices`; None: not booked.

    Each is booked by a deal won on its first day.
    """
    first, how = date.fromisoformat(start), Cadence.parse(cadence)
    last = next((price for price in reversed(prices) if price is not None), 0)
    values = {
        "name": f"Abo {customer}",
        "owner": world.alice,
        "state": "active",
        "next_number": len(prices),
        "next_due_on": how.due(first, len(prices)),
        **columns,
    }
    one = Subscription.objects.create(
        organization=customer,
        plan=plan(world, cadence),
        cadence=str(how.anchored(first)),
        currency=currency,
        price_e4=Money.of(last, currency).amount_e4,
        started_on=first,
        anchor_on=first,
        creator=world.admin,
        created_at=world.at,
        updated_at=world.at,
        name_folded="abo",
        **values,
    )
    for number, price in enumerate(prices):
        days = how.anchored(first).term(first, number).days
        if price is not None:
            cost = Money.of(price, currency)
            deal = world.deal(
                organization=customer.pk,
                title=f"Abo {number}",
                value=cost,
                status="won",
                won_at=days.start,
            )
            Term.objects.create(
                subscription=one,
                number=number,
                starts_on=days.start,
                ends_on=days.end,
                price_e4=cost.amount_e4,
                currency=currency,
                cadence=one.cadence,
                deal=deal,
                recorded_at=world.at
                - timedelta(days=(TODAY - days.start).days),
            )
    return one


#: The reports of recurring revenue.
RECURRING = [
    name
    for name, one in REPORTS.items()
    if one.record_kind is RecordKind.SUBSCRIPTION
]


def source(world: World, user: Any = None, **params: Any) -> Source:
    asked = Params(**{"days": YEAR, **params})
    viewer = Viewer(
        user or world.admin, TODAY, company().zone, "en", asked.known_on
    )
    return Source(
        viewer, asked, catalog(RecordKind.SUBSCRIPTION), rates=rates()
    )


def report(world: World, name: str, user: Any = None, **params: Any) -> Report:
    """The report as it is computed; from the stored ledger it is the same.

    On PostgreSQL the law alone says so (`tests/properties/test_one_figure.py`): time is short.
    """
    computed = REPORTS[name].report(source(world, user, **params))
    if not is_sqlite():
        return computed
    fold_stale(Viewer(world.admin, TODAY, company().zone))
    stored = REPORTS[name].report(source(world, user, **params))
    assert stored == computed
    return computed


def shown(found: Report, *codes: str) -> list[str]:
    """The lines of a report as text: month, then the cells of `codes`."""
    columns = [
        next(i for i, one in enumerate(found.columns) if one.code == code)
        for code in codes
    ]
    return [
        f"{line.days.start:%m}: "
        + " ".join(
            cell_text(line.cells[i], found.columns[i].unit, "en").replace(
                "\u00a0", ""
            )
            for i in columns
        )
        for line in found.lines
    ]
