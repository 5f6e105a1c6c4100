"""Charlie's pages are the same, whatever stands in what he may not see."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.test import Client

from tests.seeing.worlds import (
    Hidden,
    body_of,
    change_what_is_hidden,
    crawl,
    hidden_world,
)
from tests.world import World
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.reports.catalog import REPORTS
from turnus.revenue.models import Plan, Subscription
from turnus.sales.models import Deal


def test_no_page_of_a_stranger_tells_what_is_hidden(
    world: World, tmp_path: Path
) -> None:
    hidden = hidden_world(world, tmp_path)
    client = world.client(world.charlie)
    starts = ["/", *asked(hidden)]
    before, posted = crawl(client, starts), previews(client)
    change_what_is_hidden(hidden)
    after = crawl(client, starts)
    assert before.keys() == after.keys()
    assert [
        address for address in before if before[address] != after[address]
    ] == []
    assert previews(client) == posted
    assert len(before) > 200
    assert any(b"Nicht sichtbarer Kontakt" in page for page in before.values())


def test_the_owner_sees_the_difference(world: World) -> None:
    hidden = hidden_world(world)
    client = world.client(world.alice)
    subscription = Subscription.objects.get(name="Abo zwei")
    shown = [
        f"/deals/{opened()}/",
        "/deals/",
        f"/subscriptions/{subscription.pk}/",
        "/renewals/",
        "/radar/",
        "/",
    ]
    before = [body_of(client.get(one)) for one in shown]
    change_what_is_hidden(hidden)
    after = [body_of(client.get(one)) for one in shown]
    assert [
        one
        for one, old, new in zip(shown, before, after, strict=True)
        if old == new
    ] == []


def opened() -> int:
    """The open deal of a hidden organization and a hidden person."""
    return Deal.objects.get(title="Offen").pk


def asked(hidden: Hidden) -> Iterator[str]:
    """Addresses that no page links to: a person who guesses types them."""
    for number in (hidden.firm_ids[0], hidden.person_ids[1]):
        yield from (f"/organizations/{number}/", f"/persons/{number}/")
        for field in ("organization", "person"):
            for page in (
                "/deals/",
                "/subscriptions/",
                "/deals/filters/new/",
                "/deals/filters/quick/",
            ):
                where = {"field": field, "operator": "is", "value": number}
                yield f"{page}?where={quote(json.dumps({'all': [where]}))}"
        yield f"/deals/new/?organization={number}"
    for word in ("Geheim", "Ander"):
        yield from (
            f"/search/?q={word}",
            f"/deals/?q={word}",
            f"/organizations/?q={word}",
        )
        where = {
            "field": "organization.name",
            "operator": "contains",
            "value": word,
        }
        yield f"/deals/?where={quote(json.dumps(where))}"
    splits = REPORTS["mrr"].splits(catalog(RecordKind.SUBSCRIPTION))
    yield from (
        f"/reports/{name}/?split={path}"
        for path in splits
        for name in ("mrr", "bookings")
        if "." in path
    )
    deal_splits = REPORTS["won"].splits(catalog(RecordKind.DEAL))
    yield from (f"/reports/won/?split={path}" for path in deal_splits)


def previews(client: Client) -> list[bytes]:
    """What forms answer before anything is done."""
    won = Deal.objects.filter(visibility="everyone", status="won")
    deals = list(won.order_by("pk").values_list("pk", flat=True))
    plan = Plan.objects.order_by("pk").first()
    assert plan is not None
    name = {
        "0.group": "all",
        "0.0.field": "organization",
        "0.0.operator": "is",
        "0.0.value": "Geheim Quarz AG",
    }
    forms: list[tuple[str, dict[str, Any]]] = [
        (
            "/radar/put-right/",
            {"kind": "deal_twice", "everything": "1", "action": "trash"},
        ),
        (
            "/radar/put-right/",
            {"kind": "missed", "everything": "1", "action": "book"},
        ),
        (
            "/subscriptions/from-deals/",
            {"id": deals, "step": "preview", "plan": plan.pk},
        ),
        (
            "/subscriptions/prices/",
            {"everything": "1", "step": "preview", "percent": "3"},
        ),
        ("/deals/bulk/", {"everything": "1", "field": "organization"}),
        ("/deals/filters/new/", {**name, "action": "apply"}),
        (
            "/deals/filters/quick/",
            {
                "field": "organization",
                "operator": "is",
                "value": "Geheim Quarz AG",
            },
        ),
        (
            f"/deals/{opened()}/save/",
            {"field": "organization", "value": "Geheim Quarz AG"},
        ),
    ]
    return [body_of(client.post(address, form)) for address, form in forms]
