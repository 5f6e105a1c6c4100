"""Nothing by file that somebody may not do on screen: the check says so, the import refuses."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.imports.test_imports import (
    GERMAN,
    changed,
    checked,
    codes,
    sheet,
    verdicts,
)
from tests.world import World
from turnus.accounts.access import Permission
from turnus.accounts.models import Currency, User
from turnus.core.records import RecordKind
from turnus.fields.models import FieldOption, Label
from turnus.imports.actions import (
    give_answers,
    request_check,
    request_import,
    request_undo,
)
from turnus.imports.models import Import
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.sales.models import Deal, Stage

WON = datetime(2018, 10, 1, 9, 30)
IDS = ("Deal - ID", *GERMAN)
HEADINGS = (*GERMAN, "Deal - Label", "Deal - Währung")


@pytest.fixture
def importer(world: World) -> User:
    """Alice, who may import and nothing else."""
    world.field()
    world.alice.permissions = [Permission.IMPORT]
    world.alice.save()
    return world.alice


def updated(world: World, tmp_path: Path, by: User, **values: Any) -> Import:
    """The check of a row that names Alice's won deal by its ID."""
    deal = world.deal(
        world.alice, title="Abo", status="won", won_at=WON, amount=490
    )
    row = (
        deal.pk,
        *changed(
            person=None,
            organization=None,
            plan=None,
            owner=None,
            stage=None,
            **values,
        ),
    )
    answers = {"unknown_ids": {"do": "update"}, "existing": {"do": "update"}}
    return checked(
        world,
        sheet(tmp_path / "rows.xlsx", [row], IDS),
        by=by,
        answers=answers,
    )


def carried_out(of: Import, by: User, world: World) -> Import:
    request_import(of=of, by=by, at=world.at)
    run_pending()
    of.refresh_from_db()
    return of


def test_only_an_admin_moves_the_won_time_of_a_closed_deal(
    world: World, importer: User, tmp_path: Path
) -> None:
    moved = {"won": datetime(2018, 1, 1, 9, 30), "value": 500}
    of = updated(world, tmp_path, importer, **moved)
    assert (verdicts(of), codes(of)) == (
        ["problem"],
        ["row.closed_time_denied"],
    )
    assert verdicts(updated(world, tmp_path, world.admin, **moved)) == [
        "update"
    ]


def test_the_same_won_time_and_other_values_go_in(
    world: World, importer: User, tmp_path: Path
) -> None:
    of = carried_out(
        updated(world, tmp_path, importer, value=500), importer, world
    )
    assert (verdicts(of), Deal.objects.get().value_e4) == (
        ["update"],
        5_000_000,
    )


@pytest.mark.parametrize(
    ("lost", "code"),
    [
        ({"is_admin": False}, "row.closed_time_denied"),
        ({"is_admin": False, "team_id": None}, "row.record_denied"),
    ],
    ids=["admin", "team"],
)
def test_rights_lost_after_the_check_are_lost(
    world: World,
    importer: User,
    tmp_path: Path,
    lost: dict[str, Any],
    code: str,
) -> None:
    of = updated(world, tmp_path, world.admin, won=datetime(2018, 1, 1, 9, 30))
    User.objects.filter(pk=world.admin.pk).update(
        permissions=["import"], **lost
    )
    carried_out(of, world.admin, world)
    assert (verdicts(of), codes(of)) == (["problem"], [code])
    assert Deal.objects.get().won_at != datetime(2018, 1, 1, 9, 30)


def unknown(world: World, tmp_path: Path, by: User, **options: Any) -> Import:
    """The check of a row with a stage, an option, a label and a currency that are not here."""
    row = (
        *changed(stage="Neue Phase", plan="nie", person=None, owner=None),
        "Kalt",
        "SEK",
    )
    return checked(
        world, sheet(tmp_path / "rows.xlsx", [row], HEADINGS), by=by, **options
    )


