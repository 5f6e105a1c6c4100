"""The settings pages: each action changes what it says, and its page shows it."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from tests.world import PASSWORD, World
from turnus.accounts.models import Company, Currency, ExchangeRate, Team, User
from turnus.core.fields import FieldKind
from turnus.fields.models import CustomField, Label
from turnus.sales.models import LostReason, Pipeline, Stage


@pytest.fixture
def client(world: World) -> Client:
    User.objects.update(language="en")
    return world.client(world.admin)


def post(client: Client, address: str, **sent: object) -> str:
    """Send a form that is accepted; return the page that it leads to."""
    answer = client.post(address, sent, follow=True)
    assert answer.redirect_chain, answer.content.decode()
    assert answer.status_code == 200
    return answer.content.decode()


def order(client: Client, address: str, *ids: int) -> None:
    """Drag the entries of a list into an order, as the page's script sends it."""
    answer = client.post(address, {"action": "order", "order": ids})
    assert answer.status_code in {204, 302}


def test_the_company_is_changed(client: Client) -> None:
    page = post(
        client,
        "/settings/company/",
        name="Neu GmbH",
        language="de",
        currency="CHF",
        time_zone="Europe/Zurich",
        confirmed="1",
    )
    company = Company.objects.get()
    assert (company.name, company.language) == ("Neu GmbH", "de")
    assert (company.currency, company.time_zone) == ("CHF", "Europe/Zurich")
    assert 'value="Neu GmbH"' in page
    assert '<option value="Europe/Zurich" selected>' in page


def test_a_currency_is_added(client: Client) -> None:
    page = post(client, "/settings/currencies/", code="sek")
    assert Currency.objects.get(code="SEK").is_active
    assert '<option value="SEK">' in page


def test_a_rate_is_added_and_deleted(client: Client) -> None:
    address = "/settings/currencies/"
    page = post(client, address, currency="USD", on="2018-01-01", rate="0,9")
    rate = ExchangeRate.objects.get()
    assert (rate.currency_id, rate.on, rate.rate) == (
        "USD",
        date(2018, 1, 1),
        Decimal("0.9"),
    )
    assert f'name="delete" value="{rate.pk}"' in page
    assert "No rates yet." in post(client, address, delete=rate.pk)
    assert not ExchangeRate.objects.exists()


def test_a_rate_without_a_day_holds_from_today(
    world: World, client: Client
) -> None:
    post(client, "/settings/currencies/", currency="USD", on="", rate="1")
    assert ExchangeRate.objects.get().on == world.at.date()


def test_a_profile_is_changed(world: World, client: Client) -> None:
    page = post(
        client, "/settings/profile/", name="Ada", language="de", theme="dark"
    )
    world.admin.refresh_from_db()
    assert (world.admin.name, world.admin.language) == ("Ada", "de")
    assert world.admin.theme == "dark"
    assert '<html lang="de" data-bs-theme="dark"' in page
    assert 'value="Ada"' in page


def test_ones_own_password_is_changed(world: World, client: Client) -> None:
    page = post(
        client,
        "/settings/profile/",
        old_password=PASSWORD,
        password="all-new-1234",
    )
    world.admin.refresh_from_db()
    assert world.admin.check_password("all-new-1234")
    assert "Saved." in page  # and whoever changed it stays signed in


def test_a_user_is_added(world: World, client: Client) -> None:
    team = world.alice.team
    assert team is not None
    page = post(
        client,
        "/settings/users/",
        name="Neu",
        email="Neu@Example.org",
        password=PASSWORD,
        team=team.pk,
    )
    added = User.objects.get(email="neu@example.org")
    assert (added.name, added.team, added.is_admin) == ("Neu", team, False)
    assert added.check_password(PASSWORD)
    assert added.permissions == []
    assert "Neu can sign in now." in page
    assert f'<a href="/settings/users/{added.pk}/">Neu</a>' in page


