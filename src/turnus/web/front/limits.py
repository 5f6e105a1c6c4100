"""How large a body may be: by what the address takes, and by who sends it, which is settled before it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from io import BytesIO
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.urls import Resolver404, resolve, reverse

from turnus.accounts.access import Permission, may
from turnus.web.front.bodies import Body, RefusedError
from turnus.web.front.calling import environ_of, path_of

#: Names of the addresses that take a file.
_UPLOADS = {"upload"}
#: What a form adds to the file in it.
_FORM_AROUND_FILE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limit:
    """The bytes of a body, and whether they count among those that wait in this process."""

    body_bytes: int
    is_counted: bool = True


class Limits:
    """The limits of this instance, in bytes."""

    #: Of a form; the same as Django's own.
    form_bytes: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 2_621_440
    #: Of whoever shows no session: a name, a password, the first facts.
    stranger_bytes = 64 * 1024
    #: Of all forms that are arriving at one time.
    waiting_bytes = 256 * 1024 * 1024

    def of(self, scope: Mapping[str, Any]) -> Limit | None:
        """Return the limit by address and cookie; None for an upload: its sender has to be known first, see `of_upload`."""
        if _takes_file(scope):
            return None
        shows_session = any(name == b"cookie" and self._session_mark in value for name, value in scope["headers"])
        return Limit(self.form_bytes if shows_session else self.stranger_bytes)

    @cached_property
    def _session_mark(self) -> bytes:
        return f"{settings.SESSION_COOKIE_NAME}=".encode()

    def of_upload(self, scope: Mapping[str, Any]) -> Limit:
        """Return the limit of an upload by who sends it; asks the database. Raises RefusedError for whoever is not signed in."""
        try:
            user = _user_of(scope)
        finally:
            close_old_connections()
        if not user.is_authenticated:
            address = f"{reverse('account_login')}?next={quote(path_of(scope))}"
            raise RefusedError(303, "Please sign in.", location=address)
        if not may(user, Permission.IMPORT):
            return Limit(self.form_bytes)
        return Limit(settings.UPLOAD_LIMIT_BYTES + _FORM_AROUND_FILE, is_counted=False)


def _takes_file(scope: Mapping[str, Any]) -> bool:
    if scope["method"] != "POST":
        return False
    try:
        return resolve(path_of(scope)).url_name in _UPLOADS
    except Resolver404:
        return False


def _user_of(scope: Mapping[str, Any]) -> Any:
    nothing = Body(None)
    nothing.file = BytesIO()
    request = WSGIRequest(environ_of(scope, nothing))
    sessions = import_module(settings.SESSION_ENGINE)
    request.session = sessions.SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    return get_user(request)
