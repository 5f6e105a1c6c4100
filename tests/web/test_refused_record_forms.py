"""Refused forms of records, subscriptions and lists say why, and lose nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from django.http import HttpResponse
from django.urls import reverse

from tests.revenue.test_life import planned
from tests.web.refused_forms import Refused
from tests.web.test_refused_forms import Inputs
from tests.world import World
from turnus.accounts.models import User
from turnus.core.fields import FieldKind
from turnus.sales.models import Deal, LostReason

NOT_A_NUMBER = "“lots” is not a number."
NO_DAY = "2018-02-31"
#: Buttons and hidden inputs: nobody types them.
BUTTON = frozenset({"action"})
CELL = frozenset({"field"})
SELECTION = frozenset({"action", "id", "step"})
RENEWAL = frozenset({"action", "subscription", "number", "until"})
RUN = frozenset({"action", "line"})

WON = {
    "action": "win",
    "on": "2018-11-01",
    "plan": "PLAN",
    "price": "12",
    "starts_on": "2018-12-01",
    "last_on": "2019-11-30",
}
LOST = {
    "action": "lose",
    "reason": "Price",
    "free_reason": "They moved",
    "comment": "Ask again in spring",
    "on": "2018-11-01",
}
NEW_DEAL = {
    "title": "Roof",
    "organization": "Nova",
    "person": "Eve Miller",
    "value": "500",
    "value_currency": "EUR",
    "stage": "STAGE",
    "owner": "OWNER",
    "expected_close_on": "2018-12-24",
    "custom.KEY": "7",
}
NEW_PERSON = {
    "name": "Eve Miller",
    "organization": "Nova",
    "emails": ["eve@example.org", "eve@example.com"],
    "phones": ["+49 30 1234567"],
}
NEW_ORGANIZATION = {
    "name": "Nova",
    "address": "12 High Street",
    "bills_with": "Nova Holding",
}
LINES = {
    "name": ["Setup", "Care"],
    "amount": ["1500", "99"],
    "recurs": ["", "yes"],
}
NEW_PRICE = {"action": "price", "price": "150", "on": "2018-09-15"}
NEW_PLAN = {
    "action": "plan",
    "plan": "YEARLY",
    "price": "900",
    "on": "2018-09-15",
}
RISE = {
    "id": "SUBSCRIPTION",
    "step": "preview",
    "percent": "3",
    "amount": "2",
    "rounding": "50000",
}
RENEW = {"subscription": "SUBSCRIPTION", "number": "1", "until": "2018-12-31"}
LINES_OF_RUN = {
    "action": "book",
    "line": ["LINE", "NEXT"],
    "take": "NEXT",
    "price-LINE": "110",
    "price-NEXT": "120",
}
BULK = {
    "id": "DEAL",
    "action": "edit",
    "step": "do",
    "field": "value",
    "value": "lots",
    "value_currency": "EUR",
}

REFUSED = {
    "deal whose value is no number": Refused(
        "new-deal", {**NEW_DEAL, "value": "lots"}, "value", NOT_A_NUMBER
    ),
    "deal with a day that is none": Refused(
        "new-deal",
        {**NEW_DEAL, "expected_close_on": "soon"},
        "expected_close_on",
        "soon",
    ),
    "deal with a custom number that is none": Refused(
        "new-deal",
        {**NEW_DEAL, "custom.KEY": "lots"},
        "custom.KEY",
        NOT_A_NUMBER,
    ),
    "deal for nobody": Refused(
        "new-deal",
        {**NEW_DEAL, "organization": "", "person": ""},
        "organization",
        "organization",
    ),
    "person without a name": Refused(
        "new-person", {**NEW_PERSON, "name": " "}, "name", "fill in"
    ),
    "person with an email that is none": Refused(
        "new-person",
        {**NEW_PERSON, "emails": ["nobody", "eve@example.com"]},
        "emails",
        "nobody",
    ),
    "organization without a name": Refused(
        "new-organization", {**NEW_ORGANIZATION, "name": ""}, "name", "fill in"
    ),
    "deal won on a day that is none": Refused(
        "close-deal", {**WON, "on": NO_DAY}, "on", NO_DAY, BUTTON
    ),
    "deal won at a price that is none": Refused(
        "close-deal", {**WON, "price": "lots"}, "price", NOT_A_NUMBER, BUTTON
    ),
    "deal won for a time that ends before it starts": Refused(
        "close-deal",
        {**WON, "last_on": "2018-11-02"},
        "last_on",
        "cannot end before it starts",
        BUTTON,
    ),
    "deal lost on a day that is none": Refused(
        "close-deal", {**LOST, "on": NO_DAY}, "on", NO_DAY, BUTTON
    ),
    "deal lost for too long a reason": Refused(
        "close-deal",
        {**LOST, "free_reason": "x" * 256},
        "free_reason",
        "255",
        BUTTON,
    ),
    "deal line whose amount is no number": Refused(
        "deal-lines",
        {**LINES, "amount": ["lots", "99"]},
        "amount",
        NOT_A_NUMBER,
    ),
    "deal line in another currency": Refused(
        "deal-lines",
        {**LINES, "amount": ["5 USD", "99"]},
        "amount",
        "currency",
    ),
    "deal line without a name": Refused(
        "deal-lines", {**LINES, "name": ["", "Care"]}, "name", "needs a name"
    ),
    "field of a deal that is no number": Refused(
        "save-field",
        {"field": "value", "value": "lots", "value_currency": "EUR"},
        "value",
        NOT_A_NUMBER,
        CELL,
    ),
    "cell of a list that is no number": Refused(
        "cell",
        {"value": "lots", "value_currency": "EUR"},
        "value",
        NOT_A_NUMBER,
    ),
    "many deals with a value that is no number": Refused(
        "bulk", BULK, "value", NOT_A_NUMBER, SELECTION
    ),
    "many deals without a title": Refused(
        "bulk",
        {**BULK, "field": "title", "value": ""},
        "value",
        "fill in",
        SELECTION | {"value_currency"},
    ),
    "price of a subscription that is none": Refused(
        "change-subscription",
        {**NEW_PRICE, "price": "lots"},
        "price",
        NOT_A_NUMBER,
        BUTTON,
    ),
    "price of a subscription in another currency": Refused(
        "change-subscription",
        {**NEW_PRICE, "price": "5 CHF"},
        "price",
        "currency",
        BUTTON,
    ),
    "price from a day outside the term": Refused(
        "change-subscription",
        {**NEW_PRICE, "on": "2030-01-01"},
        "on",
        "term",
        BUTTON,
    ),
    "plan from a day that is none": Refused(
        "change-subscription", {**NEW_PLAN, "on": NO_DAY}, "on", NO_DAY, BUTTON
    ),
    "plan without a price": Refused(
        "change-subscription",
        {**NEW_PLAN, "price": ""},
        "price",
        "required",
        BUTTON,
    ),
    "pause from a day that is none": Refused(
        "change-subscription",
        {"action": "pause", "on": NO_DAY},
        "on",
        NO_DAY,
        BUTTON,
    ),
    "resumed before it was paused": Refused(
        "change-paused",
        {"action": "resume", "on": "2018-01-01"},
        "on",
        "resume after",
        BUTTON,
    ),
    "canceled before it began": Refused(
        "change-subscription",
        {"action": "cancel", "last_on": "2000-01-01", "reason": "They moved"},
        "last_on",
        "cannot end before it starts",
        BUTTON,
    ),
    "rise by a number that is none": Refused(
        "prices",
        {**RISE, "percent": "lots"},
        "percent",
        NOT_A_NUMBER,
        SELECTION,
    ),
    "rise by nothing": Refused(
        "prices",
        {**RISE, "percent": "", "amount": "0"},
        "percent",
        "percentage or an amount",
        SELECTION,
    ),
    "rise below zero": Refused(
        "prices", {**RISE, "amount": "-500"}, "amount", "negative", SELECTION
    ),
    "subscriptions without a plan": Refused(
        "subscribe-many",
        {"id": "DEAL", "step": "preview", "plan": ""},
        "plan",
        "Choose a plan",
        SELECTION,
    ),
    "renewal at a price that is none": Refused(
        "renew-one",
        {**RENEW, "action": "price", "price": "lots"},
        "price",
        NOT_A_NUMBER,
        RENEWAL,
    ),
    "renewal below zero": Refused(
        "renew-one",
        {**RENEW, "action": "price", "price": "-5"},
        "price",
        "negative",
        RENEWAL,
    ),
    "renewal canceled for too long a reason": Refused(
        "renew-one",
        {**RENEW, "action": "cancel", "reason": "x" * 256},
        "reason",
        "255",
        RENEWAL,
    ),
    "line of a run at a price that is none": Refused(
        "renewal-run",
        {**LINES_OF_RUN, "price-LINE": "lots"},
        "price-LINE",
        NOT_A_NUMBER,
        RUN,
    ),
    "line of a run below zero": Refused(
        "renewal-run",
        {**LINES_OF_RUN, "price-NEXT": "-1"},
        "price-NEXT",
        "negative",
        RUN,
    ),
}


@dataclass(frozen=True, slots=True)
class Places:
    """Where the forms are sent, and the ids of the words that stand for rows above."""

    world: World
    addresses: Mapping[str, str]
    ids: Mapping[str, str]

    def real(self, text: str) -> str:
        if text in self.ids:
            return self.ids[text]
        head, mark, word = text.rpartition("." if "." in text else "-")
        return f"{head}{mark}{self.ids[word]}" if word in self.ids else text

    def sent(self, case: Refused) -> dict[str, str | list[str]]:
        return {
            self.real(name): self.real(value)
            if isinstance(value, str)
            else [self.real(one) for one in value]
            for name, value in case.sent.items()
        }

    def answer(self, case: Refused, language: str = "en") -> HttpResponse:
        User.objects.update(language=language)
        client = self.world.client(self.world.admin)
        answer = client.post(self.addresses[case.page], self.sent(case))
        assert isinstance(answer, HttpResponse)
        return answer


@pytest.fixture
def places(world: World) -> Places:
    LostReason.objects.create(name="Price")
    plan, number = world.plan(), world.field(FieldKind.NUMBER)
    yearly = world.plan("Yearly")
    deal = world.deal(amount=500)
    subscription, paused = world.subscription(plan), world.subscription(plan)
    paused.state, paused.paused_on = "paused", world.at.date()
    paused.save()
    run = planned(world, "2018-10-31")
    lines = [str(line.pk) for line in run.renewal_lines.order_by("pk")]
    addresses = {
        "new-deal": reverse("new-record", args=["deals"]),
        "new-person": reverse("new-record", args=["persons"]),
        "new-organization": reverse("new-record", args=["organizations"]),
        "close-deal": reverse("close-deal", args=[deal.pk]),
        "deal-lines": reverse("deal-lines", args=[deal.pk]),
        "save-field": reverse("save-field", args=["deals", deal.pk]),
        "cell": reverse("cell", args=["deals", deal.pk]) + "?path=value",
        "bulk": reverse("bulk", args=["deals"]),
        "change-subscription": reverse(
            "change-subscription", args=[subscription.pk]
        ),
        "change-paused": reverse("change-subscription", args=[paused.pk]),
        "prices": reverse("prices"),
        "subscribe-many": reverse("subscribe-many"),
        "renew-one": reverse("renew-one"),
        "renewal-run": reverse("renewal-run", args=[run.pk]),
    }
    ids = {
        "PLAN": plan.pk,
        "YEARLY": yearly.pk,
        "KEY": number.key,
        "STAGE": world.pipeline.stages.all()[1].pk,
        "OWNER": world.bob.pk,
        "DEAL": deal.pk,
        "SUBSCRIPTION": subscription.pk,
        "LINE": lines[0],
        "NEXT": lines[1],
    }
    return Places(
        world, addresses, {word: str(pk) for word, pk in ids.items()}
    )


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_form_says_why_beside_the_field_and_keeps_what_was_typed(
    places: Places, name: str
) -> None:
    case = REFUSED[name]
    answer = places.answer(case)
    text = answer.content.decode()
    page = Inputs(text)
    field = places.real(case.field)
    assert answer.status_code == 422
    assert case.words in page.error_of(field)
    assert list(page.invalid) == [field]
    assert text.count("autofocus") == 1
    for key, value in places.sent(case).items():
        if key not in case.hidden:
            typed = {value} if isinstance(value, str) else set(value)
            assert typed <= page.hold(key) | {""}, key


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_form_says_why_in_german_as_well(
    places: Places, name: str
) -> None:
    case = REFUSED[name]
    field = places.real(case.field)
    english = Inputs(places.answer(case).content.decode()).error_of(field)
    german = Inputs(places.answer(case, "de").content.decode()).error_of(field)
    assert german
    assert german != english


def test_a_refused_deal_stays_open_and_leaves_no_contact(
    places: Places,
) -> None:
    count = Deal.objects.count()
    places.answer(REFUSED["deal won at a price that is none"])
    places.answer(REFUSED["deal whose value is no number"])
    assert Deal.objects.count() == count
    assert Deal.objects.get(pk=places.ids["DEAL"]).status == "open"


def test_only_the_ticked_lines_of_a_refused_run_are_ticked(
    places: Places,
) -> None:
    case = REFUSED["line of a run at a price that is none"]
    page = Inputs(places.answer(case).content.decode())
    assert page.hold("take") == {places.ids["NEXT"]}


def test_a_label_of_an_email_stays_with_it(places: Places) -> None:
    sent = {**NEW_PERSON, "name": "", "emails_label": ["home", "work"]}
    case = Refused("new-person", sent, "name", "fill in")
    page = Inputs(places.answer(case).content.decode())
    assert {"home", "work"} <= page.hold("emails_label")
