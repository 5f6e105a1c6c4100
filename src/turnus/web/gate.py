"""Who gets in: nobody before the first run, then only people who signed in.

Here every request also gets its company and its moment.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import cast
from urllib.parse import quote, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from turnus.accounts.models import Company, User
from turnus.kit import clock
from turnus.kit.folder import was_set_up

Next = Callable[[HttpRequest], HttpResponse]
#: Reachable without signing in.
_OPEN = (
    "/sign-in/",
    "/static/",
    "/favicon.svg",
    "/health/",
    "/metrics",
    "/jsi18n/",
)

#: Beyond this, neither browsers nor Django take an address to go on to.
_LONGEST_WAY_BACK = 8_000


class SignedInRequest(HttpRequest):
    """What views get: the user, the company, the moment (UTC) and its day in the company's zone."""

    user: User
    company: Company
    at: datetime
    on: date


class FirstRunAndSignIn:
    """The way to the set-up or sign-in page for who belongs there; dates the request."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_OPEN[1:]):
            return self.get_response(request)
        company = Company.objects.first()
        if company is None:
            return self._before_set_up(request)
        dated = cast("SignedInRequest", request)
        dated.company = company
        dated.at = clock.now()
        dated.on = clock.today(company.zone)
        if not request.user.is_authenticated and not request.path.startswith(
            _OPEN
        ):
            return _to_sign_in(request)
        return self.get_response(request)

    def _before_set_up(self, request: HttpRequest) -> HttpResponse:
        # The database was lost. Whoever comes first must not become the admin of an empty one.
        if was_set_up():
            return render(request, "errors/no_database.html", status=503)
        return (
            self.get_response(request)
            if request.path == reverse("setup")
            else redirect("setup")
        )


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    address = reverse("account_login")
    back = _address_to_come_back_to(request)
    if back not in {"", "/"} and len(quote(back)) <= _LONGEST_WAY_BACK:
        address = f"{address}?next={quote(back)}"
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = address
        return response
    return redirect(address)


def _address_to_come_back_to(request: HttpRequest) -> str:
    """Return the page to go on to after signing in; empty if unknown.

    Where a form or a part of a page was asked for, it is the page that shows it.
    """
    is_page = request.method in {"GET", "HEAD"} and not request.headers.get(
        "HX-Request"
    )
    if is_page:
        return request.get_full_path()
    shown = request.headers.get("HX-Current-URL") or request.headers.get(
        "Referer", ""
    )
    if not url_has_allowed_host_and_scheme(shown, {request.get_host()}):
        return ""
    parts = urlsplit(shown)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
