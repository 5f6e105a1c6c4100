"""The review of a proposal: decisions by money, their readings, answers and undo."""

from datetime import date

import pytest
from django.test import Client

from tests.detection.worlds import copies, months, proposed, read
from tests.world import World
from turnus.detection.models import Proposal
from turnus.detection.queries import open_decisions


@pytest.fixture
def client(world: World) -> Client:
    world.plan()
    world.alice.language = "en"
    world.alice.save()
    return world.client(world.alice)


@pytest.fixture
def proposal(world: World) -> Proposal:
    """Two customers bought once what may recur; one pays monthly without a doubt."""
    copies(world, months(date(2018, 1, 10), 10))
    for name, amount in (("Isar AG", 120), ("Alster AG", 600)):
        customer = world.organization(name).pk
        days = [date(2018, 10, 20)]
        copies(
            world, days, title="Wartung", amount=amount, organization=customer
        )
    return proposed(world)


def page(client: Client, proposal: Proposal, chosen: str = "") -> str:
    address = f"/detection/{proposal.pk}/review/"
    return client.get(
        address, {"d": chosen} if chosen else {}
    ).content.decode()


def test_decisions_stand_in_the_order_of_their_money(
    client: Client, proposal: Proposal
) -> None:
    decisions = open_decisions(proposal)
    assert [each.history.name for each in decisions] == [
        "Alster AG",
        "Isar AG",
    ]
    shown = page(client, proposal)
    assert shown.index("Alster AG") < shown.index("Isar AG")
    assert '<h2 id="decision">One-time or recurring?</h2>' in shown
    assert "1 of 3 customers are clear" in shown
    assert "1 deal since 20 Oct 2018" in shown
    second = page(client, proposal, decisions[1].key)
    assert f'href="?d={decisions[1].key}" aria-current="true"' in second


def test_the_range_of_the_mrr_holds_what_is_in_question(
    client: Client, proposal: Proposal
) -> None:
    decisions = open_decisions(proposal)
    below = sum(each.below_e4 for each in decisions)
    above = sum(each.above_e4 for each in decisions)
    assert below + above == sum(each.stake_e4 for each in decisions)
    assert "likely, between €100.00 and €" in page(client, proposal)


@pytest.mark.parametrize("is_recurring", [True, False])
def test_an_answer_settles_the_decision_and_can_be_undone(
    client: Client, proposal: Proposal, *, is_recurring: bool
) -> None:
    first, second = open_decisions(proposal)
    number = next(
        number
        for number, reading in enumerate(first.decision.readings, 1)
        if bool(reading.chains) == is_recurring
    )
    answer = client.post(
        f"/detection/history/{first.history.pk}/",
        {
            "action": "choose",
            "deal": list(first.decision.asked),
            "reading": number,
            "back": "review",
            "next": second.key,
        },
        follow=True,
    )
    assert "Alster AG: your answer is kept." in answer.content.decode()
    assert [each.key for each in open_decisions(proposal)] == [second.key]
    assert len(read(first.history).lines) == int(is_recurring)
    client.post(
        f"/detection/history/{first.history.pk}/",
        {"action": "undo", "back": "review"},
    )
    assert [each.key for each in open_decisions(proposal)] == [
        first.key,
        second.key,
    ]


def test_a_decision_that_is_gone_is_refused(
    client: Client, proposal: Proposal
) -> None:
    first = open_decisions(proposal)[0]
    values = {
        "action": "choose",
        "deal": list(first.decision.asked),
        "reading": 9,
    }
    answer = client.post(f"/detection/history/{first.history.pk}/", values)
    assert answer.status_code == 422
    assert "no longer part of the history" in answer.content.decode()


def test_without_a_decision_nothing_is_left_to_decide(
    client: Client, world: World
) -> None:
    copies(world, months(date(2018, 1, 10), 10))
    clear = proposed(world)
    assert "Nothing is left to decide." in page(client, clear)
    Proposal.objects.filter(pk=clear.pk).update(state=Proposal.State.UNDONE)
    answer = client.get(f"/detection/{clear.pk}/review/")
    assert answer["Location"] == f"/detection/{clear.pk}/"


def test_a_negative_deal_ends_nothing_by_an_answer(
    client: Client, world: World
) -> None:
    customer = world.organization("Elbe GmbH").pk
    copies(world, months(date(2018, 1, 10), 10), organization=customer)
    days = [date(2018, 5, 15)]
    copies(world, days, title="Gutschrift", amount=-33, organization=customer)
    asked = proposed(world)
    (decision,) = open_decisions(asked)
    assert "An answer cannot end a subscription." in page(client, asked)
    address = f"/detection/history/{decision.history.pk}/"
    values = {"action": "choose", "deal": list(decision.decision.asked)}
    refused = client.post(address, {**values, "reading": 2})
    assert refused.status_code == 422
    client.post(address, {**values, "reading": 1, "back": "review"})
    assert open_decisions(asked) == []
