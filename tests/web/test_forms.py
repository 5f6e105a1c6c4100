"""Forms and pages keep what a person typed or chose: columns, contacts, bulk changes."""

from typing import Any

import pytest
from allauth.core.internal.httpkit import get_client_ip
from django.test import Client, RequestFactory
from django.utils.translation import override

from tests.world import World
from turnus.config.environment import database, proxy_count
from turnus.core.filters import from_json
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.listing.actions import save_filter
from turnus.listing.models import SavedFilter
from turnus.sales.actions import create_deal, update_deals
from turnus.sales.models import Deal
from turnus.web.imports.preview import sample_text
from turnus.web.words import Speaker


def shared(world: World, **more: Any) -> SavedFilter:
    tree = {"all": []}
    return save_filter(
        by=world.admin,
        kind=RecordKind.DEAL,
        name="Alle",
        tree=tree,
        is_shared=True,
        at=world.at,
        columns=("title",),
        **more,
    )


def headings(client: Client, saved: SavedFilter) -> list[bool]:
    page = client.get(f"/deals/?filter={saved.pk}").content.decode()
    return [
        f'data-path="{path}"' in page or f"sort={path}" in page
        for path in ("title", "value")
    ]


def test_ones_own_columns_of_a_shared_filter_hold_for_oneself_only(
    world: World,
) -> None:
    world.deal()
    saved = shared(world)
    alice, bob = world.client(world.alice), world.client(world.bob)
    alice.post("/deals/columns/", {"filter": saved.pk, "column": ["value"]})
    saved.refresh_from_db()
    assert saved.columns == ["title"]
    assert (headings(alice, saved), headings(bob, saved)) == (
        [False, True],
        [True, False],
    )
    alice.post("/deals/columns/", {"filter": saved.pk, "column": ["title"]})
    assert headings(alice, saved) == [True, False]


FORM = {
    "0.group": "all",
    "0.0.field": "organization",
    "0.0.operator": "is",
    "0.0.value": "Niemand AG",
    "name": "F",
}


@pytest.mark.parametrize("action", ["save", "apply"])
def test_a_filter_for_an_unknown_contact_is_refused_and_keeps_the_name(
    world: World, action: str
) -> None:
    world.organization("Elbe AG")
    client = world.client(world.alice)
    answer = client.post("/deals/filters/new/", {**FORM, "action": action})
    page = answer.content.decode()
    assert (
        answer.status_code,
        'value="Niemand AG"' in page,
        '<option value="Elbe AG">' in page,
    ) == (422, True, True)
    assert "Es gibt keinen Kontakt" in page
    assert not SavedFilter.objects.exists()
    assert (
        client.post(
            "/deals/filters/new/", {**FORM, "action": "add:0"}
        ).status_code
        == 200
    )
    quick = client.post("/deals/filters/quick/", {**FORM, "action": action})
    assert (
        quick.status_code,
        'value="Niemand AG"' in quick.content.decode(),
    ) == (
        422,
        True,
    )
    found = client.post(
        "/deals/filters/new/",
        {**FORM, "0.0.value": "elbe ag", "action": action},
    )
    assert found.status_code == 302


@pytest.mark.parametrize("link", ["organization", "person"])
def test_a_deal_added_on_a_contacts_page_has_the_contact(
    world: World, link: str
) -> None:
    contact = getattr(world, link)()
    client = world.client(world.alice)
    page = client.get(f"/{link}s/{contact.pk}/").content.decode()
    address = (
        page.partition('href="/deals/new/')[2]
        .partition('"')[0]
        .replace("&amp;", "&")
    )
    assert (
        f'value="{contact.name}"'
        in client.get(f"/deals/new/{address}").content.decode()
    )


def test_a_refused_bulk_change_keeps_its_form(world: World) -> None:
    deal = world.deal()
    form = {
        "id": [deal.pk],
        "action": "edit",
        "step": "do",
        "field": "value",
        "value": "abc",
        "value_currency": "EUR",
    }
    answer = world.client(world.alice).post(
        "/deals/bulk/", form, headers={"Referer": "http://testserver/deals/"}
    )
    page = answer.content.decode()
    assert (
        answer.status_code,
        'value="abc"' in page,
        f'name="id" value="{deal.pk}"' in page,
    ) == (
        422,
        True,
        True,
    )
    assert 'id="error-value"' in page


def test_health_is_told_to_everybody(db: None) -> None:
    answer = Client().get("/health/")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.parametrize(
    ("proxies", "address"),
    [("", "10.0.0.1"), ("1", "3.3.3.3"), ("2", "2.2.2.2")],
)
def test_the_throttle_counts_the_address_that_ones_own_proxies_wrote(
    monkeypatch: pytest.MonkeyPatch, settings: Any, proxies: str, address: str
) -> None:
    monkeypatch.setenv("TURNUS_PROXIES", proxies)
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxy_count()
    request = RequestFactory(REMOTE_ADDR="10.0.0.1").get(
        "/", headers={"X-Forwarded-For": "1.1.1.1, 2.2.2.2, 3.3.3.3"}
    )
    assert get_client_ip(request) == address


