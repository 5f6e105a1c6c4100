"""The forms of the renewals inbox: what is done with one renewal, and what it asks for."""

from enum import StrEnum

from django import forms
from django.utils.translation import gettext_lazy as _

from turnus.core.money import Money
from turnus.web.forms import ScreenForm, Words, posted
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import inputs_of
from turnus.web.price_fields import TermPriceField, prepare_price


class RenewalButton(StrEnum):
    """What the buttons do with a renewal."""

    ACCEPT = "accept"
    PRICE = "price"
    SKIP = "skip"
    CANCEL = "cancel"


#: What the buttons say.
BUTTON_NAMES: dict[RenewalButton, Words] = {
    RenewalButton.ACCEPT: _("Accept"),
    RenewalButton.PRICE: _("Change"),
    RenewalButton.SKIP: _("Skip"),
    RenewalButton.CANCEL: _("Cancel it"),
}


class RenewalForm(ScreenForm):
    """What is done with a renewal; to accept or to skip it asks for nothing."""


class RenewalPriceForm(RenewalForm):
    price = TermPriceField()

    refused_fields = {
        "renewal.price_negative": "price",
        "subscription.other_currency": "price",
    }

    def __init__(self, request: SignedInRequest, currency: str) -> None:
        super().__init__(posted(request))
        label = _("Price in %(currency)s") % {"currency": currency}
        self.fields["price"].label = label
        notation = inputs_of(request).notation
        prepare_price(self, "price", notation=notation, currency=currency)

    @property
    def new_price(self) -> Money:
        """The price that was typed."""
        price: Money = self.cleaned_data["price"]
        return price


class RenewalCancelForm(RenewalForm):
    reason = forms.CharField(label=_("Reason"), required=False, max_length=255)

    refused_fields = {"subscription.end_before_start": "reason"}


def renewal_form(
    request: SignedInRequest, button: RenewalButton, *, currency: str
) -> RenewalForm:
    """Return the form of a button, for a renewal in a currency."""
    if button is RenewalButton.PRICE:
        return RenewalPriceForm(request, currency)
    if button is RenewalButton.CANCEL:
        return RenewalCancelForm(posted(request))
    return RenewalForm(posted(request))
