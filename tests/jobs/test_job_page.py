"""The page of jobs: what an admin sees there, and does."""

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from tests.conftest import AT
from tests.imports.test_imports import GERMAN, WON, checked, sheet
from tests.world import World
from turnus.exports.models import Export
from turnus.imports.actions import request_import
from turnus.imports.models import Import
from turnus.jobs.actions import Context, LostError, claim, enqueue
from turnus.jobs.actions_admin import cancel_job, try_again
from turnus.jobs.lanes import JobLane
from turnus.jobs.models import Job, Sighting
from turnus.jobs.registry import given_up, job_names, task
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.web.settings.job_words import JOB_WORDS, span_words

pytestmark = pytest.mark.django_db
cleaned: list[int] = []
UNKNOWN = ("no such customer",)


@task("tests.steps", lane=JobLane.SHORT, stops=True)
def steps(context: Context, *, number: int) -> None:
    """Write three rows; cancel itself before the second."""
    while context.cursor < 3:
        if context.cursor == 1 and number:
            Job.objects.filter(pk=context.job.pk).update(cancel_asked_at=AT)
        with context.step(3):
            Sighting.objects.create(name=f"step {context.cursor}", seen_at=AT)


@given_up("tests.steps")
def clean(*, number: int) -> None:
    cleaned.append(number)


@task("tests.whole", lane=JobLane.SHORT)
def whole(_context: Context) -> None:
    raise UserError("sheet.unknown_ending", ending="exe")


@task("tests.bug", lane=JobLane.SHORT)
def bug(_context: Context) -> None:
    raise ValueError(*UNKNOWN)


def page(client: Client) -> str:
    return unescape(client.get("/settings/jobs/").content.decode())


def test_each_job_has_its_words() -> None:
    own = {name for name in job_names() if not name.startswith("tests.")}
    assert own == set(JOB_WORDS)


def test_a_running_job_ends_before_its_next_step_and_is_cleaned_up() -> None:
    cleaned.clear()
    enqueue("tests.steps", at=AT, number=7)
    run_pending()
    assert list(Sighting.objects.values_list("name", flat=True)) == ["step 0"]
    job = Job.objects.get(name="tests.steps")
    assert (job.state, job.cursor, job.finished_at) == ("canceled", 1, AT)
    assert cleaned == [7]


def test_a_step_that_was_under_way_when_it_was_canceled_is_rolled_back(
    world: World,
) -> None:
    enqueue("tests.steps", at=AT, number=0)
    job = claim(at=AT)
    assert job is not None
    with pytest.raises(LostError), Context(job).step(3):
        Sighting.objects.create(name="lost", seen_at=AT)
        cancel_job(job_id=job.pk, by=world.admin, at=AT)
    assert not Sighting.objects.filter(name="lost").exists()


def test_a_waiting_job_is_canceled_at_once_and_can_be_tried_again(
    world: World, admin_client: Client
) -> None:
    job = enqueue("tests.whole", at=AT, by_id=world.alice.pk)
    admin_client.post("/settings/jobs/", {"cancel": job.pk})
    job.refresh_from_db()
    assert job.state == "canceled"
    admin_client.post("/settings/jobs/", {"retry": job.pk})
    job.refresh_from_db()
    assert (job.state, job.due_at) == ("queued", AT)


def test_a_running_job_without_steps_says_that_it_cannot_be_canceled(
    world: World, admin_client: Client
) -> None:
    job = enqueue("tests.whole", at=AT)
    claim(at=AT)
    assert "Kann nicht abgebrochen werden" in page(admin_client)
    with pytest.raises(UserError, match=r"job\.unstoppable"):
        cancel_job(job_id=job.pk, by=world.admin, at=AT)
    assert Job.objects.get(pk=job.pk).state == "running"


def test_what_has_ended_or_gone_is_neither_canceled_nor_tried_again(
    world: World,
) -> None:
    job = enqueue("tests.steps", at=AT, number=0)
    run_pending()
    by_admin = {"job_id": job.pk, "by": world.admin, "at": AT}
    with pytest.raises(UserError, match=r"job\.ended"):
        cancel_job(**by_admin)
    with pytest.raises(UserError, match=r"job\.not_given_up"):
        try_again(**by_admin)
    job.delete()
    with pytest.raises(UserError, match=r"job\.gone"):
        try_again(**by_admin)


def test_a_job_whose_work_was_cleaned_up_is_not_simply_tried_again(
    world: World,
) -> None:
    job = enqueue("tests.steps", at=AT, number=1)
    run_pending()
    with pytest.raises(UserError, match=r"job\.begun_elsewhere"):
        try_again(job_id=job.pk, by=world.admin, at=AT)


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_only_admins_see_and_change_jobs(world: World, who: str) -> None:
    person = getattr(world, who)
    job = enqueue("tests.whole", at=AT, by_id=person.pk)
    client = world.client(person)
    assert client.get("/settings/jobs/").status_code == 403
    assert "/settings/jobs/" not in client.get("/settings/").content.decode()
    client.post("/settings/jobs/", {"cancel": job.pk})
    with pytest.raises(UserError, match=r"access\.denied"):
        cancel_job(job_id=job.pk, by=person, at=AT)
    with pytest.raises(UserError, match=r"access\.denied"):
        try_again(job_id=job.pk, by=person, at=AT)
    assert Job.objects.get(pk=job.pk).state == "queued"


def test_the_page_says_what_went_wrong_in_words(
    world: World, admin_client: Client
) -> None:
    enqueue("tests.whole", at=AT, by_id=world.bob.pk)
    failed = enqueue("tests.bug", at=AT)
    Job.objects.filter(pk=failed.pk).update(attempts=4)
    run_pending()
    text = page(admin_client)
    assert "exe" in text
    assert "Fehler im Programm: ValueError: no such customer" in text
    assert world.bob.name in text


def test_a_canceled_import_is_undone(
    world: World, admin_client: Client, tmp_path: object
) -> None:
    of = checked(world, sheet(tmp_path / "a.xlsx", [WON], GERMAN))  # type: ignore[operator]  # a path
    request_import(of=of, by=world.admin, at=AT)
    job = Job.objects.get(name="imports.commit")
    assert job.lane == "short"
    assert f"/imports/{of.pk}/" in page(admin_client)
    cancel_job(job_id=job.pk, by=world.admin, at=AT)
    run_pending()
    assert Import.objects.get(pk=of.pk).state == "undone"


def test_an_export_that_failed_waits_again_when_it_is_tried_again(
    world: World,
) -> None:
    export = Export.objects.create(
        by=world.alice,
        record_kind="deal",
        title="Deals",
        language="de",
        format="csv",
        created_at=AT,
        expires_at=AT + timedelta(days=1),
    )
    job = enqueue("exports.write", at=AT, export_id=export.pk)
    cancel_job(job_id=job.pk, by=world.admin, at=AT)
    export.refresh_from_db()
    assert export.state == "failed"
    try_again(job_id=job.pk, by=world.admin, at=AT)
    export.refresh_from_db()
    assert (export.state, export.error) == ("waiting", {})


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 seconds"),
        (1, "1 second"),
        (59.9, "59 seconds"),
        (60, "1 minute"),
        (3599, "59 minutes"),
        (7300, "2 hours"),
    ],
)
def test_how_long_it_takes_is_said_in_the_largest_unit(
    seconds: float, words: str
) -> None:
    assert span_words(timedelta(seconds=seconds)) == words
