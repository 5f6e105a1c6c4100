"""Users and teams."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.accounts.access import Permission, is_beyond, is_outside
from turnus.accounts.actions import (
    create_user,
    delete_team,
    save_team,
    set_password,
    update_user,
)
from turnus.accounts.invitations import invitation_link, mail_invitation
from turnus.accounts.models import Team, User
from turnus.accounts.queries import owns_hidden
from turnus.accounts.words import PERMISSION_NAMES
from turnus.kit.mail import sends_mail
from turnus.web.access import needs
from turnus.web.buttons import is_sent, sent_text
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.once import once
from turnus.web.parameters import chosen, chosen_or_none
from turnus.web.settings.forms import (
    NameForm,
    NewUserForm,
    PasswordForm,
    UserForm,
)
from turnus.web.settings.saving import saved_as_seen, seen_mark

#: What the form of a user shows.
_COLUMNS = ("name", "email", "team_id", "is_active", "is_admin", "permissions")


@require_http_methods(["GET", "POST"])
@needs(Permission.USERS)
@once
def users(request: SignedInRequest) -> HttpResponse:
    form = NewUserForm(posted(request), by=request.user)

    def add() -> HttpResponse:
        user = create_user(
            by=request.user, at=request.at, permissions=[], **form.values()
        )
        if not user.has_usable_password():
            words = _("%(name)s is added. Pass the link on below.")
            messages.success(request, words % {"name": user.name})
            return redirect("user", user.pk)
        messages.success(
            request, _("%(name)s can sign in now.") % {"name": user.name}
        )
        return redirect("users")

    answer = form.submit(add)
    if answer is not None:
        return answer
    shown = User.objects.select_related("team").order_by("-is_active", "name")
    context = {"users": list(shown), "form": form}
    return render(request, "settings/users.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@needs(Permission.USERS)
def user(request: SignedInRequest, pk: int) -> HttpResponse:
    changed = get_object_or_404(User, pk=pk)
    if is_sent(request, "invite"):
        return _invite(request, changed)
    sets_password = is_sent(request, "password")
    password_form = PasswordForm(posted(request) if sets_password else None)
    user_form = UserForm(
        None if sets_password else posted(request),
        user=changed,
        by=request.user,
    )

    def set_new_password() -> HttpResponse:
        password = password_form.cleaned_data["password"]
        set_password(user=changed, by=request.user, password=password)
        return _saved(request)

    answer = password_form.submit(set_new_password)
    answer = answer or user_form.submit(
        lambda: _save_user(request, changed, user_form)
    )
    return answer or _user_page(request, changed, user_form, password_form)


def _invite(request: SignedInRequest, changed: User) -> HttpResponse:
    """Show the link by which the user chooses a password, or email it."""
    page = request.build_absolute_uri(reverse("invitation"))
    if sent_text(request, "invite") == "mail":
        mail_invitation(user=changed, by=request.user, page=page)
        words = _("The link was sent to %(email)s.")
        messages.success(request, words % {"email": changed.email})
        return redirect("user", changed.pk)
    link = invitation_link(user=changed, by=request.user, page=page)
    user_form = UserForm(None, user=changed, by=request.user)
    password_form = PasswordForm(None)
    return _user_page(request, changed, user_form, password_form, link=link)


def _user_page(
    request: SignedInRequest,
    changed: User,
    user_form: UserForm,
    password_form: PasswordForm,
    *,
    link: str = "",
) -> HttpResponse:
    context = {
        "changed": changed,
        "seen": seen_mark(request, _COLUMNS, changed),
        "is_beyond": is_beyond(changed, request.user),
        "sees_more": _sees_more(changed, request.user),
        "user_form": user_form,
        "password_form": password_form,
        "link": link,
        "sends_mail": sends_mail(),
    }
    status = max(user_form.status, password_form.status)
    return render(request, "settings/user.html", context, status=status)


def _sees_more(changed: User, by: User) -> bool:
    """Return whether a user sees records that `by` does not see."""
    return is_outside(changed.team_id, by) or owns_hidden(changed, by)


def _save_user(
    request: SignedInRequest, changed: User, form: UserForm
) -> HttpResponse:
    values = dict(form.cleaned_data)
    values["permissions"] = sorted(values.pop("permission"))
    question = saved_as_seen(
        request,
        changed,
        _COLUMNS,
        lambda: update_user(user=changed, by=request.user, **values),
        now=_now,
        back=reverse("user", args=[changed.pk]),
    )
    return question or _saved(request)


def _saved(request: SignedInRequest) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("users")


def _now(changed: User) -> list[tuple[str, str]]:
    rights = [
        str(name)
        for right, name in PERMISSION_NAMES.items()
        if right in changed.permissions
    ]
    if changed.is_admin:
        rights.append(_("Admin: can do everything"))
    if changed.is_active:
        rights.append(_("Can sign in"))
    return [
        (_("Name"), changed.name),
        (_("Email"), changed.email),
        (_("Team"), changed.team.name if changed.team else ""),
        (_("Rights"), ", ".join(rights)),
    ]


@require_http_methods(["GET", "POST"])
@needs(Permission.USERS)
@once
def teams(request: SignedInRequest) -> HttpResponse:
    if is_sent(request, "delete"):
        delete_team(
            team=chosen(Team, sent_text(request, "delete")), by=request.user
        )
        return redirect("teams")
    renamed = chosen_or_none(Team, sent_text(request, "team"))
    form = NameForm(posted(request), row=renamed)

    def save() -> HttpResponse:
        save_team(
            by=request.user, name=form.cleaned_data["name"], team=renamed
        )
        return redirect("teams")

    answer = form.submit(save)
    if answer is not None:
        return answer
    teams = Team.objects.prefetch_related("members")
    context = {
        "new_form": form.for_new(),
        "teams": [(team, form.for_row(team)) for team in teams],
    }
    return render(request, "settings/teams.html", context, status=form.status)
