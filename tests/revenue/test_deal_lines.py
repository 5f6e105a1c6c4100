"""Lines of a deal: their sum is its value; what recurs is the price that renewals carry."""

from datetime import date
from typing import Any

import pytest

from tests.revenue.worlds import report, shown
from tests.world import World
from turnus.core.cadence import Cadence
from turnus.core.deal_lines import DealLine, renewed_lines
from turnus.core.money import Money
from turnus.core.revenue.contract import Contract
from turnus.history.models import Event
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription
from turnus.revenue.renewals.actions.plan import (
    plan_renewals,
    request_renewals,
)
from turnus.sales.actions_lines import set_deal_lines
from turnus.sales.models import Deal

SETUP, CARE = (
    DealLine("Setup", 5_000_000),
    DealLine("Care", 1_000_000, recurs=True),
)


def with_lines(world: World, *lines: DealLine, **values: Any) -> Deal:
    deal = world.deal(amount=1, **values)
    set_deal_lines(
        deals=Deal.objects.filter(pk=deal.pk),
        by=world.alice,
        at=world.at,
        lines=lines,
    )
    deal.refresh_from_db()
    return deal


def won_as_recurring(
    world: World, *lines: DealLine
) -> tuple[Deal, Subscription]:
    deal, plan = with_lines(world, *lines), world.plan()
    world.client(world.alice).post(
        f"/deals/{deal.pk}/close/",
        {"action": "win", "on": "2018-11-14", "plan": plan.pk},
    )
    deal.refresh_from_db()
    return deal, Subscription.objects.get()


def test_the_value_is_the_sum_of_the_lines(world: World) -> None:
    deal = with_lines(world, SETUP, CARE)
    assert (deal.value, deal.recurring) == (
        Money.of(600, "EUR"),
        Money.of(100, "EUR"),
    )
    assert deal.parts == (SETUP, CARE)


def test_without_lines_all_of_the_value_would_recur(world: World) -> None:
    deal = with_lines(world)
    assert (deal.value, deal.recurring, deal.lines) == (
        Money.of(1, "EUR"),
        Money.of(1, "EUR"),
        None,
    )


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((DealLine(" ", 1),), "deal.line_without_name"),
        ((SETUP, DealLine("Off", -1, recurs=True)), "renewal.price_negative"),
    ],
)
def test_lines_that_cannot_be(
    world: World, lines: tuple[DealLine, ...], code: str
) -> None:
    with pytest.raises(UserError, match=code.replace(".", r"\.")):
        with_lines(world, *lines)


def test_what_recurs_becomes_the_price_and_the_rest_is_one_off(
    world: World,
) -> None:
    _deal, subscription = won_as_recurring(world, SETUP, CARE)
    assert subscription.price == Money.of(100, "EUR")
    assert (
        shown(report(world, "bookings"), "new", "one_off", "won")[-1]
        == "11: €100.00 €500.00 €600.00"
    )


@pytest.mark.parametrize(
    ("price", "amounts"), [(100, [1_000_000]), (110, [1_100_000])]
)
def test_a_renewal_carries_what_recurs_at_the_price_of_the_subscription(
    world: World, price: int, amounts: list[int]
) -> None:
    deal, _ = won_as_recurring(world, SETUP, CARE)
    Subscription.objects.update(price_e4=price * 10_000)
    due = Subscription.objects.all()
    run = plan_renewals(
        by=world.admin,
        at=world.at,
        subscriptions=due,
        until=date(2018, 12, 20),
        title="",
    )
    assert run is not None
    request_renewals(run=run, by=world.admin, at=world.at)
    run_pending()
    renewal = Deal.objects.exclude(pk=deal.pk).get()
    assert [
        (one.name, one.amount_e4, one.recurs) for one in renewal.parts
    ] == [("Care", each, True) for each in amounts]
    assert renewal.value == Money.of(price, "EUR")


