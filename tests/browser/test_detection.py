"""A proposal worked through with the keyboard alone, up to the subscriptions."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.test_workflow import sign_in
from tests.conftest import AT
from tests.detection.worlds import copies, months, proposed, read
from tests.world import make_world
from turnus.detection.queries import open_decisions
from turnus.revenue.models import Subscription

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_answers_are_given_with_the_keyboard_alone(
    page: Page, live_server: LiveServer, worker: Callable[[], None]
) -> None:
    world = make_world(AT)
    world.plan()
    deals = copies(world, months(date(2018, 1, 10), 10))
    proposal = proposed(world, by=world.admin)
    history = proposal.histories.get()
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/detection/{proposal.pk}/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/detection/history/*/")
    for _ in range(5):
        page.keyboard.press("j")
    page.keyboard.press("s")
    page.get_by_text("2 · Monatlich").wait_for()
    assert len(read(history).lines) == 2
    # The answer leads to the next row: what is pressed now is said of it.
    page.keyboard.press("o")
    page.get_by_text("Kehrt nicht wieder").first.wait_for()
    assert read(history).single == (deals[5],)
    for lines in (2, 1):
        page.keyboard.press("z" if lines == 2 else "f")
        expect(page.locator(".t-block")).to_have_count(lines)
    assert len(read(history).lines) == 1
    page.keyboard.press("c")
    page.get_by_role("link", name="Freigeben").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Ja, den MRR ändern.").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.locator("[data-poll]").wait_for()
    worker()
    page.get_by_text("1 Abonnement gestartet").wait_for()
    assert Subscription.objects.get().terms.count() == 10


def test_decisions_are_made_with_the_keyboard_alone(
    page: Page, live_server: LiveServer
) -> None:
    world = make_world(AT)
    world.plan()
    for name, amount in (("Isar AG", 120), ("Alster AG", 600)):
        customer = world.organization(name).pk
        copies(
            world, [date(2018, 10, 20)], amount=amount, organization=customer
        )
    proposal = proposed(world, by=world.admin)
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/detection/{proposal.pk}/review/")
    current = page.locator(".t-review__queue a[aria-current]")
    for key, name in (("j", "Isar AG"), ("k", "Alster AG"), ("s", "Isar AG")):
        page.keyboard.press(key)
        expect(current).to_contain_text(name)
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.get_by_text("Isar AG: Ihre Antwort ist gespeichert.").wait_for()
    expect(current).to_contain_text("Alster AG")
    assert [each.history.name for each in open_decisions(proposal)] == [
        "Alster AG"
    ]


def test_a_rhythm_that_a_key_led_to_is_sent_by_enter(
    page: Page, live_server: LiveServer
) -> None:
    world = make_world(AT)
    world.plan()
    copies(world, months(date(2018, 1, 10), 10))
    history = proposed(world, by=world.admin).histories.get()
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/detection/history/{history.pk}/")
    for key in ("j", "r", "Escape", "r", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.get_by_text("· Jährlich").wait_for()
    lines = read(history).lines
    assert str(lines[0].cadence) == "1y"
