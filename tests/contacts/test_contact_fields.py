"""Parts of addresses, links to contacts, amounts: shown, filtered, imported and exported."""

import json
import re
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports.test_imports import (
    checked,
    codes,
    imported,
    sheet,
    verdicts,
)
from tests.listing.test_listing import listed
from tests.world import World
from turnus.core.fields import (
    Address,
    ContactPoint,
    DateSpan,
    FieldKind,
    Operator,
    TimeSpan,
    from_cells,
)
from turnus.core.filters import All, Condition, to_json
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.exports.actions import write_list
from turnus.fields.models import CustomField
from turnus.history.models import Event
from turnus.imports.preparing import guessed_columns
from turnus.listing.lists import ListState, RecordList
from turnus.sales.models import Deal

K = FieldKind
DEAL_HEADINGS = ("Deal - Titel", "Organisation")


def deals(
    world: World, *columns: str, sort: str = "", tree: Any = None
) -> RecordList:
    state = (
        ListState(columns=columns, sort=sort)
        if tree is None
        else ListState(tree, columns=columns)
    )
    return listed(world, state, RecordKind.DEAL, world.admin)


def test_an_address_is_put_together_from_its_parts(
    world: World, tmp_path: Path
) -> None:
    field = world.field(K.ADDRESS, "Lieferadresse")
    english = (
        "Street/road name",
        "House number",
        "ZIP/Postal code",
        "City/town/village/locality",
        "Full/combined address",
    )
    headings = (
        *DEAL_HEADINGS,
        *(f"Deal - {part} of Lieferadresse" for part in english),
    )
    rows = [
        ("A", "X", "Elbchaussee", 1, "22765", "Hamburg", None),
        ("B", "X", "Elbchaussee", "1", None, None, "Elbchaussee 1, Hamburg"),
    ]
    imported(world, sheet(tmp_path / "in.xlsx", rows, headings))
    first, second = (deal.custom for deal in Deal.objects.order_by("title"))
    assert first[field.key] == "Elbchaussee 1, 22765 Hamburg"
    assert first[f"{field.key}_parts"]["postal_code"] == "22765"
    assert second == {
        field.key: "Elbchaussee 1, Hamburg",
        f"{field.key}_parts": {"street": "Elbchaussee", "house_number": "1"},
    }


def test_german_headings_of_address_parts_are_detected(world: World) -> None:
    path = f"custom.{world.field(K.ADDRESS, 'Lieferadresse').key}"
    headings = [
        "Deal - PLZ von Lieferadresse",
        "Lieferadresse - Ort",
        "Hausnummer von Lieferadresse",
        "PLZ",
    ]
    assert guessed_columns(headings, RecordKind.DEAL, world.admin) == [
        f"{path}#postal_code",
        f"{path}#city",
        f"{path}#house_number",
        None,
    ]


def test_parts_of_an_address_last_as_long_as_its_text(
    world: World, tmp_path: Path
) -> None:
    field = world.field(K.ADDRESS, "Lieferadresse")
    path = f"custom.{field.key}"
    deal = world.deal(
        title="A", **{path: Address("Elbe 1", {"street": "Elbe"})}
    )
    out = tmp_path / "out.xlsx"
    write_list(
        deals(world, "title", "organization", path, "id"), out, delimiter=";"
    )
    assert verdicts(checked(world, out)) == ["same"]
    world.client(world.alice).post(
        f"/deals/{deal.pk}/save/", {"field": path, "value": "Spree 2"}
    )
    deal.refresh_from_db()
    assert deal.custom == {field.key: "Spree 2"}


def test_a_field_can_name_a_contact(world: World) -> None:
    path = f"custom.{world.field(K.ORGANIZATION, 'Partner').key}"
    partner, _other = (
        world.organization("Zeta AG"),
        world.organization("Alpha AG"),
    )
    deal = world.deal(title="A")
    client = world.client(world.alice)
    assert (
        client.post(
            f"/deals/{deal.pk}/cell/?path={path}", {"value": "zeta ag"}
        ).status_code
        == 200
    )
    page = client.get(f"/deals/{deal.pk}/").content.decode()
    assert f'<a href="/organizations/{partner.pk}/">Zeta AG</a>' in page
    assert (
        'value="Zeta AG"'
        in client.get(f"/deals/{deal.pk}/field/?field={path}").content.decode()
    )
    assert (
        client.post(
            f"/deals/{deal.pk}/cell/?path={path}", {"value": "Gibt es nicht"}
        ).status_code
        == 422
    )
    client.post(
        "/deals/new/",
        {"title": "B", "organization": "Alpha AG", path: "Alpha AG"},
    )
    assert [
        row[1] for row in deals(world, "title", path, sort=path).page().rows
    ] == [
        "Alpha AG",
        "Zeta AG",
    ]
    found = deals(
        world, "title", tree=Condition(path, Operator.IS, partner.pk)
    )
    assert found.count() == 1


