"""A pause, an end, a price or a plan holds from its day on, in every figure."""

from datetime import date
from typing import Any

import pytest

from tests.revenue.test_causes import does, lived
from tests.revenue.test_renewals import EVERYTHING, plan, renewed, subscribed
from tests.revenue.worlds import booked, report, shown
from tests.world import World
from turnus.core.cadence import MONTHLY, QUARTERLY, YEARLY, Cadence
from turnus.core.calendar import DateRange
from turnus.core.money import Money
from turnus.reports.words import cell_text
from turnus.revenue.models import Subscription, Term
from turnus.revenue.subscriptions.actions.change import change_price
from turnus.revenue.subscriptions.actions.pause import (
    pause_subscriptions,
    resume_subscriptions,
)
from turnus.revenue.subscriptions.actions.stretch import (
    change_plan,
    change_price_now,
)

AUTUMN = DateRange(date(2018, 9, 1), date(2018, 12, 1))


def closings(world: World) -> list[str]:
    """MRR at the ends of September and October, and today, the 14th of November."""
    return [
        one.partition(" €")[2]
        for one in shown(report(world, "mrr", days=AUTUMN), "mrr")
    ]


def price_now(world: World, day: str, price: int) -> None:
    change_price_now(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        price=Money.of(price, "EUR"),
        on=date.fromisoformat(day),
    )


@pytest.mark.parametrize("what", ["pause", "cancel"])
@pytest.mark.parametrize(
    ("day", "left"),
    [("2018-11-01", "0.00"), ("2018-11-15", "100.00"), ("2018-11-14", "0.00")],
)
def test_it_stops_on_its_day(
    world: World, what: str, day: str, left: str
) -> None:
    one = lived(world, ("2018-11-14", ""))
    does(world, what, date.fromisoformat(day), one.pk)
    assert closings(world) == ["100.00", "100.00", left]


def test_a_pause_on_the_first_day_says_since_when_and_by_whom(
    world: World,
) -> None:
    lived(world, ("2018-11-01", "pause"))
    moved = shown(
        report(world, "movements", days=AUTUMN), "opening", "churn", "closing"
    )
    assert moved[-1] == "11: €100.00 -€100.00 €0.00"
    assert (
        EVERYTHING().get().terms.filter(starts_on="2018-11-01").get().is_empty
    )


def test_terms_booked_beyond_a_pause_do_not_count_in_it(world: World) -> None:
    lived(world, ("2018-11-14", ""))
    does(world, "pause", date(2018, 9, 10))
    assert closings(world) == ["0.00", "0.00", "0.00"]
    known = report(world, "mrr", days=AUTUMN, known_on=date(2018, 9, 9))
    assert (
        cell_text(known.lines[0].cells[0], known.columns[0].unit, "en")
        == "€100.00"
    )


def test_what_was_paid_beyond_an_end_does_not_come_back_by_itself(
    world: World,
) -> None:
    lived(world, ("2018-11-14", ""))
    does(world, "cancel", date(2018, 11, 1))
    resume_subscriptions(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        resumes_on=date(2018, 11, 10),
    )
    assert closings(world) == ["100.00", "100.00", "0.00"]
    renewed(world, date(2018, 11, 10))
    assert closings(world) == ["100.00", "100.00", "100.00"]


def test_the_deal_of_a_term_that_was_paused_stays_a_renewal_in_the_bookings(
    world: World,
) -> None:
    lived(world, ("2018-11-01", "pause"))
    assert shown(
        report(world, "bookings", days=AUTUMN), "renewal", "one_off", "won"
    ) == [
        "09: €100.00 €0.00 €100.00",
        "10: €100.00 €0.00 €100.00",
        "11: €100.00 €0.00 €100.00",
    ]


@pytest.mark.parametrize(
    ("price", "kind"), [(150, "expansion"), (80, "contraction")]
)
def test_a_price_inside_a_term_holds_at_once_and_is_booked_once(
    world: World, price: int, kind: str
) -> None:
    booked(
        world, world.organization("Alpha"), "2018-03-01", [1200], cadence="1y"
    )
    price_now(world, "2018-11-14", price * 12)
    moved = f"11: €100.00 {'-' if price < 100 else ''}€{abs(price - 100)}.00 €{price}.00"
    assert (
        shown(
            report(world, "movements", days=AUTUMN), "opening", kind, "closing"
        )[-1]
        == moved
    )
    assert (
        shown(report(world, "bookings", days=AUTUMN), "won")[-1] == "11: €0.00"
    )
    renewed(world, date(2018, 11, 14))
    assert (
        shown(
            report(world, "movements", days=AUTUMN), "opening", kind, "closing"
        )[-1]
        == moved
    )


