"""Which pages need which permission."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import HttpResponseBase

from turnus.accounts.access import Permission, require
from turnus.web.gate import SignedInRequest

P = ParamSpec("P")
View = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]


def needs(permission: Permission) -> Callable[[View[P]], View[P]]:
    """Refuse the view to whoever does not hold `permission`."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(
            request: SignedInRequest, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            require(request.user, permission)
            return view(request, *args, **kwargs)

        return cast("View[P]", guarded)

    return guard
