"""The sign-in form: the library's, in our words and with our inputs."""

from allauth.account.forms import LoginForm
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from turnus.web.forms import PasswordField, ScreenForm, style


class SignInForm(LoginForm):  # type: ignore[misc]  # the library has no types
    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        self._describe("login", _("Email"), forms.EmailInput(attrs=_LOGIN))
        self._describe(
            "password", _("Password"), forms.PasswordInput(attrs=_PASSWORD)
        )
        self._describe(
            "remember",
            _("Stay signed in on this device"),
            forms.CheckboxInput(),
        )

    def _describe(
        self, name: str, label: Promise, widget: forms.Widget
    ) -> None:
        field = self.fields[name]
        field.label = label
        field.help_text = ""
        field.widget = widget
        widget.is_required = field.required
        style(widget)


_LOGIN = {"autocomplete": "username", "autofocus": True}
_PASSWORD = {"autocomplete": "current-password"}


class InvitationForm(ScreenForm):
    password = PasswordField(label=_("Your password (at least 10 characters)"))

    refused_fields = {"password.weak": "password"}
