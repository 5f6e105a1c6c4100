"""Every page for an admin, for a regular user, for nobody; the forms that people fill in."""

import re

import pytest
from django.test import Client

from tests.world import PASSWORD, World
from turnus.accounts.models import Company, User
from turnus.contacts.models import Organization, Person
from turnus.core.fields import FieldKind
from turnus.core.records import RecordKind
from turnus.fields.actions import save_label
from turnus.kit.folder import setup_token
from turnus.sales.models import Deal, Stage

PAGES = (
    "/deals/",
    "/persons/",
    "/organizations/",
    "/deals/new/",
    "/persons/new/",
    "/organizations/new/",
    "/deals/filters/new/",
    "/trash/",
    "/",
    "/reports/mrr/",
    "/reports/mrr/?split=plan&by=quarter",
    "/reports/movements/",
    "/reports/rates/",
    "/reports/cohorts/?measure=customers",
    "/reports/bookings/",
    "/reports/forecast/",
    "/reports/mrr/parts/",
    "/reports/movements/parts/?figure=new",
    "/reports/cohorts/parts/",
    "/search/?q=a",
    "/search/",
    "/reports/won/",
    "/reports/lost/",
    "/reports/open/?by=quarter",
    "/reports/won/?split=sequence&by=year",
    "/settings/",
    "/settings/profile/",
    "/deals/?q=zzz",
    "/deals/?sort=-value&page=2",
)
ADMIN_PAGES = (
    "/imports/",
    "/imports/new/deals/",
    "/imports/new/persons/",
    "/exports/",
    "/settings/company/",
    "/settings/currencies/",
    "/settings/users/",
    "/settings/teams/",
    "/settings/pipelines/",
    "/settings/lost-reasons/",
    "/settings/fields/deals/",
    "/settings/labels/persons/",
)


def filled(world: World) -> Deal:
    field = world.field()
    label = save_label(
        by=world.admin, record=RecordKind.DEAL, name="Heiß", color="red"
    )
    person = world.person("Zoë", organization=world.organization("Elbe AG").pk)
    return world.deal(
        organization=person.organization_id,
        person=person.pk,
        title="Abo",
        amount=99,
        labels=(label.pk,),
        status="won",
        **{f"custom.{field.key}": world.option(field, "monatlich")},
    )


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page_opens_for_everybody(
    world: World, page: str, language: str
) -> None:
    filled(world)
    User.objects.update(language=language)
    response = world.client(world.charlie).get(page)
    assert response.status_code == 200
    assert f'lang="{language}"' in response.content.decode()
    assert "script-src 'self'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("page", ADMIN_PAGES)
def test_pages_of_admins_are_closed_to_others(world: World, page: str) -> None:
    assert world.client(world.admin).get(page).status_code == 200
    assert world.client(world.alice).get(page).status_code == 403


@pytest.mark.parametrize("page", [*PAGES, *ADMIN_PAGES])
def test_nobody_gets_in_without_signing_in(world: World, page: str) -> None:
    assert Client().get(page).headers["Location"].startswith("/sign-in/")
    assert (
        Client().get(page, headers={"HX-Request": "true"}).status_code == 204
    )


def test_signing_in_by_e_mail_and_out_again(world: World) -> None:
    client = Client()
    refused = client.post(
        "/sign-in/", {"login": "ada@example.org", "password": "falsch"}
    )
    assert refused.status_code == 422
    accepted = client.post(
        "/sign-in/", {"login": "ada@example.org", "password": PASSWORD}
    )
    assert accepted.headers["Location"] == "/"
    assert client.get("/", follow=True).status_code == 200
    client.post("/sign-out/")
    assert client.get("/deals/").status_code == 302


def test_guessing_passwords_is_slowed_down(world: World) -> None:
    client = Client()
    answers = [
        client.post(
            "/sign-in/",
            {"login": "ada@example.org", "password": f"falsch{number}"},
        )
        for number in range(8)
    ]
    assert "Gewonnen" not in answers[-1].content.decode()
    throttled = client.post(
        "/sign-in/", {"login": "ada@example.org", "password": PASSWORD}
    )
    assert throttled.status_code in {422, 429}


