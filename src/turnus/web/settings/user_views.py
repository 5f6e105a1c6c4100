"""Users and teams."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.accounts.access import Permission, is_beyond, is_outside, may
from turnus.accounts.actions import create_user, delete_team, save_team, set_password, update_user
from turnus.accounts.models import Team, User
from turnus.accounts.queries import owns_hidden
from turnus.accounts.words import PERMISSION_NAMES
from turnus.web.access import needs
from turnus.web.gate import SignedInRequest
from turnus.web.posted import chosen, number_in


@require_http_methods(["GET", "POST"])
@needs(Permission.USERS)
def users(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        given = request.POST
        user = create_user(
            by=request.user, name=given.get("name", ""), email=given.get("email", ""), password=given.get("password", ""),
            at=request.at, **_rights(request),
        )  # fmt: skip
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
            values = {
                "name": request.POST.get("name", "").strip() or changed.name,
                "email": request.POST.get("email", ""),
            }
            update_user(
                user=changed,
                by=request.user,
                **values,
                is_active=bool(request.POST.get("is_active")),
                **_rights(request),
            )
        messages.success(request, _("Saved."))
        return redirect("users")
    context = {
        "changed": changed,
        "is_beyond": is_beyond(changed, request.user),
        "sees_more": is_outside(changed.team_id, request.user) or owns_hidden(changed, request.user),
        "teams": _teams_of(request.user, changed.team),
        "permissions": [
            (str(one), name, one in changed.permissions, may(request.user, one))
            for one, name in PERMISSION_NAMES.items()
        ],
    }
    return render(request, "settings/user.html", context)


@require_http_methods(["GET", "POST"])
@needs(Permission.USERS)
def teams(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        if "delete" in request.POST:
            delete_team(team=chosen(Team, request.POST["delete"]), by=request.user)
        else:
            pk = request.POST.get("team")
            team = chosen(Team, pk) if pk else None
            save_team(by=request.user, name=request.POST.get("name", ""), team=team)
        return redirect("teams")
    return render(request, "settings/teams.html", {"teams": list(Team.objects.prefetch_related("members"))})


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
