"""When a contact was created: in the company's time zone; a known contact keeps its day."""

from datetime import UTC, datetime
from pathlib import Path

from tests.imports.test_imports import imported, sheet
from tests.world import World
from turnus.contacts.models import Organization
from turnus.core.records import RecordKind

HEADINGS = (
    "Organization - Name",
    "Organization - Organization created",
    "Organization - Address",
)


def test_a_new_contact_is_as_old_as_its_file_says(
    world: World, tmp_path: Path
) -> None:
    path = sheet(
        tmp_path / "orgs.xlsx",
        [("Elbe AG", datetime(2018, 7, 1, 9, 30), "Hamburg")],
        HEADINGS,
    )
    imported(world, path, kind=RecordKind.ORGANIZATION)
    assert Organization.objects.get().created_at == datetime(
        2018, 7, 1, 7, 30, tzinfo=UTC
    )


def test_a_known_contact_keeps_the_day_it_was_created(
    world: World, tmp_path: Path
) -> None:
    world.organization("Elbe AG")
    path = sheet(
        tmp_path / "orgs.xlsx",
        [("Elbe AG", datetime(2018, 7, 1, 9, 30), "Hamburg")],
        HEADINGS,
    )
    imported(world, path, kind=RecordKind.ORGANIZATION)
    assert (
        Organization.objects.get().created_at,
        Organization.objects.get().address,
    ) == (
        world.at,
        "Hamburg",
    )
