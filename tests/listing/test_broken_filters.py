"""A saved filter whose field was deleted is refused everywhere; it never lets more through."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.world import World
from turnus.accounts.queries import company
from turnus.accounts.viewer import Viewer
from turnus.core.fields import FieldKind, Operator
from turnus.core.filters import All, Condition, Node, from_json
from turnus.core.records import RecordKind
from turnus.fields.actions import delete_field, delete_option
from turnus.fields.catalog import catalog
from turnus.fields.models import CustomField
from turnus.fields.record_actions import actions_of
from turnus.kit.errors import UserError
from turnus.listing.actions import save_filter
from turnus.listing.lists import ListState, RecordList
from turnus.listing.models import SavedFilter
from turnus.revenue.models import Subscription
from turnus.sales.models import Deal

ON = date(2018, 11, 14)


def annual_won(world: World) -> tuple[CustomField, SavedFilter]:
    """Four won deals, one of them annual, and the saved filter that holds for it."""
    plan = world.field(FieldKind.OPTION, "Abo")
    annual, monthly = plan.options.order_by("position")[:2]
    firm = world.organization().pk
    for option in (annual, monthly, monthly, monthly):
        values = {
            f"custom.{plan.key}": option.pk,
            "status": "won",
            "won_at": date(2018, 10, 1),
        }
        world.deal(organization=firm, amount=100, **values)
    is_won = {"field": "status", "operator": "is", "value": "won"}
    is_annual = {
        "field": f"custom.{plan.key}",
        "operator": "is",
        "value": annual.pk,
    }
    saved = save_filter(
        by=world.admin,
        kind=RecordKind.DEAL,
        name="Annual won",
        is_shared=True,
        at=world.at,
        tree={"all": [is_won, is_annual]},
    )
    return plan, saved


def count_of(
    world: World, tree: Node, kind: RecordKind = RecordKind.DEAL
) -> int:
    viewer = Viewer(world.admin, ON, company().zone, "en")
    return RecordList(kind, catalog(kind), ListState(tree), viewer).count()


def test_the_filter_held_for_one_deal_and_is_refused_once_its_field_is_gone(
    world: World,
) -> None:
    plan, saved = annual_won(world)
    assert count_of(world, from_json(saved.tree)) == 1
    delete_field(field=plan, by=world.admin, at=world.at)
    with pytest.raises(UserError) as refused:
        count_of(world, from_json(saved.tree))
    assert (refused.value.code, refused.value.params) == (
        "filter.field_gone",
        {"field": "Abo"},
    )


def test_a_deleted_option_holds_for_no_deal(world: World) -> None:
    plan, saved = annual_won(world)
    delete_option(
        option=plan.options.order_by("position")[0],
        by=world.admin,
        at=world.at,
    )
    assert count_of(world, from_json(saved.tree)) == 0


def test_the_list_shows_that_the_filter_is_broken_and_no_deal(
    world: World,
) -> None:
    plan, saved = annual_won(world)
    delete_field(field=plan, by=world.admin, at=world.at)
    page = world.client(world.admin).get(f"/deals/?filter={saved.pk}")
    assert page.status_code == 200
    assert page.context["rows"] == []
    assert page.context["summary"].count == 0
    assert "„Abo“, das es nicht mehr gibt" in page.content.decode()


@pytest.mark.parametrize(
    ("address", "posted"),
    [
        ("/exports/new/deals/", {"format": "csv"}),
        ("/deals/bulk/", {"action": "trash", "everything": "1"}),
        ("/reports/won/", None),
        ("/detection/new/", {"source": "filter", "step": "read"}),
    ],
    ids=["export", "bulk change", "report", "detection"],
)
def test_whatever_uses_the_filter_refuses_it(
    world: World, address: str, posted: dict[str, Any] | None
) -> None:
    plan, saved = annual_won(world)
    delete_field(field=plan, by=world.admin, at=world.at)
    client: Client = world.client(world.admin)
    if posted is None:
        answer = client.get(address, {"filter": saved.pk})
    else:
        source = (
            {"source": f"filter-{saved.pk}"}
            if "source" in posted
            else {"filter": saved.pk}
        )
        answer = client.post(address, {**posted, **source})
    assert answer.status_code == 422
    assert "„Abo“, das es nicht mehr gibt" in answer.content.decode()
    assert Deal.objects.present().count() == 4


@pytest.mark.parametrize(
    "address", ["/deals/", "/reports/won/", "/reports/mrr/"]
)
def test_a_filter_that_was_deleted_does_not_become_everything(
    world: World, address: str
) -> None:
    answer = world.client(world.admin).get(address, {"filter": 999})
    assert answer.status_code == 422
    assert "Diesen Filter gibt es nicht mehr" in answer.content.decode()


def test_the_list_of_a_filter_whose_field_is_gone_names_it(
    world: World,
) -> None:
    plan, saved = annual_won(world)
    delete_field(field=plan, by=world.admin, at=world.at)
    page = (
        world.client(world.admin)
        .get("/deals/", {"filter": saved.pk})
        .content.decode()
    )
    assert "Abo (gibt es nicht mehr) ist" in page
    assert f'href="/deals/filters/{saved.pk}/"' in page


def test_saving_a_filter_with_a_field_that_is_gone_is_refused(
    world: World,
) -> None:
    plan, saved = annual_won(world)
    delete_field(field=plan, by=world.admin, at=world.at)
    client = world.client(world.admin)
    page = client.get(f"/deals/filters/{saved.pk}/")
    assert "Abo (gibt es nicht mehr)" in page.content.decode()
    posted = {
        "0.group": "all",
        "0.0.field": f"custom.{plan.key}",
        "0.0.operator": "is",
        "0.0.value": "1",
        "name": "Annual won",
        "action": "save",
    }
    assert (
        client.post(f"/deals/filters/{saved.pk}/", posted).status_code == 422
    )


def test_a_filter_on_a_text_of_subscriptions_finds_them(world: World) -> None:
    contract = world.field(
        FieldKind.TEXT, "Vertrag", record=RecordKind.SUBSCRIPTION
    )
    kept = world.subscription()
    world.subscription()
    values = {f"custom.{contract.key}": "Ärzte-Rahmen 7"}
    chosen = Subscription.objects.filter(pk=kept.pk)
    actions_of(RecordKind.SUBSCRIPTION).update(
        chosen, by=world.admin, at=world.at, values=values
    )
    named = Condition(f"custom.{contract.key}", Operator.CONTAINS, "arzte")
    assert count_of(world, All((named,)), RecordKind.SUBSCRIPTION) == 1
    assert Subscription.objects.get(pk=kept.pk).folded == {
        contract.key: "arzte-rahmen 7"
    }