def test_of_two_contacts_of_one_name_the_held_one_is_kept(
    world: World,
) -> None:
    path = f"custom.{world.field(K.PERSON, 'Empfohlen von').key}"
    _first, second = world.person("Eva"), world.person("Eva")
    deal = world.deal(**{path: second.pk})
    world.client(world.alice).post(
        f"/deals/{deal.pk}/save/", {"field": path, "value": "Eva"}
    )
    deal.refresh_from_db()
    assert list(deal.custom.values()) == [second.pk]


def test_names_of_linked_contacts_cost_one_query_a_page(
    world: World, tmp_path: Path
) -> None:
    path = f"custom.{world.field(K.PERSON, 'Empfohlen von').key}"
    organization = world.organization().pk
    client = world.client(world.alice)
    counts = []
    for number in range(2):
        for name in "abc":
            world.deal(
                organization=organization,
                **{path: world.person(f"Person {name}{number}").pk},
            )
        client.post("/deals/columns/", {"column": ["title", path]})
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/deals/").content.decode()
        counts.append(len(queries))
        assert f"Person c{number}" in page
    assert counts[0] == counts[1]
    write_list(
        deals(world, "title", path), tmp_path / "out.xlsx", delimiter=";"
    )
    cells = [
        row[1].value
        for row in openpyxl.load_workbook(tmp_path / "out.xlsx")
        .worksheets[0]
        .iter_rows(min_row=2)
    ]
    assert "Person a0" in cells


def test_a_filter_takes_contacts_by_name(world: World) -> None:
    path = f"custom.{world.field(K.ORGANIZATION, 'Partner').key}"
    zeta, alpha = (
        world.organization("Zeta AG"),
        world.organization("Müller, Söhne & Co."),
    )
    world.deal(title="Eins", **{path: zeta.pk})
    world.deal(title="Zwei", **{path: alpha.pk})
    form = {"0.group": "all", "0.0.field": path, "action": "apply"}
    client = world.client(world.alice)
    for operator, value, shown in (
        ("is", "zeta ag", {"Eins"}),
        ("is_not", "Zeta AG", {"Zwei"}),
        ("is_any_of", "Zeta AG; Müller, Söhne & Co.", {"Eins", "Zwei"}),
        ("is_any_of", "Müller, Söhne & Co.", {"Zwei"}),
    ):
        address = client.post(
            "/deals/filters/new/",
            {**form, "0.0.operator": operator, "0.0.value": value},
        )["Location"]
        page = client.get(address).content.decode()
        assert {
            title for title in ("Eins", "Zwei") if f">{title}</a>" in page
        } == shown
    drawn = client.post(
        "/deals/filters/new/",
        {
            **form,
            "action": "draw",
            "0.0.operator": "is_any_of",
            "0.0.value": "Zeta AG;Müller, Söhne & Co.",
        },
    )
    assert "Zeta AG; Müller, Söhne &amp; Co." in drawn.content.decode()


@pytest.mark.parametrize(
    ("who", "may_see"), [("alice", True), ("bob", True), ("charlie", False)]
)
def test_a_filter_tells_nobody_of_a_contact_that_is_hidden(
    world: World, who: str, may_see: bool
) -> None:
    path = f"custom.{world.field(K.ORGANIZATION, 'Partner').key}"
    hidden = world.organization("Geheim AG", visibility="team")
    client = world.client(getattr(world, who))
    form = {
        "0.group": "all",
        "0.0.field": path,
        "0.0.operator": "is",
        "action": "apply",
    }
    for address in ("/deals/filters/new/", "/deals/filters/quick/"):
        by_name = client.post(address, {**form, "0.0.value": "Geheim AG"})
        assert by_name.status_code == (302 if may_see else 422)
    where = json.dumps(
        to_json(All((Condition(path, Operator.IS, hidden.pk),)))
    )
    for address in ("/deals/", "/deals/filters/new/"):
        by_number = client.get(address, {"where": where}).content.decode()
        assert ("Geheim AG" in by_number) is may_see


