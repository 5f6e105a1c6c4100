"""The help page on recurring revenue, played literally, in both languages, on 14 November 2018."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.conftest import AT
from tests.detection.worlds import proposed
from tests.world import PASSWORD, World, make_world
from turnus.contacts.models import Organization, Person
from turnus.fields.models import CustomField
from turnus.sales.models import Deal

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = {
    "de": {
        "plans": "jährlich\nmonatlich\nzweimal monatlich",
        "monthly": "monatlich",
        "field": "Abo",
        "option": "option",
        "settings": "Einstellungen",
        "fields": "Benutzerdefinierte Felder",
        "add": "Feld hinzufügen",
        "new filter": "Neuer Filter",
        "condition": "Bedingung",
        "save filter": "Filter speichern",
        "columns": "Spalten",
        "apply": "Übernehmen",
        "export": "Exportieren",
        "download": "Herunterladen",
        "import": "Daten importieren",
        "deals": "Deals",
        "upload": "Hochladen",
        "check": "Weiter zur Prüfung",
        "start": "Jetzt importieren",
        "done": "Importiert",
        "answer": "Antworten und neu prüfen",
        "headings": [
            "Deal - Status",
            "Deal - Kontaktperson",
            "Deal - Organisation",
            "Deal - Wert",
            "Deal - Abo",
            "Deal - Phase",
            "Deal - Gewonnen am",
            "Deal - Besitzer",
        ],
        "won": "Gewonnen",
        "report": "Berichte",
        "november": "Nov. 2018",
        "october": "Okt. 2018",
        "sign in": "Anmelden",
        "mail": "E-Mail",
        "password": "Passwort",
    },
    "en": {
        "plans": "Annual\nMonthly\nTwice monthly",
        "monthly": "Monthly",
        "field": "Subscription plan",
        "settings": "Settings",
        "fields": "Custom fields",
        "add": "Add field",
        "new filter": "New filter",
        "condition": "Condition",
        "save filter": "Save filter",
        "columns": "Columns",
        "apply": "Apply",
        "export": "Export",
        "download": "Download",
        "import": "Import data",
        "deals": "Deals",
        "upload": "Upload",
        "check": "Continue to check",
        "start": "Import now",
        "done": "Imported",
        "answer": "Answer and check again",
        "headings": [
            "Deal - Status",
            "Deal - Contact person",
            "Deal - Organization",
            "Deal - Value",
            "Deal - Subscription plan",
            "Deal - Stage",
            "Deal - Won time",
            "Deal - Owner",
        ],
        "won": "Won",
        "report": "Reports",
        "november": "Nov 2018",
        "october": "Oct 2018",
        "sign in": "Sign in",
        "mail": "E-mail",
        "password": "Password",
    },
}


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_help_page_step_by_step(
    page: Page,
    live_server: LiveServer,
    worker: Callable[[], None],
    tmp_path: Path,
    language: str,
) -> None:
    words = WORDS[language]
    world = make_world(AT, language=language)
    sign_in(page, live_server.url)
    add_plan_field(page, words)
    _won_deals(world, words)
    save_filter(page, words)
    choose_columns(page, words)
    exported = export(page, worker, words, tmp_path)
    rows = list(openpyxl.load_workbook(exported).active.values)  # type: ignore[union-attr]
    assert list(rows[0]) == words["headings"]
    assert [row[0] for row in rows[1:]] == [words["won"], words["won"]]

    keep = edited(exported, tmp_path / "kept.xlsx", blank=False)
    blank = edited(exported, tmp_path / "blank.xlsx", blank=True)
    without = edited(
        exported, tmp_path / "without.xlsx", blank=True, drop=True
    )
    import_file(page, worker, words, keep, live_server.url, existing="add")
    assert _days() == [
        date(2018, 10, 5),
        date(2018, 10, 5),
        date(2018, 10, 20),
        date(2018, 10, 20),
    ]
    import_file(page, worker, words, blank, live_server.url)
    import_file(page, worker, words, without, live_server.url, existing="copy")
    assert _days()[4:] == [date(2018, 11, 14)] * 4
    assert (Organization.objects.count(), Person.objects.count()) == (3, 3)
    page.get_by_role("link", name=str(words["report"])).click()
    page.locator(".t-tabs").get_by_role(
        "link", name=str(words["won"]), exact=True
    ).click()
    assert figure(page, str(words["november"])) == "4"
    assert figure(page, str(words["october"])) == "5"


def sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#id_login").fill("ada@example.org")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("button.btn-primary").click()
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/deals/")


def add_plan_field(page: Page, words: dict[str, object]) -> None:
    page.get_by_role("link", name=str(words["settings"]), exact=True).click()
    page.get_by_role("link", name=str(words["fields"])).click()
    page.locator("#id_name").fill(str(words["field"]))
    page.locator("#id_kind").select_option("option")
    page.locator("#id_options").fill(str(words["plans"]))
    page.get_by_role("button", name=str(words["add"])).click()
    page.get_by_role("link", name=str(words["field"]), exact=True).wait_for()


def save_filter(page: Page, words: dict[str, object]) -> None:
    path = f"custom.{CustomField.objects.get().key}"
    page.get_by_role(
        "link", name=str(words["deals"]), exact=True
    ).first.click()
    page.get_by_role("link", name=str(words["new filter"])).click()
    page.locator('select[name="0.0.value"]').select_option("won")
    page.locator("button[value='add:0']").click()
    page.locator('select[name="0.1.field"]').select_option("won_at")
    page.locator('select[name="0.1.operator"]').select_option("in_period")
    page.locator('select[name="0.1.mode"]').select_option("days")
    page.locator('input[name="0.1.from"]').fill("2018-10-01")
    page.locator('input[name="0.1.until"]').fill("2018-10-31")
    page.locator("button[value='add:0']").click()
    page.locator('select[name="0.2.field"]').select_option(path)
    page.locator('select[name="0.2.value"]').select_option(
        label=str(words["monthly"])
    )
    page.locator("#filter-name").fill("Oktober")
    page.get_by_role("button", name=str(words["save filter"])).click()
    page.wait_for_url("**/deals/?filter=*")


def choose_columns(page: Page, words: dict[str, object]) -> None:
    wanted = [
        "status",
        "person",
        "organization",
        "value",
        f"custom.{CustomField.objects.get().key}",
        "stage",
        "won_at",
        "owner",
    ]
    page.locator("summary", has_text=str(words["columns"])).click()
    boxes = page.locator('input[name="column"]')
    boxes.first.wait_for()
    before = boxes.evaluate_all(
        "all => all.filter(one => one.checked).map(one => one.value)"
    )
    for path in {*before, *wanted}:
        page.locator(f'input[name="column"][value="{path}"]').set_checked(
            path in wanted
        )
    for place, path in enumerate(wanted):
        row = page.locator(
            "[data-reorder] > li", has=page.locator(f'input[value="{path}"]')
        )
        while boxes.nth(place).get_attribute("value") != path:
            row.locator("[data-move-up]").press("Enter")
    page.get_by_role("button", name=str(words["apply"])).click()
    page.locator("th.t-kind-stage").wait_for()


def export(
    page: Page,
    worker: Callable[[], None],
    words: dict[str, object],
    folder: Path,
) -> Path:
    page.locator("summary", has_text=str(words["export"])).click()
    page.locator('button[value="xlsx"]').click()
    page.locator("#exports").wait_for()
    worker()
    with page.expect_download() as started:
        page.get_by_role("link", name=str(words["download"])).click()
    path = folder / "exported.xlsx"
    started.value.save_as(path)
    return path


def edited(
    path: Path, target: Path, *, blank: bool, drop: bool = False
) -> Path:
    """The spreadsheet as a person changes it: won times emptied, or the whole column deleted."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    for row in range(2, sheet.max_row + 1):
        if blank:
            sheet.cell(row, 7).value = None
    if drop:
        sheet.delete_cols(7)
    book.save(target)
    return target


