"""A form that is refused shows what is wrong beside its field, and keeps what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from tests.web.refused_forms import COMPANY, REFUSED, SETUP
from tests.world import PASSWORD, World
from turnus.accounts.models import Company, Currency, Team, User
from turnus.core.fields import FieldKind
from turnus.fields.models import Label
from turnus.kit.folder import setup_token
from turnus.listing.models import SavedFilter
from turnus.sales.models import LostReason

TEXT_INPUTS = {"text", "email", "number", "date"}


class Inputs(HTMLParser):
    """The inputs of a page by their id, with what they hold; the texts of its errors by theirs."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], set[str]] = {}
        self.invalid: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self._error = ""
        self._select = ("", "")
        self._textarea = ("", "")
        self.feed(page)

    def handle_starttag(
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        given = {name: value or "" for name, value in attrs}
        key = (given.get("name", ""), given.get("id", ""))
        if given.get("aria-invalid") == "true":
            self.invalid[key[0]] = given.get("aria-describedby", "")
        if tag == "input" and given.get("type", "text") in TEXT_INPUTS:
            self.held.setdefault(key, set()).add(given.get("value", ""))
        elif (
            tag == "input"
            and given.get("type") == "checkbox"
            and "checked" in given
        ):
            self.held.setdefault(key, set()).add(given.get("value", "on"))
        elif tag == "select":
            self._select = key
        elif tag == "option" and "selected" in given:
            self.held.setdefault(self._select, set()).add(
                given.get("value", "")
            )
        elif tag == "textarea":
            self._textarea = key
        elif tag == "p" and given.get("class") == "t-field-error":
            self._error = given["id"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self._error = ""
        elif tag == "textarea":
            self._textarea = ("", "")

    def handle_data(self, data: str) -> None:
        if self._error:
            self.errors[self._error] = (
                self.errors.get(self._error, "") + data.strip()
            )
        if any(self._textarea):
            self.held.setdefault(self._textarea, set()).add(data.strip())

    def error_of(self, name: str) -> str:
        """Return the words that the input with this name says describe what is wrong with it."""
        described_by = self.invalid.get(name, "").split()
        return " ".join(
            self.errors.get(part, "") for part in described_by
        ).strip()

    def hold(self, name: str) -> set[str]:
        """Return what any of the inputs with this name hold."""
        return set().union(
            *(
                held
                for (called, _id), held in self.held.items()
                if called == name
            )
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that the forms speak of: ids by the words that stand for them above."""

    world: World
    addresses: Mapping[str, str]
    ids: Mapping[str, str]

    def real(self, text: str) -> str:
        for word, pk in self.ids.items():
            text = pk if text == word else text.replace(f"-{word}", f"-{pk}")
        return text

    def client(self, page: str) -> Client:
        if page == "account_login":
            return Client(headers={"Accept-Language": "en"})
        if page == "setup":
            Company.objects.all().delete()
            Currency.objects.all().delete()
            return Client(headers={"Accept-Language": "en"})
        return self.world.client(self.world.admin)


@pytest.fixture
def rows(world: World) -> Rows:
    User.objects.update(language="en")
    Team.objects.create(name="North")
    LostReason.objects.create(name="Price")
    SavedFilter.objects.create(
        record_kind="deal",
        owner=world.admin,
        name="Large",
        tree={"all": []},
        created_at=world.at,
    )
    reason = LostReason.objects.create(name="Time")
    label = Label.objects.create(record_kind="deal", name="Cold")
    Label.objects.create(record_kind="deal", name="Hot")
    field, plan, person = (
        world.field(FieldKind.OPTION),
        world.plan(),
        world.person(),
    )
    world.plan("Yearly")
    option = world.option(field, "jährlich")
    deal = world.deal(status="won", **{f"custom.{field.key}": option})
    deals = ["deals"]
    addresses = {
        "user": reverse("user", args=[world.bob.pk]),
        "pipeline": reverse("pipeline", args=[world.pipeline.pk]),
        "fields": reverse("fields", args=deals),
        "field": reverse("field", args=["deals", field.pk]),
        "labels": reverse("labels", args=deals),
        "plan": reverse("plan", args=[plan.pk]),
        "map-plans": reverse("map-plans", args=[field.pk]),
        "personal-data": reverse("personal-data", args=[person.pk]),
        "subscribe": reverse("subscribe", args=[deal.pk]),
        "new-filter": reverse("new-filter", args=deals),
        "setup": f"{reverse('setup')}?token={setup_token()}",
    }
    ids = {
        "TEAM": world.alice.team_id,
        "STAGE": world.pipeline.stages.all()[0].pk,
        "REASON": reason.pk,
        "LABEL": label.pk,
        "PLAN": plan.pk,
        "OPTION": option,
        "OTHER": world.option(field, "monatlich"),
    }
    return Rows(world, addresses, {word: str(pk) for word, pk in ids.items()})


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_form_says_why_beside_the_field_and_keeps_what_was_typed(
    rows: Rows, name: str
) -> None:
    case = REFUSED[name]
    sent = {
        rows.real(key): rows.real(value) if isinstance(value, str) else value
        for key, value in case.sent.items()
    }
    address = rows.addresses.get(case.page) or reverse(case.page)
    answer = rows.client(case.page).post(address, sent)
    page = Inputs(answer.content.decode())
    assert answer.status_code == 422
    assert case.words in page.error_of(rows.real(case.field))
    assert list(page.invalid) == [rows.real(case.field)]
    for key, value in sent.items():
        if key not in case.hidden and "password" not in key:
            typed = {value} if isinstance(value, str) else set(value)
            assert typed <= page.hold(key) | {""}, key


def test_a_password_is_never_sent_back(rows: Rows) -> None:
    sent = {**SETUP, "currency": "EURO"}
    page = (
        rows.client("setup")
        .post(rows.addresses["setup"], sent)
        .content.decode()
    )
    assert PASSWORD not in page


def test_a_refused_form_still_notices_what_somebody_else_saved(
    rows: Rows,
) -> None:
    client = rows.world.client(rows.world.admin)
    address = reverse("company")
    shown = client.get(address).context["seen"]
    refused = client.post(address, {**COMPANY, "name": "", "seen": shown})
    Company.objects.update(name="Theirs")
    again = {**COMPANY, "name": "Mine", "seen": refused.context["seen"]}
    assert client.post(address, again).status_code == 422
    assert Company.objects.get().name == "Theirs"


def test_who_may_not_give_a_right_is_told_in_the_form_and_keeps_what_was_typed(
    rows: Rows,
) -> None:
    bob = rows.world.bob
    bob.language, bob.permissions = "en", ["users"]
    bob.save()
    sent = {
        "name": "Eve",
        "email": "eve@example.org",
        "permission": ["import"],
    }
    answer = rows.world.client(bob).post(
        reverse("user", args=[rows.world.charlie.pk]),
        {**sent, "team": rows.ids["TEAM"]},
    )
    page = Inputs(answer.content.decode())
    assert answer.status_code == 403
    assert page.hold("email") == {"eve@example.org"}
    assert (
        "permissions that you have yourself"
        in page.errors["id_permission_error"]
    )


def test_the_form_of_a_filter_keeps_its_labels(rows: Rows) -> None:
    page = (
        rows.client("new-filter")
        .get(rows.addresses["new-filter"])
        .content.decode()
    )
    for name, label in (("name", "Name of the filter"), ("sort", "Sorted by")):
        assert f'for="filter-{name}">{label}</label>' in page
