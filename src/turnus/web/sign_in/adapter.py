"""How the sign-in library behaves here."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from turnus.accounts.models import User


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    """Nobody signs up by themselves: users are added by those who may."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 (the library's signature)
        return False

    def authenticate(
        self, request: HttpRequest, **credentials: object
    ) -> User | None:
        """Return the user; None also for a blocked one: nobody learns that it was right."""
        user: User | None = super().authenticate(request, **credentials)
        return user if user and user.is_active else None