def test_another_plan_inside_a_term_holds_at_once(world: World) -> None:
    monthly, yearly = plan(world), plan(world, YEARLY)
    subscribed(world, monthly, start=date(2018, 11, 10))
    change_plan(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        plan=yearly,
        price=Money.of(960, "EUR"),
        on=date(2018, 11, 14),
    )
    assert closings(world)[-1] == "80.00"
    split = report(world, "mrr", days=AUTUMN, split="plan")
    assert [str(one.heading) for one in split.columns[:-1]] == [yearly.name]


def test_what_was_agreed_is_as_known_on_a_day(world: World) -> None:
    lived(world, ("2018-10-20", "price now"))
    does(world, "price", date(2018, 11, 10))
    known = report(world, "mrr", known_on=date(2018, 10, 25)).lines[-1]
    assert known.cells[0] == Money.of(150, "EUR")


def test_a_price_on_the_due_day_moves_no_due_day_and_waits_for_the_next_term(
    world: World,
) -> None:
    one = subscribed(world, start=date(2018, 10, 31))
    price_now(world, "2018-11-30", 120)
    renewed(world, date(2018, 12, 31))
    assert list(one.terms.values_list("starts_on", "price_e4")) == [
        (date(2018, 10, 31), 1_000_000),
        (date(2018, 11, 30), 1_200_000),
        (date(2018, 12, 31), 1_200_000),
    ]


@pytest.mark.parametrize(
    ("start", "first", "day", "after", "expected"),
    [
        (
            "2017-12-31",
            MONTHLY,
            "2018-02-28",
            QUARTERLY,
            ["2018-05-31", "2018-08-31", "2018-11-30"],
        ),
        (
            "2016-02-29",
            YEARLY,
            "2017-02-28",
            Cadence.parse("6m"),
            ["2017-08-29", "2018-02-28", "2018-08-29"],
        ),
        (
            "2016-02-29",
            YEARLY,
            "2018-02-28",
            MONTHLY,
            ["2018-03-29", "2018-04-29", "2018-05-29"],
        ),
    ],
    ids=["monthly to quarterly", "yearly to half-yearly", "yearly to monthly"],
)
def test_another_plan_on_a_due_day_moves_no_due_day(
    world: World,
    start: str,
    first: Cadence,
    day: str,
    after: Cadence,
    expected: list[str],
) -> None:
    subscribed(world, plan(world, first), start=date.fromisoformat(start))
    on = date.fromisoformat(day)
    renewed(world, on.replace(day=on.day - 1))
    change_plan(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        plan=plan(world, after),
        price=Money.of(1, "EUR"),
        on=on,
    )
    renewed(world, date.fromisoformat(expected[-1]))
    assert [
        str(one)
        for one in Term.objects.order_by("number").values_list(
            "starts_on", flat=True
        )
    ][-3:] == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2018-04-30", "2018-05-31"), ("2018-04-29", "2018-05-29")],
)
def test_going_on_on_a_due_day_moves_no_due_day(
    world: World, day: str, expected: str
) -> None:
    one = subscribed(world, start=date(2018, 1, 31))
    pause_subscriptions(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        pauses_on=date(2018, 2, 28),
    )
    resume_subscriptions(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        resumes_on=date.fromisoformat(day),
    )
    renewed(world, date.fromisoformat(day))
    one.refresh_from_db()
    assert str(one.next_due_on) == expected


def test_the_page_says_from_when_a_price_holds(world: World) -> None:
    one = subscribed(world, start=date(2018, 11, 1))
    client: Any = world.client(world.alice)
    address = f"/subscriptions/{one.pk}/change/"
    pages = [
        client.post(
            address, {"action": "price", "price": "120", "on": on}, follow=True
        ).content.decode()
        for on in ("2018-11-12", "")
    ]
    assert "Ab dem 12.11.2018 kostet" in pages[0]
    assert "Ab dem nächsten Laufzeitabschnitt kostet" in pages[1]
    refused = client.post(
        address, {"action": "price", "price": "120", "on": "2018-11-01"}
    )
    assert refused.status_code == 422


def test_a_price_for_the_next_term_changes_no_figure_of_today(
    world: World,
) -> None:
    subscribed(world, start=date(2018, 11, 1))
    change_price(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        price=Money.of(500, "EUR"),
    )
    assert closings(world)[-1] == "100.00"
    assert Subscription.objects.get().price == Money.of(500, "EUR")
