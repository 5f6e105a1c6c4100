"""Take the pictures of the README and the guide: `screenshots.py [--all FOLDER]`.

A throwaway instance is filled with the demo company and served; a real browser walks through it.
`--all` takes every screen in both languages, light and dark, wide and narrow, for looking them
over; these are not for the repository.
"""

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
EMAIL, PASSWORD = "admin@nordlicht.example", "wiederkehrend-2018"
#: A filter of the demo, and the columns of the workflow.
FILTER = "Gewonnen letzten Monat"
COLUMNS = "status,person,organization,value,Abo,stage,won_at,owner"

SCREENS = {
    "today": "/",
    "subscriptions": "/subscriptions/",
    "subscription": "/subscriptions/1/",
    "renewals": "/renewals/",
    "radar": "/radar/",
    "mrr": "/reports/mrr/",
    "movements": "/reports/movements/",
    "cohorts": "/reports/cohorts/",
    "plans": "/settings/plans/",
    "detection": "/detection/",
    "deals": "/deals/",
    "persons": "/persons/",
    "organizations": "/organizations/",
    "deal": "/deals/1/",
    "person": "/persons/1/",
    "organization": "/organizations/1/",
    "new-deal": "/deals/new/",
    "new-person": "/persons/new/",
    "filter": "/deals/filters/new/",
    "report": "/reports/won/",
    "report-lost": "/reports/lost/",
    "imports": "/imports/",
    "upload": "/imports/new/deals/",
    "exports": "/exports/",
    "trash": "/trash/",
    "search": "/search/?q=an",
    "settings": "/settings/",
    "profile": "/settings/profile/",
    "company": "/settings/company/",
    "currencies": "/settings/currencies/",
    "users": "/settings/users/",
    "user": "/settings/users/1/",
    "teams": "/settings/teams/",
    "pipelines": "/settings/pipelines/",
    "pipeline": "/settings/pipelines/1/",
    "lost-reasons": "/settings/lost-reasons/",
    "fields": "/settings/fields/deals/",
    "field": "/settings/fields/deals/1/",
    "labels": "/settings/labels/deals/",
    "missing": "/deals/999999999/",
}


def main() -> None:
    """Take the pictures."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument(
        "--all",
        type=Path,
        metavar="FOLDER",
        help="every screen, into this folder",
    )
    folder = given.parse_args().all
    with (
        tempfile.TemporaryDirectory() as data,
        served(Path(data)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=flags()
        )
        if folder:
            everything(browser, address, folder)
        else:
            chosen(browser, address, Path(data))
        browser.close()


def flags() -> list[str]:
    """Return Chromium's flags; as root it refuses its sandbox."""
    return [
        "--disable-gpu",
        "--disable-dev-shm-usage",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]


