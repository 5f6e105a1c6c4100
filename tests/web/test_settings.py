"""The settings pages: company, rates, people, teams, fields, labels, pipelines, lost reasons."""

from tests.world import PASSWORD, World
from turnus.accounts.models import Company, Currency, ExchangeRate, Team, User
from turnus.fields.models import CustomField, Label
from turnus.sales.models import LostReason, Pipeline


def test_settings_are_changed_in_the_browser(world: World) -> None:
    client = world.client(world.admin)
    client.post(
        "/settings/company/",
        {
            "name": "Neu GmbH",
            "language": "de",
            "currency": "CHF",
            "time_zone": "Europe/Zurich",
            "confirmed": "1",
        },
    )
    client.post("/settings/currencies/", {"code": "sek"})
    client.post("/settings/currencies/", {"currency": "USD", "on": "2018-01-01", "rate": "0,9"})
    assert (
        client.post("/settings/currencies/", {"currency": "USD", "rate": "viel"}).status_code == 422
    )
    assert (
        Company.objects.get().name,
        Currency.objects.filter(code="SEK").exists(),
        ExchangeRate.objects.count(),
    ) == (
        "Neu GmbH",
        True,
        1,
    )
    client.post("/settings/currencies/", {"delete": ExchangeRate.objects.get().pk})
    client.post("/settings/profile/", {"name": "Ada", "language": "en", "theme": "dark"})
    assert (
        client.post(
            "/settings/profile/", {"old_password": "falsch", "password": "ganz-anders-1234"}
        ).status_code
        == 422
    )
    client.post("/settings/profile/", {"old_password": PASSWORD, "password": "ganz-anders-1234"})
    assert 'data-bs-theme="dark"' in client.get("/deals/").content.decode()
    client.post(
        "/settings/users/",
        {
            "name": "Neu",
            "email": "neu@example.org",
            "password": PASSWORD,
            "team": Team.objects.all()[0].pk,
        },
    )
    user = User.objects.get(email="neu@example.org")
    assert client.get(f"/settings/users/{user.pk}/").status_code == 200
    client.post(
        f"/settings/users/{user.pk}/",
        {
            "name": "Neu",
            "email": "neu@example.org",
            "permission": ["import"],
            "is_active": "1",
        },
    )
    client.post(f"/settings/users/{user.pk}/", {"password": "noch-ein-anderes"})
    user.refresh_from_db()
    assert (user.permissions, user.check_password("noch-ein-anderes")) == (["import"], True)
    client.post("/settings/teams/", {"name": "Nord"})
    team = Team.objects.get(name="Nord")
    client.post("/settings/teams/", {"team": team.pk, "name": "Ost"})
    client.post("/settings/teams/", {"delete": team.pk})


def test_fields_labels_and_pipelines_are_changed_in_the_browser(world: World) -> None:
    client = world.client(world.admin)
    client.post(
        "/settings/fields/deals/",
        {"name": "Abo", "kind": "option", "options": "jährlich\nmonatlich\n"},
    )
    field = CustomField.objects.get()
    address = f"/settings/fields/deals/{field.pk}/"
    assert client.get(address).status_code == 200
    client.post(address, {"name": "Abo-Plan", "is_required": "1"})
    client.post(address, {"action": "add-option", "option_name": "wöchentlich"})
    option = field.options.get(name="wöchentlich")
    client.post(
        address, {"action": "rename-option", "option": option.pk, "option_name": "jede Woche"}
    )
    client.post(address, {"action": "order", "order": [option.pk]})
    client.post(address, {"action": "delete-option", "option": option.pk})
    client.post("/settings/fields/deals/", {"action": "order", "order": [field.pk]})
    assert client.post("/settings/fields/deals/", {"name": "X", "kind": "nope"}).status_code == 422
    client.post(address, {"action": "delete"})
    client.post("/settings/labels/deals/", {"name": "Heiß", "color": "red"})
    label = Label.objects.get()
    client.post("/settings/labels/deals/", {"label": label.pk, "name": "Kalt", "color": "nope"})
    client.post("/settings/labels/deals/", {"delete": label.pk})
    client.post("/settings/pipelines/", {"name": "Zwei", "stage": "Anfang"})
    second = Pipeline.objects.get(name="Zwei")
    page = f"/settings/pipelines/{second.pk}/"
    client.post(page, {"action": "save-stage", "name": "Ende", "probability": "90"})
    stage = second.stages.get(name="Ende")
    client.post(
        page, {"action": "save-stage", "stage": stage.pk, "name": "Schluss", "probability": "95"}
    )
    client.post(page, {"action": "order", "order": [stage.pk]})
    client.post(page, {"action": "delete-stage", "stage": stage.pk})
    client.post(page, {"name": "Drei", "has_deal_probability": "1"})
    assert client.get(page).status_code == 200
    client.post("/settings/pipelines/", {"action": "order", "order": [second.pk]})
    client.post(page, {"action": "delete"})
    client.post("/settings/lost-reasons/", {"name": "Zu teuer"})
    reason = LostReason.objects.get()
    client.post("/settings/lost-reasons/", {"reason": reason.pk, "name": "Zu billig"})
    client.post("/settings/lost-reasons/", {"delete": reason.pk})
    assert (
        CustomField.objects.count(),
        Label.objects.count(),
        Pipeline.objects.count(),
        LostReason.objects.count(),
    ) == (0, 0, 1, 0)
