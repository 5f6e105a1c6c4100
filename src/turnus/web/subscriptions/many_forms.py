"""The forms of what is done with many rows of a list: raising prices, starting subscriptions."""

from decimal import Decimal

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from turnus.core.fields import FieldKind, Notation, ParseError, parse
from turnus.core.issues import Issue
from turnus.core.money import Money
from turnus.kit.errors import UserError
from turnus.kit.formats import money
from turnus.kit.messages import say
from turnus.revenue.models import Plan
from turnus.revenue.subscriptions.actions.prices import PriceRise
from turnus.web.forms import ScreenForm
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import inputs_of
from turnus.web.language import language_of

#: Ten-thousandths -> how prices are rounded.
_STEPS_E4 = (100, 10_000, 50_000, 100_000)


class TypedNumberField(forms.CharField):
    """A number as the person writes numbers; None for a blank."""

    notation = Notation(decimal_comma=False, day_first=True)

    def clean(self, value: object) -> Decimal | None:
        text: str = super().clean(value)
        if not text:
            return None
        try:
            number = parse(FieldKind.NUMBER, text, notation=self.notation)
        except ParseError as error:
            words = say(Issue(error.code, params=error.params))
            raise forms.ValidationError(words) from None
        return number if isinstance(number, Decimal) else None


class PriceRiseForm(ScreenForm):
    """By how much prices rise, in percent and as an amount, and how they are rounded."""

    percent = TypedNumberField(
        label=_("Percent"),
        required=False,
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "class": "t-narrow"}
        ),
    )
    amount = TypedNumberField(
        label=_("Amount on top, in the currency of each price"),
        required=False,
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "class": "t-narrow"}
        ),
    )
    rounding = forms.ChoiceField(label=_("Rounded to"), required=False)

    refused_fields = {
        "renewal.no_rise": "percent",
        "renewal.price_negative": "amount",
    }

    def __init__(
        self, request: SignedInRequest, data: QueryDict | None
    ) -> None:
        self._currency = request.company.currency
        super().__init__(data)
        language = language_of(request)
        notation = inputs_of(request).notation
        for name in ("percent", "amount"):
            field = self.fields[name]
            if isinstance(field, TypedNumberField):
                field.notation = notation
        rounding = self.fields["rounding"]
        if isinstance(rounding, forms.ChoiceField):
            rounding.choices = [
                (step, money(step, self._currency, language))
                for step in _STEPS_E4
            ]

    def clean(self) -> dict[str, object]:
        """Refuse a rise of nothing."""
        values = self.cleaned_data
        are_read = {"percent", "amount"} <= values.keys()
        if are_read and not values["percent"] and not values["amount"]:
            self.add_error("percent", say(UserError("renewal.no_rise")))
        return values

    @property
    def rise(self) -> PriceRise:
        """The rise that was typed."""
        values = self.cleaned_data
        amount = Money.of(values["amount"] or Decimal(0), self._currency)
        percent = values["percent"] or Decimal(0)
        step_e4 = int(values["rounding"] or _STEPS_E4[0])
        return PriceRise(percent, amount.amount_e4, step_e4)


class PlanChoiceForm(ScreenForm):
    """The plan by which the deals recur."""

    plan = forms.ModelChoiceField(
        label=_("Plan"),
        queryset=Plan.objects.filter(is_active=True),
        empty_label=None,
    )

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data)
        words = say(UserError("subscription.plan_missing"))
        messages = self.fields["plan"].error_messages
        messages["required"] = messages["invalid_choice"] = words
