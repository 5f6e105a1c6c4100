"""Emails and phones with labels: in forms, pages, lists, exports and imports."""

from pathlib import Path

import pytest

from tests.imports.test_imports import checked, imported, sheet, verdicts
from tests.listing.test_listing import listed
from tests.world import World
from turnus.contacts.models import Person
from turnus.core.fields import (
    ContactPoint,
)
from turnus.core.records import RecordKind
from turnus.exports.actions import write_list
from turnus.imports.preparing import guessed_columns
from turnus.listing.lists import ListState, RecordList

POINTS = (
    ContactPoint("+49 40 1"),
    ContactPoint("+49 170 2", "mobile"),
    ContactPoint("+49 40 (3)", "home"),
)


def stored(*points: tuple[str, str]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in points]


def people(world: World, language: str, *columns: str) -> RecordList:
    state = ListState(columns=columns)
    records = listed(world, state, RecordKind.PERSON, world.admin)
    object.__setattr__(records.viewer, "language", language)
    return records


def test_the_form_keeps_labels_and_has_an_empty_row(world: World) -> None:
    person = world.person(phones=POINTS)
    client = world.client(world.alice)
    form = client.get(
        f"/persons/{person.pk}/field/?field=phones"
    ).content.decode()
    assert (
        form.count('name="value"'),
        form.count('value="mobile" selected'),
    ) == (4, 1)
    rows = {
        "value": ["+49 170 2", "", "+49 40 (3)", "+49 30 4"],
        "value_label": ["mobile", "work", "home", "other"],
    }
    assert (
        client.post(
            f"/persons/{person.pk}/save/", {"field": "phones", **rows}
        ).status_code
        == 302
    )
    person.refresh_from_db()
    assert person.phones == stored(
        ("+49 170 2", "mobile"), ("+49 40 (3)", "home"), ("+49 30 4", "other")
    )


def test_pages_show_labels_and_lists_the_primary_one(world: World) -> None:
    person = world.person(phones=POINTS)
    client = world.client(world.charlie)
    assert (
        "+49 170 2 (Mobil)"
        in client.get(f"/persons/{person.pk}/").content.decode()
    )
    assert "+49 40 1 +2" in client.get("/persons/").content.decode()


def test_a_new_person_gets_labels_and_a_refused_form_keeps_everything(
    world: World,
) -> None:
    client = world.client(world.alice)
    form = {
        "name": "Eva",
        "emails": ["a@b.de", "c@d.de"],
        "emails_label": ["home", "work"],
        "visibility": "team",
    }
    refused = client.post(
        "/persons/new/", {**form, "emails": ["a@b.de", "keine"]}
    )
    shown = refused.content.decode()
    assert refused.status_code == 422
    assert all(
        part in shown
        for part in (
            'value="keine"',
            'value="home" selected',
            'value="team" selected',
        )
    )
    assert client.post("/persons/new/", form).status_code == 302
    assert Person.objects.get().emails == stored(
        ("a@b.de", "home"), ("c@d.de", "work")
    )


def test_a_refused_cell_or_field_keeps_what_was_typed(world: World) -> None:
    person = world.person(emails=(ContactPoint("a@b.de"),))
    client = world.client(world.alice)
    rows = {"value": ["keine"], "value_label": ["home"]}
    for address, form in (
        ("cell/?path=emails", rows),
        ("save/", {"field": "emails", **rows}),
    ):
        refused = client.post(f"/persons/{person.pk}/{address}", form)
        assert (
            refused.status_code,
            'value="keine"' in refused.content.decode(),
        ) == (
            422,
            True,
        )


