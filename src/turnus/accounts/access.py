"""Who may do what: permissions of a user, and which records they may see and change."""

from enum import StrEnum
from typing import Protocol

from django.db.models import Q

from turnus.accounts.models import User
from turnus.kit.errors import UserError


class Permission(StrEnum):
    """What an admin may always do and a regular user only when it was granted."""

    IMPORT = "import"
    EXPORT = "export"
    CUSTOM_FIELDS = "custom_fields"
    PIPELINES = "pipelines"
    USERS = "users"
    COMPANY = "company"
    #: Change and trash records that belong to people outside the own team.
    EDIT_ALL = "edit_all"


class Visibility(StrEnum):
    """Who sees a record besides admins."""

    OWNER = "owner"
    TEAM = "team"
    EVERYONE = "everyone"


class OwnedRecord(Protocol):
    """A record of any kind, as far as access goes."""

    visibility: str
    owner_id: int

    @property
    def owner(self) -> User:
        """The user who owns it."""


def may(user: User, permission: Permission) -> bool:
    """Return whether `user` holds `permission`; costs no query."""
    return user.is_active and (user.is_admin or permission in user.permissions)


def require(user: User, permission: Permission) -> None:
    """Refuse with `access.denied` unless `user` holds `permission`."""
    if not may(user, permission):
        raise UserError("access.denied", permission=str(permission))


def visible(user: User, *, through: str = "") -> Q:
    """Return the condition on records (`owner`, `visibility`) that `user` may see.

    Admins see everything: no condition. `through` leads over a link to the records that are meant,
    such as `organization__`; without a link there it is unknown, which a filter takes for false.
    The team's members are a subquery, so the condition itself costs no query.
    """
    if user.is_admin:
        return Q()
    visibility = f"{through}visibility"
    owner = f"{through}owner"
    condition = Q(**{visibility: Visibility.EVERYONE}) | Q(**{owner: user})
    if user.team_id is not None:
        members = User.objects.filter(team=user.team_id)
        condition |= Q(
            **{visibility: Visibility.TEAM, f"{owner}__in": members}
        )
    return condition


def sees(user: User, record: OwnedRecord) -> bool:
    """Return whether `user` may see a record that was read, by the same rule as `visible`.

    Costs a query where the record is for a team and its owner was not read with it.
    """
    if user.is_admin or record.owner_id == user.pk:
        return True
    if record.visibility != Visibility.TEAM or user.team_id is None:
        return bool(record.visibility == Visibility.EVERYONE)
    return record.owner.team_id == user.team_id


def editable(user: User) -> Q:
    """Return the condition on records that `user` may change: own, team's, or all.

    To be combined with `visible`: what one cannot see one cannot change.
    """
    if may(user, Permission.EDIT_ALL):
        return Q()
    own = Q(owner=user)
    if user.team_id is None:
        return own
    members = User.objects.filter(team=user.team_id)
    return own | Q(owner__in=members)


def is_beyond(user: User, by: User) -> bool:
    """Return whether `user` may do something that `by` may not, and so may not manage.

    Costs no query.
    """
    if by.is_admin:
        return False
    has_more_permissions = not set(user.permissions) <= set(by.permissions)
    return user.is_admin or has_more_permissions


def is_outside(team: int | None, by: User) -> bool:
    """Return whether members of the team with this id see records that `by` does not see.

    None stands for no team. Costs no query.
    """
    return not by.is_admin and team is not None and team != by.team_id
