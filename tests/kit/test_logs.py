"""The log: what fails or takes long can be found by the id that the page showed."""

import json
import logging
import re
from pathlib import Path

import pytest
from django.contrib.auth import get_user
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from tests.world import World
from turnus.kit.logs import JsonFormatter, TextFormatter
from turnus.web import trace
from turnus.web.trace import server_error

handler500 = server_error
TEMPLATES = Path(trace.__file__).parent / "templates"


def broken(request: HttpRequest) -> HttpResponse:
    """Fail, for somebody who is signed in."""
    assert get_user(request).is_authenticated
    raise RuntimeError("no such luck")  # noqa: TRY003 (what the log must show)


urlpatterns = [
    path("broken/", broken),
    path("fine/", lambda _: HttpResponse("fine")),
]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Return the log on standard error; entries are formatted while the request is known."""
    caplog.handler.setFormatter(TextFormatter())
    return caplog


@pytest.fixture
def client(world: World, settings: pytest.FixtureRequest) -> Client:
    settings.ROOT_URLCONF = __name__  # type: ignore[attr-defined]
    signed_in = world.client(world.alice)
    signed_in.raise_request_exception = False
    return signed_in


def test_a_failure_is_found_by_what_its_page_says(
    client: Client, world: World, log: pytest.LogCaptureFixture
) -> None:
    page = client.get("/broken/?q=Geheim&where=x")
    assert page.status_code == 500
    request_id = page.headers["X-Request-ID"]
    assert f"<code>{request_id}</code>" in page.content.decode()
    first, *traceback = log.text.splitlines()
    assert "ERROR django.request" in first
    assert (
        f"[GET /broken/?q&where, user {world.alice.pk}, request {request_id}]"
        in first
    )
    assert traceback[-1] == "RuntimeError: no such luck"


def test_a_slow_request_is_noted_and_a_quick_one_is_not(
    client: Client,
    log: pytest.LogCaptureFixture,
    settings: pytest.FixtureRequest,
) -> None:
    client.get("/fine/")
    client.get("/gone/")
    assert log.text.splitlines() == []
    settings.SLOW_REQUEST_SECONDS = 0.0  # type: ignore[attr-defined]
    client.get("/fine/")
    assert re.search(
        r"WARNING turnus.web.trace: slow: 0.\d s, answered 200 \[GET /fine/",
        log.text.splitlines()[0],
    )


def test_an_entry_for_machines_is_one_object(
    client: Client, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(JsonFormatter())
    client.get("/broken/")
    entry = json.loads(caplog.text)
    assert (entry["level"], entry["address"], entry["user"]) == (
        "ERROR",
        "/broken/",
        world.alice.pk,
    )
    assert entry["traceback"].endswith("RuntimeError: no such luck")


def test_a_line_outside_a_request_names_none() -> None:
    record = logging.LogRecord(
        "turnus.jobs", logging.WARNING, "", 1, "job %s", (3,), None
    )
    record.created = 0
    assert (
        TextFormatter().format(record)
        == "1970-01-01T00:00:00.000+00:00 WARNING turnus.jobs: job 3"
    )
    assert json.loads(JsonFormatter().format(record))["message"] == "job 3"


@pytest.mark.parametrize(
    ("proxies", "given", "is_kept"),
    [
        (0, "abcdefgh-1", False),
        (1, "abcdefgh-1", True),
        (1, "short", False),
        (1, "a\nb" * 9, False),
    ],
)
def test_an_id_is_taken_from_ones_own_proxy_only(
    client: Client,
    settings: pytest.FixtureRequest,
    proxies: int,
    given: str,
    *,
    is_kept: bool,
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies  # type: ignore[attr-defined]
    answer = client.get("/fine/", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) is is_kept


def test_a_failure_is_told_in_the_language_of_the_person(
    client: Client,
) -> None:
    page = client.get(
        "/broken/", headers={"Accept-Language": "de"}
    ).content.decode()
    assert '<html lang="de"' in page
    assert "Etwas ist schiefgegangen" in page


def test_the_error_page_has_one_to_fall_back_on(
    rf: RequestFactory, log: pytest.LogCaptureFixture
) -> None:
    templates = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [TEMPLATES],
        }
    ]
    with override_settings(TEMPLATES=templates):  # knows none of our tags
        page = server_error(rf.get("/"))
    assert page.status_code == 500
    assert "Something went wrong." in page.content.decode()
    assert "the error page failed too" in log.text


def test_another_host_name_is_one_line_that_names_the_setting(
    client: Client, log: pytest.LogCaptureFixture
) -> None:
    assert (
        client.get("/fine/", headers={"Host": "evil.example"}).status_code
        == 400
    )
    (line,) = log.text.splitlines()
    assert "'evil.example' to TURNUS_HOSTS." in line


def test_whoever_asks_writes_no_entries_of_their_own(
    world: World, log: pytest.LogCaptureFixture
) -> None:
    path = (
        "/sign-in/%0a2018-11-14 ERROR forged%1b[31m/?%0aforged=1&"
        + "a" * 5_000
    )
    for host in ("evil.example", "evil.example" * 1_000):
        Client().generic("F" * 9_000, path, HTTP_HOST=host)
    lines = [line for line in log.text.splitlines() if "slow:" not in line]
    assert len(lines) == 2, "one line each, without a traceback"
    assert all(
        "DisallowedHost" in line and len(line) < 3_000 for line in lines
    )
    assert "\x1b" not in log.text
    assert "/sign-in/\\n2018-11-14 ERROR forged\\x1b[31m/" in lines[0]
