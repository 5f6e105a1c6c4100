"""Applies teams and users."""

from collections.abc import Mapping, Sequence

from turnus.accounts.actions import (
    Rights,
    UserChanges,
    create_user,
    save_team,
    update_user,
)
from turnus.accounts.models import Team, User
from turnus.setup.application import (
    Application,
    by_name,
    found_by_name,
    tidied,
)
from turnus.setup.changes import Shown
from turnus.setup.map_reader import Written
from turnus.setup.records import UserSetup

#: Column of a user -> key in the file.
_KEYS: Mapping[str, str] = {
    "name": "name",
    "is_admin": "admin",
    "is_active": "active",
    "team": "team",
    "permissions": "permissions",
    "language": "language",
}


def apply_teams(work: Application, wanted: Sequence[Written[str]]) -> None:
    """Add the teams that are not there."""
    present = by_name(Team.objects.all())
    for each in wanted:
        if tidied(each.value) in present:
            continue
        with work.entry(each.line, "teams"):
            team = save_team(by=work.by, name=each.value)
            work.changes.added("teams", team.name)


def apply_users(work: Application, wanted: Sequence[UserSetup]) -> None:
    """Add the users that are not there, and change what differs in those that are."""
    if not wanted:
        return
    teams = by_name(Team.objects.all())
    users = {
        user.email.lower(): user
        for user in User.objects.select_related("team")
    }
    for each in wanted:
        with work.entry(each.line, "users"):
            values = _values(work, each, teams)
            user = users.get(each.email)
            if user is None:
                _add(work, each, values)
            else:
                _change(work, user, values)


def _values(
    work: Application, wanted: UserSetup, teams: Mapping[str, Team]
) -> UserChanges:
    """Return the columns that the file names."""
    values: UserChanges = {}
    if wanted.name is not None:
        values["name"] = tidied(wanted.name)
    if wanted.is_admin is not None:
        values["is_admin"] = wanted.is_admin
    if wanted.is_active is not None:
        values["is_active"] = wanted.is_active
    if wanted.permissions is not None:
        values["permissions"] = list(wanted.permissions)
    if wanted.language is not None:
        values["language"] = wanted.language
    if wanted.team is not None:
        with work.entry(wanted.team.line, "users.team"):
            name = wanted.team.value
            values["team"] = found_by_name(teams, name) if name else None
    return values


def _add(work: Application, wanted: UserSetup, values: UserChanges) -> None:
    rights: Rights = {
        "is_admin": values.get("is_admin", False),
        "team": values.get("team"),
        "permissions": values.get("permissions", []),
        "language": values.get("language", ""),
    }
    user = create_user(
        by=work.by,
        name=values.get("name") or wanted.email.partition("@")[0],
        email=wanted.email,
        password=wanted.password,
        at=work.at,
        **rights,
    )
    if values.get("is_active") is False:
        update_user(user=user, by=work.by, is_active=False)
    details = {
        _KEYS[column]: _shown(value) for column, value in values.items()
    }
    work.changes.added("users", user.email, details)


def _change(work: Application, user: User, values: UserChanges) -> None:
    different: UserChanges = {}
    before: dict[str, object] = {}
    for column, value in values.items():
        present = getattr(user, column)
        if column == "permissions":
            present = sorted(present)
        if present != value:
            before[column] = present
            different[column] = value  # type: ignore[literal-required]
    if not different:
        return
    update_user(user=user, by=work.by, **different)
    for column, value in different.items():
        work.changes.changed(
            "users",
            user.email,
            _KEYS[column],
            _shown(before[column]),
            _shown(value),
        )


def _shown(value: object) -> Shown:
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return value if isinstance(value, bool) or value is None else str(value)