def test_a_user_is_changed(world: World, client: Client) -> None:
    address = f"/settings/users/{world.bob.pk}/"
    page = post(
        client,
        address,
        name="Robert",
        email="robert@example.org",
        permission=["import", "users"],
    )
    world.bob.refresh_from_db()
    assert (world.bob.name, world.bob.email) == (
        "Robert",
        "robert@example.org",
    )
    assert (world.bob.permissions, world.bob.team) == (
        ["import", "users"],
        None,
    )
    assert not world.bob.is_active
    assert "Cannot sign in" in page


def test_a_user_gets_another_password(world: World, client: Client) -> None:
    page = post(
        client, f"/settings/users/{world.bob.pk}/", password="one-more-1234"
    )
    world.bob.refresh_from_db()
    assert world.bob.check_password("one-more-1234")
    assert "Saved." in page


def test_a_team_is_added_renamed_and_deleted(client: Client) -> None:
    address = "/settings/teams/"
    assert 'value="North"' in post(client, address, name="North")
    team = Team.objects.get(name="North")
    assert 'value="East"' in post(client, address, team=team.pk, name="East")
    team.refresh_from_db()
    assert team.name == "East"
    assert 'value="East"' not in post(client, address, delete=team.pk)
    assert not Team.objects.filter(pk=team.pk).exists()


def test_a_field_is_added_with_its_options(client: Client) -> None:
    page = post(
        client,
        "/settings/fields/deals/",
        name="Abo",
        kind="option",
        options="yearly\nmonthly\n",
    )
    field = CustomField.objects.get()
    assert (field.name, field.kind, field.record_kind) == (
        "Abo",
        "option",
        "deal",
    )
    assert [option.name for option in field.options.all()] == [
        "yearly",
        "monthly",
    ]
    assert "The field “Abo” was added." in page
    assert "Single option: yearly, monthly" in page


def test_a_field_is_changed(world: World, client: Client) -> None:
    field = world.field()
    address = f"/settings/fields/deals/{field.pk}/"
    page = post(
        client,
        address,
        name="Abo-Plan",
        description="How it recurs",
        is_required="on",
    )
    field.refresh_from_db()
    assert (field.name, field.description) == ("Abo-Plan", "How it recurs")
    assert field.is_required
    assert "How it recurs" in page


def test_a_field_is_deleted_with_its_values(
    world: World, client: Client
) -> None:
    field = world.field(FieldKind.TEXT)
    deal = world.deal(**{f"custom.{field.key}": "red"})
    page = post(client, f"/settings/fields/deals/{field.pk}/", action="delete")
    deal.refresh_from_db()
    assert not CustomField.objects.exists()
    assert deal.custom == {}
    assert "The field and 1 values were deleted." in page


def test_fields_are_ordered(world: World, client: Client) -> None:
    first, second = (
        world.field(FieldKind.TEXT),
        world.field(FieldKind.NUMBER, name="Size"),
    )
    order(client, "/settings/fields/deals/", second.pk, first.pk)
    assert list(CustomField.objects.order_by("position")) == [second, first]


def test_an_option_is_added_renamed_and_deleted(
    world: World, client: Client
) -> None:
    field = world.field()
    address = f"/settings/fields/deals/{field.pk}/"
    page = post(client, address, action="add-option", option_name="weekly")
    option = field.options.get(name="weekly")
    assert 'value="weekly"' in page
    page = post(
        client,
        address,
        action="rename-option",
        option=option.pk,
        option_name="every week",
    )
    option.refresh_from_db()
    assert option.name == "every week"
    assert 'value="every week"' in page
    page = post(client, address, action="delete-option", option=option.pk)
    assert not field.options.filter(pk=option.pk).exists()
    assert 'value="every week"' not in page


def test_options_are_ordered(world: World, client: Client) -> None:
    field = world.field()
    ids = [option.pk for option in field.options.all()]
    order(client, f"/settings/fields/deals/{field.pk}/", *reversed(ids))
    assert [option.pk for option in field.options.all()] == ids[::-1]


