"""The overview of settings, and a person's own profile."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from turnus.accounts.access import Permission, may
from turnus.accounts.actions import set_password, update_profile
from turnus.kit.errors import UserError
from turnus.web.buttons import is_sent
from turnus.web.clock import jump_shown_to
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.settings.forms import OwnPasswordForm, ProfileForm


@require_GET
def settings_page(request: SignedInRequest) -> HttpResponse:
    rights = {
        f"may_{right.name.lower()}": may(request.user, right)
        for right in Permission
    }
    return render(
        request,
        "settings/page.html",
        {**rights, "jump": jump_shown_to(request)},
    )


@require_http_methods(["GET", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    changes_password = is_sent(request, "password")
    password_form = OwnPasswordForm(
        posted(request) if changes_password else None
    )
    profile_form = ProfileForm(
        None if changes_password else posted(request), user=request.user
    )

    def save_profile() -> HttpResponse:
        update_profile(user=request.user, **profile_form.cleaned_data)
        return _saved(request)

    def change_password() -> HttpResponse:
        _change_password(request, password_form)
        return _saved(request)

    answer = profile_form.submit(save_profile) or password_form.submit(
        change_password
    )
    if answer is not None:
        return answer
    context = {"profile_form": profile_form, "password_form": password_form}
    status = max(profile_form.status, password_form.status)
    return render(request, "settings/profile.html", context, status=status)


def _saved(request: SignedInRequest) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("profile")


def _change_password(request: SignedInRequest, form: OwnPasswordForm) -> None:
    attempt = {"action": "old_password", "user": request.user}
    # Counted before it is compared, so that many at once do not slip through.
    if not ratelimit.consume(request, **attempt):
        raise UserError("password.throttled")
    if not request.user.check_password(form.cleaned_data["old_password"]):
        raise UserError("password.wrong")
    ratelimit.clear(request, **attempt)
    set_password(
        user=request.user,
        by=request.user,
        password=form.cleaned_data["password"],
    )
    update_session_auth_hash(request, request.user)
