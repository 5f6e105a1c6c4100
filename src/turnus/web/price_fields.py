"""Inputs for prices: read as the person writes numbers, in a currency."""

from django import forms
from django.core.exceptions import ValidationError

from turnus.core.fields import FieldKind, Notation, ParseError, parse
from turnus.core.money import Money
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.web.forms import Words, or_invalid
from turnus.web.parameters import currency_in


class PriceField(forms.CharField):
    """An amount of money; None for a blank. Another currency may be typed beside it."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    notation = Notation(decimal_comma=False, day_first=True)
    currency = ""

    def __init__(
        self, *, label: Words | None = None, required: bool = True
    ) -> None:
        super().__init__(label=label, required=required)

    def clean(self, value: object) -> Money | None:
        text: str = super().clean(value)
        if not text:
            return None
        return or_invalid(
            lambda: read_price(
                text, notation=self.notation, currency=self.currency
            )
        )


class FixedCurrencyField(PriceField):
    """An amount of money in a currency that is settled."""

    def clean(self, value: object) -> Money | None:
        price = super().clean(value)
        if price is not None and price.currency != self.currency:
            raise ValidationError(
                say(UserError("subscription.other_currency"))
            )
        return price


class TermPriceField(FixedCurrencyField):
    """What a term costs: in the currency of its subscription, and not below zero."""

    def clean(self, value: object) -> Money | None:
        price = super().clean(value)
        if price is not None and price.amount_e4 < 0:
            raise ValidationError(say(UserError("renewal.price_negative")))
        return price


def prepare_price(
    form: forms.Form, name: str, *, notation: Notation, currency: str
) -> None:
    """Let the price in a form be read by the notation, and in the currency."""
    field = form.fields[name]
    if not isinstance(field, PriceField):
        raise TypeError(name)
    field.notation = notation
    field.currency = currency


def read_price(text: str, *, notation: Notation, currency: str) -> Money:
    """Return the price that was typed; refuses what is no amount, or no currency."""
    code = currency_in(currency, currency)
    try:
        price = parse(FieldKind.MONEY, text, notation=notation, currency=code)
    except ParseError as error:
        raise UserError(error.code, **error.params) from None
    if not isinstance(price, Money):
        raise UserError("subscription.price_missing")
    return price
