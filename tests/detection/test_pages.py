"""The screens of detection: choosing deals, proposal, history, approval, and access."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.detection.worlds import (
    copies,
    months,
    only,
    proposed,
    read,
    written,
)
from tests.world import World
from turnus.core.fields import FieldKind
from turnus.core.records import RecordKind
from turnus.detection.models import History, Proposal
from turnus.jobs.worker import run_pending
from turnus.listing.actions import save_filter
from turnus.revenue.models import Subscription
from turnus.sales.models import Deal

FIRST = date(2018, 1, 10)


@pytest.fixture
def client(world: World) -> Client:
    world.plan()
    world.alice.language = "en"
    world.alice.save()
    return world.client(world.alice)


def posted(
    client: Client, history: History, action: str, **values: Any
) -> str:
    """The page after an answer."""
    answer = client.post(
        f"/detection/history/{history.pk}/",
        {"action": action, **values},
        follow=True,
    )
    return answer.content.decode()


def test_all_won_deals_are_read_in_the_background_and_shown_by_customer(
    client: Client, world: World
) -> None:
    field = world.field(FieldKind.OPTION, "Abo")
    copies(
        world,
        months(FIRST, 10),
        **{f"custom.{field.key}": world.option(field, "monatlich")},
    )
    start = client.get("/detection/").content.decode()
    assert f'<option value="{field.pk}" selected>' in start
    answer = client.post(
        "/detection/new/",
        {"step": "do", "source": "all", "plan_field": field.pk},
        follow=True,
    )
    assert "data-poll" in answer.content.decode()
    run_pending()
    shown = client.get(answer.request["PATH_INFO"]).content.decode()
    assert "Elbe GmbH" in shown
    assert "€100.00" in shown


def test_chosen_deals_a_filter_and_an_import_may_be_read(
    client: Client, world: World
) -> None:
    first, other = copies(world, months(FIRST, 2))
    Deal.objects.filter(pk=other).update(origin="import", origin_id="7")
    tree = {"all": [{"field": "title", "operator": "is", "value": "Wartung"}]}
    saved = save_filter(
        by=world.alice,
        kind=RecordKind.DEAL,
        name="Wartung",
        tree=tree,
        is_shared=False,
        at=world.at,
    )
    assert (
        "1 deal was chosen"
        in client.post("/detection/new/", {"id": first}).content.decode()
    )
    for given in (
        {"source": "chosen", "id": first},
        {"source": f"filter-{saved.pk}"},
        {"source": "import-7"},
    ):
        client.post("/detection/new/", {"step": "do", **given})
    run_pending()
    read_ones = [
        sorted(only(one).deals) for one in Proposal.objects.order_by("pk")
    ]
    assert read_ones == [[first], [first, other], [other]]
    assert (
        client.post(
            "/detection/new/", {"step": "do", "source": "filter-999"}
        ).status_code
        == 422
    )


def test_a_field_of_plans_that_is_gone_is_refused_not_left_out(
    client: Client,
) -> None:
    sent = {"step": "do", "source": "all", "plan_field": "999"}
    answer = client.post("/detection/new/", sent)
    assert answer.status_code == 422
    assert "There is no field “999” here." in answer.content.decode()
    assert not Proposal.objects.exists()


def test_deals_of_which_none_is_won_are_refused_in_words(
    client: Client, world: World
) -> None:
    world.deal()
    answer = client.post("/detection/new/", {"step": "do", "source": "all"})
    assert answer.status_code == 422
    assert "There is nothing to detect" in answer.content.decode()


def test_a_history_says_why_and_takes_every_answer(
    client: Client, world: World
) -> None:
    days = months(FIRST, 10)
    deals = copies(world, [*days[:3], *days[4:]])
    history = only(proposed(world))
    page = client.get(f"/detection/history/{history.pk}/").content.decode()
    assert "monthly from 10 Jan 2018 on, to the day" in page
    assert "1 missed period in between" in page
    posted(client, history, "split", deal=deals[5])
    assert len(read(history).lines) == 2
    posted(client, history, "join", deal=[deals[0], deals[5]])
    assert len(read(history).lines) == 1
    posted(client, history, "single", deal=deals[8])
    assert read(history).single == (deals[8],)
    posted(client, history, "recurring", deal=deals[8], cadence="1y")
    assert [str(line.cadence) for line in read(history).lines] == ["1m", "1y"]
    posted(client, history, "forget")
    assert len(read(history).lines) == 1
    assert "skipped" in posted(client, history, "leave")


def test_an_answer_that_fits_nothing_is_refused_on_the_page(
    client: Client, world: World
) -> None:
    deals = copies(world, months(FIRST, 3))
    history = only(proposed(world))
    assert "Choose a later one" in posted(
        client, history, "split", deal=deals[0]
    )
    for action, values in (
        ("recurring", {"deal": deals[0], "cadence": "5d"}),
        ("sing", {}),
    ):
        assert (
            client.post(
                f"/detection/history/{history.pk}/",
                {"action": action, **values},
            ).status_code
            == 422
        )


def test_confirming_leads_on_to_the_next_customer_or_back_to_the_list(
    client: Client, world: World
) -> None:
    copies(world, months(FIRST, 10), amount=500)
    copies(
        world, months(FIRST, 10), organization=world.organization("Isar AG").pk
    )
    proposal = proposed(world)
    first, last = proposal.histories.order_by("-mrr_e4")
    answer = client.post(
        f"/detection/history/{first.pk}/", {"action": "confirm"}
    )
    assert answer["Location"] == f"/detection/history/{last.pk}/"
    answer = client.post(
        f"/detection/history/{last.pk}/",
        {"action": "confirm", "back": "list", "page": "1"},
    )
    assert (
        answer["Location"]
        == f"/detection/{proposal.pk}/?page=1#history-{last.pk}"
    )
    assert (
        "confirmed"
        in client.get(f"/detection/{proposal.pk}/").content.decode()
    )


def test_after_an_answer_one_stands_on_the_next_row_and_may_undo_it(
    client: Client, world: World
) -> None:
    deals = copies(world, months(FIRST, 10))
    history = only(proposed(world))
    path = f"/detection/history/{history.pk}/"
    answer = client.post(
        path,
        {"action": "split", "deal": deals[6], "after": f"deal-{deals[7]}"},
    )
    assert answer["Location"] == f"{path}#deal-{deals[7]}"
    assert (
        client.post(path, {"action": "single", "deal": deals[9]})["Location"]
        == f"{path}#deal-{deals[9]}"
    )
    posted(client, history, "undo")
    assert (len(read(history).lines), read(history).single) == (2, ())
    answer = client.post(
        path,
        {
            "action": "confirm",
            "back": "list",
            "after": "history-7",
            "page": "2",
        },
    )
    assert (
        answer["Location"]
        == f"/detection/{history.proposal_id}/?page=2#history-7"
    )
    assert (
        f'<form method="post" action="{path}">'
        in client.get(f"/detection/{history.proposal_id}/").content.decode()
    )


def test_approval_shows_what_will_happen_writes_it_and_takes_it_back(
    client: Client, world: World
) -> None:
    copies(world, months(FIRST, 10))
    proposal = proposed(world)
    page = client.get(f"/detection/{proposal.pk}/approve/").content.decode()
    assert "Subscriptions of 1 customer are written: 1." in page
    client.post(
        f"/detection/{proposal.pk}/approve/",
        {"what": "sure", "expected": "1", "way": "remind", "confirmed": "1"},
    )
    assert (
        "data-poll"
        in client.get(f"/detection/{proposal.pk}/").content.decode()
    )
    run_pending()
    assert (
        "1 subscription started; terms written: 10."
        in client.get(f"/detection/{proposal.pk}/").content.decode()
    )
    assert Subscription.objects.get().renewal_way == "remind"
    assert client.get(f"/detection/{proposal.pk}/approve/").status_code == 302
    client.post(f"/detection/{proposal.pk}/", {"action": "undo"})
    assert not Subscription.objects.present().exists()


def test_an_approval_of_something_else_is_refused_in_words(
    client: Client, world: World
) -> None:
    copies(world, months(FIRST, 10))
    proposal = proposed(world)
    answer = client.post(
        f"/detection/{proposal.pk}/approve/",
        {"what": "all", "expected": "7", "confirmed": "1"},
    )
    assert answer.status_code == 422
    assert "has changed since you opened it" in answer.content.decode()


def test_a_plan_that_is_missing_is_named_on_the_way(world: World) -> None:
    copies(world, months(FIRST, 10))
    proposal = proposed(world, by=world.admin)
    admin = world.client(world.admin)
    assert (
        "Monatlich"
        in admin.get(f"/detection/{proposal.pk}/approve/").content.decode()
    )
    admin.post(
        f"/detection/{proposal.pk}/approve/",
        {
            "what": "sure",
            "expected": "1",
            "plan-1m": "Jeden Monat",
            "confirmed": "1",
        },
    )
    run_pending()
    assert Subscription.objects.get().plan.name == "Jeden Monat"


def test_a_proposal_may_be_thrown_away(client: Client, world: World) -> None:
    copies(world, months(FIRST, 3))
    proposal = proposed(world)
    answer = client.post(
        f"/detection/{proposal.pk}/", {"action": "discard"}, follow=True
    )
    assert "was discarded" in answer.content.decode()
    assert not Proposal.objects.exists()


def test_a_proposal_that_failed_says_so(client: Client, world: World) -> None:
    copies(world, months(FIRST, 3))
    proposal = proposed(world)
    Proposal.objects.update(state="failed")
    assert (
        "could not be read"
        in client.get(f"/detection/{proposal.pk}/").content.decode()
    )


def test_what_goes_on_with_a_subscription_links_to_it(
    client: Client, world: World
) -> None:
    copies(world, months(FIRST, 9))
    written(world, proposed(world))
    one = Subscription.objects.get()
    copies(world, [date(2018, 10, 10)], organization=one.organization_id)
    history = only(proposed(world))
    assert (
        f'<a href="/subscriptions/{one.pk}/">'
        in client.get(f"/detection/history/{history.pk}/").content.decode()
    )


@pytest.mark.parametrize(
    ("who", "status"),
    [("alice", 200), ("bob", 404), ("charlie", 404), ("admin", 200)],
)
def test_only_who_asked_and_admins_see_a_proposal(
    world: World, who: str, status: int
) -> None:
    copies(world, months(FIRST, 10), visibility="everyone")
    proposal = proposed(world)
    client = world.client(getattr(world, who))
    for path in (
        f"{proposal.pk}/",
        f"history/{only(proposal).pk}/",
        f"{proposal.pk}/approve/",
    ):
        assert client.get(f"/detection/{path}").status_code == status
    if status == 404:
        assert (
            client.post(
                f"/detection/history/{only(proposal).pk}/",
                {"action": "confirm"},
            ).status_code
            == 404
        )


def test_a_proposal_costs_no_query_per_customer(
    client: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        copies(
            world,
            months(FIRST, 2),
            organization=world.organization(f"Kunde {number}").pk,
        )
    proposal = proposed(world)
    with django_assert_max_num_queries(21):
        answer = client.get(f"/detection/{proposal.pk}/")
    assert answer.status_code == 200


def test_a_history_costs_no_query_per_line_or_deal(
    client: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    firm = world.organization("Elbe GmbH").pk
    for number in range(6):
        copies(
            world,
            months(FIRST, 2),
            organization=firm,
            title=f"Dienst {number * 111}",
            amount=100 + number,
        )
    history = only(proposed(world))
    with django_assert_max_num_queries(16):
        answer = client.get(f"/detection/history/{history.pk}/")
    assert answer.status_code == 200
