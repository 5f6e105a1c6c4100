"""A creating form that is sent twice, or eight times at once, does its work once."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import messages
from django.test import Client
from django.urls import reverse

from tests.at_once import at_once
from tests.conftest import AT
from tests.web.test_edit_conflicts import hidden
from tests.world import PASSWORD, World
from turnus.accounts.actions_once import prune_sent_forms
from turnus.accounts.models import SentForm, Team, User
from turnus.contacts.models import Organization, Person
from turnus.core.fields import FieldKind
from turnus.exports.models import Export
from turnus.fields.models import CustomField, FieldOption, Label
from turnus.history.models import Run
from turnus.kit import clock
from turnus.listing.models import SavedFilter
from turnus.revenue.models import Plan, Subscription
from turnus.sales.models import Deal, LostReason, Pipeline, Stage


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("on_disk")
def test_eight_posts_at_once_make_one_deal_and_all_lead_to_it(
    world: World,
) -> None:
    client = world.client(world.alice)
    form = hidden(
        client.get(reverse("new-record", args=["deals"])), "t-card t-form"
    )
    form |= {
        "title": "Dach",
        "organization": "Neue GmbH",
        "value": "100",
        "value_currency": "EUR",
    }

    def post() -> Any:
        answer = world.client(world.alice).post(
            reverse("new-record", args=["deals"]), form
        )
        return answer.headers.get("Location", answer.status_code)

    answers = at_once(*[post] * 8)
    assert (Deal.objects.count(), Organization.objects.count()) == (1, 1)
    assert set(answers) == {
        reverse("record", args=["deals", Deal.objects.get().pk])
    }


def twice(
    client: Client,
    page: str,
    typed: Mapping[str, Any],
    within: str,
    to: str = "",
) -> list[str]:
    """Send the form of a page twice; return where the answers lead."""
    form = hidden(client.get(page), within) | typed
    assert form["once"]
    return [
        client.post(to or page, form).headers["Location"] for _ in range(2)
    ]


#: What is made: the address of its form, the place in the page, what is typed, where it is sent.
FORMS: dict[Any, tuple[str, str, dict[str, Any], str]] = {
    Person: ("/persons/new/", "t-card t-form", {"name": "Eva Neu"}, ""),
    Organization: (
        "/organizations/new/",
        "t-card t-form",
        {"name": "Neue GmbH"},
        "",
    ),
    Subscription: (
        "/subscriptions/new/",
        "t-card t-form",
        {
            "organization": "Neue GmbH",
            "plan": "PLAN",
            "price": "10",
            "name": "Neu",
        },
        "",
    ),
    Plan: (
        "/settings/plans/",
        "t-card t-form",
        {"name": "Neu", "every": "2", "unit": "m"},
        "",
    ),
    SavedFilter: (
        "/deals/filters/new/",
        "t-builder",
        {"name": "Meine", "action": "save"},
        "",
    ),
    CustomField: (
        "/settings/fields/deals/",
        "t-card t-form",
        {"name": "Neu", "kind": "text"},
        "",
    ),
    FieldOption: (
        "/settings/fields/deals/FIELD/",
        "Neue Option",
        {"option_name": "Neu", "action": "add-option"},
        "",
    ),
    Pipeline: (
        "/settings/pipelines/",
        "t-card t-row-form",
        {"name": "Neu", "stage": "Eins"},
        "",
    ),
    Stage: (
        "/settings/pipelines/PIPELINE/",
        "Neue Phase",
        {"name": "Neu", "action": "save-stage"},
        "",
    ),
    LostReason: (
        "/settings/lost-reasons/",
        "t-card t-row-form",
        {"name": "Neu"},
        "",
    ),
    Label: (
        "/settings/labels/deals/",
        "t-card t-row-form",
        {"name": "Neu", "color": "red"},
        "",
    ),
    Team: ("/settings/teams/", "t-card t-row-form", {"name": "Nord"}, ""),
    User: (
        "/settings/users/",
        "t-card t-form",
        {"name": "Dora", "email": "d@example.org", "password": PASSWORD},
        "",
    ),
    Export: (
        "/deals/",
        'id="export"',
        {"format": "csv"},
        "/exports/new/deals/",
    ),
    Run: ("/renewals/", 'action="/renewals/plan/"', {}, "/renewals/plan/"),
}


@pytest.mark.parametrize("made", FORMS, ids=lambda made: made.__name__)
def test_each_creating_form_makes_one_thing_however_often_it_is_sent(
    world: World, made: Any
) -> None:
    field, subscription = world.field(FieldKind.OPTION), world.subscription()
    page, within, typed, to = FORMS[made]
    ids = {
        "FIELD": field.pk,
        "PIPELINE": world.pipeline.pk,
        "PLAN": subscription.plan_id,
    }
    page = re.sub("[A-Z]{3,}", lambda word: str(ids[word[0]]), page)
    typed = {name: str(ids.get(value, value)) for name, value in typed.items()}
    before = made.objects.count()
    first, second = twice(world.client(world.admin), page, typed, within, to)
    assert (made.objects.count() - before, first) == (1, second)
    assert SentForm.objects.count() == 1


def test_a_refused_form_can_be_put_right_and_leaves_nothing(
    world: World,
) -> None:
    client, page = (
        world.client(world.alice),
        reverse("new-record", args=["deals"]),
    )
    form = hidden(client.get(page), "t-card t-form") | {
        "organization": "Neue GmbH",
        "value": "viel",
    }
    assert client.post(page, form).status_code == 422
    assert (SentForm.objects.count(), Organization.objects.count()) == (0, 0)
    assert client.post(page, form | {"value": "10"}).status_code == 302
    assert Deal.objects.get().value_e4 == 100_000


def test_whoever_goes_back_and_types_something_else_makes_another_one(
    world: World,
) -> None:
    client, page = (
        world.client(world.alice),
        reverse("new-record", args=["organizations"]),
    )
    form = hidden(client.get(page), "t-card t-form")
    for name in ("Eins", "Zwei", "Eins"):
        client.post(page, form | {"name": name})
    assert sorted(Organization.objects.values_list("name", flat=True)) == [
        "Eins",
        "Zwei",
    ]


def test_a_key_is_good_for_its_own_user_and_its_own_form(world: World) -> None:
    form = {"once": "a" * 32, "name": "Eva"}
    for user, word in (
        (world.alice, "persons"),
        (world.bob, "persons"),
        (world.alice, "organizations"),
    ):
        world.client(user).post(reverse("new-record", args=[word]), form)
    assert (Person.objects.count(), Organization.objects.count()) == (2, 1)


def test_a_form_without_a_key_does_its_work_each_time(world: World) -> None:
    for _ in range(2):
        world.client(world.alice).post(
            reverse("new-record", args=["persons"]), {"name": "Eva"}
        )
    assert Person.objects.count() == 2


def test_a_second_click_is_told_what_the_first_was_and_a_late_one_that_nothing_happened(
    world: World,
) -> None:
    client, deal = world.client(world.alice), world.deal()
    form = {
        "once": "a" * 32,
        "step": "do",
        "action": "trash",
        "id": str(deal.pk),
    }
    url = reverse("bulk", args=["deals"])
    said = [
        [
            str(one)
            for one in messages.get_messages(
                client.post(url, form).wsgi_request
            )
        ]
        for _ in range(2)
    ]
    assert said[0][:1] == ["1 Datensatz gelöscht."]
    assert "1 Datensatz gelöscht." in said[1]
    with clock.standing_at(AT + timedelta(minutes=2)):
        late = [
            str(one)
            for one in messages.get_messages(
                client.post(url, form).wsgi_request
            )
        ]
    assert late[-1].startswith("Sie haben dieses Formular schon abgeschickt")
    assert Run.objects.count() == 1


def test_sent_forms_are_forgotten_after_some_days(world: World) -> None:
    world.client(world.alice).post(
        reverse("new-record", args=["persons"]),
        {"name": "Eva", "once": "a" * 32},
    )
    assert prune_sent_forms(at=AT + timedelta(days=4)) == 0
    assert prune_sent_forms(at=AT + timedelta(days=6)) == 1
