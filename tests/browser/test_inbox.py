"""The inbox of renewals by keyboard alone, in a real browser; and by its forms without script."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.test_workflow import sign_in
from tests.conftest import AT
from tests.radar.test_repairing import broken
from tests.revenue.worlds import booked
from tests.world import World, make_world
from turnus.revenue.models import Subscription

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def inbox(page: Page, address: str) -> World:
    """Four subscriptions that are due, the first of them longest, and their page."""
    world = make_world(AT)
    for day, name in (
        (2, "Erste"),
        (3, "Zweite"),
        (4, "Dritte"),
        (5, "Vierte"),
    ):
        booked(
            world,
            world.organization(f"{name} AG"),
            f"2018-10-{day:02}",
            [100],
            name=name,
        )
    sign_in(page, address)
    page.goto(f"{address}/renewals/")
    return world


def row(page: Page, name: str) -> str:
    return f"#due-{Subscription.objects.get(name=name).pk}"


def test_renewals_are_dealt_with_by_keyboard_alone(
    page: Page, live_server: LiveServer
) -> None:
    inbox(page, live_server.url)
    page.keyboard.press("j")
    expect(page.locator(row(page, "Erste"))).to_be_focused()
    page.keyboard.press("a")
    expect(page.get_by_role("status")).to_contain_text("Erste: gebucht.")
    expect(page.locator(row(page, "Zweite"))).to_be_focused()
    page.keyboard.press("p")
    page.keyboard.type("120,50")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(
        "Zweite: Preis geändert."
    )
    expect(page.locator(row(page, "Dritte"))).to_be_focused()
    page.keyboard.press("s")
    expect(page.get_by_role("status")).to_contain_text(
        "Dritte: Laufzeitabschnitt übersprungen."
    )
    expect(page.locator(row(page, "Vierte"))).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.type("Zu teuer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Vierte: gekündigt.")
    held = Subscription.objects.order_by("pk").values_list(
        "next_number", "price_e4", "end_reason"
    )
    assert list(held) == [
        (2, 1_000_000, ""),
        (1, 1_205_000, ""),
        (2, 1_000_000, ""),
        (1, 1_000_000, "Zu teuer"),
    ]


def test_a_deal_that_was_opened_ahead_gets_a_price_and_is_canceled_by_its_keys(
    page: Page, live_server: LiveServer
) -> None:
    world = inbox(page, live_server.url)
    broken(world, ["won", "won", "won", "won", "won", "won", "open"])
    page.goto(f"{live_server.url}/renewals/")
    page.keyboard.press("j")
    page.keyboard.press("p")
    page.keyboard.type("120,50")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Preis geändert.")
    row = page.locator("[data-row^=term-]")
    expect(row).to_contain_text("120,50")
    row.focus()
    page.keyboard.press("c")
    page.keyboard.type("Zu teuer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("gekündigt.")
    expect(row).to_have_count(0)
    assert (
        Subscription.objects.get(end_reason="Zu teuer").price_e4 == 1_205_000
    )


def test_rows_are_moved_through_left_and_opened(
    page: Page, live_server: LiveServer
) -> None:
    inbox(page, live_server.url)
    for key in "jjjk":
        page.keyboard.press(key)
    expect(page.locator(row(page, "Zweite"))).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.type("asp")
    page.keyboard.press("Escape")
    expect(page.locator(row(page, "Zweite"))).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keyboard")).to_contain_text(
        "Verlängerungen: annehmen, überspringen"
    )
    page.keyboard.press("Escape")
    page.locator(row(page, "Zweite")).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(
        f"**/subscriptions/{Subscription.objects.get(name='Zweite').pk}/"
    )


def test_one_renewal_is_taken_back_from_its_notice(
    page: Page, live_server: LiveServer
) -> None:
    inbox(page, live_server.url)
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.get_by_role("status").get_by_role("button", name="Rückgängig").click()
    expect(page.locator(row(page, "Erste"))).to_contain_text("02.11.2018")
    assert set(Subscription.objects.values_list("next_number", flat=True)) == {
        1
    }


def test_the_inbox_and_the_radar_are_accessible(
    page: Page, live_server: LiveServer, accessible: Callable[[Page], None]
) -> None:
    world = inbox(page, live_server.url)
    broken(world, ["won", "gone", "open", "won", "won", "won", "open"])
    page.goto(f"{live_server.url}/renewals/")
    page.get_by_text("Preis, kündigen").first.click()
    accessible(page)
    page.goto(f"{live_server.url}/radar/")
    accessible(page)
    for box in page.locator("tbody input").all():
        box.check()
    page.get_by_role("button", name="Buchen").click()
    accessible(page)
    page.get_by_role("button", name="Buchen").click()
    expect(page.get_by_role("status")).to_contain_text("behoben")
    expect(page.locator(".t-nothing")).to_contain_text("Es fehlt nichts")


def test_the_inbox_works_without_scripts(
    browser: Browser, live_server: LiveServer
) -> None:
    context = browser.new_context(locale="de-DE", java_script_enabled=False)
    page = context.new_page()
    inbox(page, live_server.url)
    page.locator(row(page, "Erste")).get_by_role(
        "button", name="Annehmen"
    ).click()
    expect(page.get_by_role("status")).to_contain_text("Erste: gebucht.")
    opened = page.locator(row(page, "Zweite"))
    opened.get_by_text("Preis, kündigen").click()
    opened.get_by_label("Grund").fill("Umzug")
    opened.get_by_role("button", name="Kündigen").click()
    assert Subscription.objects.get(name="Zweite").end_on == date(2018, 11, 3)
    context.close()
