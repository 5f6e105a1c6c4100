"""What a person can put right becomes a message, wherever it happens."""

import logging
from collections.abc import Callable

from django.contrib import messages
from django.db.utils import DataError, IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.kit.sql import is_collision

#: What was asked for stays as it is; the words appear in the corner.
_TOAST = {
    "HX-Retarget": "#refusal",
    "HX-Reswap": "innerHTML",
    "HX-Reselect": ".t-notice",
    "HX-Push-Url": "false",
}
_STATUS = {"database.collision": 409, "text.unreadable": 400}
Next = Callable[[HttpRequest], HttpResponse]

_log = logging.getLogger(__name__)


class UserErrors:
    """The answer to a `UserError`: 403 or 422; a posted form goes back to its page with a message.

    So does a clash of two people who saved the same at once, if only the database notices it,
    and a value that only the database refuses. These are logged: a check may be missing.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        """Answer for the view that refused."""
        if isinstance(error, UserError):
            return refusal(request, error)
        refused = _refused_by_database(error)
        if refused is None:
            return None
        _log.warning(
            "The database refused %s %s",
            request.method,
            request.path,
            exc_info=error,
        )
        return refusal(request, refused)


def refusal(request: HttpRequest, error: UserError) -> HttpResponse:
    """Return the answer that says what was refused, where whoever asked can see it."""
    status = 403 if error.is_denial else _STATUS.get(error.code, 422)
    words = say(error)
    if request.headers.get("HX-Request"):
        response = render(
            request, "parts/refusal.html", {"words": words}, status=status
        )
        for name, value in _TOAST.items():
            response[name] = value
        return response
    back = _came_from(request)
    if request.method == "POST" and back:
        messages.error(request, words)
        return redirect(back)
    return render(
        request,
        "errors/refused.html",
        {"words": words, "back": back},
        status=status,
    )


def _refused_by_database(error: Exception) -> UserError | None:
    """Return the refusal in words; None for what nobody can put right, which is a failure."""
    if isinstance(error, DataError):
        return UserError("database.value")
    if isinstance(error, OperationalError) and not is_collision(error):
        return None
    if isinstance(error, IntegrityError | OperationalError):
        return UserError("database.collision")
    return None


def _came_from(request: HttpRequest) -> str:
    """Return the page of this instance that led here; empty for none, and for this very page."""
    back = request.headers.get("Referer", "")
    own = f"{request.scheme}://{request.get_host()}/"
    return (
        back
        if back.startswith(own) and back != request.build_absolute_uri()
        else ""
    )
