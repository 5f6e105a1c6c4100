"""The first run in the browser: the same as `turnus init`, for whoever has the address that `turnus serve` printed."""

from zoneinfo import available_timezones

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_http_methods

from turnus.accounts.actions import NewCompany, set_up_company
from turnus.accounts.models import Company
from turnus.kit import clock
from turnus.kit.errors import UserError
from turnus.kit.folder import is_setup_token
from turnus.kit.messages import say, sentence
from turnus.revenue.plans.actions import add_ready_made_plans
from turnus.sales.actions_pipelines import first_pipeline

_FIELDS = (
    "name",
    "language",
    "currency",
    "time_zone",
    "admin_name",
    "admin_email",
    "admin_password",
)
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    if Company.objects.exists():
        return redirect("/")
    if not is_setup_token(request.GET.get("token", "")):
        return render(
            request, "first_run/locked.html", {"words": sentence("setup.locked", {})}, status=403
        )
    given = {name: request.POST.get(name, "") for name in _FIELDS}
    words = ""
    if request.method == "POST":
        try:
            admin = set_up_company(new=NewCompany(**given), at=clock.now())
        except UserError as error:
            words = say(error)
        else:
            first_pipeline(language=given["language"])
            add_ready_made_plans(language=given["language"])
            login(request, admin, backend=_BACKEND)
            return redirect("/")
    zones = sorted(
        zone
        for zone in available_timezones()
        if "/" in zone and not zone.startswith(("Etc/", "posix"))
    )
    context = {
        "given": given,
        "chosen": given["language"] or get_language_from_request(request),
        "words": words,
        "zones": zones,
    }
    return render(request, "first_run/setup.html", context, status=422 if words else 200)