def test_a_label_is_added_changed_and_deleted(client: Client) -> None:
    address = "/settings/labels/deals/"
    assert 't-label--red">Hot<' in post(
        client, address, name="Hot", color="red"
    )
    label = Label.objects.get()
    assert label.record_kind == "deal"
    page = post(client, address, label=label.pk, name="Cold", color="blue")
    label.refresh_from_db()
    assert (label.name, label.color) == ("Cold", "blue")
    assert 't-label--blue">Cold<' in page
    assert ">Cold<" not in post(client, address, delete=label.pk)
    assert not Label.objects.exists()


def test_a_pipeline_is_added_with_its_first_stage(client: Client) -> None:
    page = post(client, "/settings/pipelines/", name="Second", stage="Start")
    added = Pipeline.objects.get(name="Second")
    stage = added.stages.get()
    assert (stage.name, stage.probability) == ("Start", 100)
    assert not added.has_deal_probability
    assert 'value="Second"' in page


def test_a_pipeline_is_changed(world: World, client: Client) -> None:
    page = post(
        client,
        f"/settings/pipelines/{world.pipeline.pk}/",
        name="New",
        has_deal_probability="on",
    )
    world.pipeline.refresh_from_db()
    assert (world.pipeline.name, world.pipeline.has_deal_probability) == (
        "New",
        True,
    )
    assert 'value="New"' in page


def test_a_pipeline_without_deals_is_deleted(client: Client) -> None:
    other = Pipeline.objects.create(name="Other", position=1)
    page = post(client, f"/settings/pipelines/{other.pk}/", action="delete")
    assert not Pipeline.objects.filter(pk=other.pk).exists()
    assert "Other" not in page


def test_pipelines_are_ordered(world: World, client: Client) -> None:
    other = Pipeline.objects.create(name="Other", position=1)
    order(client, "/settings/pipelines/", other.pk, world.pipeline.pk)
    assert list(Pipeline.objects.order_by("position")) == [
        other,
        world.pipeline,
    ]


def test_a_stage_is_added_and_changed(world: World, client: Client) -> None:
    address = f"/settings/pipelines/{world.pipeline.pk}/"
    post(client, address, action="save-stage", name="End", probability="90")
    stage = world.pipeline.stages.get(name="End")
    assert stage.probability == 90
    page = post(
        client,
        address,
        action="save-stage",
        stage=stage.pk,
        name="Last",
        probability="95",
    )
    stage.refresh_from_db()
    assert (stage.name, stage.probability) == ("Last", 95)
    assert 'value="Last"' in page


def test_a_stage_is_deleted_and_its_deals_move(
    world: World, client: Client
) -> None:
    deal = world.deal()
    gone = deal.stage
    other = world.pipeline.stages.exclude(pk=gone.pk)[0]
    post(
        client,
        f"/settings/pipelines/{world.pipeline.pk}/",
        action="delete-stage",
        stage=gone.pk,
        move_to=other.pk,
    )
    deal.refresh_from_db()
    assert deal.stage == other
    assert not Stage.objects.filter(pk=gone.pk).exists()


def test_stages_are_ordered(world: World, client: Client) -> None:
    ids = [stage.pk for stage in world.pipeline.stages.all()]
    order(client, f"/settings/pipelines/{world.pipeline.pk}/", *reversed(ids))
    assert [stage.pk for stage in world.pipeline.stages.all()] == ids[::-1]


def test_a_lost_reason_is_added_renamed_and_deleted(client: Client) -> None:
    address = "/settings/lost-reasons/"
    assert 'value="Too dear"' in post(client, address, name="Too dear")
    reason = LostReason.objects.get()
    assert 'value="Too cheap"' in post(
        client, address, reason=reason.pk, name="Too cheap"
    )
    reason.refresh_from_db()
    assert reason.name == "Too cheap"
    assert 'value="Too cheap"' not in post(client, address, delete=reason.pk)
    assert not LostReason.objects.exists()


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("/settings/teams/", "team"),
        ("/settings/lost-reasons/", "reason"),
        ("/settings/labels/deals/", "label"),
    ],
)
def test_a_row_that_is_not_there_is_not_found(
    client: Client, address: str, key: str
) -> None:
    assert (
        client.post(address, {key: "987654", "name": "New"}).status_code == 404
    )
