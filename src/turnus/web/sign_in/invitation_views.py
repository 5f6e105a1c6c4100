"""Choosing a password by the link of an invitation, without being signed in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.accounts.actions_invitations import answer_invitation
from turnus.accounts.invitations import PARAMETER, invited_user
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.web.forms import posted
from turnus.web.sign_in.forms import InvitationForm


@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    word = request.GET.get(PARAMETER, "")
    try:
        user = invited_user(word)
    except UserError as error:
        return render(
            request,
            "account/no_invitation.html",
            {"words": say(error)},
            status=404,
        )
    form = InvitationForm(posted(request))

    def choose() -> HttpResponse:
        password = form.cleaned_data["password"]
        answer_invitation(word=word, password=password)
        messages.success(request, _("Your password is set. Sign in now."))
        return redirect("account_login")

    answer = form.submit(choose)
    if answer is not None:
        return answer
    context = {"form": form, "invited": user}
    return render(
        request, "account/invitation.html", context, status=form.status
    )
