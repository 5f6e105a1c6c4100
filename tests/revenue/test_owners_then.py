"""Reports as known on a day, split by owner or team, name the owners of that day."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.revenue.test_revenue_reports import AUTUMN
from tests.revenue.worlds import booked, report, shown
from tests.world import World
from turnus.revenue.models import Subscription
from turnus.revenue.subscriptions.actions.change import update_subscriptions
from turnus.sales.actions import update_deals
from turnus.sales.models import Deal

THEN, LATER = date(2018, 10, 1), date(2018, 10, 20)


@pytest.fixture
def moved(world: World) -> World:
    """Two subscriptions of Alice; one went to Charlie in October and to Bob in November."""
    for name, price in (("stays", 100), ("goes", 40)):
        booked(
            world,
            world.organization(name),
            "2018-09-01",
            [price] * 3,
            name=name,
        )
    for owner, on in (
        (world.charlie, date(2018, 10, 10)),
        (world.bob, date(2018, 11, 10)),
    ):
        given: dict[str, Any] = {
            "by": world.admin,
            "at": world.at - timedelta(days=(date(2018, 11, 14) - on).days),
            "values": {"owner": owner.pk},
        }
        update_subscriptions(
            subscriptions=Subscription.objects.filter(name="goes"), **given
        )
        update_deals(
            deals=Deal.objects.filter(organization__name="goes"), **given
        )
    return world


def of(
    world: World,
    owner: Any,
    name: str = "mrr",
    split: str = "owner",
    known_on: date | None = None,
) -> list[str]:
    """Of September and October, the figure of an owner or team."""
    found = report(world, name, days=AUTUMN, split=split, known_on=known_on)
    code = f"part:{owner.pk}"
    if code in {one.code for one in found.columns}:
        return [line.partition(": €")[2] for line in shown(found, code)[1:3]]
    return []


@pytest.mark.parametrize(
    ("known_on", "alice", "charlie", "bob"),
    [
        (THEN, ["140.00", "140.00"], [], []),
        (LATER, ["100.00", "100.00"], ["40.00", "40.00"], []),
        (None, ["100.00", "100.00"], [], ["40.00", "40.00"]),
    ],
    ids=["before", "between", "now"],
)
def test_mrr_by_owner_is_that_of_the_owners_known_then(
    moved: World,
    known_on: date | None,
    alice: list[str],
    charlie: list[str],
    bob: list[str],
) -> None:
    one = moved
    assert [
        of(one, who, known_on=known_on)
        for who in (one.alice, one.charlie, one.bob)
    ] == [
        alice,
        charlie,
        bob,
    ]


def test_a_team_has_what_its_members_had_then(moved: World) -> None:
    team = moved.alice.team
    assert [
        of(moved, team, split="owner.team", known_on=on)
        for on in (THEN, LATER, None)
    ] == [
        ["140.00", "140.00"],
        ["100.00", "100.00"],
        ["140.00", "140.00"],
    ]


def test_bookings_go_to_the_owners_known_then(moved: World) -> None:
    alice, charlie = (str(one.pk) for one in (moved.alice, moved.charlie))

    def owners(on: date) -> set[str | None]:
        found = report(
            moved, "bookings", days=AUTUMN, split="owner", known_on=on
        )
        return {line.part for line in found.lines if line.part}

    assert (owners(THEN), owners(LATER)) == ({alice}, {alice, charlie})
    Subscription.objects.filter(
        name="goes"
    ).delete()  # its deals belong to none by now
    assert (owners(THEN), owners(LATER)) == ({alice}, {alice, charlie})
