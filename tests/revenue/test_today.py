"""The page of the day: the figures of the reports, few queries, and nothing written."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.revenue.worlds import TODAY, booked, report
from tests.world import World
from turnus.accounts.queries import company, rates
from turnus.accounts.viewer import Viewer
from turnus.core.calendar import DateRange
from turnus.reports import today as page
from turnus.reports.today import closing_soon, today
from turnus.revenue.models import Subscription

NOVEMBER = DateRange(date(2018, 11, 1), date(2018, 12, 1))


def told(world: World, user: Any = None) -> page.Today:
    found = today(
        Viewer(user or world.admin, TODAY, company().zone, "de"), rates()
    )
    assert found.is_current
    assert found.figures is not None
    return found.figures


def figures(world: World, user: Any = None) -> page.RevenueToday:
    return told(world, user).revenue


def story(world: World) -> None:
    """Alpha stays, Beta comes back after half a year, Gamma is new, Delta leaves."""
    alpha, beta, gamma, delta = (
        world.organization(name)
        for name in ("Alpha", "Beta", "Gamma", "Delta")
    )
    booked(world, alpha, "2018-08-12", [100] * 4)
    booked(
        world,
        beta,
        "2018-03-05",
        [70, None, None, None, None, None, None, None, 80],
    )
    booked(world, gamma, "2018-11-02", [40])
    booked(
        world,
        delta,
        "2018-09-03",
        [10, 10],
        state="ended",
        end_on=date(2018, 11, 3),
    )


def test_its_movements_are_those_of_the_report(world: World) -> None:
    story(world)
    found, whole = figures(world), report(world, "movements", days=NOVEMBER)
    last = dict(
        zip(
            [one.code for one in found.movements.columns],
            found.movements.lines[-1].cells,
            strict=True,
        )
    )
    full = dict(
        zip(
            [one.code for one in whole.columns],
            whole.lines[-1].cells,
            strict=True,
        )
    )
    assert last == full
    assert [
        last[code].amount
        for code in ("new", "reactivation", "churn", "closing")
    ] == [
        40,
        80,
        -10,
        220,
    ]  # type: ignore[union-attr]
    assert found.mrr.lines[-1].cells[0] == last["closing"]


def test_renewals_show_the_money_at_stake(world: World) -> None:
    alpha = world.organization("Alpha")
    booked(world, alpha, "2018-10-10", [100])  # due on 10 November
    booked(world, alpha, "2018-10-20", [30])  # due on 20 November
    booked(world, alpha, "2018-10-30", [5], state="ended")
    found = told(world)
    assert (found.overdue.count, found.overdue.money.amount) == (1, 100)
    assert (found.due.count, found.due.money.amount) == (1, 30)


def test_won_is_compared_with_as_many_days_of_last_month(world: World) -> None:
    for day, amount in (
        (date(2018, 11, 5), 10),
        (date(2018, 10, 14), 20),
        (date(2018, 10, 15), 40),
    ):
        world.deal(status="won", won_at=day, amount=amount)
    found = told(world)
    assert (found.won.value_e4, found.won_before.value_e4) == (
        100_000,
        200_000,
    )


def test_open_deals_that_close_soon_are_listed_by_day(world: World) -> None:
    for title, day in (
        ("b", date(2018, 11, 20)),
        ("a", date(2018, 11, 1)),
        ("late", date(2018, 12, 24)),
    ):
        world.deal(title=title, expected_close_on=day)
    assert [
        one.title
        for one in closing_soon(
            Viewer(world.admin, TODAY, company().zone, "de")
        )
    ] == ["a", "b"]


def test_a_change_is_seen_at_once(world: World) -> None:
    story(world)
    before = figures(world)
    assert figures(world) is before
    booked(world, world.organization("Neu"), "2018-11-10", [1])
    assert figures(world) is not before


def test_a_stranger_sees_only_what_is_visible(world: World) -> None:
    story(world)
    Subscription.objects.update(visibility="owner")
    assert not any(
        getattr(cell, "amount_e4", cell)
        for line in figures(world, world.charlie).mrr.lines
        for cell in line.cells
    )
    assert told(world, world.charlie).due.count == 0


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    client, counts = world.client(world.admin), []
    client.get("/")
    for _ in range(2):
        story(world)
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 36


def test_figures_that_take_long_follow_the_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    story(world)
    monkeypatch.setattr(page, "_AT_ONCE", 0)
    page._remembered.clear()
    client = world.client(world.admin)
    assert 'hx-get="/?part=figures"' in client.get("/").content.decode()
    part = client.get("/?part=figures").content.decode()
    assert "<html" not in part
    assert "220,00" in part
    assert 'hx-get="/?part=figures"' not in client.get("/").content.decode()


def test_after_a_change_the_figures_of_before_are_shown_until_the_new_ones_follow(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    story(world)
    client = world.client(world.admin)
    client.get("/")
    booked(world, world.organization("Neu"), "2018-11-10", [1])
    monkeypatch.setattr(page, "_AT_ONCE", 0)
    of_before = client.get("/").content.decode()
    assert "220,00" in of_before
    assert 'hx-get="/?part=figures"' in of_before
    assert "221,00" in client.get("/?part=figures").content.decode()
