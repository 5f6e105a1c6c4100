"""Two people who change the same: the second reads who did what, and loses nothing typed."""

import html
import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from tests.world import World
from turnus.core.fields import FieldKind
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.fields.record_actions import actions_of
from turnus.fields.seen import mark
from turnus.history.tracked import tracked
from turnus.revenue.models import Subscription, Term
from turnus.sales.models import Deal

_INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def hidden(page: Any, within: str = "") -> dict[str, str]:
    """Return the hidden inputs of a page, of the form that `within` stands in."""
    text = page.content.decode()
    form = text[max(0, text.rfind("<form", 0, text.index(within))) :]
    return {
        name: value
        for name, value in _INPUT.findall(form[: form.find("</form>")])
        if name != "csrfmiddlewaretoken"
    }


def bob_gives(world: World, kind: RecordKind, pk: int, **values: Any) -> None:
    model: Any = tracked(kind).model
    actions_of(kind).update(
        model.objects.filter(pk=pk), by=world.bob, at=world.at, values=values
    )


@pytest.fixture
def deal(world: World) -> Deal:
    return world.deal(title="Dach", lost_reason="")


def form_of(world: World, deal: Deal, key: str) -> dict[str, str]:
    page = world.client(world.alice).get(
        reverse("field-form", args=["deals", deal.pk]), {"field": key}
    )
    return hidden(page, "t-card t-form")


def save(
    world: World, deal: Deal, form: Mapping[str, str], **headers: Any
) -> HttpResponse:
    client = world.client(world.alice)
    return client.post(
        reverse("save-field", args=["deals", deal.pk]), form, headers=headers
    )  # type: ignore[return-value]


