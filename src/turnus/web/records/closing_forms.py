"""The forms with which a deal is won or lost."""

from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from turnus.core.money import Money
from turnus.revenue.models import Plan
from turnus.revenue.subscriptions.actions.start import NewSubscription
from turnus.sales.models import Deal, LostReason
from turnus.web.buttons import sent_action
from turnus.web.forms import DayField, LastDayField, ScreenForm, posted
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import inputs_of
from turnus.web.price_fields import PriceField, prepare_price


class WonForm(ScreenForm):
    """When a deal was won, and by which plan it recurs."""

    on = DayField(label=_("Won on"), required=False)
    plan = forms.ModelChoiceField(
        label=_("Recurs"),
        queryset=Plan.objects.filter(is_active=True),
        required=False,
        empty_label=_("no"),
    )
    price = PriceField(required=False)
    starts_on = DayField(
        label=_("First day (blank: the day it is won)"), required=False
    )
    last_on = LastDayField(
        label=_("Last day (blank: open-ended)"), required=False
    )

    refused_fields = {
        "deal.contact_missing": "plan",
        "deal.contact_trashed": "plan",
        "subscription.days_without_plan": "plan",
        "subscription.end_before_start": "last_on",
        "subscription.price_missing": "price",
    }

    def __init__(self, request: SignedInRequest, *, deal: Deal) -> None:
        self._deal = deal
        self._today = request.on
        inputs = inputs_of(request)
        initial = {"on": request.on, "price": inputs.amount(deal.recurring)}
        data = posted(request) if sent_action(request) == "win" else None
        super().__init__(data, auto_id="won-%s", initial=initial)
        label = _("Price per period in %(currency)s") % {
            "currency": deal.currency
        }
        self.fields["price"].label = label
        prepare_price(
            self, "price", notation=inputs.notation, currency=deal.currency
        )

    @property
    def won_on(self) -> date | None:
        """The day that was chosen; None for today, whose moment is known."""
        return _unless_today(self.cleaned_data["on"], self._today)

    @property
    def recurs(self) -> bool:
        """Whether a subscription starts with the deal."""
        return self.cleaned_data["plan"] is not None

    def subscription(self) -> NewSubscription:
        """Return the subscription that starts with the deal."""
        values = self.cleaned_data
        price: Money | None = values["price"]
        last_on: date | None = values["last_on"]
        return NewSubscription(
            plan=values["plan"],
            price=self._deal.recurring if price is None else price,
            starts_on=values["starts_on"] or values["on"] or self._today,
            ends_on=None if last_on is None else last_on + timedelta(days=1),
            name=self._deal.title,
        )


class LostForm(ScreenForm):
    """Why and when a deal was lost: one of the reasons of the company, or one's own words."""

    reason = forms.CharField(
        label=_("Lost reason"), required=False, widget=forms.Select
    )
    free_reason = forms.CharField(
        label=_("Reason in your own words"), required=False, max_length=255
    )
    comment = forms.CharField(
        label=_("Comment"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    on = DayField(label=_("Lost on"), required=False)

    def __init__(self, request: SignedInRequest) -> None:
        self._today = request.on
        data = posted(request) if sent_action(request) == "lose" else None
        super().__init__(data, auto_id="lost-%s", initial={"on": request.on})
        names = list(LostReason.objects.values_list("name", flat=True))
        if names:
            choices = [("", "–"), *((name, name) for name in names)]
            self.fields["reason"].widget = forms.Select(
                attrs=self.fields["reason"].widget.attrs, choices=choices
            )
        else:
            self.fields["reason"].widget = forms.HiddenInput()

    @property
    def lost_on(self) -> date | None:
        """The day that was chosen; None for today, whose moment is known."""
        return _unless_today(self.cleaned_data["on"], self._today)

    @property
    def lost_reason(self) -> str:
        """The reason of the company, or else the words that were typed."""
        values: dict[str, str] = self.cleaned_data
        return values["reason"] or values["free_reason"]


def _unless_today(day: date | None, today: date) -> date | None:
    return None if day == today else day
