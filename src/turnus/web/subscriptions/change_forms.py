"""The forms of what can be done with a subscription: a new price or plan, pause, resume, cancel."""

from datetime import date, timedelta
from enum import StrEnum

from django import forms
from django.utils.translation import gettext_lazy as _

from turnus.core.money import Money
from turnus.revenue.models import Plan, Subscription
from turnus.web.buttons import sent_action
from turnus.web.forms import DayField, LastDayField, ScreenForm, Words, posted
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import inputs_of
from turnus.web.price_fields import FixedCurrencyField, prepare_price


class ChangeButton(StrEnum):
    """What the buttons do with a subscription."""

    PRICE = "price"
    PLAN = "plan"
    SKIP = "skip"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


#: What the buttons say.
CHANGE_NAMES: dict[ChangeButton, Words] = {
    ChangeButton.PRICE: _("Price"),
    ChangeButton.PLAN: _("Change the plan"),
    ChangeButton.SKIP: _("Skip the next term"),
    ChangeButton.PAUSE: _("Pause"),
    ChangeButton.RESUME: _("Resume"),
    ChangeButton.CANCEL: _("Cancel the subscription"),
}


class ChangeForm(ScreenForm):
    """One thing that can be done with a subscription; by itself, it asks for nothing."""

    change = ChangeButton.SKIP
    #: What the button that sends it says.
    button: Words = _("Skip the next term")
    #: Whether what it does is not easily undone.
    is_danger = False

    def __init__(self, request: SignedInRequest, record: Subscription) -> None:
        self.today = request.on
        data = posted(request) if sent_action(request) == self.change else None
        super().__init__(
            data,
            auto_id=f"{self.change}-%s",
            initial=self.initial_of(request, record),
        )

    def initial_of(
        self, _request: SignedInRequest, _record: Subscription
    ) -> dict[str, object]:
        """Return what the inputs hold at first."""
        return {}


class _PricedForm(ChangeForm):
    """What has a price, usually the present one."""

    price = FixedCurrencyField()
    price_label: Words

    def __init__(self, request: SignedInRequest, record: Subscription) -> None:
        super().__init__(request, record)
        label = self.price_label % {"currency": record.currency}
        self.fields["price"].label = label
        notation = inputs_of(request).notation
        prepare_price(
            self, "price", notation=notation, currency=record.currency
        )

    def initial_of(
        self, request: SignedInRequest, record: Subscription
    ) -> dict[str, object]:
        return {"price": inputs_of(request).amount(record.price)}

    @property
    def new_price(self) -> Money:
        """The price that was typed."""
        price: Money = self.cleaned_data["price"]
        return price

    @property
    def from_day(self) -> date | None:
        """The day of the running term from which it holds; None: from the next term on."""
        day: date | None = self.cleaned_data["on"]
        return day


class NewPriceForm(_PricedForm):
    change = ChangeButton.PRICE
    button = _("Change")
    price_label = _("Price of the next term in %(currency)s")

    on = DayField(
        label=_(
            "Already from a day of the running term (blank: from the next term on)"
        ),
        required=False,
    )

    refused_fields = {
        "renewal.price_negative": "price",
        "subscription.not_inside_term": "on",
        "subscription.other_currency": "price",
        "subscription.term_begins": "on",
    }


class NewPlanForm(_PricedForm):
    change = ChangeButton.PLAN
    button = _("Change the plan")
    price_label = _("Price of a term by the new plan in %(currency)s")

    plan = forms.ModelChoiceField(
        label=_("New plan"),
        queryset=Plan.objects.filter(is_active=True),
        empty_label=None,
    )
    on = DayField(
        label=_(
            "From a day of the running term (blank: from the next term on)"
        ),
        required=False,
    )
    field_order = ("plan", "price", "on")

    refused_fields = {
        "renewal.price_negative": "price",
        "subscription.days_without_plan": "plan",
        "subscription.no_plan_change": "on",
        "subscription.not_inside_term": "on",
        "subscription.other_currency": "price",
        "subscription.term_begins": "on",
    }

    def initial_of(
        self, request: SignedInRequest, record: Subscription
    ) -> dict[str, object]:
        return {**super().initial_of(request, record), "plan": record.plan_id}


class _DayForm(ChangeForm):
    """What happens on a day, usually today."""

    on = DayField(required=False)

    def initial_of(
        self, request: SignedInRequest, _record: Subscription
    ) -> dict[str, object]:
        return {"on": request.on}

    @property
    def day(self) -> date:
        """The day that was chosen."""
        day: date | None = self.cleaned_data["on"]
        return day or self.today


class PauseForm(_DayForm):
    change = ChangeButton.PAUSE
    button = _("Pause")

    on = DayField(label=_("Paused from"), required=False)


class ResumeForm(_DayForm):
    change = ChangeButton.RESUME
    button = _("Resume")

    on = DayField(label=_("The next term starts on"), required=False)

    refused_fields = {"subscription.resume_before_stop": "on"}


class CancelForm(ChangeForm):
    change = ChangeButton.CANCEL
    button = _("Cancel the subscription")
    is_danger = True

    last_on = LastDayField(
        label=_("Last day (blank: the end of the term that is paid)"),
        required=False,
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=255)

    refused_fields = {"subscription.end_before_start": "last_on"}

    @property
    def ends_on(self) -> date | None:
        """The first day that is not covered; None: the end of the term that is paid."""
        last_on: date | None = self.cleaned_data["last_on"]
        return None if last_on is None else last_on + timedelta(days=1)
