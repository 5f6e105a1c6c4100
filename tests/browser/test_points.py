"""Rows of emails and phones in a real browser: added by filling the last, removed by a button."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.test_workflow import sign_in
from tests.conftest import AT
from tests.world import make_world
from turnus.contacts.models import Person
from turnus.core.fields import ContactPoint

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_rows_are_added_and_taken_out(
    page: Page, live_server: LiveServer, accessible: Callable[[Page], None]
) -> None:
    person = make_world(AT).person(
        phones=(ContactPoint("030 1001"), ContactPoint("030 1002", "mobile"))
    )
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/persons/{person.pk}/field/?field=phones")
    rows = page.locator(".t-points__row")
    expect(rows).to_have_count(3)
    rows.nth(2).locator("input").fill("030 1003")
    rows.nth(2).locator("select").select_option("home")
    expect(rows).to_have_count(4)
    rows.nth(0).get_by_role("button", name="Zeile entfernen").click()
    accessible(page)
    page.get_by_role("button", name="Speichern").click()
    page.wait_for_url(f"**/persons/{person.pk}/")
    phones = Person.objects.get().phones
    assert [(one["value"], one["label"]) for one in phones] == [
        ("030 1002", "mobile"),
        ("030 1003", "home"),
    ]


def test_a_cell_of_a_list_is_refused_and_kept(
    page: Page, live_server: LiveServer
) -> None:
    make_world(AT).person(emails=(ContactPoint("a@b.de", "home"),))
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/persons/")
    cell = page.locator("tbody td", has_text="a@b.de")
    cell.hover()
    cell.locator(".t-cell__edit").click()
    opened = page.locator("[data-cell-input]")
    opened.locator("input").nth(1).fill("keine")
    opened.locator("[data-save]").click()
    expect(opened.get_by_role("alert")).to_contain_text("keine")
    opened.locator("input").nth(1).fill("c@d.de")
    opened.locator("[data-save]").click()
    expect(page.locator("tbody")).to_contain_text("a@b.de +1")
