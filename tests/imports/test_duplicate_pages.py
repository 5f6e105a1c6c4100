"""The pages of imports that are unfinished, no longer fit, or were never carried out."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.imports.test_duplicates import broken_off, counts, deals
from tests.imports.test_imports import checked
from tests.world import World
from turnus.imports.actions import expire_plans, request_check, request_import
from turnus.imports.files import uploads
from turnus.imports.models import Import
from turnus.jobs.models import Job
from turnus.jobs.worker import run_pending
from turnus.kit import clock


def test_an_upload_that_is_sent_twice_is_one_import_with_one_file(
    world: World, tmp_path: Path
) -> None:
    client, path = world.client(world.admin), deals(tmp_path)

    def sent() -> str:
        with path.open("rb") as file:
            answer = client.post(
                "/imports/new/deals/", {"once": "a" * 32, "file": file}
            )
        return answer.headers["Location"]

    def noted(execute: Any, sql: str, *rest: Any) -> Any:
        said.append(sql)
        return execute(sql, *rest)

    said: list[str] = []
    with connection.execute_wrapper(noted):
        first = sent()
    assert (
        sent(),
        Import.objects.count(),
        len(list(uploads().iterdir())),
    ) == (
        first,
        1,
        1,
    )
    opened = next(
        place
        for place, one in enumerate(said)
        if "imports_rememberedcolumn" in one
    )
    begun = next(
        place
        for place, one in enumerate(said)
        if one.startswith("INSERT") and "sentform" in one
    )
    assert opened < begun, (
        "a file is opened before the transaction, or others wait for it"
    )


@pytest.fixture
def unfinished(world: World, tmp_path: Path) -> Import:
    return broken_off(world, deals(tmp_path))


def second(
    world: World, of: Import, *, do: str = "skip", by: str = "admin"
) -> Import:
    """The same file, checked once more."""
    return checked(
        world,
        Path(of.stored_as),
        answers={"existing": {"do": do}},
        by=getattr(world, by),
    )


def page(world: World, of: Import, by: str = "admin") -> str:
    return (
        world.client(getattr(world, by))
        .get(f"/imports/{of.pk}/")
        .content.decode()
    )


def test_the_check_names_the_unfinished_import_of_the_same_file(
    world: World, unfinished: Import
) -> None:
    shown = page(world, second(world, unfinished))
    assert (
        f"(Lauf {unfinished.run_id}): 6 von 8 Zeilen sind importiert" in shown
    )
    assert f"/imports/{unfinished.pk}/continue/" in shown
    assert f"/imports/{unfinished.pk}/undo/" in shown
    assert "Beides importieren" in shown


@pytest.mark.parametrize(
    ("way", "wanted"), [("continue", (8, 4, 4, 0)), ("undo", (0, 0, 0, 0))]
)
def test_its_buttons_continue_it_or_undo_it(
    world: World, unfinished: Import, way: str, wanted: tuple[int, ...]
) -> None:
    world.client(world.admin).post(f"/imports/{unfinished.pk}/{way}/")
    run_pending()
    assert counts() == wanted


def test_both_go_in_only_if_that_is_said(
    world: World, unfinished: Import
) -> None:
    of = second(world, unfinished, do="add")
    client = world.client(world.admin)
    client.post(f"/imports/{of.pk}/start/")
    assert Import.objects.get(pk=of.pk).state == "checked"
    client.post(f"/imports/{of.pk}/start/", {"again": "1"})
    run_pending()
    assert counts()[0] == 14


def test_whoever_did_not_begin_it_is_told_no_name_and_may_not_undo_it(
    world: World, unfinished: Import
) -> None:
    world.alice.permissions = ["import"]
    world.alice.save()
    Import.objects.filter(pk=unfinished.pk).update(file_name="Geheim.xlsx")
    shown = page(world, second(world, unfinished, by="alice"), "alice")
    assert "Jemand anderes hat ihn gestartet" in shown
    assert "Geheim" not in shown
    assert f"/imports/{unfinished.pk}/" not in shown
    for way in ("continue", "undo", "discard", "check"):
        assert (
            world.client(world.alice)
            .post(f"/imports/{unfinished.pk}/{way}/")
            .status_code
            == 404
        )


def test_a_plan_that_no_longer_fits_is_checked_again_with_one_click(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, deals(tmp_path))
    world.organization("Firma 1")
    request_import(of=of, by=world.admin, at=world.at)
    run_pending()
    shown = page(world, of)
    assert "(Zeilen: 0, Kontakte: 1)" in shown
    assert f"/imports/{of.pk}/start/" not in shown
    world.client(world.admin).post(f"/imports/{of.pk}/check/")
    run_pending()
    assert f"/imports/{of.pk}/start/" in page(world, of)


def test_an_import_that_stands_still_says_so(
    world: World, unfinished: Import
) -> None:
    assert "läuft gerade nicht" not in page(world, unfinished)
    Job.objects.filter(name="imports.commit").update(
        lease_until=world.at + timedelta(days=1)
    )
    shown = page(world, unfinished)
    assert "läuft gerade nicht" in shown
    assert "Anhalten und rückgängig machen" in shown
    with clock.standing_at(world.at + timedelta(days=2)):
        assert f"/imports/{unfinished.pk}/continue/" in page(world, unfinished)


def test_what_waits_is_listed_and_can_be_discarded(
    world: World, unfinished: Import
) -> None:
    of = second(world, unfinished)
    client = world.client(world.admin)
    listed = client.get("/imports/").content.decode()
    assert "Nicht fertig oder nie importiert" in listed
    assert "6 / 8" in listed
    client.post(f"/imports/{of.pk}/discard/")
    assert "Verworfen" in client.get("/imports/").content.decode()
    assert "Es wurde nichts geschrieben" in page(world, of)


def test_an_expired_plan_says_so_and_can_be_checked_again(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, deals(tmp_path))
    expire_plans(at=world.at + timedelta(days=8))
    assert "innerhalb einer Woche" in page(world, of)
    request_check(of=of, by=world.admin, at=world.at)
    run_pending()
    assert Import.objects.get(pk=of.pk).state == "checked"