def test_the_first_run_sets_everything_up(db: None) -> None:
    client, address = Client(), f"/setup/?token={setup_token()}"
    assert client.get("/").headers["Location"] == "/setup/"
    for language in ("de", "en"):
        page = client.get(
            address, headers={"Accept-Language": language}
        ).content.decode()
        assert f'<option value="{language}" selected>' in page
    new = {
        "name": "Neu",
        "language": "de",
        "currency": "CHF",
        "time_zone": "Europe/Zurich",
        "admin_name": "A",
        "admin_email": "a@example.org",
    }
    assert (
        client.post("/setup/", {**new, "admin_password": PASSWORD}).status_code
        == 403
    )
    assert (
        client.post(address, {**new, "admin_password": "kurz"}).status_code
        == 422
    )
    assert (
        client.post(address, {**new, "admin_password": PASSWORD}).headers[
            "Location"
        ]
        == "/"
    )
    assert (Company.objects.get().currency, Stage.objects.count()) == (
        "CHF",
        5,
    )
    assert client.get("/setup/").headers["Location"] == "/"


def test_a_stranger_cannot_open_what_is_not_visible(world: World) -> None:
    deal = world.deal(visibility="owner")
    assert (
        world.client(world.charlie).get(f"/deals/{deal.pk}/").status_code
        == 404
    )
    assert (
        world.client(world.alice).get(f"/deals/{deal.pk}/").status_code == 200
    )
    assert (
        world.client(world.charlie)
        .post(f"/deals/{deal.pk}/trash/")
        .status_code
        == 404
    )


@pytest.mark.parametrize(
    ("who", "status"), [("alice", 302), ("bob", 302), ("charlie", 403)]
)
def test_who_may_change_a_deal_in_the_browser(
    world: World, who: str, status: int
) -> None:
    deal = world.deal()
    client = world.client(getattr(world, who))
    assert (
        client.post(
            f"/deals/{deal.pk}/save/", {"field": "title", "value": "Neu"}
        ).status_code
        == status
    )
    assert (
        client.post(f"/deals/{deal.pk}/close/", {"action": "win"}).status_code
        == status
    )
    assert client.post(f"/deals/{deal.pk}/trash/").status_code == status


def test_a_deal_lives_its_life_in_the_browser(world: World) -> None:
    deal = filled(world)
    client = world.client(world.alice)
    client.post(f"/deals/{deal.pk}/close/", {"action": "reopen"})
    client.post(
        f"/deals/{deal.pk}/move/", {"stage": world.pipeline.stages.last().pk}
    )
    client.post(
        f"/deals/{deal.pk}/close/",
        {
            "action": "lose",
            "reason": "Zu teuer",
            "comment": "x",
            "on": "2018-11-01",
        },
    )
    deal.refresh_from_db()
    assert (deal.status, deal.lost_reason, str(deal.lost_on)) == (
        "lost",
        "Zu teuer",
        "2018-11-01",
    )
    page = client.get(f"/deals/{deal.pk}/").content.decode()
    assert "Zu teuer" in page
    for form in ("title", "value", "labels", "expected_close_on", "person"):
        assert (
            client.get(f"/deals/{deal.pk}/field/?field={form}").status_code
            == 200
        )
    client.post(f"/deals/{deal.pk}/trash/")
    assert f"/deals/{deal.pk}/" in client.get("/trash/").content.decode()
    client.post(f"/deals/{deal.pk}/restore/")
    assert (
        client.get(f"/organizations/{deal.organization_id}/").status_code
        == client.get(f"/persons/{deal.person_id}/").status_code
        == 200
    )


def test_new_records_are_added_with_their_contacts(world: World) -> None:
    client = world.client(world.alice)
    field = world.field(FieldKind.DATE, "Beginn")
    form = {
        "organization": "Neu AG",
        "person": "Nina Neu",
        "value": "1.234,50",
        "value_currency": "CHF",
        f"custom.{field.key}": "2018-12-24",
    }
    assert client.post("/deals/new/", form).status_code == 302
    deal = Deal.objects.get()
    assert (
        deal.title,
        deal.value_e4,
        deal.currency,
        deal.person and deal.person.organization,
    ) == (
        "Neu AG",
        12_345_000,
        "CHF",
        Organization.objects.get(),
    )
    assert (
        client.post("/deals/new/", {"title": "ohne Kontakt"}).status_code
        == 422
    )
    assert (
        client.post(
            "/deals/new/", {"organization": "X", "value": "abc"}
        ).status_code
        == 422
    )
    assert (
        client.post(
            "/persons/new/", {"name": "Eva", "emails": "a@b.de"}
        ).status_code
        == 302
    )
    assert Person.objects.filter(name="Eva").exists()


