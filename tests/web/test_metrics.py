"""The page for Prometheus: for whoever has the token, with figures that are true."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.world import World
from turnus.jobs.actions import enqueue
from turnus.jobs.ticks import note_tick

TOKEN = "scrape-me"


@pytest.fixture
def token(settings: Settings) -> dict[str, str]:
    settings.METRICS_TOKEN = TOKEN
    return {"Authorization": f"Bearer {TOKEN}"}


def figures(headers: dict[str, str]) -> dict[str, float]:
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    lines = answer.content.decode().splitlines()
    pairs = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    return {name: float(value) for name, value in pairs}


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}]
)
def test_nobody_reads_it_without_the_token(
    world: World, token: dict[str, str], header: dict[str, str]
) -> None:
    answer = Client().get("/metrics", headers=header)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_without_a_token_in_the_settings_there_is_no_such_page(
    world: World,
) -> None:
    assert Client().get("/metrics").status_code == 404


def test_requests_are_counted_by_page_and_answer(
    world: World, token: dict[str, str]
) -> None:
    def counts() -> tuple[float, float]:
        found = figures(token)
        pages = 'turnus_request_seconds_count{page="list"}'
        answers = 'turnus_requests_total{method="GET",status="200"}'
        return found.get(pages, 0), found.get(answers, 0)

    before = counts()
    world.client(world.alice).get("/deals/")
    pages, answers = counts()
    assert (pages - before[0], answers - before[1]) == (1, 1)


def test_what_waits_has_its_age(
    world: World, token: dict[str, str], settings: Settings
) -> None:
    (Path(settings.DATA_DIR)).mkdir(exist_ok=True)
    note_tick(world.at - timedelta(seconds=7))
    enqueue("exports.write", at=world.at - timedelta(seconds=90), export=1)
    world.subscription()  # its term of 30 September is not booked, and today is 14 November
    found = figures(token)
    assert found["turnus_worker_silent_seconds"] == 7
    assert found['turnus_job_waiting_seconds{lane="long"}'] == 90
    assert found['turnus_job_waiting_seconds{lane="short"}'] == 0
    assert found['turnus_jobs{lane="long",state="queued"}'] == 1
    assert found['turnus_jobs{lane="short",state="queued"}'] == 0
    assert found['turnus_jobs{lane="long",state="failed"}'] == 0
    assert found["turnus_oldest_due_term_days"] == 45
    assert found["turnus_database_bytes"] > 100_000


def test_it_can_be_read_before_the_first_run(
    db: None, token: dict[str, str]
) -> None:
    found = figures(token)
    assert "turnus_oldest_due_term_days" not in found
    assert [name for name in found if re.match("turnus_build", name)]


def test_a_probe_may_name_any_host(
    world: World, token: dict[str, str]
) -> None:
    headers = {**token, "Host": "10.0.0.5:8000"}
    assert figures(headers)['turnus_imports{state="checked"}'] == 0
