"""Lists and pages of records: filters, sort orders, archive, fields in place, history."""

import json
import re
from datetime import date
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.web.test_pages import filled
from tests.world import World
from turnus.listing.lists import PAGE_SIZE
from turnus.listing.models import SavedFilter
from turnus.sales.models import Deal


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Abo\nProjekt", ["Abo", "Projekt"]),
        ("Abo, Projekt; Wartung", ["Abo", "Projekt", "Wartung"]),
        ("Meyer, Schulz\nOtto", ["Meyer, Schulz", "Otto"]),
        ("Meyer, Schulz\n", ["Meyer, Schulz"]),
    ],
    ids=[
        "one a line",
        "on one line",
        "commas within lines",
        "a lone value with a comma",
    ],
)
def test_several_texts_are_asked_for_at_once(
    world: World, text: str, values: list[str]
) -> None:
    client = world.client(world.alice)
    form = {
        "0.group": "all",
        "0.0.field": "title",
        "0.0.operator": "is_any_of",
        "0.0.value": text,
    }
    applied = client.post(
        "/deals/filters/new/", {**form, "action": "apply"}
    ).headers["Location"]
    tree = json.loads(parse_qs(urlsplit(applied).query)["where"][0])
    assert tree["all"][0]["value"] == values
    drawn = client.post(
        "/deals/filters/new/", {**form, "action": "draw"}
    ).content.decode()
    assert (
        drawn.split("<textarea")[1]
        .split(">")[1]
        .split("</textarea")[0]
        .split()
        == " ".join(values).split()
    )


def test_a_list_of_texts_finds_each_of_them(world: World) -> None:
    found, other = world.deal(title="Abo Süd"), world.deal(title="Projekt")
    form = {
        "0.group": "all",
        "0.0.field": "title",
        "0.0.operator": "is_any_of",
        "0.0.value": "abo süd\nWartung",
    }
    client = world.client(world.alice)
    page = client.post(
        "/deals/filters/new/", {**form, "action": "apply"}, follow=True
    ).content.decode()
    assert (f"/deals/{found.pk}/" in page, f"/deals/{other.pk}/" in page) == (
        True,
        False,
    )


def test_a_saved_filter_keeps_its_sort_order(world: World) -> None:
    for amount in (5, 50):
        world.deal(title=f"Abo {amount}", amount=amount)
    client = world.client(world.alice)
    form = {
        "0.group": "all",
        "0.0.field": "title",
        "0.0.operator": "contains",
        "0.0.value": "abo",
        "name": "Groß",
    }
    saved = client.post(
        "/deals/filters/new/",
        {**form, "action": "save", "sort": "value", "descending": "1"},
    )
    rows = client.get(saved.headers["Location"]).content.decode()
    assert rows.index("Abo 50<") < rows.index("Abo 5<")
    rows = client.get(
        f"{saved.headers['Location']}&sort=value"
    ).content.decode()
    assert rows.index("Abo 5<") < rows.index("Abo 50<")
    assert SavedFilter.objects.get().sort == "-value"
    assert (
        'value="value" selected'
        in client.get(
            f"/deals/filters/{SavedFilter.objects.get().pk}/"
        ).content.decode()
    )


def test_one_more_condition_is_added_the_quick_way(world: World) -> None:
    world.deal(title="Abo", amount=5)
    client = world.client(world.alice)
    assert (
        'name="0.0.field"'
        in client.get("/deals/filters/quick/").content.decode()
    )
    form = {"0.0.field": "value", "0.0.operator": "at_least", "0.0.value": "3"}
    assert (
        client.post(
            "/deals/filters/quick/", {**form, "action": "draw"}
        ).status_code
        == 200
    )
    where = urlencode(
        {"where": '{"field": "title", "operator": "contains", "value": "abo"}'}
    )
    answer = client.post(
        f"/deals/filters/quick/?{where}",
        {**form, "action": "apply"},
        headers={"HX-Request": "true"},
    )
    tree = json.loads(
        parse_qs(urlsplit(answer.headers["HX-Redirect"]).query)["where"][0]
    )
    assert [part["field"] for part in tree["all"]] == ["title", "value"]
    assert (
        client.post(
            "/deals/filters/quick/", {**form, "action": "apply"}
        ).status_code
        == 302
    )


