"""What a person can put right becomes a message, wherever it happens."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from turnus.kit.errors import UserError
from turnus.kit.messages import say

#: What was asked for stays as it is; the words appear in the corner.
_TOAST = {"HX-Retarget": "#refusal", "HX-Reswap": "innerHTML", "HX-Reselect": ".t-notice", "HX-Push-Url": "false"}
Next = Callable[[HttpRequest], HttpResponse]


class UserErrors:
    """Turns a `UserError` into 403 or 422 with its words; a posted form goes back to its page with a message."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for the view that refused."""
        if not isinstance(error, UserError):
            return None
        status = 403 if error.is_denial else 422
        words = say(error)
        if request.headers.get("HX-Request"):
            response = render(request, "parts/refusal.html", {"words": words}, status=status)
            for name, value in _TOAST.items():
                response[name] = value
            return response
        back = _came_from(request)
        if request.method == "POST" and back:
            messages.error(request, words)
            return redirect(back)
        return render(request, "errors/refused.html", {"words": words, "back": back}, status=status)


def _came_from(request: HttpRequest) -> str:
    """Return the page of this instance that led here; empty if none did, or if it is this very page."""
    back = request.headers.get("Referer", "")
    own = f"{request.scheme}://{request.get_host()}/"
    return back if back.startswith(own) and back != request.build_absolute_uri() else ""
