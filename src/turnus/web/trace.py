"""Each request's own id and duration: what fails or takes long is found in the log by them."""

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string
from django.utils.translation import get_language

from turnus.kit.logs import RequestNote, during, shortened

Next = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
_FROM_PROXY = re.compile(r"[A-Za-z0-9-]{8,64}")


class TracedRequest(HttpRequest):
    """A request with what the log says of it."""

    trace: RequestNote


class RequestTrace:
    """The name of a request in the log, its answer (`X-Request-ID`) and the error page."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        note = RequestNote(
            _request_id(request),
            shortened(request.method or "", 20),
            _address(request),
        )
        cast("TracedRequest", request).trace = note
        began = time.monotonic()
        with during(note):
            response = self.get_response(request)
            note.user = _user_id(request)
            seconds = time.monotonic() - began
            if seconds > settings.SLOW_REQUEST_SECONDS:
                log.warning(
                    "slow: %.1f s, answered %s", seconds, response.status_code
                )
        response[HEADER] = note.request
        return response

    def process_exception(
        self, request: HttpRequest, _error: Exception
    ) -> None:
        """Note who asked, before the failure is written to the log."""
        note = cast("TracedRequest", request).trace
        note.user = _user_id(request)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer with a page that names the request; it asks nothing of the database."""
    trace: RequestNote | None = getattr(request, "trace", None)
    context = {
        "request_id": trace.request if trace else "",
        "language": get_language(),
    }
    try:
        page = render_to_string("errors/failed.html", context)
    except Exception:
        log.exception("the error page failed too")
        page = render_to_string("500.html", context)
    return HttpResponseServerError(page)


def _request_id(request: HttpRequest) -> str:
    """Return the id that one's own proxy has given the request, else a new one."""
    request_id = request.headers.get(HEADER, "")
    is_from_proxy = (
        settings.ALLAUTH_TRUSTED_PROXY_COUNT > 0
        and _FROM_PROXY.fullmatch(request_id)
    )
    return request_id if is_from_proxy else secrets.token_hex(8)


def _address(request: HttpRequest) -> str:
    address = request.path
    names = "&".join(request.GET)
    if names:
        address = f"{address}?{names}"
    return shortened(address, 300)


def _user_id(request: HttpRequest) -> int | None:
    """Return who is signed in, if this request has asked; asking now could fail once more."""
    user = getattr(request, "_cached_user", None)
    return None if user is None else user.pk
