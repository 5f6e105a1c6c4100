"""Leading on to another page, whoever asked: a plain form, or htmx for a part of the page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from turnus.web.buttons import sent_text


def go(request: HttpRequest, address: str) -> HttpResponse:
    """Return the answer that leads the browser to `address`; htmx loads the whole page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


def go_back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Return the answer that leads to `back`, the page of the form, else to `otherwise`."""
    page = sent_text(request, "back")
    is_ours = page.startswith("/") and url_has_allowed_host_and_scheme(
        page, allowed_hosts=None
    )
    return redirect(page if is_ours else otherwise)