def import_file(
    page: Page,
    worker: Callable[[], None],
    words: dict[str, object],
    path: Path,
    address: str,
    existing: str = "",
) -> None:
    page.get_by_role("link", name=str(words["settings"]), exact=True).click()
    page.get_by_role("link", name=str(words["import"])).click()
    page.locator("a.t-choice").first.click()
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name=str(words["upload"])).click()
    page.get_by_role("button", name=str(words["check"])).click()
    page.locator("#import-state").wait_for()
    worker()
    if existing:
        page.locator(f'input[value="{existing}"]').check()
        page.get_by_role("button", name=str(words["answer"])).click()
        page.locator("#import-state").wait_for()
        worker()
    page.get_by_role("button", name=str(words["start"])).click()
    page.locator("#import-state").wait_for()
    worker()
    page.get_by_role("heading", name=str(words["done"]), exact=True).wait_for()


def figure(page: Page, month: str) -> str:
    return (
        page.locator("tbody tr", has=page.get_by_role("rowheader", name=month))
        .locator("td")
        .first.inner_text()
    )


def _won_deals(world: World, words: dict[str, object]) -> None:
    field = CustomField.objects.get()
    monthly, other = (
        world.option(field, str(words["monthly"])),
        field.options.exclude(name=words["monthly"])[0].pk,
    )
    for number, (day, plan) in enumerate(
        (
            (date(2018, 10, 5), monthly),
            (date(2018, 10, 20), monthly),
            (date(2018, 10, 9), other),
        )
    ):
        organization = world.organization(f"Elbe {number} GmbH").pk
        person = world.person(
            f"Eva {number} Böhm", organization=organization
        ).pk
        world.deal(
            organization=organization,
            person=person,
            status="won",
            won_at=day,
            amount=99,
            **{f"custom.{field.key}": plan},
        )