def test_the_second_who_changes_a_field_is_told_and_keeps_what_they_typed(
    world: World, deal: Deal
) -> None:
    form = form_of(world, deal, "channel")
    bob_gives(world, RecordKind.DEAL, deal.pk, channel="Messe")
    answer = save(world, deal, form | {"value": "Telefon"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert (
        "Bob hat „Quellkanal“ inzwischen auf „Messe“ geändert (14.11.2018 11:00)."
        in text
    )
    assert 'value="Telefon"' in text
    assert Deal.objects.get().channel == "Messe"
    again = save(
        world, deal, hidden(answer, "t-card t-form") | {"value": "Telefon"}
    )
    assert (again.status_code, Deal.objects.get().channel) == (302, "Telefon")


def test_whoever_overrules_is_asked_again_if_a_third_was_quicker(
    world: World, deal: Deal
) -> None:
    form = form_of(world, deal, "channel")
    bob_gives(world, RecordKind.DEAL, deal.pk, channel="Messe")
    answer = save(world, deal, form | {"value": "Telefon"})
    bob_gives(world, RecordKind.DEAL, deal.pk, channel="")
    again = save(
        world, deal, hidden(answer, "t-card t-form") | {"value": "Telefon"}
    )
    assert "Bob hat „Quellkanal“ inzwischen geleert" in again.content.decode()
    assert Deal.objects.get().channel == ""


@pytest.mark.parametrize(
    ("theirs", "mine", "stays"),
    [
        ({"title": "Dach neu"}, "Telefon", "Telefon"),  # another field
        ({"channel": "Messe"}, "Messe", "Messe"),  # the same value
        (
            {"channel": "Messe"},
            "",
            "Messe",
        ),  # the form was sent as it was shown
    ],
    ids=["another field", "the same value", "nothing typed"],
)
def test_nobody_is_asked_where_nothing_is_overruled(
    world: World, deal: Deal, theirs: dict[str, str], mine: str, stays: str
) -> None:
    form = form_of(world, deal, "channel")
    bob_gives(world, RecordKind.DEAL, deal.pk, **theirs)
    assert save(world, deal, form | {"value": mine}).status_code == 302
    assert Deal.objects.get().channel == stays
    assert Deal.objects.get().title == theirs.get("title", "Dach")


def test_a_form_without_a_mark_is_saved_as_it_is(
    world: World, deal: Deal
) -> None:
    bob_gives(world, RecordKind.DEAL, deal.pk, channel="Messe")
    assert (
        save(world, deal, {"field": "channel", "value": "Telefon"}).status_code
        == 302
    )


def test_in_place_the_answer_stays_in_place(world: World, deal: Deal) -> None:
    key = f"custom.{world.field(FieldKind.MONEY, 'Budget').key}"
    url = reverse("field-form", args=["deals", deal.pk])
    form = hidden(
        world.client(world.alice).get(
            url, {"field": key}, headers={"hx-request": "true"}
        )
    )
    bob_gives(
        world, RecordKind.DEAL, deal.pk, **{key: world.deal(amount=70).value}
    )
    answer = save(
        world,
        deal,
        form | {"value": "80", "value_currency": "EUR"},
        **{"hx-request": "true"},
    )
    assert answer["HX-Retarget"] == f'[data-field="{key}"]'
    assert "70,00\u00a0€" in answer.content.decode()
    assert 'value="80"' in answer.content.decode()


def saved_at(cell: Any) -> str:
    """Return the address to which an open cell is sent."""
    return html.unescape(
        re.findall('hx-post="([^"]+)"', cell.content.decode())[0]
    )


@pytest.mark.parametrize(
    "word", ["deals", "persons", "organizations", "subscriptions"]
)
def test_cells_of_every_list_ask_as_well(world: World, word: str) -> None:
    subscription = world.subscription()
    records = {
        "deals": world.deal(),
        "persons": world.person(),
        "organizations": world.organization(),
    }
    record, path = (
        records.get(word, subscription),
        "title" if word == "deals" else "name",
    )
    url, client = (
        f"{reverse('cell', args=[word, record.pk])}?path={path}",
        world.client(world.alice),
    )
    saving = saved_at(client.get(url))
    bob_gives(
        RecordKind(word[:-1]) and world,
        RecordKind(word[:-1]),
        record.pk,
        **{path: "Von Bob"},
    )
    answer = client.post(saving, {"value": "Von Alice"})
    assert answer.status_code == 422
    assert "Bob hat" in answer.content.decode()
    assert (
        client.post(saved_at(answer), {"value": "Von Alice"}).status_code
        == 200
    )
    assert str(type(record).objects.get(pk=record.pk)) == "Von Alice"


def page_of(world: World, deal: Deal, within: str) -> dict[str, str]:
    return hidden(
        world.client(world.alice).get(
            reverse("record", args=["deals", deal.pk])
        ),
        within,
    )


def test_a_deal_that_somebody_moved_is_moved_on_only_by_choice(
    world: World, deal: Deal
) -> None:
    first, second, third = world.pipeline.stages.all()[:3]
    form, client = (
        page_of(world, deal, "t-stages") | {"stage": f"{second.pk}"},
        world.client(world.alice),
    )
    bob_gives(world, RecordKind.DEAL, deal.pk, stage=third.pk)
    answer = client.post(reverse("move-deal", args=[deal.pk]), form)
    assert f"auf „{third.name}“ geändert" in answer.content.decode()
    assert Deal.objects.get().stage == third
    client.post(
        reverse("move-deal", args=[deal.pk]), hidden(answer, "t-card t-form")
    )
    assert Deal.objects.get().stage == second
    assert first.pk not in {second.pk, third.pk}


def test_a_deal_that_somebody_won_is_not_lost_unasked_and_the_comment_is_kept(
    world: World, deal: Deal
) -> None:
    form, client = (
        page_of(world, deal, "t-menu__panel"),
        world.client(world.alice),
    )
    bob_gives(world, RecordKind.DEAL, deal.pk, status="won")
    typed = {
        "action": "lose",
        "free_reason": "Preis",
        "comment": "zu teuer\nfür sie",
    }
    answer = client.post(reverse("close-deal", args=[deal.pk]), form | typed)
    assert (answer.status_code, Deal.objects.get().status) == (422, "won")
    sent = hidden(answer, "t-card t-form")
    assert sent["comment"] == typed["comment"]
    client.post(reverse("close-deal", args=[deal.pk]), sent)
    assert (Deal.objects.get().status, Deal.objects.get().lost_reason) == (
        "lost",
        "Preis",
    )


def test_lines_that_somebody_changed_are_shown_beside_mine(
    world: World, deal: Deal
) -> None:
    url, client = (
        reverse("deal-lines", args=[deal.pk]),
        world.client(world.alice),
    )
    form = hidden(client.get(url), "t-card t-form")
    rows = {"name": ["Wartung"], "amount": ["10"], "recurs": ["yes"]}
    world.client(world.bob).post(
        url, hidden(client.get(url), "t-card t-form") | rows
    )
    answer = client.post(url, form | {**rows, "amount": ["12"]})
    assert "Bob hat „Dach“ inzwischen geändert" in answer.content.decode()
    assert (answer.status_code, Deal.objects.get().value_e4) == (422, 100_000)
    client.post(
        url, hidden(answer, "t-card t-form") | {**rows, "amount": ["12"]}
    )
    assert Deal.objects.get().value_e4 == 120_000


def life_form(world: World, one: Subscription) -> dict[str, str]:
    page = world.client(world.alice).get(
        reverse("subscription", args=[one.pk])
    )
    return hidden(
        page, f'action="{reverse("change-subscription", args=[one.pk])}"'
    )


CHANGES: dict[str, dict[str, str]] = {
    "skip": {},
    "pause": {"on": "2018-12-31"},
    "cancel": {"reason": "Umzug"},
    "price": {"price": "120"},
}


@pytest.mark.parametrize("first", CHANGES)
@pytest.mark.parametrize("second", CHANGES)
def test_what_is_done_with_a_subscription_is_done_as_it_was_seen(
    world: World, first: str, second: str
) -> None:
    one = world.subscription()
    url, form = (
        reverse("change-subscription", args=[one.pk]),
        life_form(world, one),
    )
    form.pop("once", None)
    world.client(world.bob).post(
        url, form | {"action": first, **CHANGES[first]}
    )
    held, terms = Subscription.objects.values().get(), Term.objects.count()
    answer = world.client(world.alice).post(
        url, form | {"action": second, **CHANGES[second]}
    )
    assert answer.status_code == 422
    assert "Bob hat „Abo“ inzwischen geändert" in answer.content.decode()
    assert (Subscription.objects.values().get(), Term.objects.count()) == (
        held,
        terms,
    )
    sent = hidden(answer, "t-card t-form")
    assert sent.items() >= {"action": second, **CHANGES[second]}.items()
    assert sent["seen"] != form["seen"]


COMPANY = {"language": "de", "currency": "EUR", "time_zone": "Europe/Berlin"}
SETTINGS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "user": (
        {"name": "Bob Berg", "email": "bob@example.org"},
        {"name": "Bob Tal", "email": "bob@example.org"},
    ),
    "company": (
        {**COMPANY, "name": "Neue GmbH"},
        {**COMPANY, "name": "Andere GmbH"},
    ),
    "plan": (
        {"name": "Neu", "every": "2", "unit": "m"},
        {"name": "Anders", "every": "1", "unit": "m"},
    ),
    "field": ({"name": "Neu"}, {"name": "Anders"}),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_that_somebody_else_saved_are_overruled_only_by_choice(
    world: World, name: str
) -> None:
    field, plan = world.field(), world.plan()
    paths = {
        "user": reverse("user", args=[world.bob.pk]),
        "company": reverse("company"),
        "plan": reverse("plan", args=[plan.pk]),
        "field": reverse("field", args=["deals", field.pk]),
    }
    client, (theirs, mine) = world.client(world.admin), SETTINGS[name]
    shown = hidden(client.get(paths[name]), "t-card t-form")
    client.post(paths[name], {**shown, **theirs})
    answer = client.post(paths[name], {**shown, **mine})
    assert (answer.status_code, theirs["name"] in answer.content.decode()) == (
        422,
        True,
    )
    assert theirs["name"] in client.get(paths[name]).content.decode()
    assert (
        client.post(paths[name], hidden(answer, "t-card t-form")).status_code
        == 302
    )
    assert mine["name"] in client.get(paths[name]).content.decode()


def test_a_mark_tells_nothing_of_the_value_that_it_stands_for(
    world: World,
) -> None:
    """The id of a contact that is hidden could be guessed, or found again at another deal."""
    contact = world.organization().pk
    field = catalog(RecordKind.DEAL)["organization"]
    marks = [
        mark(field, vars(world.deal(organization=contact))) for _ in range(2)
    ]
    told = json.dumps({"organization_id": contact})
    assert marks[0] != marks[1]
    assert not marks[0].startswith(sha256(told.encode()).hexdigest()[:10])
