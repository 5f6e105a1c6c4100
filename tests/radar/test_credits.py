"""Negative won deals that cancel what a subscription costs are found while it goes on."""

from datetime import date
from typing import Any

import pytest

from tests.revenue.worlds import TODAY, booked
from tests.world import World
from turnus.radar.actions import dismiss, repair
from turnus.radar.findings import Action, FindingKind
from turnus.radar.queries import findings
from turnus.revenue.models import Subscription
from turnus.revenue.renewals.actions.undo import undo_renewals

FIRST, LAST = date(2018, 9, 1), date(2018, 12, 1)


def credited(
    world: World, day: date = TODAY, **values: Any
) -> tuple[Subscription, int]:
    """A subscription of 100 a month, booked until November, and its customer's negative deal."""
    one = booked(
        world,
        world.organization("Elbe AG"),
        str(FIRST),
        [100] * 3,
        **values.pop("columns", {}),
    )
    given = {
        "title": "Gutschrift",
        "amount": -100,
        "status": "won",
        "won_at": day,
        "organization": one.organization_id,
    }
    return one, world.deal(**{**given, **values}).pk


@pytest.mark.parametrize(
    ("day", "values", "is_found"),
    [
        (TODAY, {}, True),
        (date(2018, 12, 21), {}, True),
        (date(2018, 12, 22), {}, False),
        (FIRST, {}, True),
        (date(2018, 8, 31), {}, False),
        (TODAY, {"amount": -99}, False),
        (TODAY, {"status": "open", "won_at": None}, False),
        (TODAY, {"columns": {"end_on": LAST}}, False),
        (TODAY, {"columns": {"state": "ended", "next_due_on": None}}, False),
        (TODAY, {"columns": {"currency": "CHF"}}, False),
    ],
    ids=[
        "in the last term",
        "20 days after the due day",
        "later",
        "renewed since, 90 days ago at most",
        "before it began",
        "a part",
        "not won",
        "it has an end",
        "it has ended",
        "another currency",
    ],
)
def test_a_credit_of_the_whole_price_is_found_while_the_subscription_goes_on(
    world: World, day: date, values: Any, is_found: bool
) -> None:
    one, deal = credited(world, day, **values)
    found = [
        (each.kind, each.one, each.other)
        for each in findings(world.admin, on=TODAY)
    ]
    assert found == ([(FindingKind.CREDIT, deal, one.pk)] if is_found else [])


def test_a_credit_that_was_made_long_ago_is_no_end_of_what_was_renewed_since(
    world: World,
) -> None:
    one = booked(world, world.organization("Elbe AG"), "2018-04-01", [100] * 8)
    world.deal(
        title="Gutschrift",
        amount=-100,
        status="won",
        won_at=date(2018, 8, 15),
        organization=one.organization_id,
    )
    assert findings(world.admin, on=TODAY) == []


def test_the_subscription_that_the_credit_names_is_found_and_each_once(
    world: World,
) -> None:
    firm = world.organization("Elbe AG")
    booked(world, firm, str(FIRST), [100] * 3, name="Hosting")
    other = booked(world, firm, "2018-09-20", [100] * 2, name="Wartung")
    for _ in range(3):
        world.deal(
            title="Gutschrift Wartung",
            amount=-100,
            status="won",
            won_at=TODAY,
            organization=firm.pk,
        )
    found = [
        each
        for each in findings(world.admin, on=TODAY)
        if each.kind is FindingKind.CREDIT
    ]
    assert len(found) == 2
    assert min(found, key=lambda each: each.one).other == other.pk


def test_ending_it_is_a_run_that_can_be_taken_back(world: World) -> None:
    one, _deal = credited(world)
    run = repair(
        found=findings(world.admin, on=TODAY),
        action=Action.END,
        by=world.alice,
        at=world.at,
        on=TODAY,
        title="Radar",
    )
    one.refresh_from_db()
    assert (one.state, one.end_on, one.end_reason) == (
        "active",
        LAST,
        "Gutschrift",
    )
    assert findings(world.admin, on=TODAY) == []
    undo_renewals(run=run, by=world.alice, at=world.at)
    one.refresh_from_db()
    assert (one.end_on, one.end_reason, one.next_due_on) == (None, "", LAST)


def test_a_credit_that_was_dismissed_stays_away(world: World) -> None:
    credited(world)
    dismiss(found=findings(world.admin, on=TODAY), by=world.alice, at=world.at)
    assert findings(world.admin, on=TODAY) == []


@pytest.mark.parametrize(
    ("user", "count"), [("alice", 1), ("bob", 0), ("charlie", 0)]
)
def test_a_subscription_that_one_may_not_see_is_not_told(
    world: World, user: str, count: int
) -> None:
    credited(world, columns={"visibility": "owner"})
    assert len(findings(getattr(world, user), on=TODAY)) == count


def test_the_page_says_why(world: World) -> None:
    credited(world)
    page = world.client(world.alice).get("/radar/").content.decode()
    assert "Gutgeschrieben, läuft aber weiter" in page
    assert "erstattet den Preis von 100,00" in page