def _days() -> list[date]:
    """The won days of all monthly deals."""
    return sorted(
        day
        for day in Deal.objects.exclude(won_on=date(2018, 10, 9)).values_list(
            "won_on", flat=True
        )
        if day
    )


PAGES = (
    "/deals/",
    "/deals/{deal}/",
    "/deals/new/",
    "/deals/filters/new/",
    "/persons/",
    "/organizations/{organization}/",
    "/reports/won/",
    "/",
    "/reports/mrr/",
    "/reports/cohorts/",
    "/reports/movements/parts/",
    "/reports/rates/?split=plan",
    "/reports/rates/parts/?figure=arpa",
    "/deals/{deal}/lines/",
    "/imports/",
    "/imports/new/deals/",
    "/exports/",
    "/trash/",
    "/renewals/",
    "/radar/",
    "/search/?q=abo",
    "/settings/",
    "/settings/company/",
    "/settings/users/",
    "/settings/users/{user}/",
    "/settings/fields/deals/",
    "/settings/fields/deals/{field}/",
    "/settings/pipelines/{pipeline}/",
    "/settings/labels/deals/",
    "/settings/currencies/",
    "/settings/profile/",
    "/detection/",
    "/detection/{proposal}/",
    "/detection/history/{history}/",
    "/detection/{proposal}/approve/",
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page(
    page: Page,
    live_server: LiveServer,
    accessible: Callable[[Page], None],
    theme: str,
) -> None:
    world = make_world(AT)
    world.admin.theme = theme
    world.admin.save()
    field = world.field()
    deal = world.deal(
        status="won",
        amount=5,
        **{f"custom.{field.key}": world.option(field, "monatlich")},
    )
    proposal = proposed(world)
    ids = {
        "proposal": proposal.pk,
        "history": proposal.histories.get().pk,
        "deal": deal.pk,
        "organization": deal.organization_id,
        "user": world.admin.pk,
        "field": field.pk,
        "pipeline": world.pipeline.pk,
    }
    page.goto(live_server.url)
    accessible(page)
    sign_in(page, live_server.url)
    for address in PAGES:
        page.goto(live_server.url + address.format(**ids))
        accessible(page)


def test_a_list_is_used_with_the_keyboard_alone(
    page: Page, live_server: LiveServer
) -> None:
    world = make_world(AT)
    organization = world.organization().pk
    world.deal(title="Erster", organization=organization)
    second = world.deal(title="Zweiter", organization=organization)
    sign_in(page, live_server.url)
    page.locator("body").press("?")
    page.locator("#keyboard[open]").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    page.locator("[data-bulk-bar]:not([hidden])").wait_for()
    page.keyboard.press("x")
    row = page.locator(f'tr[data-row="{second.pk}"]')
    row.get_by_role("checkbox").focus()
    row.get_by_role("button", name="Bearbeiten").first.focus()
    page.keyboard.press("Enter")
    page.locator("[data-cell-input] input").fill("Geändert")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Geändert").wait_for()
    page.locator(f'tr[data-row="{second.pk}"]').focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/deals/{second.pk}/")
    page.keyboard.press("/")
    page.keyboard.type("erster")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Erster").wait_for()
