"""What nobody needs any more is deleted, and nothing else."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from pytest_django.fixtures import Settings

from tests.conftest import AT
from tests.imports.test_imports import GERMAN, WON, imported, sheet
from tests.world import World
from turnus.accounts.actions_sessions import clear_sessions
from turnus.exports.actions import exports_folder, purge_exports
from turnus.imports.actions_pruning import prune_uploads
from turnus.imports.files import uploads
from turnus.imports.models import Import
from turnus.jobs.actions_pruning import prune_jobs
from turnus.jobs.models import ClockJump, Job
from turnus.jobs.registry import schedules

pytestmark = pytest.mark.django_db
WEEKS = timedelta(days=28)
MOMENT = timedelta(seconds=1)


def aged(path: Path) -> Path:
    """Let a file be as old as the world."""
    os.utime(path, (AT.timestamp(), AT.timestamp()))
    return path


@pytest.mark.parametrize(
    ("state", "is_kept"),
    [
        ("done", False),
        ("undone", False),
        ("failed", False),
        ("importing", True),
        ("checking", True),
        ("undoing", True),
    ],
)
def test_an_upload_stays_for_four_weeks_or_while_its_import_is_at_work(
    world: World, state: str, is_kept: bool
) -> None:
    upload = aged(sheet(uploads() / "a.xlsx", [WON], GERMAN))
    of = imported(world, upload)
    Import.objects.update(state=state)
    assert (prune_uploads(at=AT + WEEKS), upload.exists()) == (0, True)
    prune_uploads(at=AT + WEEKS + MOMENT)
    assert upload.exists() == is_kept
    of.refresh_from_db()
    assert of.totals["new"] == 1


def test_the_page_of_an_import_says_that_its_file_is_gone(
    world: World,
) -> None:
    upload = sheet(uploads() / "a.xlsx", [WON], GERMAN)
    of = imported(world, upload)
    upload.unlink()
    client = world.client(world.admin)
    assert client.get(f"/imports/{of.pk}/").status_code == 200
    answer = client.get(f"/imports/{of.pk}/problems/")
    assert (answer.status_code, "a.xlsx" in answer.content.decode()) == (
        422,
        True,
    )


def test_a_file_that_a_command_read_in_place_stays(
    world: World, tmp_path: Path
) -> None:
    own = aged(sheet(tmp_path / "mine.xlsx", [WON], GERMAN))
    imported(world, own)
    prune_uploads(at=AT + 2 * WEEKS)
    assert own.exists()


@pytest.mark.usefixtures("world")
def test_files_that_belong_to_nothing_go_by_their_age() -> None:
    upload, export = aged_files = [
        aged(_touched(folder / "x.xlsx"))
        for folder in (uploads(), exports_folder())
    ]
    for at, is_kept in ((AT + WEEKS, True), (AT + WEEKS + MOMENT, False)):
        prune_uploads(at=at)
        purge_exports(at=at)
        assert [file.exists() for file in aged_files] == [is_kept, is_kept]
    assert upload != export


def _touched(path: Path) -> Path:
    path.touch()
    return path


def test_ended_sessions_are_deleted() -> None:
    for key, days in (("old", -1), ("new", 1)):
        Session.objects.create(
            session_key=key,
            session_data="",
            expire_date=AT + timedelta(days=days),
        )
    assert clear_sessions(at=AT) == 1
    assert list(Session.objects.values_list("session_key", flat=True)) == [
        "new"
    ]


@pytest.mark.parametrize(
    ("state", "days", "is_kept"),
    [
        ("done", 6, True),
        ("done", 8, False),
        ("canceled", 8, False),
        ("failed", 89, True),
        ("failed", 91, False),
        ("queued", 400, True),
        ("running", 400, True),
    ],
)
def test_jobs_that_ended_are_deleted_failed_ones_later(
    state: str, days: int, is_kept: bool
) -> None:
    ended_at = (
        AT - timedelta(days=days)
        if state in {"done", "failed", "canceled"}
        else None
    )
    Job.objects.create(
        name="x", state=state, created_at=AT, due_at=AT, finished_at=ended_at
    )
    ClockJump.objects.create(before=AT, after=AT - timedelta(days=91))
    prune_jobs(at=AT)
    assert (Job.objects.exists(), ClockJump.objects.exists()) == (
        is_kept,
        False,
    )


@pytest.mark.parametrize(
    ("state", "days", "is_kept"),
    [
        ("done", 199, True),
        ("done", 201, False),
        ("failed", 199, True),
        ("failed", 201, False),
    ],
)
def test_how_long_jobs_are_kept_is_a_setting(
    settings: Settings, state: str, days: int, is_kept: bool
) -> None:
    settings.JOBS_KEPT_DAYS = 200
    ended_at = AT - timedelta(days=days)
    Job.objects.create(
        name="x", state=state, created_at=AT, due_at=AT, finished_at=ended_at
    )
    prune_jobs(at=AT)
    assert Job.objects.exists() == is_kept


def test_everything_that_destroys_by_age_comes_daily() -> None:
    daily = {
        each.name for each in schedules if each.every == timedelta(days=1)
    }
    assert daily >= {
        "accounts.clear_sessions",
        "exports.purge",
        "imports.prune_uploads",
        "jobs.prune",
        "detection.purge",
        "sales.purge_trash",
    }
