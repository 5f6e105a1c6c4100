"""Rules for every page: all of it comes from here, no cache stores it, it is compressed."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)

#: Django looks for the word only.
_REFUSES_GZIP = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)", re.IGNORECASE)

Next = Callable[[HttpRequest], HttpResponse]


class ContentSecurityPolicy:
    """The Content-Security-Policy of every response; caching is forbidden by default."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Content-Security-Policy"] = POLICY
        response["Permissions-Policy"] = (
            "camera=(), geolocation=(), microphone=()"
        )
        # What is not static belongs to one person: no shared browser or proxy may store it.
        if "public" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store"
        return response


class CompressedPages(GZipMiddleware):
    """Pages compressed, padded so that their length reveals no token; files go as they are."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Return the response, smaller where it is a page and the browser takes it so."""
        if response.streaming or _REFUSES_GZIP.search(
            request.headers.get("Accept-Encoding", "")
        ):
            return response
        return super().process_response(request, response)


class HeadAsGet:
    """HEAD answered by views as GET; the server leaves the body out."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "HEAD":
            return self.get_response(request)
        request.method = "GET"
        response = self.get_response(request)
        request.method = "HEAD"
        return response
