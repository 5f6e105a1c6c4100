"""Users and teams."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.accounts.access import Permission, is_beyond, is_outside, may
from turnus.accounts.actions import create_user, delete_team, save_team, set_password, update_user
from turnus.accounts.models import Team, User
from turnus.accounts.queries import owns_hidden
from turnus.accounts.words import PERMISSION_NAMES
from turnus.web.access import needs
from turnus.web.gate import SignedInRequest
from turnus.web.meanwhile import seen_in
from turnus.web.once import once
from turnus.web.posted import chosen, number_in
from turnus.web.settings.seen import saved_as_seen

#: What the form of a user shows.
_COLUMNS = ("name", "email", "team_id", "is_active", "is_admin", "permissions")


@require_http_methods(["GET", "POST"])
@needs(Permission.USERS)
@once
def users(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        given = request.POST
        user = create_user(
            by=request.user,
            name=given.get("name", ""),
            email=given.get("email", ""),
            password=given.get("password", ""),
            at=request.at,
            **_rights(request),
        )
        messages.success(request, _("%(name)s can sign in now.") % {"name": user.name})
        return redirect("users")
    shown = User.objects.select_related("team").order_by("-is_active", "name")
    context = {"users": list(shown), "teams": _teams_of(request.user, None)}
    return render(request, "settings/users.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.USERS)
def user(request: SignedInRequest, pk: int) -> HttpResponse:
    changed = get_object_or_404(User, pk=pk)
    if request.method == "POST":
        if "password" in request.POST:
            set_password(user=changed, by=request.user, password=request.POST["password"])
        else:
            back = reverse("user", args=[pk])
            moved = saved_as_seen(
                request, changed, _COLUMNS, lambda: _save(request, changed), now=_now, back=back
            )
            if moved is not None:
                return moved
        messages.success(request, _("Saved."))
        return redirect("users")
    context = {
        "changed": changed,
        "seen": seen_in(_COLUMNS, changed),
        "is_beyond": is_beyond(changed, request.user),
        "sees_more": is_outside(changed.team_id, request.user)
        or owns_hidden(changed, request.user),
        "teams": _teams_of(request.user, changed.team),
        "permissions": [
            (str(one), name, one in changed.permissions, may(request.user, one))
            for one, name in PERMISSION_NAMES.items()
        ],
    }
    return render(request, "settings/user.html", context)


def _save(request: SignedInRequest, changed: User) -> None:
    values = {
        "name": request.POST.get("name", "").strip() or changed.name,
        "email": request.POST.get("email", ""),
    }
    is_active = bool(request.POST.get("is_active"))
    update_user(user=changed, by=request.user, **values, is_active=is_active, **_rights(request))


def _now(changed: User) -> list[tuple[str, str]]:
    rights = [str(name) for one, name in PERMISSION_NAMES.items() if one in changed.permissions]
    rights += [_("Admin: may do everything")] if changed.is_admin else []
    rights += [_("May sign in")] if changed.is_active else []
    team = changed.team.name if changed.team else ""
    return [
        (_("Name"), changed.name),
        (_("E-mail"), changed.email),
        (_("Team"), team),
        (_("Rights"), ", ".join(rights)),
    ]


@require_http_methods(["GET", "POST"])
@needs(Permission.USERS)
@once
def teams(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        if "delete" in request.POST:
            delete_team(team=chosen(Team, request.POST["delete"]), by=request.user)
        else:
            pk = request.POST.get("team")
            team = chosen(Team, pk) if pk else None
            save_team(by=request.user, name=request.POST.get("name", ""), team=team)
        return redirect("teams")
    return render(
        request, "settings/teams.html", {"teams": list(Team.objects.prefetch_related("members"))}
    )


def _teams_of(by: User, team: Team | None) -> list[Team]:
    """Return the teams that `by` can put a person into who is in `team`."""
    return [one for one in Team.objects.all() if one == team or not is_outside(one.pk, by)]


def _rights(request: SignedInRequest) -> dict[str, Any]:
    given = request.POST
    team = number_in(given.get("team"))
    known = {str(one) for one in PERMISSION_NAMES}
    return {
        "is_admin": bool(given.get("is_admin")),
        "team": Team.objects.filter(pk=team).first() if team else None,
        "permissions": sorted(set(given.getlist("permission")) & known),
    }
