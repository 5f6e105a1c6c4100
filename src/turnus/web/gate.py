"""Who gets in: nobody before the first run, only signed-in people after it; and what every view knows of the moment."""

from collections.abc import Callable
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from turnus.accounts.models import Company, User
from turnus.kit import clock

Next = Callable[[HttpRequest], HttpResponse]
#: Reachable without signing in.
_OPEN = ("/sign-in/", "/static/", "/favicon.svg", "/health/", "/jsi18n/")


class SignedInRequest(HttpRequest):
    """What views get: the user, the company, the moment of the request (UTC) and its day in the company's zone."""

    user: User
    company: Company
    at: datetime
    on: date


class FirstRunAndSignIn:
    """Sends people to the set-up page or the sign-in page where they belong, and dates the request."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_OPEN[1:]):
            return self.get_response(request)
        company = Company.objects.first()
        if company is None:
            return self.get_response(request) if request.path == reverse("setup") else redirect("setup")
        request.company = company  # type: ignore[attr-defined]
        request.at = clock.now()  # type: ignore[attr-defined]
        request.on = clock.today(company.zone)  # type: ignore[attr-defined]
        if not request.user.is_authenticated and not request.path.startswith(_OPEN):
            return _to_sign_in(request)
        return self.get_response(request)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    address = reverse("account_login")
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = address
        return response
    return redirect(f"{address}?next={request.get_full_path()}" if request.path != "/" else address)