def test_lines_share_another_price_to_the_cent() -> None:
    lines = [DealLine(name, 10_000, recurs=True) for name in "ABC"]
    assert [
        one.amount_e4 for one in renewed_lines(lines, 1_000_000, "EUR")
    ] == [
        333_400,
        333_300,
        333_300,
    ]
    assert renewed_lines([SETUP], 1_000_000, "EUR") == ()
    assert (
        renewed_lines(
            [CARE, DealLine("Off", -500_000, recurs=True)], 1_000_000, "EUR"
        )
        == ()
    )


def test_the_change_is_told(world: World) -> None:
    deal = with_lines(world, SETUP, CARE)
    page = world.client(world.alice).get(f"/deals/{deal.pk}/").content.decode()
    assert "Setup 500, Care 100 (wiederkehrend)" in page
    event = Event.objects.filter(record_id=deal.pk, action="updated").get()
    assert event.changes is not None
    assert event.changes["lines"][0] is None


def test_another_value_leaves_the_lines_and_says_the_rest(
    world: World,
) -> None:
    deal = with_lines(world, SETUP, CARE)
    client = world.client(world.alice)
    client.post(
        f"/deals/{deal.pk}/save/",
        {"field": "value", "value": "650", "value_currency": "EUR"},
    )
    page = client.get(f"/deals/{deal.pk}/").content.decode()
    assert ("Nicht in den Positionen" in page, "50,00" in page) == (True, True)


def test_the_form_takes_rows_and_shows_what_was_refused(world: World) -> None:
    deal = world.deal(amount=1)
    client, address = world.client(world.alice), f"/deals/{deal.pk}/lines/"
    rows = {
        "name": ["Setup", "Care", ""],
        "amount": ["1.500,50", "99", ""],
        "recurs": ["", "yes", ""],
    }
    assert client.post(address, rows).status_code == 302
    deal.refresh_from_db()
    assert deal.parts == (
        DealLine("Setup", 15_005_000),
        DealLine("Care", 990_000, recurs=True),
    )
    refused = client.post(address, {**rows, "amount": ["x", "99", ""]})
    assert (refused.status_code, 'value="x"' in refused.content.decode()) == (
        422,
        True,
    )
    assert (
        client.post(
            address, {**rows, "amount": ["5 USD", "99", ""]}
        ).status_code
        == 422
    )


def test_a_stranger_may_not_open_the_form(world: World) -> None:
    deal = world.deal(amount=1)
    assert (
        world.client(world.charlie).get(f"/deals/{deal.pk}/lines/").status_code
        == 403
    )


@pytest.mark.parametrize(
    ("cadence", "end", "price", "mrr", "acv", "tcv"),
    [
        ("1m", None, 100, "100", "1700", "1700"),
        ("1m", date(2020, 11, 14), 100, "100", "1700", "2900"),
        ("1m", date(2019, 2, 14), 100, "100", "800", "800"),
        ("1y", None, 1200, "100", "1700", "1700"),
        ("36m", None, 3600, "100", "1700", "4100"),
        ("1w", None, 10, "43.33", "1020", "1020"),
    ],
)
def test_what_a_deal_is_worth(
    cadence: str, end: date | None, price: int, mrr: str, acv: str, tcv: str
) -> None:
    start = date(2018, 11, 14)
    contract = Contract(
        Cadence.parse(cadence),
        start,
        0,
        start,
        end,
        price * 10_000,
        5_000_000,
        "EUR",
    )
    found = contract.figures(date(2018, 12, 1))
    assert [str(one.amount) for one in (found.mrr, found.acv, found.tcv)] == [
        mrr,
        acv,
        tcv,
    ]
    assert (found.on, found.is_open) == (date(2018, 12, 1), end is None)
    assert contract.figures(date(2030, 1, 1)).on == (
        date(2030, 1, 1) if end is None else start
    )


def test_the_page_of_a_deal_says_what_it_is_worth(world: World) -> None:
    deal, _ = won_as_recurring(world, SETUP, CARE)
    page = world.client(world.alice).get(f"/deals/{deal.pk}/").content.decode()
    assert all(part in page for part in ("ACV", "TCV", "1.700,00", "1.200,00"))
