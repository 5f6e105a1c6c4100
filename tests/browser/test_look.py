"""Screens a step away: accessible, and usable without a page load or a lost focus."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.test_workflow import sign_in
from tests.conftest import AT
from tests.world import World, make_world
from turnus.core.records import RecordKind
from turnus.kit.folder import setup_token
from turnus.listing.actions import save_filter
from turnus.listing.models import SavedFilter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROWS = """Deal - Titel;Deal - Organisation;Deal - Wert;Deal - Phase
Abo;Elbe AG;99;Qualifiziert
Abo;Isar AG;9;Nirgends
"""


@pytest.fixture
def world(transactional_db: None) -> World:
    made = make_world(AT)
    tree = {
        "all": [
            {
                "field": "title",
                "operator": "is_any_of",
                "value": ["Abo", "Projekt"],
            }
        ]
    }
    save_filter(
        by=made.admin,
        kind=RecordKind.DEAL,
        name="Abos",
        tree=tree,
        is_shared=True,
        at=AT,
    )
    return made


def test_axe_finds_nothing_serious_before_the_first_run(
    page: Page, live_server: LiveServer, accessible: Callable[[Page], None]
) -> None:
    page.goto(f"{live_server.url}/setup/?token={setup_token()}")
    page.locator("#id_admin_email").wait_for()
    accessible(page)


def test_the_columns_are_in_sight_on_their_own_page(
    page: Page, live_server: LiveServer, world: World
) -> None:
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/deals/columns/")
    expect(page.locator(".t-columns li").first).to_be_in_viewport()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_open_panels(
    page: Page,
    live_server: LiveServer,
    accessible: Callable[[Page], None],
    world: World,
    theme: str,
) -> None:
    world.admin.theme = theme
    world.admin.save()
    deal = world.deal(title="Abo", amount=5)
    sign_in(page, live_server.url)
    page.locator(".t-toolbar summary").first.click()
    page.locator("#quick-filter").wait_for()
    accessible(page)
    page.locator(".t-toolbar summary").last.click()
    accessible(page)
    page.locator(f'tr[data-row="{deal.pk}"] input').check()
    accessible(page)
    page.locator('[data-bulk-bar] [value="edit"]').click()
    page.locator("#bulk-field").wait_for()
    accessible(page)
    page.goto(
        f"{live_server.url}/deals/filters/{SavedFilter.objects.get().pk}/"
    )
    accessible(page)
    page.goto(f"{live_server.url}/deals/{deal.pk}/")
    page.locator(".t-more summary").first.click()
    page.locator(".t-head summary").first.click()
    page.locator(".t-field__edit").first.press("Enter")
    page.locator("[data-cell-input]").wait_for()
    accessible(page)


def test_axe_finds_nothing_serious_in_the_import_wizard(
    page: Page,
    live_server: LiveServer,
    accessible: Callable[[Page], None],
    world: World,
    worker: Callable[[], None],
    tmp_path: Path,
) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("Bericht: Gewonnene Deals\n" + ROWS, encoding="utf-8")
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/imports/new/deals/")
    page.locator("#file").set_input_files(file)
    page.locator("[data-drop] .btn-primary").click()
    page.locator("[name=column-0]").wait_for()
    accessible(page)
    page.locator(".t-form-foot .btn-primary").click()
    page.locator("#import-state").wait_for()
    accessible(page)
    worker()
    page.locator("#plan").wait_for()
    assert page.locator(".t-reading a").count()
    accessible(page)


def test_axe_finds_nothing_serious_among_exports(
    page: Page,
    live_server: LiveServer,
    accessible: Callable[[Page], None],
    world: World,
    worker: Callable[[], None],
) -> None:
    world.deal(title="Abo")
    sign_in(page, live_server.url)
    page.locator(".t-head summary").click()
    page.locator('button[value="csv"]').click()
    page.locator("#exports progress").wait_for()
    accessible(page)
    worker()
    page.locator("#exports a.btn").wait_for()
    accessible(page)


def test_sorting_and_tabs_swap_only_the_list_and_back_works(
    page: Page, live_server: LiveServer, world: World
) -> None:
    for amount in (5, 50):
        world.deal(title="Abo", amount=amount)
    sign_in(page, live_server.url)
    page.evaluate("window.isSame = true")
    page.locator("#sort-value").press("Enter")
    page.locator("th.t-kind-money[aria-sort=ascending]").wait_for()
    assert page.evaluate("document.activeElement.id") == "sort-value"
    page.locator(".t-tabs a").nth(1).click()
    page.locator(".t-chip__x").wait_for()
    page.go_back()
    page.locator("th.t-kind-money[aria-sort=ascending]").wait_for()
    assert page.evaluate("window.isSame")
    assert page.url.endswith("?sort=value")


def test_what_is_exported_is_what_a_tab_shows(
    page: Page,
    live_server: LiveServer,
    world: World,
    worker: Callable[[], None],
    tmp_path: Path,
) -> None:
    for title in ("Abo", "Anderes"):
        world.deal(title=title)
    sign_in(page, live_server.url)
    page.locator(".t-tabs a").nth(1).click()
    page.locator(".t-chip__x").wait_for()
    page.locator(".t-head summary").click()
    page.locator('button[value="csv"]').click()
    page.locator("#exports").wait_for()
    worker()
    with page.expect_download() as started:
        page.locator("#exports a.btn").click()
    started.value.save_as(tmp_path / "abos.csv")
    text = (tmp_path / "abos.csv").read_text(encoding="utf-8-sig")
    assert [line.partition(";")[0] for line in text.splitlines()[1:]] == [
        "Abo"
    ]


def test_a_cell_is_changed_and_has_the_focus_again(
    page: Page, live_server: LiveServer, world: World
) -> None:
    deal = world.deal(title="Abo", amount=5)
    sign_in(page, live_server.url)
    key = f"{deal.pk}:value"
    page.locator(f'tr[data-row="{deal.pk}"]').hover()
    page.locator(f'[data-edit="{key}"]').press("Enter")
    page.locator("[data-cell-input] [name=value]").fill("viel")
    page.keyboard.press("Enter")
    page.locator("[data-cell-input] [role=alert]").wait_for()
    page.locator("[data-cell-input] [name=value]").fill("7,50")
    page.keyboard.press("Enter")
    page.locator(f'tr[data-row="{deal.pk}"]', has_text="7,50").wait_for()
    assert page.evaluate("document.activeElement.dataset.edit") == key


def test_a_field_of_a_record_is_changed_where_it_stands(
    page: Page, live_server: LiveServer, world: World
) -> None:
    deal = world.deal(title="Abo", amount=5)
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/deals/{deal.pk}/")
    page.locator('[data-edit="value"]').press("Enter")
    page.locator("[data-cell-input] [name=value]").fill("8")
    page.keyboard.press("Enter")
    page.locator(".t-amount--head", has_text="8,00").wait_for()
    assert page.locator(".t-history__event").count() == 2
    assert page.evaluate("document.activeElement.dataset.edit") == "value"


def test_a_condition_is_added_from_the_list(
    page: Page, live_server: LiveServer, world: World
) -> None:
    world.deal(title="Abo", amount=5)
    world.deal(title="Projekt", amount=500)
    sign_in(page, live_server.url)
    page.locator(".t-toolbar summary").first.press("ArrowDown")
    page.locator("#quick-filter").wait_for()
    for part, chosen in (("field", "value"), ("operator", "at_least")):
        page.locator(f"#{part}-0\\.0").select_option(chosen)
        page.locator(
            f'#{part}-0\\.0 option[value="{chosen}"][selected]'
        ).wait_for(state="attached")
    page.locator('#quick-filter input[name="0.0.value"]').fill("100")
    page.locator('#quick-filter [value="apply"]').click()
    page.locator(".t-chip strong", has_text="100").wait_for()
    assert page.locator("tbody tr[data-row]").count() == 1