def test_a_deal_is_archived_and_taken_out_again(world: World) -> None:
    deal = world.deal()
    client = world.client(world.alice)
    page = client.post(
        f"/deals/{deal.pk}/archive/", {"action": "archive"}, follow=True
    ).content.decode()
    assert "t-badge--archived" in page
    assert Deal.objects.get().archived_at is not None
    page = client.post(
        f"/deals/{deal.pk}/archive/", {"action": "take_out"}, follow=True
    ).content.decode()
    assert "t-badge--archived" not in page
    assert (
        world.client(world.charlie)
        .post(f"/deals/{deal.pk}/archive/")
        .status_code
        == 403
    )


def test_a_field_of_a_record_is_changed_in_place(world: World) -> None:
    deal = world.deal(amount=5)
    client = world.client(world.alice)
    part = client.get(
        f"/deals/{deal.pk}/field/?field=value", headers={"HX-Request": "true"}
    ).content.decode()
    assert "data-cell-input" in part
    assert "<html" not in part


def test_history_says_amounts_in_the_readers_notation(world: World) -> None:
    deal = world.deal(amount=5880)
    client = world.client(world.alice)
    client.post(
        f"/deals/{deal.pk}/save/",
        {"field": "value", "value": "1234,5", "value_currency": "EUR"},
    )
    page = client.get(f"/deals/{deal.pk}/").content.decode()
    assert "<del>5.880</del>" in page
    assert "<ins>1.234,5</ins>" in page


def test_a_report_compares_with_the_days_before(world: World) -> None:
    world.deal(status="won", amount=100, won_at=date(2018, 10, 5))
    world.deal(status="won", amount=150, won_at=date(2018, 11, 5))
    page = (
        world.client(world.alice)
        .get("/reports/won/?from=2018-11-01&until=2018-11-30")
        .content.decode()
    )
    assert re.search(r"t-stat__change--up.*?\+50 %", page, re.DOTALL)


def test_a_full_list_page_is_light(world: World) -> None:
    organization, person = world.organization().pk, world.person().pk
    for number in range(PAGE_SIZE):
        title = f"Wartung der Anlage {number}"
        world.deal(
            title=title,
            organization=organization,
            person=person,
            amount=5880,
            status="won",
        )
    client = world.client(world.alice)
    page = client.get("/deals/").content
    sent = client.get("/deals/", headers={"Accept-Encoding": "gzip"})
    assert page.count(b"data-row=") == PAGE_SIZE
    assert len(page) <= 90_000
    assert sent.headers["Content-Encoding"] == "gzip"
    assert len(sent.content) <= 15_000
    plain = client.get("/deals/", headers={"Accept-Encoding": "br, gzip;q=0"})
    assert "Content-Encoding" not in plain.headers


def test_columns_are_chosen_in_a_menu_or_on_a_page(world: World) -> None:
    client = world.client(world.alice)
    menu = client.get(
        "/deals/columns/", headers={"HX-Request": "true"}
    ).content.decode()
    page = client.get("/deals/columns/").content.decode()
    assert 'value="title" checked' in menu
    assert "<html" not in menu
    assert menu.strip()[-200:] in page
    client.post("/deals/columns/", {"column": ["value", "title"]})
    assert re.findall(
        r'data-cell="(\w+)"', client.get("/deals/").content.decode()
    ) == [
        "value",
        "title",
    ]


def test_a_list_leads_to_the_contacts_it_names(world: World) -> None:
    deal = filled(world)
    page = world.client(world.alice).get("/deals/").content.decode()
    assert f'href="/persons/{deal.person_id}/"' in page
    assert f'href="/organizations/{deal.organization_id}/"' in page
