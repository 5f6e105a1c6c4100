"""A real Chromium before a real server; a console error, page error or policy violation fails."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from turnus.jobs.worker import run_next

# Playwright's synchronous interface keeps an event loop in the thread; Django refuses to work there
# unless it is told to.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

_FLAGS = [
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_WATCH = """
addEventListener("securitypolicyviolation", (event) =>
  console.error("policy: " + event.violatedDirective))
"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is missing")
        pytest.skip("chromium is missing: apt-get install chromium")
    flags = [*_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else _FLAGS
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=flags
        )
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        locale="de-DE",
        accept_downloads=True,
    )
    context.add_init_script(_WATCH)
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    errors: list[str] = []
    # A refused form answers 422, which the browser notes as an error of its own.
    opened.on(
        "console",
        lambda message: (
            errors.append(message.text)
            if message.type == "error" and "422" not in message.text
            else None
        ),
    )
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


@pytest.fixture
def worker(transactional_db: None) -> Iterator[Callable[[], None]]:
    """Carry out jobs that the browser has put into the queue."""
    lock = threading.Lock()

    def work() -> None:
        with lock:
            while run_next():
                pass

    return work  # type: ignore[return-value]


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Assert that axe finds nothing serious on a page."""

    def check(opened: Page) -> None:
        found: list[dict[str, Any]] = Axe().run(opened).response["violations"]
        serious = [
            (one["id"], one["nodes"][0]["html"][:200])
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]
        assert serious == [], opened.url

    return check
