"""The page of `turnus detect --report`, opened from a file: nothing is fetched, all can read it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page

from bench.histories import META, World
from turnus.cli.main import main

pytestmark = pytest.mark.browser


@pytest.fixture
def report(tmp_path: Path) -> Path:
    World(level=3, seed=9, customers=15).write(tmp_path)
    (tmp_path / "meta.json").write_text(json.dumps(META), encoding="utf-8")
    out = tmp_path / "report.html"
    given = [
        str(tmp_path / "export.csv"),
        "--settings",
        str(tmp_path / "meta.json"),
    ]
    assert main(["detect", *given, "--report", str(out)]) == 0
    return out


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_for_everybody_and_fetches_nothing(
    page: Page,
    report: Path,
    scheme: Literal["light", "dark"],
    accessible: Callable[[Page], None],
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.emulate_media(color_scheme=scheme)
    page.goto(report.as_uri())
    page.evaluate(
        "document.querySelectorAll('details').forEach((one) => { one.open = true })"
    )
    accessible(page)
    assert asked == [report.as_uri()]


def test_it_fits_a_telephone(page: Page, report: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(report.as_uri())
    page.evaluate(
        "document.querySelectorAll('details').forEach((one) => { one.open = true })"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
