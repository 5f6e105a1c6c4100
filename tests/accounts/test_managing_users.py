"""Managing users gains nothing: no rights, no sight, not even by an account under control."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.world import PASSWORD, World
from turnus.accounts.access import Permission
from turnus.accounts.actions import (
    create_user,
    delete_team,
    save_team,
    set_password,
    update_user,
)
from turnus.accounts.models import Team, User
from turnus.kit.errors import UserError
from turnus.sales.models import Deal


@pytest.fixture
def world(world: World) -> World:
    """Bob manages users; Alice of his team has one right more, Dora none; Charlie is elsewhere."""
    world.bob.permissions = [Permission.USERS, Permission.EXPORT]
    world.alice.permissions = [Permission.EXPORT, Permission.COMPANY]
    world.bob.save()
    world.alice.save()
    user(world, "Dora", team=world.bob.team)
    return world


def user(
    world: World, name: str, *, by: User | None = None, **values: Any
) -> User:
    email = f"{name.lower()}@example.org"
    return create_user(
        by=by or world.admin,
        name=name,
        email=email,
        password=PASSWORD,
        at=world.at,
        **values,
    )


def named(name: str) -> User:
    return User.objects.get(name__startswith=name)


def team(name: str) -> Team:
    return Team.objects.get(name=name)


ATTEMPTS: dict[str, tuple[str, Callable[[World], object]]] = {
    "own rights": (
        "grants_more",
        lambda world: update_user(
            user=world.bob, by=world.bob, permissions=["users", "company"]
        ),
    ),
    "own admin": (
        "grants_more",
        lambda world: update_user(user=world.bob, by=world.bob, is_admin=True),
    ),
    "own team": (
        "team_outside",
        lambda world: update_user(
            user=world.bob, by=world.bob, team=team("Süd")
        ),
    ),
    "a right for a colleague": (
        "grants_more",
        lambda world: update_user(
            user=named("Dora"), by=world.bob, permissions=["company"]
        ),
    ),
    "an admin for a colleague": (
        "grants_more",
        lambda world: update_user(
            user=named("Dora"), by=world.bob, is_admin=True
        ),
    ),
    "a second account in another team": (
        "team_outside",
        lambda world: user(world, "Zwei", by=world.bob, team=team("Süd")),
    ),
    "a second account with more": (
        "grants_more",
        lambda world: user(
            world, "Zwei", by=world.bob, permissions=["import"]
        ),
    ),
    "a second account as admin": (
        "grants_more",
        lambda world: user(world, "Zwei", by=world.bob, is_admin=True),
    ),
    "a colleague into another team": (
        "team_outside",
        lambda world: update_user(
            user=named("Dora"), by=world.bob, team=team("Süd")
        ),
    ),
    "a stranger with records into the own team": (
        "team_outside",
        lambda world: update_user(
            user=world.charlie, by=world.bob, team=world.bob.team
        ),
    ),
    "a stranger out of their team": (
        "team_left",
        lambda world: update_user(user=world.charlie, by=world.bob, team=None),
    ),
    "a stranger's team": (
        "team_left",
        lambda world: delete_team(team=team("Süd"), by=world.bob),
    ),
    "the admin's password": (
        "beyond",
        lambda world: set_password(
            user=world.admin, by=world.bob, password=PASSWORD
        ),
    ),
    "the admin's e-mail": (
        "beyond",
        lambda world: update_user(
            user=world.admin, by=world.bob, email="b@example.org"
        ),
    ),
    "the admin's sign-in": (
        "beyond",
        lambda world: update_user(
            user=world.admin, by=world.bob, is_active=False
        ),
    ),
    "the password of more rights": (
        "beyond",
        lambda world: set_password(
            user=world.alice, by=world.bob, password=PASSWORD
        ),
    ),
    "rights off whoever has more": (
        "beyond",
        lambda world: update_user(
            user=world.alice, by=world.bob, permissions=[]
        ),
    ),
    "the password of another team": (
        "sees_more",
        lambda world: set_password(
            user=world.charlie, by=world.bob, password=PASSWORD
        ),
    ),
    "the password of hidden records": (
        "sees_more",
        lambda world: set_password(
            user=named("Emil"), by=world.bob, password=PASSWORD
        ),
    ),
}


@pytest.mark.parametrize(
    ("code", "attempt"), ATTEMPTS.values(), ids=ATTEMPTS.keys()
)
def test_managing_users_gives_nothing(
    world: World, code: str, attempt: Callable[[World], object]
) -> None:
    emil = user(world, "Emil", team=world.bob.team)
    for owner, visibility in ((world.charlie, "team"), (emil, "owner")):
        world.deal(owner, title="Geheim", visibility=visibility)
    before = list(User.objects.order_by("pk").values())
    with pytest.raises(UserError, match=rf"access\.{code}"):
        attempt(world)
    assert list(User.objects.order_by("pk").values()) == before


def test_ordinary_managing_stays_easy(world: World) -> None:
    dora = named("Dora")
    world.deal(dora, title="Für das Team", visibility="team")
    set_password(user=dora, by=world.bob, password="neu-vergeben-2018")
    update_user(
        user=dora,
        by=world.bob,
        permissions=["export"],
        name=" Dora  D. ",
        email="d@example.org",
    )
    update_user(user=world.charlie, by=world.bob, name="Karl", is_active=False)
    new = user(
        world, "Neu", by=world.bob, team=world.bob.team, permissions=["export"]
    )
    update_user(user=new, by=world.bob, team=None)
    update_user(user=new, by=world.bob, team=world.bob.team)
    delete_team(team=save_team(by=world.bob, name="Leer"), by=world.bob)
    dora.refresh_from_db()
    assert (
        dora.name,
        dora.permissions,
        dora.check_password("neu-vergeben-2018"),
    ) == (
        "Dora D.",
        ["export"],
        True,
    )


def test_of_two_admins_who_take_the_right_from_each_other_one_stays(
    world: World,
) -> None:
    second = user(world, "Zweite", is_admin=True)
    update_user(user=world.admin, by=second, is_admin=False)
    with pytest.raises(UserError, match="last_admin"):
        update_user(user=second, by=second, is_active=False)


def test_what_somebody_else_changed_meanwhile_stays(world: World) -> None:
    stale = User.objects.get(pk=world.charlie.pk)
    set_password(
        user=world.charlie, by=world.charlie, password="inzwischen-neu-2018"
    )
    update_user(user=stale, by=world.admin, name="Karl")
    assert User.objects.get(pk=stale.pk).check_password("inzwischen-neu-2018")


def test_a_new_team_shows_nobody_more(world: World) -> None:
    own = save_team(by=world.bob, name="Meins")
    world.deal(world.alice, title="Team", visibility="team")
    for one in (world.bob, named("Dora")):
        with pytest.raises(UserError, match="team_outside"):
            update_user(user=one, by=world.bob, team=own)
    assert Deal.objects.visible_to(world.bob).count() == 1


def test_the_page_offers_what_is_allowed(world: World) -> None:
    world.bob.language = "en"
    world.bob.save()
    client = world.client(world.bob)
    pages = {
        name: client.get(f"/settings/users/{named(name).pk}/").content.decode()
        for name in ("Alice", "Charlie", "Dora")
    }
    assert "has rights that you do not have" in pages["Alice"]
    assert "sees records that you do not see" in pages["Charlie"]
    assert "Set password" in pages["Dora"]
    assert "Süd" not in pages["Dora"]