def test_a_column_of_contacts_is_matched_by_name_or_asks(
    world: World, tmp_path: Path
) -> None:
    field = world.field(K.ORGANIZATION, "Partner")
    zeta, twin = (
        world.organization("Zeta AG"),
        [world.organization("Doppelt AG").pk for _ in range(2)],
    )
    rows = [
        ("A", "X", "ZETA ag"),
        ("B", "X", "Zeta"),
        ("C", "X", "Doppelt AG"),
        ("D", "X", "Zeta"),
    ]
    path = sheet(
        tmp_path / "in.xlsx", rows, (*DEAL_HEADINGS, "Deal - Partner")
    )
    of = checked(world, path)
    assert verdicts(of) == ["new", "question", "question", "question"]
    assert [one["options"] for one in of.questions] == [["map", "skip"]] * 2
    client = world.client(world.admin)
    page = client.get(f"/imports/{of.pk}/").content.decode()
    assert f'value="map:{twin[1]}"' in page
    client.post(
        f"/imports/{of.pk}/answers/",
        {"answer-0-contact": "Zeta AG", "answer-1": "skip"},
    )
    answers = {
        f"custom.{field.key}:Zeta": {"do": "map", "to": zeta.pk},
        f"custom.{field.key}:Doppelt AG": {"do": "skip"},
    }
    of.refresh_from_db()
    assert of.answers == answers
    imported(world, path, answers=answers)
    assert {
        deal.title: deal.custom[field.key] for deal in Deal.objects.all()
    } == dict.fromkeys("ABD", zeta.pk)


@pytest.mark.parametrize(
    ("language", "heading"),
    [("de", "Deal - Währung von Budget"), ("en", "Deal - Currency of Budget")],
)
def test_a_custom_amount_keeps_its_currency(
    world: World, tmp_path: Path, language: str, heading: str
) -> None:
    field = world.field(K.MONEY, "Budget")
    path = f"custom.{field.key}"
    deal = world.deal(title="A", **{path: Money.of("99.5", "USD")})
    records = deals(world, "title", "organization", path, "id")
    object.__setattr__(records.viewer, "language", language)
    assert heading in records.headings()
    write_list(records, tmp_path / "out.csv", delimiter=";")
    assert verdicts(checked(world, tmp_path / "out.csv")) == ["same"]
    Deal.objects.update(custom={})
    imported(world, tmp_path / "out.csv")
    deal.refresh_from_db()
    assert deal.custom == {field.key: 995_000, f"{field.key}_currency": "USD"}


def test_a_currency_beside_a_custom_amount_is_read_or_asked(
    world: World, tmp_path: Path
) -> None:
    field = world.field(K.MONEY, "Budget")
    rows = [
        ("A", "X", 5, "CHF"),
        ("B", "X", "5 USD", "CHF"),
        ("C", "X", 5, None),
        ("D", "X", None, "CHF"),
        ("E", "X", 5, "XYZ"),
    ]
    path = sheet(
        tmp_path / "in.xlsx",
        rows,
        (*DEAL_HEADINGS, "Deal - Budget", "Deal - Budget - Währung"),
    )
    of = checked(world, path)
    asked = [
        key
        for key in (one["key"] for one in of.questions)
        if key.startswith("currency:")
    ]
    assert "currency:XYZ" in asked
    of = checked(world, path, answers={key: {"do": "create"} for key in asked})
    assert verdicts(of) == ["new", "problem", "new", "new", "new"]
    assert codes(of) == ["row.multiple_currencies"]
    imported(world, path, answers={key: {"do": "create"} for key in asked})
    currencies = {
        deal.title: deal.custom.get(f"{field.key}_currency")
        for deal in Deal.objects.all()
    }
    assert currencies == {"A": "CHF", "C": "EUR", "D": None, "E": "XYZ"}


