"""Pages read from replicas where there are any; who has changed something reads the change."""

from collections.abc import Callable

from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from turnus.kit.replicas import last_place, reading_from_replica, replicas

Next = Callable[[HttpRequest], HttpResponse]

#: Up to which place in the database's log of writes this browser has written.
_COOKIE = "written"
_SAFE = frozenset({"GET", "HEAD"})


class ReadFromReplicas:
    """Lets pages read from a replica that has what this browser has written before."""

    def __init__(self, get_response: Next) -> None:
        if not replicas():
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in _SAFE:
            with reading_from_replica(request.COOKIES.get(_COOKIE, "")):
                return self.get_response(request)
        response = self.get_response(request)
        response.set_cookie(
            _COOKIE,
            last_place(),
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
        return response
