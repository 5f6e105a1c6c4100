"""The forms of settings, but for plans."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from turnus.accounts.access import Permission, is_outside, may
from turnus.accounts.models import Company, Currency, Language, Team, User
from turnus.accounts.words import PERMISSION_NAMES
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.web.forms import (
    DayField,
    NameField,
    PasswordField,
    RowForm,
    ScreenForm,
    zone_choices,
)

_NO_TEAM = ("", "–")


class CompanyForm(ScreenForm):
    name = NameField()
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    currency = forms.CharField(label=_("Currency"))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("The time zone decides which day a moment belongs to."),
    )

    refused_fields = {"currency.invalid": "currency"}

    def __init__(self, data: QueryDict | None, *, company: Company) -> None:
        initial = {
            "name": company.name,
            "language": company.language,
            "currency": company.currency,
            "time_zone": company.time_zone,
        }
        super().__init__(data, initial=initial)
        time_zone = cast("forms.ChoiceField", self.fields["time_zone"])
        time_zone.choices = zone_choices(company.time_zone)


class RateForm(ScreenForm):
    currency = forms.ModelChoiceField(
        label=_("Currency"), queryset=Currency.objects.all(), empty_label=None
    )
    on = DayField(label=_("From"), required=False)
    rate = forms.CharField(
        label=_("Rate"), widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )

    refused_fields = {"rate.invalid": "rate"}

    def __init__(
        self, data: QueryDict | None, *, on: date, into: Company
    ) -> None:
        super().__init__(data, initial={"on": on})
        currency = cast(
            "forms.ModelChoiceField[Currency]", self.fields["currency"]
        )
        currency.queryset = Currency.objects.exclude(code=into.currency)

    def clean_rate(self) -> Decimal:
        text: str = self.cleaned_data["rate"]
        try:
            return Decimal(text.replace(",", "."))
        except InvalidOperation:
            raise ValidationError(
                say(UserError("rate.invalid", rate=text))
            ) from None


class CurrencyForm(ScreenForm):
    code = forms.CharField(
        label=_("New currency"), help_text=_("Three letters, such as EUR")
    )

    refused_fields = {"currency.invalid": "code"}


class ProfileForm(ScreenForm):
    name = NameField()
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("Same as the company")), *Language.choices],
        required=False,
    )
    theme = forms.ChoiceField(
        label=_("Colors"),
        choices=[
            (User.Theme.AUTO, _("Same as the device")),
            (User.Theme.LIGHT, _("Light")),
            (User.Theme.DARK, _("Dark")),
        ],
    )

    def __init__(self, data: QueryDict | None, *, user: User) -> None:
        initial = {
            "name": user.name,
            "language": user.language,
            "theme": user.theme,
        }
        super().__init__(data, initial=initial)


class OwnPasswordForm(ScreenForm):
    old_password = PasswordField(
        label=_("Current password"), autocomplete="current-password"
    )
    password = PasswordField(label=_("New password (at least 10 characters)"))

    refused_fields = {
        "password.wrong": "old_password",
        "password.throttled": "old_password",
        "password.weak": "password",
    }


class PasswordForm(ScreenForm):
    password = PasswordField(label=_("New password (at least 10 characters)"))

    refused_fields = {"password.weak": "password"}


class _TeamField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no generic class at runtime
    def __init__(self) -> None:
        super().__init__(Team.objects.all(), label=_("Team"), required=False)

    def offer(self, teams: Sequence[Team]) -> None:
        """Show only these teams; whoever sends another one is told that it is denied."""
        self.widget.choices = [
            _NO_TEAM,
            *((team.pk, team.name) for team in teams),
        ]


class NewUserForm(ScreenForm):
    name = NameField()
    email = forms.EmailField(
        label=_("Email"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    password = PasswordField(
        label=_("First password (blank: the person chooses one by a link)"),
        required=False,
    )
    team = _TeamField()
    is_admin = forms.BooleanField(
        label=_("Admin: can do everything"), required=False
    )

    refused_fields = {
        "email.taken": "email",
        "email.invalid": "email",
        "password.weak": "password",
        "access.team_outside": "team",
        "access.grants_more": "is_admin",
    }

    def __init__(self, data: QueryDict | None, *, by: User) -> None:
        super().__init__(data)
        _offer_teams(self, by, None)
        if not by.is_admin:
            self.fields["is_admin"].widget.attrs["disabled"] = True

    def values(self) -> dict[str, Any]:
        """Return what was typed; a blank password is none."""
        return {
            **self.cleaned_data,
            "password": self.cleaned_data["password"] or None,
        }


class _RightsInput(forms.CheckboxSelectMultiple):
    """Checkboxes of rights; those that the person may not give are disabled."""

    may_give: Collection[str] = ()

    def create_option(self, *args: Any, **options: Any) -> dict[str, Any]:
        option = super().create_option(*args, **options)
        if option["value"] not in self.may_give:
            option["attrs"]["disabled"] = True
        return option


class UserForm(ScreenForm):
    name = NameField()
    email = forms.EmailField(label=_("Email"))
    team = _TeamField()
    is_active = forms.BooleanField(label=_("Can sign in"), required=False)
    is_admin = forms.BooleanField(
        label=_("Admin: can do everything"), required=False
    )
    permission = forms.MultipleChoiceField(
        label=_("Rights of a regular user"),
        choices=[
            (str(right), name) for right, name in PERMISSION_NAMES.items()
        ],
        widget=_RightsInput,
        required=False,
    )

    refused_fields = {
        "email.taken": "email",
        "email.invalid": "email",
        "user.last_admin": "is_admin",
        "access.team_outside": "team",
        "access.team_left": "team",
        "access.grants_more": "permission",
    }

    def __init__(
        self, data: QueryDict | None, *, user: User, by: User
    ) -> None:
        initial = {
            "name": user.name,
            "email": user.email,
            "team": user.team_id,
            "is_active": user.is_active,
            "is_admin": user.is_admin,
            "permission": user.permissions,
        }
        super().__init__(data, initial=initial)
        _offer_teams(self, by, user.team)
        rights = cast("_RightsInput", self.fields["permission"].widget)
        rights.may_give = {
            str(right) for right in Permission if may(by, right)
        }
        if not by.is_admin:
            self.fields["is_admin"].widget.attrs["disabled"] = True


def _offer_teams(form: ScreenForm, by: User, present: Team | None) -> None:
    """Offer the teams that `by` can put a person into who is in the `present` team."""
    teams = [
        team
        for team in Team.objects.all()
        if team == present or not is_outside(team.pk, by)
    ]
    cast("_TeamField", form.fields["team"]).offer(teams)


class NameForm(RowForm):
    """The name of a team, a lost reason: of one that is renamed, or of a new one."""

    name = NameField()

    refused_fields = {"name.taken": "name"}


class NewPipelineForm(ScreenForm):
    name = NameField(label=_("New pipeline"))
    stage = NameField(label=_("Its first stage"))


class PipelineForm(ScreenForm):
    name = NameField()
    has_deal_probability = forms.BooleanField(
        label=_("Deals may have their own probability"), required=False
    )


class StageForm(RowForm):
    name = NameField()
    probability = forms.IntegerField(
        label=_("Probability in percent"),
        min_value=0,
        max_value=100,
        initial=100,
        widget=forms.NumberInput(attrs={"class": "t-narrow"}),
    )

    refused_fields = {"probability.range": "probability"}
