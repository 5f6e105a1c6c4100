"""Which pages need which permission."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from turnus.accounts.access import Permission, require

View = Callable[..., HttpResponseBase]


def needs(permission: Permission) -> Callable[[View], View]:
    """Refuse the view to whoever does not hold `permission`."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(
            request: HttpRequest, *args: Any, **kwargs: Any
        ) -> HttpResponseBase:
            require(request.user, permission)  # type: ignore[arg-type]  # the gate lets only users in
            return view(request, *args, **kwargs)

        return guarded

    return guard
