"""Invitations: a link by which a person chooses a password, once."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.mail_server import mail_server
from tests.world import PASSWORD, World
from turnus.accounts.actions import create_user, update_user
from turnus.accounts.models import User

NEW_PASSWORD = "abonnements-2019"


def link_of(client: Client, user: User) -> str:
    page = client.post(f"/settings/users/{user.pk}/", {"invite": "link"})
    assert page.status_code == 200
    found = re.search(
        r'value="http://testserver(/sign-in/invitation/\?invited=[^"]+)"',
        page.content.decode(),
    )
    assert found
    return found[1]


@pytest.fixture
def invited(world: World, admin_client: Client) -> User:
    """A user who was added on the screen without a password."""
    answer = admin_client.post(
        "/settings/users/",
        {"name": "Nina", "email": "nina@example.org", "password": ""},
    )
    user = User.objects.get(email="nina@example.org")
    assert answer.headers["Location"] == f"/settings/users/{user.pk}/"
    assert not user.has_usable_password()
    return user


def test_an_invited_person_chooses_a_password_and_signs_in(
    admin_client: Client, invited: User
) -> None:
    link = link_of(admin_client, invited)
    stranger = Client()
    assert "nina@example.org" in stranger.get(link).content.decode()
    weak = stranger.post(link, {"password": "123"})
    assert weak.status_code == 422
    answer = stranger.post(link, {"password": NEW_PASSWORD})
    assert answer.headers["Location"] == "/sign-in/"
    signed_in = stranger.post(
        "/sign-in/", {"login": invited.email, "password": NEW_PASSWORD}
    )
    assert signed_in.headers["Location"] == "/"


def test_a_link_works_once(admin_client: Client, invited: User) -> None:
    link = link_of(admin_client, invited)
    second_link = link_of(admin_client, invited)
    Client().post(link, {"password": NEW_PASSWORD})
    for used in (link, second_link):
        page = Client().post(used, {"password": PASSWORD})
        assert page.status_code == 404
        assert "Dieser Link gilt nicht mehr" in page.content.decode()
    invited.refresh_from_db()
    assert invited.check_password(NEW_PASSWORD)


@pytest.mark.parametrize(
    "word", ["", "1", "-", "x-y-z", "9" * 30 + "-a-b", "1-a-b", "²-a-b"]
)
def test_another_word_opens_nothing(world: World, word: str) -> None:
    page = Client().get("/sign-in/invitation/", {"invited": word})
    assert page.status_code == 404


def test_a_link_ends_after_some_days_and_with_the_user(
    world: World,
    admin_client: Client,
    invited: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link = link_of(admin_client, invited)
    later = timezone.now().replace(tzinfo=None) + timedelta(days=5)
    with monkeypatch.context() as moved:
        moved.setattr(PasswordResetTokenGenerator, "_now", lambda _self: later)
        assert Client().get(link).status_code == 404
    assert Client().get(link).status_code == 200
    update_user(user=invited, by=world.admin, is_active=False)
    assert Client().get(link).status_code == 404
    refused = admin_client.post(
        f"/settings/users/{invited.pk}/", {"invite": "link"}
    )
    assert refused.status_code == 422
    assert "Nina kann sich nicht anmelden" in refused.content.decode()


def test_only_who_may_set_the_password_gets_a_link(world: World) -> None:
    update_user(user=world.bob, by=world.admin, permissions=["users"])
    client = world.client(world.bob)
    for user in (world.admin, world.charlie):
        address = f"/settings/users/{user.pk}/"
        for way in ("link", "mail"):
            answer = client.post(address, {"invite": way})
            assert answer.status_code == 403
    colleague = create_user(
        by=world.admin,
        name="Dora",
        email="dora@example.org",
        password=None,
        at=world.at,
        team=world.bob.team,
    )
    assert link_of(client, colleague)


def test_the_link_is_mailed_in_the_language_of_the_person(
    world: World, admin_client: Client, invited: User, settings: Settings
) -> None:
    address = f"/settings/users/{invited.pk}/"
    refused = admin_client.post(address, {"invite": "mail"})
    assert refused.status_code == 422
    assert 'value="mail"' not in admin_client.get(address).content.decode()

    settings.SENDS_MAIL = True
    assert 'value="mail"' in admin_client.get(address).content.decode()
    update_user(user=invited, by=world.admin, language="en")
    assert admin_client.post(address, {"invite": "mail"}).status_code == 302
    [message] = mail.outbox
    assert message.to == ["nina@example.org"]
    assert message.subject == "Your password for Turnus at Muster GmbH"
    link = re.search(r"http://testserver(\S+)", str(message.body))
    assert Client().get(link[1]).status_code == 200


def test_a_server_that_does_not_take_it_is_quoted(
    admin_client: Client, invited: User, settings: Settings
) -> None:
    with mail_server() as mailbox:
        settings.EMAIL_PORT = mailbox.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.SENDS_MAIL = True
    page = admin_client.post(
        f"/settings/users/{invited.pk}/", {"invite": "mail"}
    )
    assert page.status_code == 422
    assert "nina@example.org" in page.content.decode()
    assert "Connection refused" in page.content.decode()
