"""Deals of customers with subscriptions: nothing that is booked is proposed again."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.detection.worlds import (
    ON,
    copies,
    months,
    only,
    proposed,
    read,
    written,
)
from tests.revenue.worlds import booked
from tests.world import World
from turnus.core.detection.facts import Doubt
from turnus.detection import actions_answering as answering
from turnus.detection.actions_approval import (
    Approval,
    added_e4,
    approve,
    to_write,
)
from turnus.detection.models import History, Proposal
from turnus.detection.queries import mrr_today, shown
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription
from turnus.revenue.subscriptions.actions.pause import pause_subscriptions


def paid(
    world: World,
    prices: Sequence[int] = (100, 100, 100),
    *,
    firm: Any = None,
    **columns: Any,
) -> Subscription:
    """A monthly subscription that is booked from the 3rd of September until the 2nd of December."""
    return booked(
        world,
        firm or world.organization("Elbe GmbH"),
        "2018-09-03",
        prices,
        **columns,
    )


def mrr_e4(world: World, proposal: Proposal) -> Fraction:
    return mrr_today(proposal, world.admin).recurring.mrr_e4


@pytest.mark.parametrize(
    ("days", "values"),
    [
        ([ON], {"title": "Elbe GmbH"}),
        ([ON], {"title": "Abo"}),
        ([ON, date(2018, 10, 20)], {"title": "Elbe GmbH"}),
        ([date(2018, 11, 4)], {"title": "Drucker"}),
    ],
    ids=["the customer's name", "a copy", "two", "other words near the start"],
)
def test_what_a_subscription_has_booked_is_listed_and_not_proposed(
    world: World, days: Any, values: Any
) -> None:
    one = paid(world)
    deals = copies(world, days, organization=one.organization_id, **values)
    history = only(proposed(world))
    assert (set(read(history).inside), history.subscription_count) == (
        set(deals),
        0,
    )


def test_the_list_of_last_month_begins_nothing(world: World) -> None:
    """92 copies of what renews by itself, named like customers: none starts a subscription."""
    for number in range(92):
        firm = world.organization(f"Firma {number} AG")
        paid(world, firm=firm)
        copies(world, [ON], organization=firm.pk, title=firm.name)
    proposal = proposed(world)
    assert (
        to_write(proposal, only_sure=False).count(),
        proposal.histories.count(),
    ) == (0, 92)
    assert sum(len(read(one).inside) for one in proposal.histories.all()) == 92


def test_what_a_person_calls_another_subscription_is_proposed(
    world: World,
) -> None:
    one = paid(world)
    (deal,) = copies(world, [ON], organization=one.organization_id)
    history = only(proposed(world))
    answering.call_recurring(
        history=history,
        deals=[deal],
        cadence=one.how,
        by=world.alice,
        at=world.at,
    )
    assert [line.deals for line in read(history).lines] == [(deal,)]
    assert read(history).questions == ()


def test_another_thing_that_comes_again_and_again_is_proposed_and_asked(
    world: World,
) -> None:
    world.plan()
    one = paid(world, name="Hosting")
    deals = copies(
        world,
        months(date(2018, 8, 3), 4),
        organization=one.organization_id,
        title="Wartung Server",
    )
    history = only(proposed(world))
    (line,) = read(history).lines
    assert (line.deals, line.subscription) == (tuple(deals), None)
    assert [(each.deal, each.doubt) for each in read(history).questions] == [
        (deals[-1], Doubt.BESIDE)
    ]
    assert to_write(history.proposal, only_sure=True).count() == 0
    answering.confirm(history=history, by=world.alice, at=world.at)
    assert read(history).questions == ()


@pytest.mark.parametrize(
    ("price", "columns", "is_asked"),
    [
        (100, {}, True),
        (109, {}, True),
        (120, {}, False),
        (100, {"end_on": date(2018, 7, 1)}, False),
        (100, {"currency": "CHF"}, False),
    ],
    ids=[
        "the same",
        "a little dearer",
        "much dearer",
        "ended before",
        "other currency",
    ],
)
def test_what_costs_nearly_the_same_as_often_is_asked(
    world: World, price: int, columns: Any, is_asked: bool
) -> None:
    one = paid(world, name="Hosting", **columns)
    copies(
        world,
        months(date(2018, 8, 3), 4),
        organization=one.organization_id,
        title="Wartung",
        amount=price,
    )
    history = only(proposed(world))
    assert (len(read(history).lines), bool(read(history).questions)) == (
        1,
        is_asked,
    )


@pytest.mark.parametrize(
    "by_employer", [True, False], ids=["of the employer", "of the person"]
)
def test_a_deal_of_a_person_is_compared_with_the_subscriptions_of_both(
    world: World, by_employer: bool
) -> None:
    one = paid(world)
    person = world.person(
        organization=one.organization_id if by_employer else None
    )
    if not by_employer:
        Subscription.objects.update(person=person.pk)
    deals = copies(
        world, [ON], organization=None, person=person.pk, title="Abo"
    )
    assert read(only(proposed(world))).inside == tuple(deals)


@pytest.mark.parametrize(
    ("user", "visibility", "is_covered"),
    [
        ("alice", "owner", True),
        ("bob", "team", True),
        ("bob", "owner", False),
        ("charlie", "everyone", True),
        ("charlie", "team", False),
    ],
)
def test_only_what_one_may_see_covers_a_deal(
    world: World, user: str, visibility: str, is_covered: bool
) -> None:
    one, by = paid(world, visibility=visibility), getattr(world, user)
    deal = world.deal(
        by,
        title="Elbe GmbH",
        amount=100,
        status="won",
        won_at=ON,
        organization=one.organization_id,
        owner=by.pk,
    )
    assert (deal.pk in read(only(proposed(world, by=by))).inside) == is_covered


def test_a_term_that_is_booked_meanwhile_lets_nothing_be_written(
    world: World,
) -> None:
    world.plan()
    firm = world.organization("Elbe GmbH")
    copies(
        world, months(date(2018, 8, 3), 4), organization=firm.pk, title="Abo"
    )
    proposal = proposed(world)
    Subscription.objects.all().delete()
    paid(world, firm=firm)
    written(world, proposal)
    assert only(proposal).state == History.State.MOVED


@pytest.mark.parametrize("is_paused", [False, True])
def test_the_mrr_afterwards_is_what_the_reports_say_once_it_is_written(
    world: World, is_paused: bool
) -> None:
    world.plan()
    one = paid(world, [100, 100])
    if is_paused:
        pause_subscriptions(
            subscriptions=Subscription.objects.all(),
            by=world.alice,
            at=world.at,
            pauses_on=date(2018, 10, 20),
        )
    copies(
        world,
        [date(2018, 11, 3)],
        organization=one.organization_id,
        title="Abo",
        amount=120,
    )
    copies(
        world,
        months(date(2018, 8, 3), 4),
        organization=world.organization("Weser AG").pk,
        amount=50,
    )
    proposal = proposed(world)
    change = mrr_today(proposal, world.admin).change(
        to_write(proposal, only_sure=False)
    )
    assert change.before_e4 == mrr_e4(world, proposal)
    written(world, proposal, adds_e4=change.confirmed_e4)
    assert change.after_e4 == mrr_e4(world, proposal)


def test_each_history_says_the_mrr_of_its_customer_before_and_after(
    world: World,
) -> None:
    one = paid(world)
    copies(
        world,
        months(date(2018, 8, 9), 4),
        organization=one.organization_id,
        title="Wartung",
        amount=30,
    )
    proposal = proposed(world)
    (history,) = shown(list(proposal.histories.all()), proposal, world.admin)
    change = mrr_today(proposal, world.admin).change_of(history)
    assert (change.before_e4, change.after_e4) == (1_000_000, 1_300_000)


def test_an_approval_of_another_change_is_refused(world: World) -> None:
    world.plan()
    copies(world, months(date(2018, 8, 9), 4))
    proposal = proposed(world)
    assert added_e4(proposal, to_write(proposal, only_sure=True)) == 1_000_000
    with pytest.raises(UserError, match=r"detection\.moved"):
        approve(
            proposal=proposal,
            by=world.alice,
            at=world.at,
            approval=Approval(True, 1, 999),
        )


def test_the_pages_say_the_mrr_and_want_its_change_confirmed(
    world: World,
) -> None:
    world.plan()
    paid(world, firm=world.organization("Weser AG"))
    copies(world, months(date(2018, 8, 9), 4), amount=30)
    proposal, client = proposed(world), world.client(world.alice)
    page = client.get(f"/detection/{proposal.pk}/").content.decode()
    assert "130,00" in page
    page = client.get(f"/detection/{proposal.pk}/approve/").content.decode()
    assert all(
        one in page
        for one in ("100,00", "130,00", 'name="adds" value="300000"')
    )
    sent = {"what": "sure", "expected": "1", "adds": "300000"}
    assert (
        client.post(f"/detection/{proposal.pk}/approve/", sent).status_code
        == 422
    )
    assert (
        client.post(
            f"/detection/{proposal.pk}/approve/", {**sent, "confirmed": "1"}
        ).status_code
        == 302
    )


def test_reading_costs_as_many_queries_for_many_customers(
    world: World,
) -> None:
    counts = []
    for number in (2, 9):
        for each in range(number):
            firm = world.organization(f"Firma {number} {each}")
            paid(world, firm=firm)
            copies(world, [ON], organization=firm.pk)
        with CaptureQueriesContext(connection) as queries:
            proposed(world)
        counts.append(len(queries))
    assert counts[0] == counts[1]
