"""Signing in."""

from allauth.account.views import LoginView
from django.http import HttpResponse

from turnus.web.sign_in.forms import SignInForm


class SignInView(LoginView):  # type: ignore[misc]  # the library has no types
    form_class = SignInForm

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        """Answer 422, as every refused form does."""
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 422
        return response