def adding(of: Import) -> dict[str, Any]:
    return {question["key"]: {"do": "create"} for question in of.questions}


NEEDED = {
    "stage": "pipelines",
    "labels": "custom_fields",
    "currency": "company",
}


def test_the_check_offers_to_add_only_what_one_may_add(
    world: World, importer: User, tmp_path: Path
) -> None:
    of = unknown(world, tmp_path, importer)
    asked = {
        question["path"]: (question["needs"], "create" in question["options"])
        for question in of.questions
    }
    assert len(asked) == 4
    assert {path: asked[path] for path in NEEDED} == {
        path: (needed, False) for path, needed in NEEDED.items()
    }
    page = world.client(importer).get(f"/imports/{of.pk}/").content.decode()
    assert "Zum Anlegen braucht es das Recht „Pipelines" in page
    for key in adding(of):
        with pytest.raises(UserError, match="import_adds"):
            give_answers(of=of, by=importer, answers={key: {"do": "create"}})


def before_and_after(world: World) -> tuple[int, int, int, bool]:
    return (
        Stage.objects.count(),
        FieldOption.objects.count(),
        Label.objects.count(),
        Currency.objects.filter(code="SEK").exists(),
    )


def test_what_was_answered_before_the_right_was_lost_is_refused(
    world: World, importer: User, tmp_path: Path
) -> None:
    importer.permissions = [
        Permission.IMPORT,
        Permission.PIPELINES,
        Permission.CUSTOM_FIELDS,
        Permission.COMPANY,
    ]
    importer.save()
    of = unknown(world, tmp_path, importer)
    give_answers(of=of, by=importer, answers=adding(of))
    request_check(of=of, by=importer, at=world.at)
    run_pending()
    before = before_and_after(world)
    User.objects.filter(pk=importer.pk).update(permissions=[Permission.IMPORT])
    of = Import.objects.get(pk=of.pk)
    with pytest.raises(UserError, match="import_adds"):
        request_import(of=of, by=User.objects.get(pk=importer.pk), at=world.at)
    assert before_and_after(world) == before


def test_who_may_adds_and_undo_says_what_stays(
    world: World, tmp_path: Path
) -> None:
    world.field()
    last = world.pipeline.stages.last()
    assert last is not None
    Stage.objects.filter(pk=last.pk).update(probability=60)
    of = unknown(world, tmp_path, world.admin)
    give_answers(of=of, by=world.admin, answers=adding(of))
    request_check(of=of, by=world.admin, at=world.at)
    run_pending()
    of.refresh_from_db()
    carried_out(of, world.admin, world)
    assert Stage.objects.get(name="Neue Phase").probability == 60
    request_undo(of=of, by=world.admin, at=world.at)
    run_pending()
    page = world.client(world.admin).get(f"/imports/{of.pk}/").content.decode()
    assert "Was in den Einstellungen angelegt wurde, bleibt" in page
    assert sorted(of.added_words) == ["Abo: nie", "Kalt", "Neue Phase", "SEK"]
    assert Stage.objects.filter(name="Neue Phase").exists()


def test_an_import_of_somebody_who_may_import_no_more_is_taken_back(
    world: World, importer: User, tmp_path: Path
) -> None:
    of = checked(
        world,
        sheet(tmp_path / "rows.xlsx", [changed(plan=None, stage=None)]),
        by=importer,
    )
    request_import(of=of, by=importer, at=world.at)
    User.objects.filter(pk=importer.pk).update(is_active=False)
    run_pending()
    assert Deal.objects.present().count() == 0


def test_a_label_of_another_kind_needs_the_same_right(
    world: World, importer: User, tmp_path: Path
) -> None:
    of = checked(
        world,
        sheet(
            tmp_path / "rows.xlsx",
            [("Eva", "Kalt")],
            ("Person - Name", "Person - Label"),
        ),
        kind=RecordKind.PERSON,
        by=importer,
    )
    assert [question["needs"] for question in of.questions] == [
        "custom_fields"
    ]