def test_cells_are_changed_in_place(world: World) -> None:
    deal = filled(world)
    client = world.client(world.alice)
    for path in (
        "title",
        "value",
        "status",
        "stage",
        "owner",
        "organization",
        "labels",
        "expected_close_on",
    ):
        assert (
            client.get(f"/deals/{deal.pk}/cell/?path={path}").status_code
            == 200
        )
    answer = client.post(
        f"/deals/{deal.pk}/cell/?path=value",
        {"value": "5,50", "value_currency": "EUR"},
    )
    assert "5,50" in answer.content.decode()
    refused = client.post(
        f"/deals/{deal.pk}/cell/?path=value",
        {"value": "abc"},
        headers={"HX-Request": "true"},
    )
    assert (refused.status_code, "abc" in refused.content.decode()) == (
        422,
        True,
    )
    assert (
        client.get(f"/deals/{deal.pk}/cell/?path=title&show=1").status_code
        == 200
    )
    assert (
        world.client(world.charlie)
        .post(f"/deals/{deal.pk}/cell/?path=title", {"value": "x"})
        .status_code
        == 403
    )


def test_many_rows_are_changed_deleted_and_taken_back(world: World) -> None:
    deal = filled(world)
    client = world.client(world.alice)
    chosen = {"id": [deal.pk], "action": "edit"}
    form = client.post("/deals/bulk/", chosen).content.decode()
    assert re.findall(r'name="id" value="(\d+)"', form) == [str(deal.pk)]
    client.post(
        "/deals/bulk/",
        {**chosen, "step": "do", "field": "title", "value": "Alle"},
    )
    notice = client.get("/deals/").content.decode()
    assert "/bulk/" in notice
    assert Deal.objects.get().title == "Alle"
    run = re.findall(r"/deals/bulk/(\d+)/undo/", notice)[0]
    client.post(f"/deals/bulk/{run}/undo/")
    assert Deal.objects.get().title == "Abo"
    everything = {"everything": "1", "action": "trash"}
    assert client.post("/deals/bulk/", everything).status_code == 200
    client.post("/deals/bulk/", {**everything, "step": "do"})
    assert Deal.objects.present().count() == 0


@pytest.mark.parametrize(
    "query",
    [
        "by=quarter",
        "by=year",
        "split=owner",
        "split=sequence",
        "split=owner.team",
        "from=2018-01-01&until=2018-12-31",
    ],
)
def test_a_report_is_shown_and_exported(world: World, query: str) -> None:
    filled(world)
    client = world.client(world.admin)
    page = client.get(f"/reports/won/?{query}").content.decode()
    assert "/deals/?where=" in page
    assert (
        client.get(f"/reports/won/?{query}&file=xlsx").status_code
        == client.get(f"/reports/won/?{query}&file=csv").status_code
        == 200
    )
    assert client.get("/reports/nope/").status_code == 404
    assert (
        world.client(world.alice).get("/reports/won/?file=csv").status_code
        == 403
    )


def test_a_refused_page_says_days_as_they_are_written_and_leads_back(
    world: World,
) -> None:
    client, own = world.client(world.admin), "http://testserver"
    future = "/reports/won/?from=2030-01-01"
    page = client.get(future, headers={"Referer": f"{own}/reports/won/"})
    assert page.status_code == 422
    assert "01.01.2030" in page.content.decode()
    assert f'href="{own}/reports/won/"' in page.content.decode()
    for elsewhere in ("https://elsewhere.example/", own + future):
        alone = client.get(
            future, headers={"Referer": elsewhere}
        ).content.decode()
        assert elsewhere not in alone
        assert 'href="/"' in alone
