"""Contacts that a file names: linked, told apart, completed or added."""

from pathlib import Path

from tests.imports.test_imports import WON, changed, imported, sheet, verdicts
from tests.world import World
from turnus.contacts.models import Organization, Person
from turnus.core.records import RecordKind
from turnus.history.models import Event
from turnus.sales.models import Deal


def test_contacts_are_linked_never_doubled(
    world: World, tmp_path: Path
) -> None:
    world.field()
    rows = [
        WON,
        changed(organization="  Elbe   Solar GmbH "),
        changed(organization="ELBE SOLAR GMBH", value=5),
        changed(person=None),
    ]
    imported(world, sheet(tmp_path / "one.xlsx", rows))
    imported(
        world,
        sheet(
            tmp_path / "two.xlsx",
            [changed(won=None), changed(organization=None, won=None)],
        ),
    )
    assert (
        Organization.objects.count(),
        Person.objects.count(),
        Deal.objects.count(),
    ) == (1, 1, 6)
    assert set(
        Deal.objects.values_list("owner__name", "organization__name")
    ) == {
        ("Alice", "Elbe Solar GmbH"),
        ("Alice", None),
    }
    assert (
        Event.objects.filter(record_kind="deal", run__isnull=False).count()
        == 6
    )


def test_a_namesake_elsewhere_is_another_person(
    world: World, tmp_path: Path
) -> None:
    world.field()
    imported(
        world,
        sheet(tmp_path / "one.xlsx", [WON, changed(organization="Spree AG")]),
    )
    assert (Organization.objects.count(), Person.objects.count()) == (2, 2)


def test_persons_and_organizations_are_completed_or_added(
    world: World, tmp_path: Path
) -> None:
    world.person("Eva Böhm")
    headings = ("Person - Name", "Person - Email", "Person - Organisation")
    rows = [
        ("Eva Böhm", "eva@elbe.de", "Elbe AG"),
        ("Neu Mann", "n@elbe.de", "Elbe AG"),
        ("Neu Mann", "n@elbe.de", "Elbe AG"),
        (None, "x@y.de", None),
    ]
    of = imported(
        world,
        sheet(tmp_path / "persons.xlsx", rows, headings),
        kind=RecordKind.PERSON,
    )
    assert verdicts(of) == ["update", "new", "skip", "problem"]
    assert sorted(
        Person.objects.values_list("name", "organization__name")
    ) == [
        ("Eva Böhm", "Elbe AG"),
        ("Neu Mann", "Elbe AG"),
    ]
    assert Person.objects.get(name="Eva Böhm").emails == [
        {"value": "eva@elbe.de", "label": "work"}
    ]
    rows = [("Elbe AG", "Hamburg"), ("Spree AG", "Berlin")]
    of = imported(
        world,
        sheet(
            tmp_path / "orgs.xlsx",
            rows,
            ("Organization - Name", "Organization - Address"),
        ),
        kind=RecordKind.ORGANIZATION,
    )
    assert sorted(Organization.objects.values_list("name", "address")) == [
        ("Elbe AG", "Hamburg"),
        ("Spree AG", "Berlin"),
    ]
