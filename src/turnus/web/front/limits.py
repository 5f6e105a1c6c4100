"""How large a body may be, by its address and its sender, settled before it is read."""

from importlib import import_module
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.urls import Resolver404, resolve, reverse

from turnus.accounts.access import Permission, may
from turnus.accounts.models import User
from turnus.web.front.bodies import Body, RefusedError, Scope
from turnus.web.front.calling import environ_of, path_of

#: Names of the addresses that take a file.
_UPLOADS = {"upload"}
#: What a form adds to the file in it.
_FORM_AROUND_FILE = 64 * 1024


class Limits:
    """The limits of this instance, in bytes."""

    #: For strangers: a name, a password, the first facts. All connections together fit into memory.
    stranger_bytes = 64 * 1024
    #: Of a form; the same as Django's own.
    form_bytes: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 2_621_440
    #: Of a form with a file in it.
    upload_bytes = settings.UPLOAD_LIMIT_BYTES + _FORM_AROUND_FILE

    def of(self, scope: Scope, claimed: int | None) -> int | None:
        """Return the limit where the sender does not matter; else None, and `of_sender` tells it.

        `claimed` is how long the body is by its header; None where it comes in chunks.
        """
        is_short = claimed is not None and claimed <= self.stranger_bytes
        if is_short and not _takes_file(scope):
            return self.stranger_bytes
        return None

    def of_sender(self, scope: Scope) -> int:
        """Return the sender's limit; asks the database. Raises RefusedError for strangers."""
        try:
            user = _user_of(scope)
        finally:
            close_old_connections()
        takes_file = _takes_file(scope)
        if not user.is_authenticated:
            if takes_file:
                raise _to_sign_in(scope)
            return self.stranger_bytes
        return (
            self.upload_bytes
            if takes_file and may(user, Permission.IMPORT)
            else self.form_bytes
        )


def _takes_file(scope: Scope) -> bool:
    if scope["method"] != "POST":
        return False
    try:
        return resolve(path_of(scope)).url_name in _UPLOADS
    except Resolver404:
        return False


def _user_of(scope: Scope) -> User | AnonymousUser:
    request = WSGIRequest(environ_of(scope, Body()))
    sessions = import_module(settings.SESSION_ENGINE)
    request.session = sessions.SessionStore(
        request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    )
    return get_user(request)


def _to_sign_in(scope: Scope) -> RefusedError:
    address = f"{reverse('account_login')}?next={quote(path_of(scope))}"
    return RefusedError(303, "Please sign in.", location=address)
