"""The form of a new subscription: by itself, or from a won deal."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from turnus.core.money import Money
from turnus.revenue.models import Plan, RenewalWay
from turnus.revenue.subscriptions.actions.start import NewSubscription
from turnus.web.buttons import sent_text
from turnus.web.forms import (
    DayField,
    LastDayField,
    NameField,
    ScreenForm,
    or_invalid,
    posted,
)
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import inputs_of
from turnus.web.parameters import half_month_days
from turnus.web.price_fields import PriceField, prepare_price


class SuggestingInput(forms.TextInput):
    """A text input that suggests names; any other text may be typed as well."""

    template_name = "parts/suggesting_input.html"
    suggestions: Sequence[str] = ()

    def get_context(
        self, name: str, value: Any, attrs: dict[str, Any] | None
    ) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        list_id = f"list-{name}"
        context["widget"]["attrs"] |= {"list": list_id, "autocomplete": "off"}
        return context | {"list_id": list_id, "suggestions": self.suggestions}


class TermsForm(ScreenForm):
    """What a subscription from a won deal is: the deal says for whom, and its name."""

    plan = forms.ModelChoiceField(
        label=_("Plan"),
        queryset=Plan.objects.filter(is_active=True),
        empty_label=None,
    )
    price = PriceField()
    price_currency = forms.CharField(required=False, widget=forms.HiddenInput)
    starts_on = DayField(label=_("First day"), required=False)
    half_month_days = forms.CharField(
        label=_(
            "Twice a month: on which days (blank: those that suit the first day)"
        ),
        required=False,
        max_length=40,
        widget=forms.TextInput(
            attrs={"class": "t-narrow", "placeholder": "10/25"}
        ),
    )
    last_on = LastDayField(
        label=_("Last day (blank: open-ended)"), required=False
    )
    renewal_way = forms.ChoiceField(
        label=_("When a term is due"),
        choices=[
            ("", _("As the plan says")),
            (RenewalWay.BOOK, _("Book as won")),
            (RenewalWay.OPEN, _("Open a renewal deal")),
            (RenewalWay.REMIND, _("Only remind")),
        ],
        required=False,
    )

    refused_fields = {
        "deal.contact_missing": "organization",
        "plan.days_invalid": "half_month_days",
        "subscription.days_without_plan": "half_month_days",
        "subscription.end_before_start": "last_on",
    }

    def __init__(
        self,
        request: SignedInRequest,
        *,
        currency: str,
        price: str,
        starts_on: date,
    ) -> None:
        self._request = request
        initial = {
            "price": price,
            "price_currency": currency,
            "starts_on": starts_on,
        }
        super().__init__(posted(request), initial=initial)
        label = _("Price per period in %(currency)s") % {"currency": currency}
        self.fields["price"].label = label
        notation = inputs_of(request).notation
        code = sent_text(request, "price_currency") or currency
        prepare_price(self, "price", notation=notation, currency=code)

    def clean_half_month_days(self) -> tuple[int, int] | None:
        """Return the two days, None for those that suit the first day."""
        return or_invalid(
            lambda: half_month_days(self.cleaned_data["half_month_days"])
        )

    def subscription(self, *, name: str) -> NewSubscription:
        """Return what was typed about the subscription."""
        values = self.cleaned_data
        price: Money = values["price"]
        last_on: date | None = values["last_on"]
        ends_on = None if last_on is None else last_on + timedelta(days=1)
        return NewSubscription(
            plan=values["plan"],
            price=price,
            starts_on=values["starts_on"] or self._request.on,
            ends_on=ends_on,
            name=name,
            renewal_way=values["renewal_way"],
            days=values["half_month_days"],
        )


class SubscriptionForm(TermsForm):
    """A subscription by itself: also its name, and whom it is for."""

    name = NameField(required=False)
    organization = forms.CharField(required=False, widget=SuggestingInput)
    person = forms.CharField(required=False, widget=SuggestingInput)

    def suggest(self, field: str, *, label: str, names: Sequence[str]) -> None:
        """Give the field of a contact its label, and the names that it offers."""
        contact = self.fields[field]
        contact.label = label
        contact.widget.suggestions = names