@pytest.mark.parametrize("language", ["de", "en"])
def test_labels_survive_export_and_import(
    world: World, tmp_path: Path, language: str
) -> None:
    person = world.person(
        phones=POINTS, emails=(ContactPoint("a@b.de", "home"),)
    )
    path = tmp_path / "out.csv"
    write_list(
        people(world, language, "name", "emails", "phones", "id"),
        path,
        delimiter=";",
    )
    assert verdicts(checked(world, path, kind=RecordKind.PERSON)) == ["same"]
    Person.objects.filter(pk=person.pk).update(phones=[], emails=[])
    imported(world, path, kind=RecordKind.PERSON)
    person.refresh_from_db()
    assert person.phones == stored(*((one.value, one.label) for one in POINTS))
    assert person.emails == stored(("a@b.de", "home"))


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("Person - Telefon - Büro", "phones#work"),
        ("Person - Phone - Work", "phones#work"),
        ("Person - E-Mail - Privat", "emails#home"),
        ("Person - Email (Work)", "emails#work"),
        ("Person - Email (Home)", "emails#home"),
        ("Mobil", "phones#mobile"),
        ("Handy", "phones#mobile"),
        ("Person - Telefon - Sonstige", "phones#other"),
        ("Person - Phone - Other", "phones#other"),
        ("Telefon privat", "phones#home"),
        ("Mobile phone", "phones#mobile"),
        ("Person - Telefon", "phones"),
        ("E-Mail-Adresse", "emails"),
        ("Person - Name", "name"),
    ],
)
def test_headings_with_labels_are_detected(
    world: World, heading: str, target: str
) -> None:
    assert guessed_columns([heading], RecordKind.PERSON, world.admin) == [
        target
    ]
    of_a_deal = f"person.{target}" if target != "name" else "person"
    if " - " in heading:
        assert guessed_columns([heading], RecordKind.DEAL, world.admin) == [
            of_a_deal
        ]


def test_several_columns_fill_the_phones_of_a_person(
    world: World, tmp_path: Path
) -> None:
    headings = (
        "Person - Name",
        "Person - Telefon - Büro",
        "Person - Telefon - Mobil",
        "Telefon",
        "Telefonnummer",
    )
    rows = [
        (
            "Eva Böhm",
            "+49 40 1",
            "+49 170 2",
            "+49 401",
            "4005; 4006 (privat)",
        ),
        ("Zoë", None, "4007", None, None),
    ]
    imported(
        world,
        sheet(tmp_path / "in.xlsx", rows, headings),
        kind=RecordKind.PERSON,
    )
    assert dict(Person.objects.values_list("name", "phones")) == {
        "Eva Böhm": stored(
            ("+49 40 1", "work"),
            ("+49 170 2", "mobile"),
            ("4005", "work"),
            ("4006", "home"),
        ),
        "Zoë": stored(("4007", "mobile")),
    }


def test_deals_bring_their_persons_with_labels(
    world: World, tmp_path: Path
) -> None:
    headings = (
        "Deal - Titel",
        "Person - Name",
        "Person - E-Mail - Büro",
        "Person - E-Mail - Privat",
    )
    imported(
        world,
        sheet(
            tmp_path / "in.xlsx", [("A", "Eva", "a@b.de", "c@d.de")], headings
        ),
    )
    assert Person.objects.get().emails == stored(
        ("a@b.de", "work"), ("c@d.de", "home")
    )


def test_a_label_of_the_file_completes_a_number_that_is_there(
    world: World, tmp_path: Path
) -> None:
    world.person(
        "Eva", phones=(ContactPoint("4001"), ContactPoint("4002", "home"))
    )
    headings = (
        "Person - Name",
        "Person - Telefon - Mobil",
        "Person - Telefon",
    )
    imported(
        world,
        sheet(tmp_path / "in.xlsx", [("Eva", "4001", "4002")], headings),
        kind=RecordKind.PERSON,
    )
    assert Person.objects.get().phones == stored(
        ("4001", "mobile"), ("4002", "home")
    )


def test_labels_can_be_matched_by_hand(world: World, tmp_path: Path) -> None:
    client = world.client(world.admin)
    path = sheet(
        tmp_path / "in.xlsx",
        [("Eva", "a@b.de", "c@d.de")],
        ("Name", "Eins", "Zwei"),
    )
    with path.open("rb") as file:
        address = client.post("/imports/new/persons/", {"file": file})[
            "Location"
        ]
    page = client.get(address).content.decode()
    assert all(
        words in page
        for words in ("E-Mail (Arbeit)", "E-Mail (Privat)", "Telefon (Mobil)")
    )
    columns = {
        "column-0": "name",
        "column-1": "emails#home",
        "column-2": "emails#home",
    }
    assert client.post(f"{address}columns/", columns).status_code == 302