def test_autocomplete_offers_what_was_typed_before(world: World) -> None:
    path = f"custom.{world.field(K.AUTOCOMPLETE, 'Quelle').key}"
    for source in ("Messe", "Messe", "Empfehlung"):
        world.deal(**{path: source})
    world.deal(visibility="owner", **{path: "Geheim"})
    form = world.client(world.charlie).get("/deals/new/").content.decode()
    assert form.index('<option value="Messe">') < form.index(
        '<option value="Empfehlung">'
    )
    assert "Geheim" not in form


@pytest.mark.parametrize(
    ("kind", "form", "value"),
    [
        (
            K.DATE_RANGE,
            ("2018-11-14", "2018-11-20"),
            DateSpan(date(2018, 11, 14), date(2018, 11, 20)),
        ),
        (
            K.DATE_RANGE,
            ("2018-11-14", ""),
            DateSpan(date(2018, 11, 14), date(2018, 11, 14)),
        ),
        (K.TIME_RANGE, ("22:00", "06:30"), TimeSpan(time(22), time(6, 30))),
        (K.DATE_RANGE, ("", "2018-11-20"), None),
        (K.TIME_RANGE, ("spät", ""), None),
        (K.DATE_RANGE, ("2018-11-20", "2018-11-14"), None),
        (K.NUMBER, ("1.234,5", ""), Decimal("1234.5")),
        (K.NUMBER, ("viel", ""), None),
        (K.TIME, ("25:00", ""), None),
    ],
)
def test_inputs_of_every_kind_read_what_they_show(
    world: World, kind: K, form: tuple[str, str], value: Any
) -> None:
    field = world.field(kind, "Feld")
    path = f"custom.{field.key}"
    deal = world.deal()
    client = world.client(world.alice)
    posted = {"field": path, "value": form[0], "value_until": form[1]}
    answer = client.post(f"/deals/{deal.pk}/save/", posted)
    if value is None:
        assert (
            answer.status_code,
            Event.objects.filter(action="updated").count(),
        ) == (
            422,
            0,
        )
        assert f'value="{form[0] or form[1]}"' in answer.content.decode()
        return
    deal.refresh_from_db()
    assert from_cells(kind, field.key, deal.custom) == value
    shown = client.get(
        f"/deals/{deal.pk}/field/?field={path}"
    ).content.decode()
    assert 'name="value_until"' in shown or "Zum Beispiel 1.234,5" in shown


def test_the_history_tells_labels_names_currencies_and_spans(
    world: World,
) -> None:
    client = world.client(world.alice)
    deal = world.deal()
    budget, time_off, partner = (
        world.field(kind, name)
        for kind, name in (
            (K.MONEY, "Budget"),
            (K.DATE_RANGE, "Urlaub"),
            (K.ORGANIZATION, "Partner"),
        )
    )
    posts: list[tuple[CustomField, dict[str, str]]] = [
        (budget, {"value": "5", "value_currency": "EUR"}),
        (budget, {"value": "5", "value_currency": "USD"}),
        (time_off, {"value": "2018-11-14", "value_until": "2018-11-20"}),
        (time_off, {"value": "2018-11-14", "value_until": "2018-11-21"}),
        (partner, {"value": "Ärzte Solar GmbH"}),
    ]
    for field, form in posts:
        assert (
            client.post(
                f"/deals/{deal.pk}/save/",
                {"field": f"custom.{field.key}", **form},
            ).status_code
            == 302
        )
    page = " ".join(client.get(f"/deals/{deal.pk}/").content.decode().split())
    told = re.sub(r"<[^>]+>", "", page[page.index('id="history"') :])
    for words in (
        "Budget 5,00\u00a0€",
        "Budget EUR USD",
        "14.11.2018 – 20.11.2018",
        "… – 20.11.2018 … – 21.11.2018",
        "Partner Ärzte",
    ):
        assert " ".join(words.split()) in " ".join(told.split())
    person = world.person(phones=(ContactPoint("4001", "mobile"),))
    client.post(
        f"/persons/{person.pk}/save/",
        {"field": "phones", "value": "4001", "value_label": "home"},
    )
    page = client.get(f"/persons/{person.pk}/").content.decode()
    assert all(
        words in page[page.index('id="history"') :]
        for words in ("4001 (Mobil)", "4001 (Privat)")
    )