def test_the_databases_address_keeps_its_options(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv(
        "DATABASE_URL",
        "postgresql://u:p%40@h:1/n?sslmode=verify-full&sslrootcert=%2Fca.pem",
    )
    found = database(tmp_path)
    assert found["OPTIONS"] == {
        "sslmode": "verify-full",
        "sslrootcert": "/ca.pem",
    }
    assert (found["HOST"], found["PASSWORD"]) == ("h", "p@")
    monkeypatch.setenv("DATABASE_URL", "postgresql:///n?host=/run/postgresql")
    found = database(tmp_path)
    assert (found["HOST"], found["OPTIONS"]) == ("/run/postgresql", {})


RELATIVE = [
    (
        "in_period",
        {"span": -1, "unit": "months"},
        "Won time is in the last month",
        "Gewonnen am liegt in dem letzten Monat",
    ),
    (
        "in_period",
        {"span": -3, "unit": "months"},
        "Won time is in the last 3 months",
        "Gewonnen am liegt in den letzten 3 Monaten",
    ),
    (
        "not_in_period",
        {"span": 2, "unit": "weeks"},
        "Won time is not in the next 2 weeks",
        "Gewonnen am liegt nicht in den nächsten 2 Wochen",
    ),
    (
        "is",
        {"ago": 1, "unit": "days"},
        "Won time is 1 day ago",
        "Gewonnen am ist vor 1 Tag",
    ),
    (
        "before",
        {"ago": 30, "unit": "days"},
        "Won time is before the day 30 days ago",
        "Gewonnen am ist vor dem Tag vor 30 Tagen",
    ),
    (
        "after",
        {"ago": -1, "unit": "years"},
        "Won time is after the day in 1 year",
        "Gewonnen am ist nach dem Tag in 1 Jahr",
    ),
    (
        "after",
        {"ago": 0, "unit": "days"},
        "Won time is after today",
        "Gewonnen am ist nach heute",
    ),
]


@pytest.mark.parametrize(
    ("operator", "value", "english", "german"),
    RELATIVE,
    ids=[one[2] for one in RELATIVE],
)
def test_relative_days_read_well(
    world: World, operator: str, value: Any, english: str, german: str
) -> None:
    node = from_json({"field": "won_at", "operator": operator, "value": value})
    for language, said in (("en", english), ("de", german)):
        with override(language):
            assert (
                Speaker(
                    catalog(RecordKind.DEAL), language, world.alice
                ).sentence(node)
                == said
            )


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("2018-11-14T09:30:00", "14.11.2018 09:30"),
        ("2018-11-14T00:00:00", "14.11.2018"),
        ("2018-11-14", "2018-11-14"),
        ("490", "490"),
    ],
)
def test_sample_cells_show_days_in_the_readers_notation(
    cell: str, said: str
) -> None:
    assert sample_text(cell, "de") == said


def test_a_report_without_a_split_says_count_and_value_once(
    world: World,
) -> None:
    world.deal(status="won", amount=5)
    client = world.client(world.admin)
    file = client.get("/reports/won/?by=year&file=csv").content.decode(
        "utf-8-sig"
    )
    assert file.splitlines()[0].count(";") == 2
    assert (
        client.get("/reports/won/?by=year")
        .content.decode()
        .count(">Wert</th>")
        == 1
    )


def test_only_a_lost_deal_has_a_lost_reason(world: World) -> None:
    values = {
        "title": "A",
        "organization": world.organization().pk,
        "lost_reason": "Zu teuer",
        "lost_comment": "x",
    }
    won = create_deal(
        by=world.alice, at=world.at, values={**values, "status": "won"}
    )
    lost = create_deal(
        by=world.alice, at=world.at, values={**values, "status": "lost"}
    )
    assert ((won.lost_reason, won.lost_comment), lost.lost_reason) == (
        ("", ""),
        "Zu teuer",
    )
    update_deals(
        deals=Deal.objects.all(),
        by=world.alice,
        at=world.at,
        values={"lost_reason": "Budget"},
    )
    assert list(
        Deal.objects.order_by("pk").values_list("lost_reason", flat=True)
    ) == [
        "",
        "Budget",
    ]


def test_english_screens_say_organization(world: World) -> None:
    world.admin.language = "en"
    world.admin.save()
    for address in (
        "/organizations/",
        "/deals/filters/new/",
        "/imports/",
        "/settings/fields/deals/",
        "/deals/new/",
    ):
        page = world.client(world.admin).get(address).content.decode()
        assert ("Organization" in page, ">Organisation" in page) == (
            True,
            False,
        ), address
