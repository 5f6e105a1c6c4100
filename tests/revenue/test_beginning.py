"""From deals chosen in a list: subscriptions begin as previewed, and are renewed."""

from datetime import date
from typing import Any

import pytest

from tests.revenue.test_renewals import plan
from tests.world import World
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.revenue.renewals.actions.undo import undo_renewals
from turnus.revenue.subscriptions.actions.from_deals import (
    preview_chosen,
    start_chosen,
)
from turnus.sales.models import Deal

ON = date(2018, 11, 14)


def sold(world: World, title: str, day: date, **values: Any) -> Deal:
    return world.deal(
        **{
            "title": title,
            "status": "won",
            "won_at": day,
            "amount": 100,
            **values,
        }
    )


def story(world: World) -> tuple[Deal, Deal]:
    """Wartung was copied; Beratung is open, Gratis costs nothing, Alt was not renewed."""
    customer = world.organization().pk
    first, copy = (
        sold(world, "Wartung", date(2018, month, 1), organization=customer)
        for month in (10, 11)
    )
    world.deal(title="Beratung")
    sold(world, "Gratis", date(2018, 11, 1), amount=0)
    sold(world, "Alt", date(2015, 1, 1))
    return first, copy


def previewed(world: World) -> Any:
    return preview_chosen(
        deals=Deal.objects.all(), by=world.admin, on=ON, plan=plan(world)
    )


def begun(world: World, expected: Any) -> Run:
    given: Any = {
        "by": world.admin,
        "at": world.at,
        "on": ON,
        "plan": plan(world),
        "title": "Test",
    }
    return start_chosen(deals=Deal.objects.all(), expected=expected, **given)


def test_what_was_previewed_begins_and_can_be_taken_back(world: World) -> None:
    first, copy = story(world)
    lines = previewed(world)
    assert lines[0].deal_id == copy.pk
    assert [
        (one.name, one.starts_on, one.term_count, one.next_due_on)
        for one in lines
    ] == [
        ("Wartung", date(2018, 10, 1), 2, date(2018, 12, 1)),
        ("Alt", date(2015, 1, 1), 1, None),
    ]
    run = begun(world, lines)
    assert [
        one.deal
        for one in Subscription.objects.get(name="Wartung").terms.all()
    ] == [
        first,
        copy,
    ]
    assert (run.totals, previewed(world)) == ({"count": 2, "ended": 1}, [])
    undo_renewals(run=run, by=world.admin, at=world.at)
    assert (previewed(world), Term.objects.count()) == (lines, 0)


def test_a_preview_that_does_not_hold_any_more_begins_nothing(
    world: World,
) -> None:
    story(world)
    lines = previewed(world)
    sold(world, "Neu", date(2018, 11, 2))
    with pytest.raises(UserError, match="preview_moved"):
        begun(world, lines)
    assert not Subscription.objects.exists()


def test_strangers_deals_begin_nothing(world: World) -> None:
    story(world)
    Deal.objects.update(owner=world.alice, visibility="owner")
    with pytest.raises(UserError, match="denied"):
        preview_chosen(
            deals=Deal.objects.all(), by=world.charlie, on=ON, plan=plan(world)
        )


def digest_in(page: str) -> str:
    return page.split('name="digest" value="')[1].split('"', maxsplit=1)[0]


def test_in_the_browser_a_list_of_deals_becomes_subscriptions(
    world: World,
) -> None:
    story(world)
    client, form = (
        world.client(world.admin),
        {"everything": "1", "plan": str(plan(world).pk)},
    )
    assert (
        client.post(
            "/subscriptions/from-deals/", {"everything": "1"}
        ).status_code
        == 200
    )
    page = client.post(
        "/subscriptions/from-deals/", {**form, "step": "preview"}
    ).content.decode()
    stale = client.post(
        "/subscriptions/from-deals/", {**form, "step": "do", "digest": "other"}
    )
    assert (stale.status_code, Subscription.objects.count()) == (422, 0)
    answer = client.post(
        "/subscriptions/from-deals/",
        {**form, "step": "do", "digest": digest_in(page)},
    )
    assert (answer.status_code, Subscription.objects.count()) == (302, 2)


def test_in_the_browser_chosen_deals_are_renewed(world: World) -> None:
    story(world)
    client, form = (
        world.client(world.admin),
        {"everything": "1", "of": "deal", "until": "2018-12-31"},
    )
    assert client.post("/renewals/plan/", form).status_code == 422
    begun(world, previewed(world))
    page = client.post("/renewals/plan/", form, follow=True).content.decode()
    assert "2 Deals gehören zu keinem Abonnement" in page
    assert Run.objects.latest("pk").renewal_lines.get().starts_on == date(
        2018, 12, 1
    )


def test_a_subscription_with_a_gap_is_taken_back_whole(world: World) -> None:
    customer = world.organization().pk
    for day in (date(2018, 1, 1), date(2018, 2, 1), date(2018, 10, 20)):
        sold(world, "Wartung", day, organization=customer)
    run = begun(world, previewed(world))
    assert Subscription.objects.get().anchor_number == 2
    undo_renewals(run=run, by=world.admin, at=world.at)
    assert not Term.objects.exists()
