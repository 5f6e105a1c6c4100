"""Who is meant by a name. ü is ue, not u; what nobody sees does not count."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.imports.test_imports import checked, codes, imported, sheet
from tests.world import World
from turnus.contacts.actions import create_contact
from turnus.contacts.models import Organization, Person
from turnus.contacts.queries import contacts_called
from turnus.core.fields import ContactPoint
from turnus.core.records import RecordKind
from turnus.imports.models import Import
from turnus.imports.plan_storage import unpack
from turnus.jobs.worker import run_pending
from turnus.sales.models import Deal

DEALS = ("Titel", "Organisation", "Kontaktperson")


def deals_of(names: Sequence[str]) -> list[tuple[str, str, None]]:
    return [(f"D{number}", name, None) for number, name in enumerate(names)]


def notes(of: Import) -> list[tuple[int, str, Any]]:
    rows = [
        row
        for block in of.blocks.order_by("number")
        for row in unpack(block.rows)
    ]
    return [
        (row.number, str(one.code), one.params.get("name"))
        for row in rows
        for one in row.issues
    ]


GERMAN = [
    "Müller GmbH",
    "Muller GmbH",
    "Mueller GmbH",
    "Möller AG",
    "Moller AG",
    "Böll KG",
    "Boll KG",
    "Łódź Handel",
    "Lodz Handel",
    "Weiß OHG",
    "Weiss OHG",
]


def test_an_umlaut_is_its_two_letters_and_a_name_of_another_spelling_is_noted(
    world: World, tmp_path: Path
) -> None:
    of = imported(
        world, sheet(tmp_path / "deals.xlsx", deals_of(GERMAN), DEALS)
    )
    assert notes(of) == [
        (4, "row.taken_for", "Müller GmbH"),
        (10, "row.taken_for", "Łódź Handel"),
        (12, "row.taken_for", "Weiß OHG"),
    ]
    assert list(
        Organization.objects.order_by("pk").values_list("name", flat=True)
    ) == [
        "Müller GmbH",
        "Muller GmbH",
        "Möller AG",
        "Moller AG",
        "Böll KG",
        "Boll KG",
        "Łódź Handel",
        "Weiß OHG",
    ]
    assert Deal.objects.get(
        title="D2"
    ).organization == Organization.objects.get(name="Müller GmbH")


INVISIBLE = [
    "Ghost AG",
    "Ghost\u00a0AG",
    "Ghost\u200b AG",
    "Ghost AG\ufeff",
    "Gho\u00adst AG",
    "\u200eGHOST  AG\u2060",
]


@pytest.mark.parametrize("first", INVISIBLE, ids=ascii)
def test_what_looks_the_same_is_one_organization(
    world: World, tmp_path: Path, first: str
) -> None:
    of = imported(
        world,
        sheet(tmp_path / "deals.xlsx", deals_of([first, *INVISIBLE]), DEALS),
    )
    assert (Organization.objects.count(), notes(of)) == (1, [])


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["Geist–Meyer KG", "Geist-Meyer KG", "Geist‑Meyer KG"], [3, 4]),
        (["O’Neill Ltd", "O'Neill Ltd"], [3]),
        (["Café Süd", "Cafe Süd"], [3]),
        (["Kühn & Söhne", "Kühn und Söhne"], [3]),
        (["ＡＢＣ AG", "ABC AG"], [3]),
        (["“Alpha” AG", "„Alpha“ AG"], [3]),
        (["Mu\u0308ller", "Müller"], []),
    ],
    ids=[
        "dashes",
        "apostrophes",
        "accents",
        "and",
        "full width",
        "quotes",
        "composed",
    ],
)
def test_another_spelling_is_taken_for_the_name_with_a_note(
    world: World, tmp_path: Path, names: list[str], taken: list[int]
) -> None:
    of = imported(
        world, sheet(tmp_path / "deals.xlsx", deals_of(names), DEALS)
    )
    assert Organization.objects.count() == 1
    assert [
        number for number, code, _name in notes(of) if code == "row.taken_for"
    ] == taken


@pytest.mark.parametrize(
    "name", ["Müller GmbH", "Mueller GmbH", "Mueller-GmbH"]
)
def test_of_two_spellings_that_are_here_the_same_one_is_meant(
    world: World, tmp_path: Path, name: str
) -> None:
    for one in ("Müller GmbH", "Mueller GmbH", "Mueller-GmbH", "Muller GmbH"):
        world.organization(one)
    of = imported(
        world, sheet(tmp_path / "deals.xlsx", deals_of([name]), DEALS)
    )
    assert (Deal.objects.get().organization, notes(of)) == (
        Organization.objects.get(name=name),
        [],
    )


def test_of_several_contacts_of_one_name_the_oldest_is_taken_with_a_note(
    world: World, tmp_path: Path
) -> None:
    first, _second = (
        world.organization("Elbe AG"),
        world.organization("Elbe AG"),
    )
    of = imported(
        world, sheet(tmp_path / "deals.xlsx", deals_of(["Elbe AG"]), DEALS)
    )
    assert (Deal.objects.get().organization, codes(of)) == (
        first,
        ["row.contacts_alike"],
    )


def test_a_deal_stays_with_its_own_of_two_organizations_of_one_name(
    world: World, tmp_path: Path
) -> None:
    _first, second = (
        world.organization("Elbe AG"),
        world.organization("Elbe AG"),
    )
    deal = world.deal(title="Alt", organization=second.pk)
    path = sheet(
        tmp_path / "ids.xlsx",
        [(deal.pk, "Neu", "Elbe AG")],
        ("Deal - ID", "Titel", "Organisation"),
    )
    assert codes(imported(world, path)) == []
    deal.refresh_from_db()
    assert (deal.title, deal.organization) == ("Neu", second)


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ({"do": "create"}, ["Müller GmbH", "Mueller GmbH"]),
        ({"do": "map"}, ["Müller GmbH"]),
    ],
)
def test_for_whom_a_name_is_taken_can_be_answered(
    world: World, tmp_path: Path, answer: dict[str, Any], names: list[str]
) -> None:
    held = world.organization("Müller GmbH")
    answers = {
        "organization:Mueller GmbH": answer
        | ({"to": held.pk} if answer["do"] == "map" else {})
    }
    path = sheet(
        tmp_path / "deals.xlsx",
        deals_of(["Mueller GmbH", "MUELLER GmbH"]),
        DEALS,
    )
    of = imported(world, path, answers=answers)
    assert (
        list(
            Organization.objects.order_by("pk").values_list("name", flat=True)
        ),
        notes(of),
    ) == (names, [])


def test_the_check_page_lets_a_name_be_told_apart(
    world: World, tmp_path: Path
) -> None:
    world.organization("Müller GmbH")
    of = checked(
        world,
        sheet(tmp_path / "deals.xlsx", deals_of(["Mueller GmbH"]), DEALS),
    )
    client = world.client(world.admin)
    page = client.get(f"/imports/{of.pk}/").content.decode()
    assert "„Mueller GmbH“ wurde „Müller GmbH“ zugeordnet." in page
    assert 'name="apart" value="organization:Mueller GmbH"' in page
    client.post(
        f"/imports/{of.pk}/answers/",
        {"apart": ["organization:Mueller GmbH", "owner:Alice"]},
    )
    run_pending()
    of.refresh_from_db()
    assert (of.answers, notes(of)) == (
        {"organization:Mueller GmbH": {"do": "create"}},
        [],
    )


THREE = [
    ("D1", "Nord AG", "Thomas Klein"),
    ("D2", "Süd AG", "Thomas Klein"),
    ("D3", "West AG", "Thomas Klein"),
]


@pytest.mark.parametrize(
    "is_known",
    [False, True],
    ids=["none here", "one here of whom nothing is known"],
)
def test_a_namesake_at_another_organization_is_another_person(
    world: World, tmp_path: Path, is_known: bool
) -> None:
    if is_known:
        world.person("Thomas Klein")
    path = sheet(tmp_path / "deals.xlsx", THREE, DEALS)
    imported(world, path)
    assert Person.objects.count() == 3
    of = checked(
        world,
        sheet(
            tmp_path / "more.xlsx",
            [(f"{row[0]}b", *row[1:]) for row in THREE],
            DEALS,
        ),
    )
    persons = {
        row.person and row.person.id
        for block in of.blocks.all()
        for row in unpack(block.rows)
    }
    assert persons == set(Person.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("phone", ["4,91702E+11", "4", "12-34"])
def test_a_phone_that_is_none_identifies_nobody(
    world: World, tmp_path: Path, phone: str
) -> None:
    phones = (ContactPoint(phone),)
    for name in ("Nord AG", "Süd AG"):
        world.person(
            "Thomas Klein",
            organization=world.organization(name).pk,
            phones=phones,
        )
    rows = [("D", "West AG", "Thomas Klein", phone)]
    imported(
        world,
        sheet(tmp_path / "deals.xlsx", rows, (*DEALS, "Person - Telefon")),
    )
    assert Person.objects.count() == 3


def test_a_person_known_by_the_email_at_another_organization_is_noted(
    world: World, tmp_path: Path
) -> None:
    emails = (ContactPoint("klein@nord.de"),)
    klein = world.person(
        "Thomas Klein",
        organization=world.organization("Nord AG").pk,
        emails=emails,
    )
    rows = [("D", "Süd AG", "Thomas Klein", "klein@nord.de")]
    of = imported(
        world,
        sheet(tmp_path / "deals.xlsx", rows, (*DEALS, "Person - E-Mail")),
    )
    assert (Deal.objects.get().person, codes(of)) == (
        klein,
        ["row.person_elsewhere"],
    )


def test_persons_of_a_file_of_persons_are_told_apart_by_their_organizations(
    world: World, tmp_path: Path
) -> None:
    world.person("Jürgen Klein")
    rows = [
        ("Juergen Klein", "Nord AG"),
        ("Jürgen Klein", "Süd AG"),
        ("Jürgen Klein", "Sued AG"),
    ]
    of = imported(
        world,
        sheet(tmp_path / "in.xlsx", rows, ("Name", "Organisation")),
        kind=RecordKind.PERSON,
    )
    held = list(
        Person.objects.order_by("pk").values_list("name", "organization__name")
    )
    assert held == [("Jürgen Klein", "Nord AG"), ("Jürgen Klein", "Süd AG")]
    assert notes(of) == [
        (2, "row.taken_for", "Jürgen Klein"),
        (4, "row.taken_for", "Süd AG"),
    ]


def test_a_contact_keeps_its_own_spelling(
    world: World, tmp_path: Path
) -> None:
    held = world.organization("Müller GmbH")
    rows = [("MUELLER GMBH", "Kiel")]
    imported(
        world,
        sheet(tmp_path / "in.xlsx", rows, ("Name", "Adresse")),
        kind=RecordKind.ORGANIZATION,
    )
    held.refresh_from_db()
    assert (held.name, held.address) == ("Müller GmbH", "Kiel")


def test_a_name_says_nothing_of_contacts_one_may_not_see(
    world: World, tmp_path: Path
) -> None:
    values = {"name": "Müller GmbH", "visibility": "owner"}
    create_contact(
        RecordKind.ORGANIZATION, by=world.charlie, at=world.at, values=values
    )
    world.alice.permissions = ["import"]
    world.alice.save()
    path = sheet(
        tmp_path / "deals.xlsx",
        deals_of(["Mueller GmbH", "Müller GmbH"]),
        DEALS,
    )
    of = checked(world, path, by=world.alice)
    assert (of.totals["new_organization"], notes(of)) == (
        1,
        [(3, "row.taken_for", "Mueller GmbH")],
    )
    assert (
        contacts_called(
            "Müller GmbH", Organization.objects.visible_to(world.alice)
        )
        == []
    )
