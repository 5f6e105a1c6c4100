"""Emails and phones that rows of deals add to the persons they name."""

from pathlib import Path

import pytest

from tests.imports.test_imports import (
    checked,
    codes,
    imported,
    sheet,
    verdicts,
)
from tests.world import World
from turnus.accounts.access import Permission
from turnus.contacts.actions import create_contact
from turnus.contacts.changes import StoredPoint
from turnus.contacts.models import Person
from turnus.core.fields import ContactPoint
from turnus.core.records import RecordKind
from turnus.history.models import Event
from turnus.imports.actions import request_import, request_undo
from turnus.imports.contact_finder import ContactFinder
from turnus.imports.models import Import
from turnus.jobs.worker import run_pending
from turnus.sales.models import Deal


def undone(world: World, of: Import) -> None:
    request_undo(of=of, by=world.admin, at=world.at)
    run_pending()


def reached(name: str = "Eva") -> list[str]:
    return [one["value"] for one in Person.objects.get(name=name).emails]


HEADINGS = ("Deal - Titel", "Organisation", "Kontaktperson", "Person - E-Mail")


def test_a_deal_import_adds_new_points_to_the_person_it_finds(
    world: World, tmp_path: Path
) -> None:
    world.person(
        "Eva",
        organization=world.organization("Elbe AG").pk,
        emails=(ContactPoint("a@b.de"),),
    )
    path = sheet(
        tmp_path / "in.xlsx",
        [("A", "Elbe AG", "Eva", "c@d.de"), ("B", "Elbe AG", "Eva", "c@d.de")],
        HEADINGS,
    )
    of = checked(world, path)
    page = world.client(world.admin).get(f"/imports/{of.pk}/").content.decode()
    assert page.count("<ins>c@d.de (Arbeit)</ins>") == 1
    of = imported(world, path)
    assert reached() == ["a@b.de", "c@d.de"]
    assert (
        Event.objects.filter(
            record_kind="person", run=of.run, action="updated"
        ).count()
        == 1
    )
    undone(world, of)
    assert reached() == ["a@b.de"]


@pytest.mark.parametrize("block_rows", [2, 1], ids=["one block", "two blocks"])
def test_later_rows_of_a_new_person_add_to_it(
    world: World, tmp_path: Path, block_rows: int
) -> None:
    imported(
        world,
        sheet(
            tmp_path / "deals.xlsx",
            [("A", "X", "Eva", "a@b.de"), ("B", "X", "Eva", "c@d.de")],
            HEADINGS,
        ),
        block_rows=block_rows,
    )
    assert reached() == ["a@b.de", "c@d.de"]
    rows = [
        ("Zoë", "040 123456", "z@b.de", None),
        ("Zoë", "040 123456", "y@d.de", "X"),
    ]
    headings = ("Name", "Telefon", "E-Mail", "Organisation")
    of = imported(
        world,
        sheet(tmp_path / "persons.xlsx", rows, headings),
        kind=RecordKind.PERSON,
        block_rows=block_rows,
    )
    zoe = Person.objects.get(name="Zoë")
    assert (reached("Zoë"), zoe.organization and zoe.organization.name) == (
        ["z@b.de", "y@d.de"],
        "X",
    )
    undone(world, of)
    assert not Person.objects.present().filter(name="Zoë").exists()


def test_two_rows_of_one_known_person_both_count(
    world: World, tmp_path: Path
) -> None:
    world.person("Eva", emails=(ContactPoint("a@b.de"),))
    rows = [("Eva", "a@b.de", "4001"), ("Eva", "a@b.de", "4002")]
    path = sheet(tmp_path / "in.xlsx", rows, ("Name", "E-Mail", "Telefon"))
    of = imported(world, path, kind=RecordKind.PERSON)
    assert [one["value"] for one in Person.objects.get().phones] == [
        "4001",
        "4002",
    ]
    undone(world, of)
    assert Person.objects.get().phones == []


def test_a_person_that_one_may_not_change_is_only_linked(
    world: World, tmp_path: Path
) -> None:
    create_contact(
        RecordKind.PERSON,
        by=world.charlie,
        at=world.at,
        values={"name": "Eva"},
    )
    finder = ContactFinder(world.alice)
    finder.look_up((), ["Eva"])
    ref = finder.person({"name": "Eva"}, None).ref
    email = StoredPoint(value="a@b.de", label="work")
    assert finder.add_points(ref, {"emails": [email]}) == {}


def test_of_two_colleagues_of_one_name_the_one_with_the_email_is_meant(
    world: World, tmp_path: Path
) -> None:
    elbe = world.organization("Elbe AG").pk
    world.person("Eva", organization=elbe)
    other = world.person(
        "Eva", organization=elbe, emails=(ContactPoint("a@b.de"),)
    )
    rows = [("A", "Elbe AG", "Eva", "a@b.de")]
    imported(world, sheet(tmp_path / "in.xlsx", rows, HEADINGS))
    assert Deal.objects.get().person_id == other.pk


def test_a_person_that_one_may_change_no_more_is_not_added_to(
    world: World, tmp_path: Path
) -> None:
    by = world.alice
    by.permissions = [Permission.IMPORT]
    by.save()
    eva = world.person("Eva")
    rows = [("A", None, "Eva", "a@b.de")]
    of = checked(world, sheet(tmp_path / "in.xlsx", rows, HEADINGS), by=by)
    Person.objects.filter(pk=eva.pk).update(owner=world.charlie)
    request_import(of=of, by=by, at=world.at)
    run_pending()
    assert (verdicts(of), codes(of)) == (["problem"], ["row.record_denied"])
    assert Person.objects.get().emails == []
