"""Signing in and out, and what a page leaves behind: the way back, caches, HEAD, guesses."""

from pathlib import Path

import pytest
from django.test import Client

from tests.architecture.addresses import addresses, populated
from tests.world import PASSWORD, World

OWN = "http://testserver"
LIST = "/deals/?where=%7B%22all%22%3A%5B%5D%7D&sort=-title&q=M%C3%BCller+%26+S%C3%B6hne&page=2"


@pytest.mark.parametrize(
    ("method", "path", "headers", "back"),
    [
        ("GET", LIST, {}, LIST),
        ("HEAD", LIST, {}, LIST),
        (
            "GET",
            "/deals/7/cell/",
            {"HX-Request": "true", "HX-Current-URL": OWN + LIST},
            LIST,
        ),
        ("POST", "/deals/7/move/", {"Referer": OWN + LIST}, LIST),
        (
            "POST",
            "/deals/7/move/",
            {"HX-Request": "true", "HX-Current-URL": OWN + LIST},
            LIST,
        ),
        (
            "POST",
            "/deals/7/move/",
            {"Referer": "https://elsewhere.example/deals/"},
            "/",
        ),
        ("POST", "/deals/7/move/", {}, "/"),
        ("GET", "/", {}, "/"),
    ],
)
def test_signing_in_leads_back_with_all_parameters(
    world: World, method: str, path: str, headers: dict[str, str], back: str
) -> None:
    client = Client()
    answer = client.generic(method, path, headers=headers)
    address = answer.headers.get("HX-Redirect") or answer.headers["Location"]
    page = client.get(address)
    form = {"login": "ada@example.org", "password": PASSWORD}
    if page.context.get("redirect_field_value"):
        form["next"] = page.context["redirect_field_value"]
    assert client.post("/sign-in/", form).headers["Location"] == back


def test_no_page_is_kept_by_a_cache(world: World, tmp_path: Path) -> None:
    ids, client = populated(world, tmp_path), world.client(world.admin)
    for one in addresses():
        for who in (client, Client()):
            kept = (
                "no-store"
                not in who.get(one.path(ids)).headers["Cache-Control"]
            )
            assert (one.name, kept) == (one.name, one.name == "favicon")


def test_every_page_that_opens_answers_head(
    world: World, tmp_path: Path
) -> None:
    ids, client = populated(world, tmp_path), world.client(world.admin)
    for one in addresses():
        shown, asked = client.get(one.path(ids)), client.head(one.path(ids))
        assert (one.name, asked.status_code) == (one.name, shown.status_code)
        assert not b"".join(asked)


def test_the_page_for_signing_out_is_ours(world: World) -> None:
    client = world.client(world.alice)
    page = client.get("/sign-out/").content.decode()
    assert "Möchten Sie sich abmelden?" in page
    assert "t-bare__card" in page
    client.post("/sign-out/")
    assert client.get("/deals/").status_code == 302


def test_guesses_of_the_present_password_are_slowed_down(world: World) -> None:
    client = world.client(world.alice)

    def change(old: str, new: str = "ganz-neu-2019-abo") -> str:
        answer = client.post(
            "/settings/profile/", {"old_password": old, "password": new}
        )
        return (
            answer.content.decode()
            if answer.status_code == 422
            else str(answer.status_code)
        )

    assert "ist falsch" in change("geraten-0")
    assert change(PASSWORD) == "302"  # who knows it starts anew
    told = [change(f"geraten-{number}") for number in range(5)]
    assert all("ist falsch" in one for one in told)
    assert "Zu viele Versuche" in change("geraten-5")
    assert "Zu viele Versuche" in change("ganz-neu-2019-abo")
    world.alice.refresh_from_db()
    assert world.alice.check_password("ganz-neu-2019-abo")
    assert (
        world.client(world.bob)
        .post(
            "/settings/profile/", {"old_password": PASSWORD, "password": "x"}
        )
        .status_code
        == 422
    )


def test_whoever_may_no_longer_sign_in_is_told_no_more_than_a_stranger(
    world: World,
) -> None:
    world.bob.is_active = False
    world.bob.save()
    told = [
        Client()
        .post("/sign-in/", {"login": login, "password": PASSWORD})
        .content.decode()
        for login in ("bob@example.org", "nobody@example.org")
    ]
    assert all(
        "Gewonnen" not in one and "t-notice--error" in one for one in told
    )
