"""Requests must be readable text: checked once, for addresses, fields, files and cookies."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.http import parse_header_parameters

from turnus.core.texts import is_storable
from turnus.kit.errors import UserError
from turnus.web.errors import refusal

#: No column holds a larger number: there is nothing at such an address.
_LARGEST = 2**63 - 1
Next = Callable[[HttpRequest], HttpResponse]
#: What browsers send; Python knows encodings that are none for texts, or yield what is no text.
_ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


def utf8_only(application: WSGIApplication) -> WSGIApplication:
    """Return `application` behind a door that refuses forms in other encodings than UTF-8.

    Django decodes the address with the encoding that a request names, before our code runs. It
    fails where Python knows that as something else than letters (base64, zlib).
    """

    def answered(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if _encoding_named(environ.get("CONTENT_TYPE", "")) in _ENCODINGS:
            return application(environ, start_response)
        start_response(
            "415 Unsupported Media Type",
            [("Content-Type", "text/plain; charset=utf-8")],
        )
        return [b"Send texts in UTF-8.\n"]

    return answered


def _encoding_named(content_type: str) -> str:
    """Return the encoding that a form's type names, else UTF-8; empty for an unreadable type."""
    try:
        _kind, options = parse_header_parameters(content_type)
    except (
        ValueError
    ):  # a parameter is itself written in an encoding that is none
        return ""
    return options.get("charset", "utf-8").lower()


class ReadableRequests:
    """A refusal of letters that nothing can keep: a NUL, half a pair of surrogates."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A cookie of ours never holds such letters: whoever sends one is a stranger.
        request.COOKIES = {
            name: value
            for name, value in request.COOKIES.items()
            if is_storable(value)
        }
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        _view: object,
        _args: object,
        numbers: Mapping[str, object],
    ) -> HttpResponse | None:
        """Look at the form only now: whoever must sign in first has been turned away, unread."""
        if any(
            isinstance(number, int) and number > _LARGEST
            for number in numbers.values()
        ):
            raise Http404
        if all(map(is_storable, _texts(request))):
            return None
        return refusal(request, UserError("text.unreadable"))


def _texts(request: HttpRequest) -> Iterator[str]:
    yield from _texts_in(request.GET)
    if request.method == "POST":
        yield from _texts_in(request.POST)
        for name, files in request.FILES.lists():
            yield name
            yield from (file.name or "" for file in files)


def _texts_in(sent: QueryDict) -> Iterator[str]:
    for name, values in sent.lists():
        yield str(name)
        yield from map(str, values)
