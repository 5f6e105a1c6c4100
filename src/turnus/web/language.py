"""In which language a page speaks: the user's, else the company's, else the browser's."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from turnus.accounts.models import Company, Language

Next = Callable[[HttpRequest], HttpResponse]


class UserLanguage:
    """The language of the request."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = _decide(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.setdefault("Content-Language", language)
        return response


def language_of(request: HttpRequest) -> str:
    """Return `de` or `en` for this request."""
    return str(request.LANGUAGE_CODE)


def _decide(request: HttpRequest) -> str:
    user = request.user
    if user.is_authenticated and user.language in Language.values:
        return str(user.language)
    browser = translation.get_language_from_request(request)[:2]
    if (
        not user.is_authenticated
        and browser in Language.values
        and request.headers.get("Accept-Language")
    ):
        return browser
    company = Company.objects.first()
    # Whatever is stored or sent, the page speaks a language that it knows.
    for language in (company and company.language, browser):
        if language in Language.values:
            return language
    return Language.ENGLISH