@contextmanager
def served(data: Path) -> Iterator[str]:
    """Fill and serve an instance; its address."""
    environment = {**os.environ, "TURNUS_DATA": str(data / "instance")}
    environment.pop("DATABASE_URL", None)
    subprocess.run(
        ["turnus", "demo"],
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = subprocess.Popen(
        ["turnus", "serve", "--port", str(port), "--workers", "1"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/sign-in/")
        yield address
    finally:
        serving.terminate()
        serving.wait(20)


def wait_for(address: str) -> None:
    """Wait until the server answers."""
    for _ in range(100):
        try:
            urllib.request.urlopen(address).close()  # noqa: S310 (our own address)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    sys.exit("The server did not start.")


@contextmanager
def signed_in(
    browser: Browser,
    address: str,
    language: str,
    scheme: str = "light",
    size: tuple[int, int] = (1440, 900),
) -> Iterator[Page]:
    """Open a page as the demo's admin, in a language, a color scheme and a size."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="de-DE" if language == "de" else "en-GB",
        reduced_motion="reduce",
        base_url=address,
    )
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("[name=login]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.locator("nav [aria-current=page]").wait_for(state="attached")
    page.goto("/settings/profile/")
    page.select_option("#language", language)
    page.locator("form.t-form").first.locator(".btn-primary").click()
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def everything(browser: Browser, address: str, folder: Path) -> None:
    """Take every screen in all variants."""
    folder.mkdir(parents=True, exist_ok=True)
    anonymous = browser.new_page(locale="de-DE", base_url=address)
    anonymous.goto("/sign-in/")
    anonymous.screenshot(path=folder / "sign-in.png")
    for language, scheme, size in product(
        ("de", "en"), ("light", "dark"), ((1440, 900), (390, 844))
    ):
        with signed_in(browser, address, language, scheme, size) as page:
            for name, path in SCREENS.items():
                page.goto(path)
                page.wait_for_load_state("networkidle")
                width = "wide" if size[0] > 600 else "narrow"
                page.screenshot(
                    path=folder / f"{name}-{language}-{scheme}-{width}.png",
                    full_page=width == "narrow",
                )


def chosen(browser: Browser, address: str, data: Path) -> None:
    """Take the pictures that the README and the guide show."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for language, scheme in (("de", "light"), ("en", "light"), ("en", "dark")):
        mark = language if scheme == "light" else f"{language}-dark"
        file = exported(data, language)
        with signed_in(
            browser, address, language, scheme, size=(1280, 800)
        ) as page:
            for name, path in (
                ("today", "/"),
                ("subscription", story_of(page)),
            ):
                page.goto(path)
                take(page, f"{name}-{mark}")
            detected(page)
            take(page, f"detection-{mark}")
            show_plans(page)
            take(page, f"deals-{mark}")
            if scheme == "light":
                reported(page)
                take(page, f"report-{mark}")
                page.goto(f"/deals/filters/{filter_number(page)}/")
                take(page, f"filter-{mark}")
                imported(page, file, mark)


def exported(data: Path, language: str) -> Path:
    """Export last month's won deals as the workflow does; the file."""
    file = data / f"{FILTER}-{language}.xlsx"
    instance = ["--data", str(data / "instance")]
    what = [
        "--filter",
        FILTER,
        "--columns",
        COLUMNS,
        "--lang",
        language,
        "-o",
        str(file),
    ]
    subprocess.run(
        ["turnus", *instance, "export", *what],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return file


def show_plans(page: Page) -> None:
    """Open the filtered list with the custom field as a column."""
    page.goto(f"/deals/?filter={filter_number(page)}")
    page.locator("details:has(> .t-columns) > summary").click()
    for path in ("stage", "expected_close_on"):
        page.locator(f"input[name=column][value={path}]").set_checked(False)
    page.locator("input[name=column][value^='custom.']").set_checked(True)
    page.locator(".t-columns .btn-primary").click()
    page.locator("th.t-kind-option").wait_for()


def story_of(page: Page) -> str:
    """Return the address of an interesting subscription: the most expensive of the list."""
    page.goto("/subscriptions/?sort=-mrr")
    return str(page.locator("tbody tr a").first.get_attribute("href"))


def detected(page: Page) -> None:
    """Let the won deals be read, and open the customer with the most money in question."""
    page.goto("/detection/")
    page.locator("main .btn-primary").click()
    page.locator(".t-stats").wait_for(timeout=60_000)
    page.locator("tbody tr a").first.click()
    page.locator(".t-lanes__years").wait_for()


def filter_number(page: Page) -> str:
    """Return the number of the demo's filter, from its tab."""
    page.goto("/deals/")
    return str(
        page.locator(".t-tabs a", has_text=FILTER).get_attribute("href")
    ).partition("filter=")[2]


def reported(page: Page) -> None:
    """Open the report, split by the custom field."""
    page.goto("/reports/won/")
    split = page.locator("select[name=split]")
    split.select_option(
        value=split.locator("option[value^='custom.']").first.get_attribute(
            "value"
        )
    )
    page.locator("form:has(select[name=split]) button").first.click()
    page.wait_for_url(re.compile("split=custom"))


def imported(page: Page, file: Path, mark: str) -> None:
    """Bring the export back in and take the wizard's pictures on the way; no deal is written."""
    page.goto("/imports/new/deals/")
    page.set_input_files("#file", file)
    page.locator("[data-drop] .btn-primary").click()
    page.locator("[name=column-0]").wait_for()
    take(page, f"import-columns-{mark}")
    page.locator(".t-form-foot .btn-primary").click()
    page.locator("input[value=copy]").wait_for(timeout=60_000)
    page.locator("input[value=copy]").check()
    take(page, f"import-question-{mark}")
    page.locator(".t-questions .btn-primary").click()
    # Copies stand beside subscriptions here: no deal is added for what they book or what is due.
    page.locator(".t-questions input[value=attach]").first.wait_for(
        timeout=60_000
    )
    for choice in page.locator(".t-questions input[value=skip]").all():
        choice.check()
    page.locator(".t-questions .btn-primary").click()
    page.locator("aside .btn-primary:not([disabled])").wait_for(timeout=60_000)
    take(page, f"import-check-{mark}")


def take(page: Page, name: str) -> None:
    """Take one picture."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
