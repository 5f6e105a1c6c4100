"""Each figure has one way to it, on the page, in the list and in a file."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.revenue.test_today import told
from tests.revenue.worlds import TODAY, booked, report
from tests.world import World
from turnus.accounts.queries import company, rates
from turnus.accounts.viewer import Viewer
from turnus.contacts.models import Organization
from turnus.core.calendar import DateRange, add_months
from turnus.core.fields import Operator
from turnus.core.filters import Condition
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.listing.lists import ListState, RecordList
from turnus.radar.queries import findings
from turnus.reports.catalog import REPORTS
from turnus.reports.shape import Params
from turnus.revenue.models import Subscription
from turnus.revenue.monthly import counting_today
from turnus.revenue.renewals.inbox import due_groups

YEAR = DateRange(add_months(TODAY, -12), TODAY)


def viewer(user: Any) -> Viewer:
    return Viewer(user, TODAY, company().zone, "en")


def subscriptions(world: World, **state: Any) -> RecordList:
    return RecordList(
        RecordKind.SUBSCRIPTION,
        catalog(RecordKind.SUBSCRIPTION),
        ListState(**state),
        viewer(world.admin),
    )


def test_money_at_stake_is_that_of_every_missed_term(world: World) -> None:
    booked(
        world, world.organization("Alpha"), "2018-08-10", [60]
    )  # September, October and November are missed
    booked(
        world, world.organization("Beta"), "2018-10-14", [500]
    )  # due today: not missed
    overdue = told(world).overdue
    missed = [
        one for one in findings(world.admin, on=TODAY) if one.kind == "missed"
    ]
    assert (overdue.count, overdue.money) == (3, Money.of(180, "EUR"))
    assert [(one.count, one.money) for one in missed] == [
        (3, Money.of(180, "EUR"))
    ]
    groups = due_groups(world.admin, on=TODAY, until=TODAY, shown=5)
    assert [groups[word].sums for word in ("risk", "due")] == [
        (Money.of(180, "EUR"),),
        (Money.of(500, "EUR"),),
    ]


def test_open_deals_are_all_that_are_open_now(world: World) -> None:
    for day in (None, date(2018, 5, 1), date(2019, 12, 24)):
        world.deal(amount=100, expected_close_on=day)
    world.deal(status="won", won_at=date(2018, 5, 1), amount=9)
    fields = catalog(RecordKind.DEAL)
    open_deals = REPORTS["open"]
    source = open_deals.source(
        viewer(world.admin), Params(YEAR), fields, rates=rates()
    )
    found = open_deals.report(source)
    open_now = Condition("status", Operator.IS, "open")
    listed = RecordList(
        RecordKind.DEAL, fields, ListState(open_now), viewer(world.admin)
    ).summary(rates())
    assert found.totals == (3, Money(3_000_000, "EUR"))
    assert (listed.count, listed.value_e4) == (3, 3_000_000)
    assert found.beyond == (2, Money(2_000_000, "EUR"))


def test_the_line_of_those_beyond_leads_to_them(world: World) -> None:
    world.deal(title="Ohne Tag", amount=100)
    world.deal(title="Im Mai", amount=100, expected_close_on=date(2018, 5, 1))
    client = world.client(world.admin)
    page = client.get(
        "/reports/open/?from=2018-01-01&until=2018-12-31"
    ).content.decode()
    assert "Ohne Datum oder zu anderer Zeit" in page
    address = (
        page.split("Ohne Datum oder zu anderer Zeit")[1]
        .split('href="')[1]
        .split('"')[0]
        .replace("&amp;", "&")
    )
    deals = client.get(address).content.decode()
    assert ("Ohne Tag" in deals, "Im Mai" in deals) == (True, False)
    assert "beyond" not in client.get("/reports/won/").content.decode()


def test_a_price_for_later_is_no_revenue_yet_and_history_does_not_say_so(
    world: World,
) -> None:
    one = booked(world, world.organization("Alpha"), "2018-11-01", [100])
    client = world.client(world.alice)
    client.post(
        f"/subscriptions/{one.pk}/change/",
        {"action": "price", "price": "500", "on": ""},
    )
    page = client.get(f"/subscriptions/{one.pk}/").content.decode()
    assert "<span>MRR</span> <strong>100,00" in page.replace("\u00a0", " ")
    assert subscriptions(world, columns=("mrr",)).page().rows == (
        (Money.of(100, "EUR"),),
    )
    assert page.count(">MRR<") == 1


def test_a_customer_s_page_counts_those_that_are_billed_with_it(
    world: World,
) -> None:
    alpha, beta = world.organization("Alpha"), world.organization("Beta")
    Organization.objects.filter(pk=beta.pk).update(bills_with=alpha)
    booked(world, alpha, "2018-11-01", [100], cadence="1y")
    booked(world, beta, "2018-11-01", [100], cadence="1y")
    client = world.client(world.alice)
    shown = [
        client.get(f"/organizations/{one.pk}/").content.decode()
        for one in (alpha, beta)
    ]
    assert ["16,67" in shown[0], "8,33" in shown[1]] == [True, True]
    assert report(world, "mrr").lines[10].cells[0] == Money.of("16.67", "EUR")


def test_the_list_asks_as_much_for_many_as_for_few(world: World) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            shown = subscriptions(world, columns=("name", "mrr"), sort="-mrr")
            shown.page()
            shown.summary(rates())
            list(shown.cells())
        return len(caught)

    booked(world, world.organization("Alpha"), "2018-11-01", [100])
    before = queries()
    for number in range(5):
        booked(
            world,
            world.organization(f"Kunde {number}"),
            "2018-11-01",
            [100 + number],
        )
    assert queries() == before


def test_a_zero_rounding_difference_is_not_shown_today(world: World) -> None:
    for month in (9, 10):
        booked(
            world,
            world.organization(f"Kunde {month}"),
            f"2018-{month:02}-01",
            [100],
            cadence="1y",
        )
    assert (
        "Rundungsdifferenz"
        not in world.client(world.admin).get("/").content.decode()
    )


@pytest.mark.parametrize(
    ("late_days", "is_counted"), [(0, True), (13, True), (14, False)]
)
def test_a_subscription_counts_through_the_last_day_of_its_grace(
    world: World, late_days: int, is_counted: bool
) -> None:
    start = add_months(TODAY - timedelta(days=late_days), -1)
    booked(world, world.organization("Alpha"), str(start), [100])
    counting = counting_today(Subscription.objects.all(), viewer(world.admin))
    assert bool(counting) is is_counted
