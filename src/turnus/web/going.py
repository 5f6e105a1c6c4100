"""Leading on to another page, whoever asked: a plain form, or htmx for a part of the page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def go(request: HttpRequest, address: str) -> HttpResponse:
    """Return the answer that leads the browser to `address`; htmx loads the whole page instead of swapping a part."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)
