"""The builder of filters: every kind of value, saved and used; a broken filter is refused."""

from typing import Any

import pytest

from tests.web.test_pages import filled
from tests.world import World
from turnus.accounts.models import User
from turnus.fields.models import CustomField
from turnus.listing.models import SavedFilter


def test_a_filter_is_built_saved_used_and_deleted(world: World) -> None:
    deal = filled(world)
    field = CustomField.objects.get()
    client = world.client(world.alice)
    path = f"custom.{field.key}"
    form: dict[str, Any] = {
        "0.group": "all",
        "0.0.field": "status",
        "0.0.operator": "is",
        "0.0.value": "won",
        "0.1.field": "won_at",
        "0.1.operator": "in_period",
        "0.1.mode": "days",
        "0.1.from": "2018-11-01",
        "0.1.until": "2018-11-30",
        "0.2.field": path,
        "0.2.operator": "is_any_of",
        "0.2.value": [world.option(field, "monatlich")],
        "0.3.group": "none",
        "0.3.0.field": "title",
        "0.3.0.operator": "contains",
        "0.3.0.value": "zzz",
        "name": "Gewonnen im November",
    }
    for action in (
        "add:0",
        "group:0",
        "remove:0.1",
        "add:0.3",
        "draw",
        "remove:9.9",
    ):
        assert (
            client.post(
                "/deals/filters/new/", {**form, "action": action}
            ).status_code
            == 200
        )
    applied = client.post("/deals/filters/new/", {**form, "action": "apply"})
    assert "where=" in applied.headers["Location"]
    saved = client.post("/deals/filters/new/", {**form, "action": "save"})
    page = client.get(saved.headers["Location"]).content.decode()
    assert f'href="/deals/{deal.pk}/"' in page
    pk = SavedFilter.objects.get().pk
    assert client.get(f"/deals/filters/{pk}/").status_code == 200
    assert (
        world.client(world.bob).get(f"/deals/filters/{pk}/").status_code == 404
    )
    client.post(
        f"/deals/filters/{pk}/",
        {**form, "0.0.value": "lost", "is_shared": "1", "action": "save"},
    )
    assert (
        f"/deals/{deal.pk}/"
        not in client.get(f"/deals/?filter={pk}").content.decode()
    )
    client.post("/deals/columns/", {"filter": pk, "column": ["title", path]})
    client.post("/deals/columns/", {"action": "reset"})
    client.post(f"/deals/filters/{pk}/delete/")
    assert not SavedFilter.objects.exists()


KINDS_OF_VALUES = [
    {
        "field": "value",
        "operator": "between",
        "value": "1",
        "until": "1000",
    },
    {
        "field": "won_at",
        "operator": "before",
        "mode": "ago",
        "count": "30",
        "unit": "days",
    },
    {
        "field": "won_at",
        "operator": "in_period",
        "mode": "last",
        "count": "3",
        "unit": "months",
    },
    {"field": "won_at", "operator": "in_period", "value": "last_month"},
    {"field": "owner", "operator": "is", "value": "me"},
    {"field": "organization", "operator": "is", "value": "Elbe AG"},
    {"field": "probability", "operator": "at_least", "value": "5"},
    {
        "field": "expected_close_on",
        "operator": "between",
        "value": "2018-01-01",
        "until": "2018-12-31",
    },
    {"field": "labels", "operator": "is_any_of", "value": "1"},
    {"field": "title", "operator": "is_empty"},
    {
        "field": "won_at",
        "operator": "in_period",
        "mode": "next",
        "count": "x",
        "unit": "x",
    },
    {"field": "organization.name", "operator": "contains", "value": "elbe"},
]


@pytest.mark.parametrize(
    "written",
    KINDS_OF_VALUES,
    ids=lambda one: f"{one['field']} {one['operator']}",
)
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_builder_draws_every_kind_of_value_and_says_it(
    world: World, written: dict[str, str], language: str
) -> None:
    filled(world)
    User.objects.update(language=language)
    form = {
        "0.group": "any",
        **{f"0.0.{name}": value for name, value in written.items()},
        "action": "draw",
    }
    client = world.client(world.alice)
    assert client.post("/deals/filters/new/", form).status_code == 200
    assert (
        client.get(
            client.post(
                "/deals/filters/new/", {**form, "action": "apply"}
            ).headers["Location"]
        ).status_code
        == 200
    )


@pytest.mark.parametrize("where", ["{", '{"all": 1}', "[]"])
def test_a_broken_filter_in_the_address_is_refused(
    world: World, where: str
) -> None:
    assert (
        world.client(world.alice).get("/deals/", {"where": where}).status_code
        == 422
    )
