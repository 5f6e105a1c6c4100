"""The first run in the browser: `turnus init`, at the address that `turnus serve` printed."""

from django import forms
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from turnus.accounts.actions import NewCompany, set_up_company
from turnus.accounts.models import Company, Language
from turnus.kit import clock
from turnus.kit.folder import is_setup_token
from turnus.kit.messages import sentence
from turnus.revenue.plans.actions import add_ready_made_plans
from turnus.sales.actions_pipelines import first_pipeline
from turnus.web.forms import (
    NameField,
    PasswordField,
    ScreenForm,
    posted,
    zone_choices,
)

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_USUAL_ZONE = "Europe/Berlin"


class SetupForm(ScreenForm):
    name = NameField(label=_("Company"))
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    currency = forms.CharField(label=_("Currency"), initial="EUR")
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=zone_choices, initial=_USUAL_ZONE
    )
    admin_name = NameField(
        label=_("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    admin_email = forms.EmailField(
        label=_("Your email address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    admin_password = PasswordField(
        label=_("Your password (at least 10 characters)")
    )

    refused_fields = {
        "currency.invalid": "currency",
        "email.invalid": "admin_email",
        "email.taken": "admin_email",
        "password.weak": "admin_password",
    }

    def __init__(self, data: QueryDict | None, *, language: str) -> None:
        super().__init__(data, initial={"language": language})


@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    if Company.objects.exists():
        return redirect("/")
    if not is_setup_token(request.GET.get("token", "")):
        words = sentence("setup.locked", {})
        return render(
            request, "first_run/locked.html", {"words": words}, status=403
        )
    form = SetupForm(
        posted(request), language=get_language_from_request(request)
    )
    answer = form.submit(lambda: _set_up(request, form))
    if answer is not None:
        return answer
    return render(
        request, "first_run/setup.html", {"form": form}, status=form.status
    )


def _set_up(request: HttpRequest, form: SetupForm) -> HttpResponse:
    admin = set_up_company(new=NewCompany(**form.cleaned_data), at=clock.now())
    language = form.cleaned_data["language"]
    first_pipeline(language=language)
    add_ready_made_plans(language=language)
    login(request, admin, backend=_BACKEND)
    return redirect("/")
