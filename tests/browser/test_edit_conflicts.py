"""Two people and one field in a real browser: the second reads who was quicker, and chooses."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.test_workflow import sign_in
from tests.conftest import AT
from tests.world import World, make_world
from turnus.core.records import RecordKind
from turnus.fields.record_actions import actions_of
from turnus.sales.models import Deal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def bob_gives(world: World, channel: str) -> None:
    actions_of(RecordKind.DEAL).update(
        Deal.objects.all(), by=world.bob, at=AT, values={"channel": channel}
    )


def test_a_field_of_a_page_asks_in_place(
    page: Page, live_server: LiveServer, accessible: Callable[[Page], None]
) -> None:
    world = make_world(AT)
    deal = world.deal(title="Dach", channel="Anzeige")
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/deals/{deal.pk}/")
    page.locator('[data-edit="channel"]').click()
    field = page.locator('[data-field="channel"]')
    field.locator("input:not([type=hidden])").fill("Telefon")
    bob_gives(world, "Messe")
    page.keyboard.press("Enter")
    expect(field.get_by_role("alert")).to_contain_text(
        "Bob hat „Quellkanal“ inzwischen auf „Messe“ geändert"
    )
    expect(field.locator("input:not([type=hidden])")).to_have_value("Telefon")
    expect(
        page.get_by_role("button", name="Andere Änderung behalten")
    ).to_be_focused()
    accessible(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(field.locator(".t-pre")).to_have_text("Telefon")


def test_a_cell_of_a_list_asks_in_place(
    page: Page, live_server: LiveServer
) -> None:
    world = make_world(AT)
    world.deal(title="Dach")
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/deals/")
    cell = page.locator("tbody td", has_text="Dach")
    cell.hover()
    cell.locator(".t-cell__edit").click()
    opened = page.locator("[data-cell-input]")
    opened.locator("input:not([type=hidden])").fill("Dach von Alice")
    actions_of(RecordKind.DEAL).update(
        Deal.objects.all(),
        by=world.bob,
        at=AT,
        values={"title": "Dach von Bob"},
    )
    page.keyboard.press("Enter")
    expect(opened.get_by_role("alert")).to_contain_text(
        "Bob hat „Titel“ inzwischen auf „Dach von Bob“ geändert"
    )
    page.keyboard.press("Enter")
    expect(page.locator("tbody")).to_contain_text("Dach von Bob")
    assert Deal.objects.get().title == "Dach von Bob"
